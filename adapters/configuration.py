"""Loading the settings: defaults < file < running platform < environment < flags, each with its origin."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from adapters.settings import Section, Settings
from events.errors import ConfigurationError

PREFIX = "LORESTREAM_"
FILE_VARIABLE = PREFIX + "CONFIG"
DEFAULT_FILE = Path("lorestream.toml")
DEFAULTS = "default"


@dataclass(frozen=True, slots=True)
class Layer:
    """Values by dotted key, and for each where it came from, in words an operator can act on."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, value: Any, origin: str) -> None:
        self.values[key], self.origins[key] = value, origin


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings in force. `origins` maps each dotted key to where its value came from."""

    settings: Settings
    origins: dict[str, str]

    def items(self) -> Iterator[tuple[str, Any, str]]:
        """`(key, value, origin)` of every setting, safe to print: secrets are masked."""
        for key in known_settings():
            yield key, printable(self.settings, key), self.origins[key]


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    running: Mapping[str, Any] | None = None,
) -> Configuration:
    """Read all layers and validate the result.

    Parameters: `flags` maps dotted keys to values given on the command line (None: not given); `file` is the
    configuration file, default `LORESTREAM_CONFIG` or `./lorestream.toml` when present; `running` are
    settings of the platform that runs in the state directory, by dotted key.
    Raises `ConfigurationError` naming origin, key and remedy.
    """
    environment = os.environ if environment is None else environment
    layers = [_read_defaults()]
    chosen = file or (Path(environment[FILE_VARIABLE]) if environment.get(FILE_VARIABLE) else None)
    if chosen is not None or DEFAULT_FILE.exists():
        layers.append(_read_file(chosen or DEFAULT_FILE))
    if running:
        found = "running platform"
        layers.append(Layer(dict(running), dict.fromkeys(running, found)))
    layers.append(_read_environment(environment))
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    layers.append(Layer(given, dict.fromkeys(given, "command line")))

    merged = Layer()
    for layer in layers:
        for key, value in layer.values.items():
            merged.put(key, value, layer.origins[key])
    return Configuration(_validate(merged), merged.origins)


@cache
def known_settings() -> dict[str, FieldInfo]:
    """Every setting by dotted key (`zmq.endpoint`), in the order of the documentation."""
    return dict(_fields(Settings, ""))


def is_secret(key: str) -> bool:
    return known_settings()[key].annotation is SecretStr


def variable(key: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + key.upper().replace(".", "_")


def printable(settings: Settings, key: str) -> Any:
    """One setting as JSON-ready value; a secret shows only whether it is set, a URL hides its password."""
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return without_password(value) if key.endswith("url") and value else value


def without_password(url: str) -> str:
    """`url` with its password masked."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    if not separator or not at:
        return url
    name, colon, _ = user.partition(":")
    return f"{scheme}://{name}{colon}{'***' if colon else ''}@{host}{slash}{path}"


def to_wire(settings: Settings) -> str:
    """The settings with their secrets, as one line of JSON for a child's standard input."""
    plain = settings.model_dump(mode="json")
    for key in filter(is_secret, known_settings()):
        section, _, name = key.rpartition(".")
        plain[section][name] = getattr(getattr(settings, section), name).get_secret_value()
    return json.dumps(plain)


def from_wire(line: str) -> Settings:
    """The inverse of `to_wire`."""
    return Settings.model_validate_json(line)


def _fields(model: type[Section], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _fields(kind, f"{prefix}{name}.")
        else:
            yield prefix + name, info


def _sections() -> set[str]:
    return {key.partition(".")[0] for key in known_settings() if "." in key}


def _read_defaults() -> Layer:
    layer = Layer()
    for key, info in known_settings().items():
        layer.put(key, info.get_default(call_default_factory=True, validated_data={}), DEFAULTS)
    documented = tomllib.loads(files("conf").joinpath("lorestream.toml").read_text("utf-8"))
    for key, value in _flatten(documented, DEFAULTS):
        layer.put(key, value, DEFAULTS)
    return layer


def _read_file(path: Path) -> Layer:
    origin = str(path)
    try:
        plain = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            origin, "file", "does not exist", "Check --config or LORESTREAM_CONFIG."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            origin, "file", f"cannot be read ({error.strerror})", "Check its permissions."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(origin, "file", f"is not TOML: {error}", "Correct that line.") from None
    layer = Layer()
    for key, value in _flatten(plain, origin):
        secret = key.removesuffix("_file")
        if key not in known_settings() and secret in known_settings() and is_secret(secret):
            layer.put(secret, _read_secret(str(value), origin, key), f"{value}, named in {origin}")
        elif key not in known_settings():
            raise _unknown(origin, key, known_settings())
        elif is_secret(key):
            raise ConfigurationError(
                origin,
                key,
                "secrets do not belong in this file",
                f"Set {variable(key)} or name a file: {key}_file.",
            )
        else:
            layer.put(key, value, origin)
    return layer


def _flatten(plain: Mapping[str, Any], origin: str) -> Iterator[tuple[str, Any]]:
    sections = _sections()
    for name, value in plain.items():
        if name in sections and not isinstance(value, dict):
            raise ConfigurationError(origin, name, "is a section, not a value", f"Write it as [{name}].")
        if isinstance(value, dict):
            if name not in sections:
                raise _unknown(origin, name, sections)
            yield from ((f"{name}.{key}", inner) for key, inner in value.items())
        else:
            yield name, value


def _read_environment(environment: Mapping[str, str]) -> Layer:
    layer = Layer()
    variables = {variable(key): key for key in known_settings()}
    secret_files = {f"{variable(key)}_FILE": key for key in known_settings() if is_secret(key)}
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name == FILE_VARIABLE:
            continue
        if name in variables:
            key = variables[name]
            many = isinstance(known_settings()[key].default, tuple)
            layer.put(key, value.replace(",", " ").split() if many else value, name)
        elif name in secret_files:
            layer.put(
                secret_files[name], _read_secret(value, "environment", name), f"{value}, named in {name}"
            )
        else:
            raise _unknown("environment", name, [*variables, *secret_files, FILE_VARIABLE])
    return layer


def _read_secret(path: str, origin: str, key: str) -> str:
    try:
        return Path(path).expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            origin, key, f"the secret's file {path!r} cannot be read", "Check path and permissions."
        ) from None


def _unknown(origin: str, key: str, known: Iterable[str]) -> ConfigurationError:
    close = get_close_matches(key, list(known), n=1, cutoff=0.5)
    remedy = f"Did you mean {close[0]}?" if close else "`lorestream config show` lists all settings."
    return ConfigurationError(origin, key, "there is no such setting", remedy)


def _validate(merged: Layer) -> Settings:
    nested: dict[str, Any] = {}
    for key, value in merged.values.items():
        section, dot, name = key.rpartition(".")
        (nested.setdefault(section, {}) if dot else nested)[name] = value
    try:
        return Settings.model_validate(nested)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = [str(part) for part in first["loc"]]
        key = next(k for k in (".".join(path[:2]), path[0]) if k in merged.origins)
        raise ConfigurationError(
            merged.origins[key], key, _sentence(first, key), f"The default is {_default(key)}."
        ) from None


def _sentence(problem: ErrorDetails, key: str) -> str:
    if problem["type"] == "string_pattern_mismatch":
        described = known_settings()[key].description
        return f"must be {described}" if described else f"must match {problem['ctx']['pattern']}"
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return message[0].lower() + message[1:]


def _default(key: str) -> str:
    value = known_settings()[key].default
    if isinstance(value, (list, tuple)):
        return "an empty list"
    return (
        repr(str(value)) if isinstance(value, Path) else repr(value) if value not in {None, ""} else "empty"
    )

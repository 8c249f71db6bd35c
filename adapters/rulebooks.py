"""Reading the rule books: those that ship in ``conf``, or a directory's in their place."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from commands.mind.rulebooks import BOOKS, RuleBooks, rule_books
from events.errors import ConfigurationError

MAX_BYTES = 4_000_000


@lru_cache(maxsize=4)
def load(directory: Path | None = None) -> RuleBooks:
    """The rule books and the lexicons, read once per process (about 0.1 s).

    A file `NAME.toml` in `directory` replaces the one that ships; the others stay as they are. Raises
    `ConfigurationError` naming file, key and remedy.
    """
    if directory is not None and not directory.is_dir():
        raise ConfigurationError(
            "settings", "rules", f"{directory} is not a directory", "Create it, or leave the setting empty"
        )
    tables, origins = dict[str, dict[str, Any]](), dict[str, str]()
    for name in BOOKS:
        own = directory / f"{name}.toml" if directory is not None else None
        if own is not None and own.is_file():
            origins[name] = str(own)
            tables[name] = _table(_bytes(own), origins[name])
        else:
            origins[name] = f"conf/{name}.toml"
            tables[name] = _table(files("conf").joinpath(f"{name}.toml").read_bytes(), origins[name])
    languages = {
        f"conf/dialogue/{file.name}": _table(file.read_bytes(), f"conf/dialogue/{file.name}")
        for file in files("conf").joinpath("dialogue").iterdir()
        if file.name.endswith(".toml")
    }
    return rule_books(tables, origins, languages)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigurationError(
                str(path), "", f"larger than {MAX_BYTES} bytes", "Split or shorten the book"
            )
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            str(path), "", error.strerror or str(error), "Make the file readable"
        ) from None


def _table(content: bytes, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise ConfigurationError(origin, "", "not UTF-8 text", "Save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(origin, "", str(error), "Correct the TOML") from None

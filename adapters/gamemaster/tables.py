"""Reading the tables of the template provider: `conf/gamemaster/<language>.toml`, or an operator's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from commands.agents.gamemaster.tables import MAX_FILE, Tables, parse_tables
from events.errors import ConfigurationError

LANGUAGES = ("en", "fr")


def load(directory: Path | None = None) -> Mapping[str, Tables]:
    """The tables by language: those of `directory`/gamemaster where it has them, else those that ship.

    Raises `ConfigurationError` naming file, place and remedy.
    """
    return {language: _read(language, directory) for language in LANGUAGES}


def _read(language: str, directory: Path | None) -> Tables:
    name = f"{language}.toml"
    own = directory / "gamemaster" / name if directory is not None else None
    if own is not None and own.is_file():
        origin, content = str(own), own.read_bytes()
    else:
        origin, content = f"conf/gamemaster/{name}", files("conf").joinpath("gamemaster", name).read_bytes()
    if len(content) > MAX_FILE:
        raise ConfigurationError(origin, "", f"holds {len(content)} bytes", f"Write at most {MAX_FILE}.")
    try:
        parsed = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(origin, "", str(error), "Correct the TOML, and save it as UTF-8.") from None
    return parse_tables(parsed, origin)

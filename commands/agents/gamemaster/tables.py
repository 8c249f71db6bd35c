"""The tables of the template provider: phrases and archetypes of one language, checked. Pure.

A text may name a place in braces: a value of the campaign (`{hero}`), or a table of phrases (`{rumour}`) from which
one is drawn; `{^rumour}` begins with a capital, `{~she|he}` follows the gender of the person described. See
`conf/gamemaster/en.toml` for what there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from commands.agents.gamemaster.kinds import KINDS
from events.errors import ConfigurationError

PLACE = re.compile(r"\{(\^?)(?:([a-z_]+)|~([^{}|]*)\|([^{}|]*))\}")
BOUND = (
    "hero",
    "other_hero",
    "place",
    "person",
    "other_person",
    "quest",
    "foes",
    "gold",
    "item",
    "name",
    "level",
)
"""Values of the campaign; each but the last four has a table `some_<value>` for where the campaign has none."""
FALLING_BACK = BOUND[:7]
STATS = ("civilian", "skilled", "fighter", "caster")
MAX_DEPTH = 6
MAX_FILE = 400_000

Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Archetype:
    """One sort of a kind: a tavern, a smuggler. `words` in a brief call for it; `fields` holds the alternatives for
    each field. `stats` says what a person can do, `casts` as which class."""

    key: str
    words: Texts
    fields: Mapping[str, Texts]
    stats: str = ""
    casts: str = ""


@dataclass(frozen=True, slots=True)
class Tables:
    """`genders` are words in a brief that tell the gender (f, m); `archetypes` those of each kind, `common` what all of
    a kind share. Of the tables in `steady` a draft uses one phrase only."""

    language: str
    phrases: Mapping[str, Texts]
    genders: Mapping[str, Texts]
    archetypes: Mapping[str, tuple[Archetype, ...]]
    common: Mapping[str, Mapping[str, Texts]]
    directions: Texts
    steady: frozenset[str] = frozenset()


def parse_tables(content: Mapping[str, Any], origin: str) -> Tables:
    """The tables of one file. Raises `ConfigurationError` naming file, place and remedy."""
    phrases = {
        name: _texts(value, origin, f"phrases.{name}")
        for name, value in _table(content, "phrases", origin).items()
    }
    kinds = _table(content, "common", origin)
    tables = Tables(
        str(content.get("language", "")),
        phrases,
        {
            name: _texts(value, origin, f"genders.{name}")
            for name, value in _table(content, "genders", origin).items()
        },
        {kind: tuple(_archetypes(content.get(kind), kind, origin)) for kind in KINDS},
        {kind: _fields(kinds.get(kind, {}), kind, origin, f"common.{kind}") for kind in KINDS},
        _texts(content.get("directions", []), origin, "directions"),
        frozenset(_texts(content.get("steady", []), origin, "steady")),
    )
    _check(tables, origin)
    return tables


def named(tables: Tables, place: str) -> bool:
    """Whether something stands for `{place}`."""
    return place in BOUND or place in tables.phrases or {f"{place}_f", f"{place}_m"} <= set(tables.phrases)


def _check(tables: Tables, origin: str) -> None:
    for wanted in (*(f"some_{name}" for name in FALLING_BACK), "first_f", "first_m", "family"):
        if wanted not in tables.phrases:
            raise ConfigurationError(origin, f"phrases.{wanted}", "is missing", "Write at least one phrase.")
    for name in tables.steady:
        if name not in tables.phrases:
            raise ConfigurationError(
                origin, "steady", f"there is no table {name!r}", "Write it, or take it out."
            )
    for where, text in _all_texts(tables):
        for found in PLACE.finditer(text):
            if found[2] and not named(tables, found[2]):
                raise ConfigurationError(
                    origin, where, f"{{{found[2]}}} stands for nothing", "Write a table of that name."
                )
        if "{" in PLACE.sub("", text) or "}" in PLACE.sub("", text):
            raise ConfigurationError(
                origin, where, "holds a lone brace", "Write {name}, or leave the braces out."
            )
    for name in tables.phrases:
        _no_circle(tables, name, ())
    for kind in KINDS:
        _check_kind(tables, kind, origin)


def _check_kind(tables: Tables, kind: str, origin: str) -> None:
    if not tables.archetypes[kind]:
        raise ConfigurationError(origin, kind, "has no archetype", f"Write at least one [[{kind}]].")
    for archetype in tables.archetypes[kind]:
        for field in ("name", "summary", "description"):
            if not (archetype.fields.get(field) or tables.common[kind].get(field)):
                where = f"{kind}.{archetype.key}.{field}"
                raise ConfigurationError(origin, where, "is missing", f"Write it there or in common.{kind}.")


def _no_circle(tables: Tables, name: str, above: Texts) -> None:
    if name in above or len(above) >= MAX_DEPTH:
        raise ConfigurationError(
            "conf/gamemaster",
            f"phrases.{name}",
            "leads back to itself or too deep",
            "Take one of the places out.",
        )
    for text in tables.phrases[name]:
        for found in PLACE.finditer(text):
            for inner in (found[2], f"{found[2]}_f", f"{found[2]}_m"):
                if inner in tables.phrases and found[2] not in BOUND:
                    _no_circle(tables, inner, (*above, name))


def _all_texts(tables: Tables) -> Iterator[tuple[str, str]]:
    for name, texts in tables.phrases.items():
        yield from ((f"phrases.{name}", text) for text in texts)
    for kind, fields in tables.common.items():
        for name, texts in fields.items():
            yield from ((f"common.{kind}.{name}", text) for text in texts)
    for kind, archetypes in tables.archetypes.items():
        for archetype in archetypes:
            for name, texts in archetype.fields.items():
                yield from ((f"{kind}.{archetype.key}.{name}", text) for text in texts)


def _archetypes(value: Any, kind: str, origin: str) -> Iterator[Archetype]:
    if not isinstance(value, list):
        raise ConfigurationError(origin, kind, "is no list of tables", f"Write [[{kind}]].")
    for each in value:
        given = dict(each)
        key = str(given.pop("key", ""))
        where = f"{kind}.{key or '?'}"
        stats, casts = str(given.pop("stats", "")), str(given.pop("casts", ""))
        if not key or (stats and stats not in STATS) or bool(casts) != (stats == "caster"):
            raise ConfigurationError(
                origin, where, "needs a key, and stats of " + ", ".join(STATS), "A caster also needs casts."
            )
        words = _texts(given.pop("words", []), origin, f"{where}.words")
        yield Archetype(key, words, _fields(given, kind, origin, where), stats, casts)


def _fields(value: Any, kind: str, origin: str, where: str) -> dict[str, Texts]:
    if not isinstance(value, Mapping):
        raise ConfigurationError(origin, where, "is no table", f"Write [{where}].")
    known = KINDS[kind].form
    for name in value:
        if name not in known or known[name].form not in {"line", "text", "lines", "tags", "choice", "number"}:
            told = ", ".join(name for name, field in known.items() if not field.refers)
            raise ConfigurationError(
                origin, f"{where}.{name}", "cannot be written here", f"There are {told}."
            )
    return {name: _texts(texts, origin, f"{where}.{name}") for name, texts in value.items()}


def _texts(value: Any, origin: str, where: str) -> Texts:
    texts = [value] if isinstance(value, str | int) and not isinstance(value, bool) else value
    if not isinstance(texts, list) or not all(isinstance(each, str | int) for each in texts):
        raise ConfigurationError(origin, where, "is neither a text nor a list of texts", 'Write ["…", "…"].')
    return tuple(str(each) for each in texts)


def _table(content: Mapping[str, Any], name: str, origin: str) -> Mapping[str, Any]:
    found = content.get(name, {})
    if not isinstance(found, Mapping):
        raise ConfigurationError(origin, name, "is no table", f"Write [{name}].")
    return found

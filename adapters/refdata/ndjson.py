"""Reading our own format: one JSON object per line, first the document, then its entries.

    {"document": {"key": "…", "title": "…", "ruleset": "2024", "licence": "CC-BY-4.0", "attribution": "…"}}
    {"kind": "creature", "name": "…", "text": "…", "challenge_rating": "1/4", "hit_points": 11, …}

A line with `document` begins another one. Fields of a kind beyond the typed ones go under `data`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.refdata import columns
from adapters.refdata.entry import (
    MAX_NAME,
    MAX_TEXT,
    Document,
    Entry,
    Kind,
    Ruleset,
    UnfitEntry,
    bounded,
    clean,
    entry,
    slug,
)
from adapters.refdata.licences import RefusedLicence, taken
from adapters.refdata.reading import Reading
from adapters.refdata.source import read_json
from commands.rules.vocabulary import plain
from events.errors import ReferenceDataError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Document(_Strict):
    key: str = Field(min_length=1, max_length=100)
    title: str = Field(min_length=1, max_length=MAX_NAME)
    ruleset: Ruleset
    licence: str = Field(max_length=60)
    attribution: str = Field(min_length=1, max_length=2000)
    url: str = Field("", max_length=500)


class _Row(_Strict):
    """A line; the fields after `data` belong to the kinds named in `_MAKERS`."""

    kind: Kind
    name: str = Field(min_length=1, max_length=MAX_NAME)
    key: str | None = Field(None, min_length=1, max_length=MAX_NAME)
    text: str = Field("", max_length=MAX_TEXT)
    data: dict[str, Any] = {}
    level: int | None = None
    school: str | None = None
    classes: list[str] = []
    challenge_rating: str | int | float | None = None
    hit_points: int | None = None
    hit_dice: str | None = None
    size: str | None = None
    type: str | None = None
    harmless: bool = False
    parent: str | None = None
    hit_die: str | None = None
    caster: str | None = None
    rarity: str | None = None
    category: str | None = None
    cost: str | int | float | None = None
    section: str | None = None


def read(files: Iterable[tuple[str, bytes]], ruleset: Ruleset | None = None) -> Reading:
    """The entries of all files. With `ruleset`, documents of another one are left out.

    Raises `ReferenceDataError` for a line that is no JSON object or stands before any document.
    """
    reading = Reading()
    for name, content in files:
        _read_file(reading, name, content, ruleset)
    return reading


def _read_file(reading: Reading, name: str, content: bytes, wanted: Ruleset | None) -> None:
    document: Document | None = None
    begun = False
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        row = read_json(where, line)
        if isinstance(row, dict) and "document" in row:
            document, begun = _document(reading, where, row["document"], wanted), True
        elif not begun:
            raise ReferenceDataError(
                where, "stands before any document", 'Begin the file with a line {"document": {…}}'
            )
        elif document is not None:
            try:
                reading.add(_entry(document.key, _Row.model_validate(row)))
            except ValidationError as error:
                reading.skip(where, UnfitEntry(_first_problem(error)))
            except UnfitEntry as error:
                reading.skip(where, error)


def _document(reading: Reading, where: str, value: Any, wanted: Ruleset | None) -> Document | None:
    try:
        stated = _Document.model_validate(value)
    except ValidationError as error:
        raise ReferenceDataError(where, _first_problem(error), "See docs/refdata.md for the format") from None
    try:
        key, licence = slug(stated.key), taken([stated.licence])
        title = bounded(stated.title, "title", MAX_NAME)
        sentence = bounded(stated.attribution, "attribution", 2000)
    except RefusedLicence as error:
        reading.refused[stated.key] = str(error)
        return None
    except UnfitEntry as error:
        raise ReferenceDataError(where, f"document.{error}", "See docs/refdata.md for the format") from None
    if wanted is not None and stated.ruleset != wanted:
        return None
    made = Document(key, title, stated.ruleset, licence, sentence, clean(stated.url))
    if reading.documents.setdefault(key, made) != made:
        raise ReferenceDataError(
            where, f"describes document {key} differently than before", "Describe it once"
        )
    return made


def _entry(document: str, row: _Row) -> Entry:
    return entry(
        row.kind, document, row.key or row.name, row.name, row.text, _COLUMNS[row.kind](row), row.data
    )


def _creature(row: _Row) -> columns.Columns:
    return columns.creature(
        row.challenge_rating, row.hit_points, row.hit_dice, row.size, row.type, harmless=row.harmless
    )


_COLUMNS: dict[Kind, Callable[[_Row], columns.Columns]] = {
    "spell": lambda row: columns.spell(row.level, row.school, row.classes),
    "creature": _creature,
    "class": lambda row: {"parent": row.parent, "hit_die": row.hit_die, "caster": row.caster},
    "item": lambda row: {
        "rarity": plain(row.rarity) if row.rarity else None,
        "category": row.category,
        "cost": columns.copper(row.cost),
    },
    "rule": lambda row: {"section": row.section},
    "condition": lambda _: {},
}


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'line'}: {first['msg']}"[:200]

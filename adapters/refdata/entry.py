"""One entry of the reference data and the document it comes from, cleaned and bounded."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from typing import Any, Literal

Kind = Literal["spell", "creature", "class", "item", "rule", "condition"]
Ruleset = Literal["2014", "2024"]
KINDS: tuple[Kind, ...] = ("spell", "creature", "class", "item", "rule", "condition")
RULESETS: tuple[Ruleset, ...] = ("2014", "2024")

MAX_NAME = 200
MAX_KEY = 200
MAX_TEXT = 100_000
MAX_DATA = 200_000
MAX_INTEGER = 2**53
MAX_DEPTH = 20


class UnfitEntry(ValueError):
    """A row that cannot become an entry; the message names the field and the bound."""


@dataclass(frozen=True, slots=True)
class Document:
    """Where entries come from. licence: an SPDX-like name. attribution: the sentence that must be shown."""

    key: str
    title: str
    ruleset: Ruleset
    licence: str
    attribution: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One spell, creature, … columns: the typed values of its table. data: everything else the source says."""

    kind: Kind
    document: str
    key: str
    name: str
    text: str
    columns: dict[str, int | str | None] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def data_json(self) -> str:
        return json.dumps(self.data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def entry(
    kind: Kind,
    document: str,
    key: str,
    name: Any,
    text: str,
    columns: dict[str, int | str | None] | None = None,
    data: dict[str, Any] | None = None,
) -> Entry:
    """A checked entry. Raises `UnfitEntry`; text too long for us is refused rather than cut."""
    made = Entry(
        kind,
        document,
        slug(key, keep="_"),
        bounded(name, "name", MAX_NAME),
        clean(text) if len(text) <= MAX_TEXT else _too_long("text", MAX_TEXT),
        {name: _column(name, value) for name, value in (columns or {}).items()},
        cleaned(data or {}),
    )
    if len(made.data_json) > MAX_DATA:
        _too_long("data", MAX_DATA)
    return made


def content_hash(document: Document, entries: list[Entry]) -> str:
    """SHA-256 of a document and its entries, whatever the order they were read in."""
    digest = sha256(repr(document).encode())
    for each in sorted(entries, key=lambda e: (e.kind, e.key)):
        line = [each.kind, each.key, each.name, each.text, sorted(each.columns.items()), each.data_json]
        digest.update(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def slug(text: str, keep: str = "") -> str:
    """A name as a key: lower-case letters, digits and hyphens. Raises `UnfitEntry` when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text[: MAX_KEY * 4]).casefold().replace("'", "").replace("’", "")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    made = re.sub(rf"[^\w{keep}]+|[{'' if keep else '_'}\x00]+", "-", plain).strip("-")
    if not made or len(made) > MAX_KEY:
        raise UnfitEntry(f"key: {text[:40]!r} gives no key of 1 to {MAX_KEY} letters, digits and hyphens")
    return made


def clean(text: str) -> str:
    """Text without control characters, direction marks and invisible tags; line breaks and tabs stay."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        c for c in normal if c in "\n\t" or unicodedata.category(c)[0] != "C" or c == "\u200d"
    ).strip()


def bounded(value: Any, name: str, most: int) -> str:
    """A text field on one line. Raises `UnfitEntry`."""
    if not isinstance(value, str):
        raise UnfitEntry(f"{name}: a text is needed, not {type(value).__name__}")
    if len(value) > most:
        _too_long(name, most)
    text = " ".join(clean(value).split())
    if not text:
        raise UnfitEntry(f"{name}: is empty")
    return text


def cleaned(value: Any, depth: int = 0) -> Any:
    """JSON with every text cleaned. Raises `UnfitEntry` for nesting or numbers that no reader could bear."""
    if depth > MAX_DEPTH:
        raise UnfitEntry(f"data: nested more than {MAX_DEPTH} deep")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): cleaned(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [cleaned(each, depth + 1) for each in value]
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise UnfitEntry("data: a number beyond 2^53")
    if isinstance(value, float) and not isfinite(value):
        raise UnfitEntry("data: a number too large for JSON")
    return value


def _column(name: str, value: int | str | None) -> int | str | None:
    if isinstance(value, str):
        return bounded(value, name, MAX_NAME) if value.strip() else None
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_INTEGER
    ):
        raise UnfitEntry(f"{name}: {str(value)[:40]} is no whole number within bounds")
    return value


def _too_long(name: str, most: int) -> Any:
    raise UnfitEntry(f"{name}: longer than {most} characters")

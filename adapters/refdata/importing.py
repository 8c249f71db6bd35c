"""Importing a data set: find out its format, read it, and put its documents into the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from adapters.refdata import fivebits, ndjson, open5e
from adapters.refdata.entry import Ruleset
from adapters.refdata.reading import MAX_ENTRIES, Reading
from adapters.refdata.source import Source, read_json
from adapters.refdata.store import Imported, Progress, write
from events.commit import Json
from events.errors import ReferenceDataError

Format = Literal["auto", "open5e-v2", "5ebits", "ndjson"]
FORMATS: tuple[Format, ...] = ("auto", "open5e-v2", "5ebits", "ndjson")
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did. refused: documents by key with the reason. skipped: rows with the reason."""

    format: Format
    imported: tuple[Imported, ...]
    refused: dict[str, str]
    skipped: tuple[str, ...]

    def as_json(self) -> Json:
        return {
            "format": self.format,
            "documents": [
                {
                    "key": each.document.key,
                    "title": each.document.title,
                    "ruleset": each.document.ruleset,
                    "licence": each.document.licence,
                    "attribution": each.document.attribution,
                    "version": each.version,
                    "entries": each.entries,
                    "content_hash": each.content_hash,
                    "changed": each.changed,
                }
                for each in self.imported
            ],
            "refused": self.refused,
            "skipped": len(self.skipped),
            "skipped_rows": list(self.skipped[:MOST_NAMED]),
        }


def read_source(place: Path, form: Format = "auto", ruleset: Ruleset | None = None) -> tuple[Format, Reading]:
    """Read a data set without writing anything. Raises `ReferenceDataError`."""
    source = Source(place)
    if form == "auto":
        form = _recognise(source)
    if form == "ndjson":
        files = ((name, content) for name, content in source.read() if not name.endswith(".json"))
        reading = ndjson.read(files, ruleset)
    elif form == "5ebits":
        reading = fivebits.read(_values(source), ruleset)
    else:
        reading = open5e.read(_values(source), ruleset)
    number = sum(map(len, reading.entries.values()))
    if number > MAX_ENTRIES:
        raise ReferenceDataError(str(place), f"holds more than {MAX_ENTRIES:,} entries", "Import it in parts")
    if not number and not reading.refused:
        what = f"; first problem: {reading.skipped[0]}" if reading.skipped else ""
        raise ReferenceDataError(
            str(place), f"holds no entry of format {form}{what}", "Name another --format or --ruleset"
        )
    return form, reading


def bring_in(state: Path, form: Format, reading: Reading, now: datetime, progress: Progress) -> Report:
    """Write what was read. Raises `ReferenceDataError`."""
    documents = [
        (document, list(reading.entries[key].values()))
        for key, document in sorted(reading.documents.items())
        if reading.entries.get(key)
    ]
    imported = write(state, documents, now, progress) if documents else []
    return Report(form, tuple(imported), dict(sorted(reading.refused.items())), tuple(reading.skipped))


def _values(source: Source) -> Iterator[tuple[str, Any]]:
    return ((name, read_json(name, content)) for name, content in source.read() if name.endswith(".json"))


def _recognise(source: Source) -> Format:
    if not any(name.endswith(".json") for name in source.names):
        return "ndjson"
    if any(fivebits.is_file(name) for name in source.names):
        return "5ebits"
    if any(open5e.is_fixture(value) for _, value in _values(source)):
        return "open5e-v2"
    raise ReferenceDataError(
        str(source.place),
        "is none of the known formats",
        "open5e-v2, 5ebits and ndjson are read; name one with --format",
    )

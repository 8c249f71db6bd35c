"""What reading a source gives: documents with their entries, what was refused, what could not be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from adapters.refdata.entry import Document, Entry, UnfitEntry, clean

MAX_ENTRIES = 100_000


@dataclass(slots=True)
class Reading:
    """documents: by key. refused: document key to reason. skipped: rows that are no entries, with the reason."""

    documents: dict[str, Document] = field(default_factory=dict)
    entries: dict[str, dict[tuple[str, str], Entry]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def add(self, made: Entry) -> None:
        """Keep an entry. Raises `UnfitEntry` when its document already has one of that kind and key."""
        held = self.entries.setdefault(made.document, {})
        if (made.kind, made.key) in held:
            raise UnfitEntry("key: the document has another entry of this kind and key")
        held[made.kind, made.key] = made

    def skip(self, where: str, error: Exception) -> None:
        """Note a row that cannot be used."""
        known = f"{type(error).__name__}: " if not isinstance(error, UnfitEntry) else ""
        self.skipped.append(clean(f"{where[:150]}: {known}{str(error)[:200]}").replace("\n", " "))


def text_of(value: Any) -> str:
    """A description that may be a text, a list of texts, or nothing. Raises `UnfitEntry`."""
    if value is None:
        return ""
    if isinstance(value, list):
        if not all(isinstance(each, str) for each in value):
            raise UnfitEntry("desc: a list of texts is needed")
        return "\n\n".join(value)
    if not isinstance(value, str):
        raise UnfitEntry(f"desc: a text is needed, not {type(value).__name__}")
    return value


def whole(value: Any, name: str) -> int | None:
    """A whole number, or None where there is none. Raises `UnfitEntry`."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnfitEntry(f"{name}: {str(value)[:40]!r} is no whole number")
    return value

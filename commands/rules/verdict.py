"""What a check found: one verdict per question, worded so that a game master or a model can act on it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from events.commit import Json

MOST_SHOWN = 120
SRD_2024 = "SRD 5.2"
SRD_2014 = "SRD 5.1"
HOUSE = "Lorestream"

Value = int | str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answered question.

    rule: its dotted name, stable ("creature.hit_points"). message: one sentence, with the remedy where it is not ok.
    expected, found: what the rule asks for and what was there, as a number or a short text. source: the document
    that states the rule.
    """

    rule: str
    ok: bool
    message: str
    expected: Value
    found: Value
    source: str

    def as_json(self) -> Json:
        return {
            "rule": self.rule,
            "ok": self.ok,
            "message": self.message,
            "expected": self.expected,
            "found": self.found,
            "source": self.source,
        }


def failed(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those that are not ok, in their order."""
    return [verdict for verdict in verdicts if not verdict.ok]


def shown(text: object) -> str:
    """Text of a player or a model as a message may quote it: one line, no control characters, bounded."""
    clean = "".join(" " if c.isspace() else _visible(c) for c in str(text)[:MOST_SHOWN])
    return clean + "…" if len(str(text)) > MOST_SHOWN else clean


def name_key(name: str) -> str:
    """What two spellings of one name have in common: case, width, spaces and the kind of apostrophe do not count."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    return unicodedata.normalize("NFKC", " ".join(folded.split()))


def _visible(character: str) -> str:
    return character if unicodedata.category(character)[0] != "C" else "�"

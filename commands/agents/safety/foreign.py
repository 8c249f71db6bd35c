"""Text of players, game servers, game masters and models on its way into a question: normalised and bounded."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 3
MAX_ENTRIES = 12
MAX_KEY = 40
_MAX_MARKS = 2
_EXACT = 2**53


def foreign(text: str, limit: int) -> str:
    """`text` on one line of at most `limit` characters, NFKC normalised, without anything that cannot be seen.

    Control, bidirectional, zero-width and tag characters, surrogates, private and unassigned ones go; white space
    becomes one space; at most two combining marks follow a letter. Compatibility forms (full width, mathematical)
    become the ordinary letters they imitate. The work is bounded: only the first `4 * limit` characters count.
    """
    head = text[: 4 * limit]
    if head.isascii() and head.isprintable():
        return " ".join(head.split())[:limit].rstrip()
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFKC", head):
        category = unicodedata.category(letter)
        if letter.isspace() or category in ("Cc", "Zl", "Zp"):
            kept.append(" ")
            continue
        if category[0] == "C" or _invisible(letter):
            continue
        marks = marks + 1 if category[0] == "M" else 0
        if marks <= _MAX_MARKS:
            kept.append(letter)
    return " ".join(unicodedata.normalize("NFKC", "".join(kept)).split())[:limit].rstrip()


def foreign_value(value: Any, limit: int, *, depth: int = MAX_DEPTH) -> Any:
    """A JSON value of foreign origin, bounded: strings by `foreign`, at most `MAX_ENTRIES` entries on each of `depth`
    levels, numbers as they are up to 2^53; what is deeper or of another kind becomes None.
    """
    if isinstance(value, str):
        return foreign(value, limit)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else None
    if isinstance(value, float):
        return value if abs(value) <= _EXACT else None  # not a number compares as False, too
    if depth == 0:
        return None
    if isinstance(value, Mapping):
        entries = list(value.items())[:MAX_ENTRIES]
        named = {
            foreign(str(key)[: 4 * MAX_KEY], MAX_KEY): foreign_value(inner, limit, depth=depth - 1)
            for key, inner in entries
        }
        return {key: inner for key, inner in named.items() if key and inner not in (None, "", {}, [])}
    if isinstance(value, list | tuple):
        return [foreign_value(inner, limit, depth=depth - 1) for inner in value[:MAX_ENTRIES]]
    return None


def _invisible(letter: str) -> bool:
    # Variation selectors, fillers and the like are letters or marks by category, but hide text as well as tags do.
    code = ord(letter)
    return (
        0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
        or 0x180B <= code <= 0x180F
        or code in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0x2800)
    )

"""Text from players, memories and operators, made harmless and bounded.

A line ends in rAthena's `mes`, `npctalk` or `announce`: there `^` starts a colour code, `<…>` a client tag,
a control character breaks the packet's layout, and a quote or backslash breaks the JSON that NPC scripts
build by concatenation. None of these survives `clean`.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_DANGEROUS = frozenset('^"\\{}<>`|~[]')
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": "", "”": "", "«": "", "»": "", "…": "...", "–": "-", "—": "-"}
)
_ASCII_PRINTABLE = re.compile(r"[ -~]*\Z")
_ASCII_DROP = str.maketrans(dict.fromkeys(map(ord, _DANGEROUS)))
_MAX_MARKS = 2
_CODES = re.compile(r"\^[0-9A-Fa-f]{6}|</?[A-Za-z][^<>]{0,60}>")


def clean(text: str, max_chars: int) -> str:
    """Return `text` on one line, without anything a game client or a script could interpret.

    Colour codes and client tags go whole. Control, format (bidirectional overrides, zero-width), surrogate,
    private and unassigned characters go; so do `^ " \\ { } < > | ~ [ ]` and the back-tick; white space
    becomes one space; at most two combining marks follow a character. The work is bounded: only the first
    `4 * max_chars` characters are looked at, and at most `max_chars` returned.
    """
    head = _CODES.sub(" ", text[: 4 * max_chars])
    if _ASCII_PRINTABLE.match(head):
        return " ".join(head.translate(_ASCII_DROP).split())[:max_chars].rstrip()
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", head.translate(_PLAIN)):
        category = unicodedata.category(char)
        if char.isspace() or category == "Cc":
            kept.append(" ")
            continue
        if category[0] == "C" or char in _DANGEROUS:
            continue
        marks = marks + 1 if category[0] == "M" else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    composed = unicodedata.normalize("NFC", "".join(kept))
    return " ".join(composed.split())[:max_chars].rstrip()


def clip(text: str, max_bytes: int) -> str:
    """Return `text` in at most `max_bytes` UTF-8 bytes, cut at a word border and marked with `...`.

    A text without spaces (Chinese, Japanese) is cut between characters, never inside one.
    """
    raw = text.encode("utf-8", "ignore")
    if len(raw) <= max_bytes:
        return raw.decode("utf-8")
    mark = "..." if max_bytes > len("...") else ""
    end = max_bytes - len(mark)
    room = raw[:end].decode("utf-8", "ignore")
    border = room.rfind(" ")
    if raw[end : end + 1] != b" " and border > len(room) // 2:
        room = room[:border]
    return room.rstrip(" ,;:.-") + mark


def fold(word: str) -> str:
    """Return `word` for comparison: case folded, without diacritics, ligatures opened (`Œil` → `oeil`)."""
    if word.isascii():
        return word.lower()
    opened = word.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(char for char in unicodedata.normalize("NFKD", opened) if not unicodedata.combining(char))


def distance_within(left: str, right: str, limit: int) -> bool:
    """Tell whether the optimal-string-alignment distance of two short words is at most `limit`.

    One edit is an insertion, a deletion, a substitution or a swap of neighbours.
    """
    if abs(len(left) - len(right)) > limit:
        return False
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, char in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            cost = min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (char != other))
            swapped = row > 1 and column > 1 and char == right[column - 2] and left[row - 2] == other
            current.append(min(cost, before[column - 2] + 1) if swapped else cost)
        if min(current) > limit:
            return False
        before, previous = previous, current
    return previous[-1] <= limit


def squeeze(word: str) -> str:
    """Return `word` with runs of three or more equal letters cut to two (`hellooooo` → `helloo`)."""
    if not any(a == b for a, b in pairwise(word)):
        return word
    return re.sub(r"(.)\1{2,}", r"\1\1", word)

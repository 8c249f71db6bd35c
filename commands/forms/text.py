"""Text from people and models, made harmless to show: normal form, no controls, no turning of the order."""

from __future__ import annotations

import re
from unicodedata import normalize

_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = "\u200b\ufeff\ufff9\ufffa\ufffb\u180e\u2060\u2061\u2062\u2063\u2064"
_GONE = dict.fromkeys(
    (
        *range(9),
        11,
        12,
        *range(14, 32),
        *range(127, 160),
        *map(ord, _TURNING + _UNSEEN),
        *range(0xE0000, 0xE0080),
    ),
    None,
)
_NEWLINES = re.compile("\r\n|[\r\u2028\u2029\x85]")
_SPACES = re.compile(r"\s+")
_MANY_NEWLINES = re.compile(r"\n{4,}")


def paragraphs(text: str) -> str:
    """`text` over several lines: NFC, newlines as \\n, at most two empty lines in a row, nothing invisible.

    Raises `ValueError` for text that is not valid Unicode.
    """
    return _MANY_NEWLINES.sub("\n\n\n", _plain(_NEWLINES.sub("\n", text))).strip()


def line(text: str) -> str:
    """`text` as one line with single spaces. Raises `ValueError` for text that is not valid Unicode."""
    return _SPACES.sub(" ", _plain(_NEWLINES.sub(" ", text))).strip()


def searchable(text: str) -> str:
    """`text` as it is looked for: without regard to case, accents and kinds of spaces."""
    bare = "".join(c for c in normalize("NFKD", text.casefold()) if not 0x300 <= ord(c) <= 0x36F)
    return _SPACES.sub(" ", bare).strip()


def _plain(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode text") from None
    return normalize("NFC", text.translate(_GONE))

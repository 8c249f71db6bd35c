"""Small corrections that composed sentences need: elisions and contractions in French, `an` in English. Pure."""

from __future__ import annotations

import re

_VOWEL = "aeiouyàâäéèêëîïôöùûüœæAEIOUYÀÂÉÈÊËÎÏÔÙÛÜŒ"
_AN = re.compile(r"\b([Aa]) (?=[aeioAEIO])")
_CONTRACTED = (
    (re.compile(r"\b([Dd])e le (?=\w)"), r"\1u "),
    (re.compile(r"\b([Dd])e les (?=\w)"), r"\1es "),
    (re.compile(r"(?<!\w)([àÀ]) le (?=\w)"), "au "),
    (re.compile(r"(?<!\w)([àÀ]) les (?=\w)"), "aux "),
)
_ELIDED = re.compile(rf"\b([Dd]|[Ll]|[Qq]u|[Nn]|[Ss]|[Jj]|[Jj]usqu|[Ll]orsqu|[Pp]uisqu)(e|a) (?=[{_VOWEL}])")
_SI = re.compile(r"\b([Ss])i (?=ils?\b)")
_SPACES = re.compile(r"[ \t]{2,}")


def tidy(text: str, language: str) -> str:
    """`text` with the joints between its parts put right. Paragraphs stay."""
    if language == "fr":
        text = _ELIDED.sub(_apostrophe, text)
        for pattern, instead in _CONTRACTED:
            text = pattern.sub(instead, text)
        text = _SI.sub(r"\1'", text)
    else:
        text = _AN.sub(r"\1n ", text)
    return _SPACES.sub(" ", text).strip()


def _apostrophe(found: re.Match[str]) -> str:
    # Of words in -a only the article loses its vowel.
    if found[2] == "a" and found[1] not in "Ll":
        return found[0]
    return f"{found[1]}’"

"""Correct the typing errors of players against the words an intent lexicon knows.

A deletion neighbourhood (the idea of SymSpell): every known word is stored under itself and under all its
forms with one letter deleted, so a look-up costs as many set probes as the word has letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from commands.mind.dialogue.text import distance_within

_MIN_LETTERS = 4
_MAX_LETTERS = 20
_LONG = 8


def _deletions(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _keys(word: str) -> set[str]:
    once = _deletions(word)
    keys = {word} | once
    if len(word) >= _LONG:
        for shorter in once:
            keys |= _deletions(shorter)
    return keys


class Spelling:
    """The words a lexicon knows, and the nearest of them to a misspelt one.

    Parameters: `known` are the folded words worth finding; `common` are ordinary words that are never
    corrected although they resemble a known one (`hate` is not a misspelt `have`).
    """

    __slots__ = ("_common", "_index", "_known")

    def __init__(self, known: Iterable[str], common: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._common = frozenset(common)
        index: dict[str, list[str]] = {}
        for word in sorted(self._known):
            if _MIN_LETTERS - 1 <= len(word) <= _MAX_LETTERS:
                for key in _keys(word):
                    index.setdefault(key, []).append(word)
        self._index: Mapping[str, list[str]] = index

    def correct(self, word: str) -> str:
        """Return the known word within one edit of `word` (two from eight letters on), else `word` itself.

        The first letter must agree, or be swapped with the second: people rarely miss it, and it keeps
        ordinary words from being bent into keywords. Ties go to swapped letters, then to the longest word
        (a letter is forgotten more often than invented), then to the alphabetically first. In words of
        three letters only a forgotten double letter is restored (`kil`).
        """
        if word in self._known or word in self._common or len(word) > _MAX_LETTERS:
            return word
        if len(word) < _MIN_LETTERS:
            doubled = (word[: i + 1] + word[i:] for i in range(len(word)) if len(word) == _MIN_LETTERS - 1)
            return next((candidate for candidate in doubled if candidate in self._known), word)
        budget = 2 if len(word) >= _LONG else 1
        best: tuple[int, bool, int, str] | None = None
        letters = sorted(word)
        candidates = {found for key in _keys(word) for found in self._index.get(key, ())}
        for candidate in candidates:
            if candidate[0] != word[0] and candidate[:2] != word[1::-1]:
                continue
            swapped = sorted(candidate) == letters
            for edits in range(1, budget + 1):
                if distance_within(word, candidate, edits):
                    ranked = (edits, not swapped, -len(candidate), candidate)
                    best = ranked if best is None else min(best, ranked)
                    break
        return word if best is None else best[3]

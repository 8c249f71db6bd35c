"""Sentence patterns of an intent lexicon: a small language, compiled to bounded regular expressions.

    where is [the] {place}          a slot takes one to five words of one clause
    what (do you|can i) (sell|buy)  alternatives, of one or several words
    tell me [more] about {person}   optional words
    do you * sell                   up to three words of any kind
    ^yes  bye$                      anchored at the beginning or the end of a clause
    !who are you                    decisive: outweighs vaguer patterns of other intents

Patterns see tokens separated by single spaces; `.` is the token for the end of a clause, which no slot
crosses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SLOTS = ("thing", "place", "person", "event")
_PIECE = re.compile(
    r"\s*(?:\{(?P<slot>\w+)\}|\((?P<group>[^()]*)\)|\[(?P<maybe>[^\[\]]*)\]|(?P<any>\*)|(?P<word>\w+))"
)
_ANY = r"(?: [^ .]+){0,3}?"
_BASE_WEIGHT = 48
_WORD_WEIGHT = 6
_DECISIVE_WEIGHT = 60


@dataclass(frozen=True, slots=True)
class Pattern:
    """One compiled pattern: `required` words it cannot match without, and its weight when it matches."""

    text: str
    regex: re.Pattern[str]
    required: frozenset[str]
    words: frozenset[str]
    weight: int


def compile_pattern(text: str) -> Pattern:
    """Compile `text`; raises ValueError that says what is wrong with it.

    The weight grows with the number of fixed words: the more a pattern demands, the more its match means.
    """
    body = text.strip()
    decisive = body.startswith("!")
    body = body.removeprefix("!")
    starts, ends = body.startswith("^"), body.endswith("$")
    body = body.removeprefix("^").removesuffix("$").rstrip()
    out = [r"(?:^|(?<= \.))" if starts else ""]
    required: set[str] = set()
    words: set[str] = set()
    slots: set[str] = set()
    position = 0
    fixed = 0
    while position < len(body):
        piece = _PIECE.match(body, position)
        if piece is None:
            raise ValueError(f"cannot read it from {body[position : position + 20]!r} on")
        position = piece.end()
        if piece["slot"] is not None:
            slot = piece["slot"]
            if slot not in SLOTS or slot in slots:
                raise ValueError(f"slot {{{slot}}} must be one of {', '.join(SLOTS)} and occur once")
            slots.add(slot)
            out.append(rf"(?P<{slot}>(?: [^ .]+){{1,5}})")
        elif piece["any"] is not None:
            out.append(_ANY)
        elif piece["word"] is not None:
            required.add(piece["word"])
            words.add(piece["word"])
            fixed += 1
            out.append(f" {piece['word']}")
        else:
            grouped = piece["group"] is not None
            options = [
                option.split() for option in (piece["group"] if grouped else piece["maybe"]).split("|")
            ]
            if not all(options):
                raise ValueError("an alternative is empty")
            for word in (word for option in options for word in option):
                if word != "*" and not word.isalnum():
                    raise ValueError(f"{word!r} is not a word; groups cannot be nested")
                words.add(word)
            fixed += grouped
            out.append("(?:" + "|".join(map(_option, options)) + ")" + ("" if grouped else "?"))
    if not fixed:
        raise ValueError("it needs at least one fixed word")
    out.append(r"(?= (?:\.|$))" if ends else "(?= )")
    return Pattern(
        text=text,
        regex=re.compile("".join(out)),
        required=frozenset(required),
        words=frozenset(words - {"*"}),
        weight=_BASE_WEIGHT + _WORD_WEIGHT * min(fixed, 5) + _DECISIVE_WEIGHT * decisive,
    )


def _option(words: list[str]) -> str:
    return "".join(_ANY if word == "*" else f" {word}" for word in words)

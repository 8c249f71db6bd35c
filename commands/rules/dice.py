"""Dice whose result follows from a seed: the same expression and seed give the same faces on every machine.

Notation: terms joined by + and -, each a number or `NdS` (`d20`, `d%`), optionally keeping the highest or lowest
(`4d6kh3`, `2d20kl1`). The faces are drawn from SHA-256 in counter mode over seed, canonical expression and mode;
values that would favour low faces are rejected, so that every face is equally likely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

MAX_TEXT = 100
MAX_TERMS = 16
MAX_DICE = 200
MAX_SIDES = 1000
MAX_NUMBER = 1_000_000
MAX_SEED = 200
DOMAIN = b"lorestream.dice.1"

Mode = Literal["normal", "advantage", "disadvantage"]
MODES: tuple[Mode, ...] = ("normal", "advantage", "disadvantage")

_TERM = re.compile(
    r"(?P<sign>[+-])?(?:(?P<count>[0-9]{1,4})?d(?P<sides>[0-9]{1,5}|%)(?:k(?P<keep>[hl])(?P<kept>[0-9]{1,4})?)?"
    r"|(?P<number>[0-9]{1,7}))"
)


class DiceError(ValueError):
    """An expression, mode or seed that cannot be rolled; the message names what and the bound."""


@dataclass(frozen=True, slots=True)
class Term:
    """`count` dice with faces 1..`sides`, of which the `kept` highest (or lowest) count; `sign` is 1 or -1."""

    sign: int
    count: int
    sides: int
    keep: Literal["all", "highest", "lowest"] = "all"
    kept: int = 0

    def __str__(self) -> str:
        keep = "" if self.keep == "all" else f"k{self.keep[0]}{self.kept}"
        return f"{self.count}d{self.sides}{keep}"

    @property
    def counted(self) -> int:
        """How many of the dice count."""
        return self.count if self.keep == "all" else self.kept


@dataclass(frozen=True, slots=True)
class Expression:
    """What is rolled: dice terms in their order, and the sum of all plain numbers."""

    terms: tuple[Term, ...]
    modifier: int

    def __str__(self) -> str:
        """The canonical spelling: no spaces, dice first, one number last."""
        text = "".join(f"{'-' if term.sign < 0 else '+'}{term}" for term in self.terms)
        if self.modifier or not text:
            text += f"{self.modifier:+d}"
        return text.removeprefix("+")

    @property
    def least(self) -> int:
        """The smallest possible total."""
        return self.modifier + sum(t.counted if t.sign > 0 else -t.counted * t.sides for t in self.terms)

    @property
    def most(self) -> int:
        """The largest possible total."""
        return self.modifier + sum(t.counted * t.sides if t.sign > 0 else -t.counted for t in self.terms)

    @property
    def average(self) -> int:
        """The mean, rounded down. Raises `DiceError` where only some dice are kept."""
        if any(term.keep != "all" for term in self.terms):
            raise DiceError(f"{self}: the average of dice of which some are dropped is not defined here")
        return (2 * self.modifier + sum(t.sign * t.count * (t.sides + 1) for t in self.terms)) // 2


@dataclass(frozen=True, slots=True)
class Roll:
    """A roll as the log keeps it. faces: per dice term all faces in the order they fell."""

    expression: str
    mode: Mode
    seed: str
    faces: tuple[tuple[int, ...], ...]
    total: int

    def as_json(self) -> dict[str, object]:
        return {
            "expression": self.expression,
            "mode": self.mode,
            "seed": self.seed,
            "faces": [list(term) for term in self.faces],
            "total": self.total,
        }


def parse(text: str) -> Expression:
    """The expression of a text such as `2d6+3`. Raises `DiceError`."""
    if len(text) > MAX_TEXT:
        raise DiceError(f"an expression of dice has at most {MAX_TEXT} characters, this has {len(text)}")
    # Spaces may stand around signs only: "1d6 2" is no 1d62.
    compact = re.sub(r" *([+-]) *", r"\1", text.replace("−", "-").replace("–", "-").lower().strip())
    terms, modifier, at, parts = list[Term](), 0, 0, 0
    while at < len(compact) or not parts:
        match = _TERM.match(compact, at)
        if match is None or (at and match["sign"] is None):
            raise DiceError(f"{text!r} is no expression of dice; write it like 2d6+3, d20 or 4d6kh3")
        sign, at, parts = -1 if match["sign"] == "-" else 1, match.end(), parts + 1
        if match["number"] is not None:
            modifier += sign * int(match["number"])
        else:
            terms.append(_term(sign, match, text))
    _check_size(terms, modifier, parts, text)
    return Expression(tuple(terms), modifier)


def dice(text: str, seed: str, mode: Mode = "normal") -> Roll:
    """Roll `text` as `seed` determines it.

    mode: with advantage or disadvantage the one d20 of the expression is rolled twice and the higher or lower
    counts. Raises `DiceError` for a bad expression, mode or seed (1 to 200 characters of valid Unicode).
    """
    expression = with_mode(parse(text), mode)
    stream = _draws(seed, f"{expression}")
    faces = tuple(
        tuple(next_face(stream, term.sides) for _ in range(term.count)) for term in expression.terms
    )
    total = expression.modifier + sum(
        term.sign * sum(_kept(term, fallen)) for term, fallen in zip(expression.terms, faces, strict=True)
    )
    return Roll(str(parse(text)), mode, seed, faces, total)


def with_mode(expression: Expression, mode: Mode) -> Expression:
    """The expression that advantage or disadvantage makes of another. Raises `DiceError` without exactly one d20."""
    if mode not in MODES:
        raise DiceError(f"{mode!r} is no mode; use {', '.join(MODES)}")
    if mode == "normal":
        return expression
    twenties = [term for term in expression.terms if term.sides == 20]
    if len(twenties) != 1 or twenties[0] != Term(1, 1, 20):
        raise DiceError(f"{mode} needs exactly one d20 in the expression; {expression} has another shape")
    twice = Term(1, 2, 20, "highest" if mode == "advantage" else "lowest", 1)
    return Expression(
        tuple(twice if term.sides == 20 else term for term in expression.terms), expression.modifier
    )


def commitment(seed: str) -> str:
    """What may be published before a roll so that nobody can choose the seed afterwards: its SHA-256 in hex.

    Raises `DiceError` for a bad seed. It hides the seed only if the seed is hard to guess (128 random bits).
    """
    return sha256(DOMAIN + b".commitment\0" + _seed_bytes(seed)).hexdigest()


def next_face(draws: Iterator[int], sides: int) -> int:
    """The next face 1..sides of a stream of 64-bit draws; draws beyond the last whole multiple are skipped."""
    limit = 2**64 - 2**64 % sides
    return next(draw for draw in draws if draw < limit) % sides + 1


def _draws(seed: str, expression: str) -> Iterator[int]:
    prefix = DOMAIN + b"\0" + _seed_bytes(seed) + b"\0" + expression.encode() + b"\0"
    counter = 0
    while True:
        block = sha256(prefix + counter.to_bytes(8, "big")).digest()
        counter += 1
        for start in range(0, len(block), 8):
            yield int.from_bytes(block[start : start + 8], "big")


def _seed_bytes(seed: str) -> bytes:
    if not 1 <= len(seed) <= MAX_SEED:
        raise DiceError(f"a seed has 1 to {MAX_SEED} characters, this has {len(seed)}")
    try:
        raw = seed.encode()
    except UnicodeEncodeError:
        raise DiceError("a seed is valid Unicode text") from None
    if b"\0" in raw:
        raise DiceError("a seed holds no NUL character")
    return raw


def _term(sign: int, match: re.Match[str], text: str) -> Term:
    count = int(match["count"] or 1)
    sides = 100 if match["sides"] == "%" else int(match["sides"])
    if not 1 <= count <= MAX_DICE or not 1 <= sides <= MAX_SIDES:
        raise DiceError(f"{text!r}: 1 to {MAX_DICE} dice of 1 to {MAX_SIDES} sides can be rolled")
    if match["keep"] is None:
        return Term(sign, count, sides)
    kept = int(match["kept"] or 1)
    if not 1 <= kept <= count:
        raise DiceError(f"{text!r}: of {count} dice, 1 to {count} can be kept, not {kept}")
    return Term(sign, count, sides, "highest" if match["keep"] == "h" else "lowest", kept)


def _check_size(terms: list[Term], modifier: int, parts: int, text: str) -> None:
    if parts > MAX_TERMS:
        raise DiceError(f"{text!r}: at most {MAX_TERMS} terms")
    if sum(term.count for term in terms) > MAX_DICE:
        raise DiceError(f"{text!r}: at most {MAX_DICE} dice in all")
    if abs(modifier) > MAX_NUMBER:
        raise DiceError(f"{text!r}: numbers up to {MAX_NUMBER} in all")


def _kept(term: Term, fallen: tuple[int, ...]) -> tuple[int, ...]:
    if term.keep == "all":
        return fallen
    return tuple(sorted(fallen, reverse=term.keep == "highest")[: term.kept])

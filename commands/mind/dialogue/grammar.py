"""Grammar-based lines: conditional alternatives that expand symbols (after Compton et al., Tracery, 2015).

`{greeting}` is replaced by one alternative of the symbol `greeting`; `{Greeting}` begins with a capital. Some
symbols are values of the situation (`{player}`, `{goods}` …): an alternative that names one is only eligible
while it is present. Every symbol has an alternative that is always eligible, symbols never recur, and the
longest expansion is known when the file is read, so expansion cannot fail, loop or grow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from commands.mind.dialogue.persona import AGES, ARCHETYPES, BANDS, MOODS, TIMES

VALUES: Mapping[str, int] = {
    "player": 60, "npc": 60, "location": 60, "topic": 120, "goods": 110, "good": 60, "wanted": 60,
    "price": 20,
    "subject": 60, "fact": 170, "memory": 130, "recollection": 130,
}  # fmt: skip
"""The values a situation may provide, with the most UTF-8 bytes each may have."""

MAX_EXPANSION = 600
"""The most UTF-8 bytes a line may have before it is clipped; longer ones are refused when they are read."""

_REFERENCE = re.compile(r"\{([A-Za-z_]\w*)\}")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\\"^<>`|~\[\]{}]")


class RuleRefused(ValueError):
    """A rule of a language file cannot be used; `key` is its dotted place in the file."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key, self.problem = key, problem


@dataclass(frozen=True, slots=True)
class Condition:
    """When an alternative may be used: each non-empty set must contain the situation's value."""

    archetype: frozenset[str] = frozenset()
    mood: frozenset[str] = frozenset()
    band: frozenset[str] = frozenset()
    time: frozenset[str] = frozenset()
    age: frozenset[str] = frozenset()

    @property
    def specificity(self) -> int:
        """How many aspects of the situation it names."""
        return sum(map(bool, (self.archetype, self.mood, self.band, self.time, self.age)))


CONDITION_VALUES: Mapping[str, Sequence[str]] = {
    "archetype": ARCHETYPES, "mood": MOODS, "band": BANDS, "time": TIMES, "age": AGES,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """The situation in which a line is spoken; `values` holds what of `VALUES` is present."""

    archetype: str
    mood: str
    band: str
    time: str | None = None
    age: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """A symbol or value inside a text."""

    name: str
    capital: bool


@dataclass(frozen=True, slots=True)
class Alternative:
    """One parsed text: its parts, the values it names, and when it may be used."""

    text: str
    parts: tuple[str | Reference, ...]
    needs: frozenset[str]
    condition: Condition = Condition()

    def eligible(self, scene: Scene) -> bool:
        """Tell whether the situation meets the condition and provides every value the text names."""
        wants = self.condition
        return (
            (not wants.archetype or scene.archetype in wants.archetype)
            and (not wants.mood or scene.mood in wants.mood)
            and (not wants.band or scene.band in wants.band)
            and (not wants.time or scene.time in wants.time)
            and (not wants.age or scene.age in wants.age)
            and all(name in scene.values for name in self.needs)
        )


Grammar = Mapping[str, tuple[Alternative, ...]]


def parse_text(text: str, key: str, condition: Condition = Condition()) -> Alternative:
    """Parse one text. Raises RuleRefused for an empty text, stray braces and dangerous characters."""
    if not text.strip():
        raise RuleRefused(key, "is empty")
    parts: list[str | Reference] = []
    needs: set[str] = set()
    position = 0
    for found in _REFERENCE.finditer(text):
        parts.append(text[position : found.start()])
        name = found[1][0].lower() + found[1][1:]
        parts.append(Reference(name, capital=found[1] != name))
        if name in VALUES:
            needs.add(name)
        position = found.end()
    parts.append(text[position:])
    for part in parts:
        bad = _FORBIDDEN.search(part) if isinstance(part, str) else None
        if bad is not None:
            raise RuleRefused(
                key, f"contains {bad[0]!r} in {text!r}; symbols are written {{name}}, quotes as '"
            )
    return Alternative(text, tuple(part for part in parts if part), frozenset(needs), condition)


def references(alternative: Alternative) -> frozenset[str]:
    """Return the symbols (not the values) that a text names."""
    return frozenset(p.name for p in alternative.parts if isinstance(p, Reference) and p.name not in VALUES)


def check_symbols(grammar: Grammar) -> Mapping[str, int]:
    """Return the longest expansion of every symbol in bytes.

    Raises RuleRefused for a symbol that hides a value, has no alternative that is always eligible, names an
    unknown symbol, or reaches itself.
    """
    for name, alternatives in grammar.items():
        key = f"symbols.{name}"
        if name in VALUES:
            raise RuleRefused(key, "is the name of a value the situation provides; choose another")
        if not any(not a.needs and a.condition == Condition() for a in alternatives):
            raise RuleRefused(key, "needs at least one text without a condition and without values")
    longest: dict[str, int] = {}

    def measure(name: str, path: tuple[str, ...]) -> int:
        if name in path:
            raise RuleRefused(f"symbols.{name}", f"never ends: {' -> '.join((*path, name))}")
        if name not in longest:
            longest[name] = max(
                sum(
                    len(part.encode()) if isinstance(part, str) else VALUES[part.name]
                    if part.name in VALUES else measure(known(part.name, name), (*path, name))
                    for part in alternative.parts
                )
                for alternative in grammar[name]
            )  # fmt: skip
        return longest[name]

    def known(name: str, user: str) -> str:
        if name not in grammar:
            raise RuleRefused(f"symbols.{user}", f"names the unknown symbol {{{name}}}")
        return name

    for name in grammar:
        measure(name, ())
    return longest


def check_line(line: Alternative, key: str, longest: Mapping[str, int]) -> None:
    """Raise RuleRefused where a line names an unknown symbol or may grow beyond `MAX_EXPANSION` bytes."""
    size = 0
    for part in line.parts:
        if isinstance(part, str):
            size += len(part.encode())
        elif part.name in VALUES:
            size += VALUES[part.name]
        elif part.name in longest:
            size += longest[part.name]
        else:
            raise RuleRefused(key, f"names the unknown symbol {{{part.name}}} in {line.text!r}")
    if size > MAX_EXPANSION:
        raise RuleRefused(
            key, f"may expand to {size} bytes; at most {MAX_EXPANSION} are allowed: {line.text!r}"
        )


def roll(seed: str, path: str, bound: int) -> int:
    """Return a number in [0, bound) that depends on `seed` and `path` only."""
    digest = blake2b(f"{seed}\x00{path}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % bound


def weighted(alternatives: Sequence[Alternative], seed: str, path: str) -> int:
    """Return the index of one of `alternatives` (not empty).

    A text that fits the situation in more aspects is likelier: weight (1 + specificity)², so that an angry
    guard mostly sounds like an angry guard and the plain lines remain as variety. A shared memory counts as
    an aspect.
    """
    weights = [(1 + a.condition.specificity + ("memory" in a.needs)) ** 2 for a in alternatives]
    mark = roll(seed, path, sum(weights))
    for index, weight in enumerate(weights):
        mark -= weight
        if mark < 0:
            return index
    raise AssertionError("the weights do not add up")


def expand(line: Alternative, grammar: Grammar, scene: Scene, seed: str, path: str = "") -> str:
    """Return the text of `line` in `scene`; the same arguments give the same text.

    Requires that `line` is eligible in `scene` and was checked against `grammar`.
    """
    out: list[str] = []
    for index, part in enumerate(line.parts):
        if isinstance(part, str):
            out.append(part)
            continue
        if part.name in VALUES:
            text = scene.values[part.name]
        else:
            here = f"{path}/{index}.{part.name}"
            choices = [a for a in grammar[part.name] if a.eligible(scene)]
            text = expand(choices[weighted(choices, seed, here)], grammar, scene, seed, here)
        out.append(text[:1].upper() + text[1:] if part.capital else text)
    return "".join(out)

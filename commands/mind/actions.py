"""The catalogue of actions: what an NPC of an archetype may do, and which considerations speak for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from commands.mind.curves import UNIT, Curve
from commands.mind.tables import (
    TableError,
    curve,
    decimal,
    join,
    known,
    millionths,
    table,
    tables,
    whole,
    word,
    words,
)
from commands.mind.utility import Ranking, Scored

ACTION_INPUTS = frozenset(
    name
    for line in (
        "goals threat calm health wounds pleasure arousal dominance affection trust goodwill",
        "familiarity novelty company daylight duty fresh request",
        "agreeableness extraversion openness conscientiousness neuroticism",
    )
    for name in line.split()
)
TARGET_INPUTS = frozenset(
    name
    for line in (
        "nearness hostile attacking weakness wounds advantage goodwill grudge familiarity novelty",
        "focus player monster npc",
    )
    for name in line.split()
)
TARGETS = frozenset({"none", "patrol", "stroll", "post", "person", "foe", "away", "ally"})
NEEDS = frozenset({"person", "foe", "ally", "wound", "danger"})
SLOTS = frozenset({"x", "y", "place", "person", "foe", "ally", "goal", "archetype"})

UNLISTED_WORTH = UNIT * 2 // 5
"""Base worth of an action that a script offers and the archetype or the catalogue does not know."""

Weighted = tuple[str, Curve, int]
"""A consideration without its input: name of the input, curve, weight in millionths."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing an NPC can do.

    emits: the word a script sees. target: where or at whom. needs: what must be there. reason: a sentence
    with slots. opportunity: what `evaluate_situation` calls the chance for it. repeatable: doing it again
    is natural.
    """

    name: str
    emits: str
    target: str
    needs: tuple[str, ...]
    reason: str
    opportunity: str
    repeatable: bool
    aliases: frozenset[str]
    considerations: tuple[Weighted, ...]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a target is wanted for. hostile_only: peaceful candidates are out of the question."""

    name: str
    reason: str
    hostile_only: bool
    aliases: frozenset[str]
    considerations: tuple[Weighted, ...]


@dataclass(frozen=True, slots=True)
class Deliberation:
    """Which actions may be thought over beside the best: at most `candidates` in all, each within `margin` of the
    best score. A decision whose second is nearer than `close` is one a formula should not make alone. Millionths.
    """

    margin: int = 150_000
    close: int = 30_000
    candidates: int = 5

    def near(self, ranking: Ranking) -> tuple[Scored, ...]:
        """The rows that may be chosen, best first; none when there are no candidates."""
        rows = ranking.rows[: self.candidates]
        least = rows[0].score - self.margin if rows else 0
        return tuple(
            row for place, row in enumerate(rows) if not place or (row.score >= least and row.score > 0)
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All actions, the considerations common to them, the actions of each archetype with their base worth."""

    actions: Mapping[str, Action]
    common: tuple[Weighted, ...]
    archetypes: Mapping[str, Mapping[str, int]]
    aliases: Mapping[str, str]
    purposes: Mapping[str, Purpose]
    deliberation: Deliberation = Deliberation()

    def of(self, archetype: str) -> Mapping[str, int]:
        """Action → base worth in millionths for an archetype or its alias; those of `default` when
        unknown.
        """
        return self.archetypes[self.aliases.get(archetype, "default")]

    def matching(self, spoken: str) -> tuple[str, ...]:
        """The actions meant by a script's word: by name, by emitted word, or by alias."""
        name = spoken.lower().replace(" ", "_").replace("-", "_")
        if name in self.actions:
            return (name,)
        return tuple(a.name for a in self.actions.values() if name == a.emits or name in a.aliases)


def parse_actions(mapping: Mapping[str, Any]) -> Catalogue:
    """The catalogue of a parsed `actions.toml`; raises `TableError` with the key and the remedy."""
    actions = {name: _action(name, entry, path) for name, entry, path in tables(mapping, "actions")}
    if not actions:
        raise TableError("actions", "is empty; add at least [actions.idle]")
    archetypes: dict[str, Mapping[str, int]] = {}
    aliases: dict[str, str] = {}
    for name, entry, path in tables(mapping, "archetypes"):
        known(entry, frozenset({"aliases", "actions"}), path)
        bases = table(entry, "actions", path)
        for action in bases:
            if action not in actions:
                raise TableError(f"{path}.actions.{action}", f"is not an action; add [actions.{action}]")
        archetypes[name] = {a: millionths(v, f"{path}.actions.{a}", 0, 1) for a, v in bases.items()}
        aliases |= dict.fromkeys((name, *words(entry, "aliases", path)), name)
    if not archetypes.get("default"):
        raise TableError("archetypes.default.actions", "is missing; unknown archetypes need it")
    purposes = {name: _purpose(name, entry, path) for name, entry, path in tables(mapping, "targets")}
    if "attack" not in purposes or "talk" not in purposes:
        raise TableError("targets", "needs at least [targets.attack] and [targets.talk]")
    common = _considerations(mapping, "common", "", ACTION_INPUTS)
    return Catalogue(actions, common, archetypes, aliases, purposes, _deliberation(mapping))


def _deliberation(mapping: Mapping[str, Any]) -> Deliberation:
    entry = table(mapping, "deliberation")
    known(entry, frozenset({"margin", "close", "candidates"}), "deliberation")
    return Deliberation(
        decimal(entry, "margin", "deliberation", 0, 1, 0.15),
        decimal(entry, "close", "deliberation", 0, 1, 0.03),
        whole(entry, "candidates", "deliberation", 1, 10, 5),
    )


def _action(name: str, entry: Mapping[str, Any], path: str) -> Action:
    allowed = {"emits", "target", "needs", "reason", "opportunity", "repeatable", "aliases", "considerations"}
    known(entry, frozenset(allowed), path)
    target = word(entry, "target", path, "none")
    if target not in TARGETS:
        raise TableError(f"{path}.target", f"must be one of {', '.join(sorted(TARGETS))}")
    needs = words(entry, "needs", path)
    if not NEEDS.issuperset(needs):
        raise TableError(f"{path}.needs", f"may hold {', '.join(sorted(NEEDS))}")
    return Action(
        name,
        word(entry, "emits", path, name),
        target,
        needs,
        _sentence(entry, path),
        word(entry, "opportunity", path, ""),
        bool(entry.get("repeatable", False)),
        frozenset(words(entry, "aliases", path)),
        _considerations(entry, "considerations", path, ACTION_INPUTS),
    )


def _purpose(name: str, entry: Mapping[str, Any], path: str) -> Purpose:
    known(entry, frozenset({"reason", "hostile_only", "aliases", "considerations"}), path)
    return Purpose(
        name,
        _sentence(entry, path),
        bool(entry.get("hostile_only", False)),
        frozenset(words(entry, "aliases", path)),
        _considerations(entry, "considerations", path, TARGET_INPUTS),
    )


def _considerations(
    parent: Mapping[str, Any], name: str, path: str, inputs: frozenset[str]
) -> tuple[Weighted, ...]:
    found = []
    for key, value in table(parent, name, path).items():
        where = join(path, name, key)
        if key not in inputs:
            raise TableError(where, f"is not an input; use one of {', '.join(sorted(inputs))}")
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise TableError(where, 'must be [curve, weight], such as ["rising", 0.5]')
        found.append((key, curve(value[0], where), millionths(value[1], where, 0, 1)))
    return tuple(found)


def _sentence(entry: Mapping[str, Any], path: str) -> str:
    sentence = word(entry, "reason", path)
    try:
        slots = {slot for _, slot, _, _ in Formatter().parse(sentence) if slot is not None}
    except ValueError as error:
        raise TableError(f"{path}.reason", f"is not a template ({error})") from error
    if not slots <= SLOTS:
        raise TableError(f"{path}.reason", f"may use the slots {', '.join(sorted(SLOTS))}")
    return sentence

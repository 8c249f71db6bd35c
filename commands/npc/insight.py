"""What a decision knows of the NPC's mind, in the words of the pure core, and what it rested on."""

from __future__ import annotations

from typing import Any

from commands.decider import Context, Need
from commands.mind.character import Character, Traits, character_of
from commands.mind.fixed import ONE
from commands.mind.grid import Cell, Grid
from commands.mind.routine import Walkable
from commands.mind.view import MindView
from commands.npc.state import NpcState
from events.npc import Basis


def mind_of(state: NpcState, npc_id: str, *people: str) -> tuple[Need, ...]:
    """The need of a decision that concerns `people`: the mind after everything the NPC has been through."""
    if not state.registered:
        return ()
    return (Need("mind", npc_id=npc_id, people=tuple(filter(None, people)), at_least=state.felt),)


def ground_of(state: NpcState) -> tuple[Need, ...]:
    """The need of a decision that may send the NPC somewhere."""
    return (Need("ground", map=state.profile.location.map or ""),) if state.registered else ()


def character(state: NpcState, context: Context) -> Character:
    """The NPC as the mind's deciders see it now."""
    view: MindView = context.facts["mind"]
    traits = view.outlook.traits
    return character_of(
        context.entity,
        state.profile,
        mood=view.character_mood(),
        standings=view.standings(),
        recent_actions=state.actions,
        health=_health(state),
        traits=Traits(
            traits.openness,
            traits.conscientiousness,
            traits.extraversion,
            traits.agreeableness,
            traits.neuroticism,
        ),
        roles=context.rules.actions.aliases,
    )


def basis(context: Context, person: str = "") -> Basis:
    """What an event about `person` (or about nobody) records as its grounds."""
    return basis_of(context.facts["mind"], person, context.rules.fingerprint())


def basis_of(view: MindView, person: str = "", rules: str = "") -> Basis:
    """The grounds that a mind gives for something about `person`, by the rule books fingerprinted as `rules`."""
    standing: dict[str, Any] = {}
    if person:
        reading = view.toward(person)
        standing = {
            "person": person,
            "level": reading.level,
            "trust": reading.trust,
            "affection": reading.affection,
        }
    return Basis(
        position=view.position,
        commits=view.basis(person) if person else view.basis(),
        mood=tuple(view.mood()),
        standing=standing,
        rules=rules,
    )


def ground(context: Context) -> Walkable | None:
    """Whether a cell of the NPC's map can be walked on, where the operator gave us the maps."""
    grid: Grid | None = context.facts.get("ground")
    if grid is None:
        return None
    return lambda x, y: grid.is_walkable(Cell(x, y))


def _health(state: NpcState) -> int:
    value = state.profile.extra.get("health", 100)
    return value * ONE // 100 if isinstance(value, int) and 0 <= value <= 100 else ONE

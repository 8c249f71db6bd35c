"""What a decision knows of the NPC's mind, in the words of the pure core, and what it rested on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from commands.decider import Context, Need
from commands.mind.affect import at_rest
from commands.mind.character import Character, Traits, character_of
from commands.mind.fixed import ONE
from commands.mind.grid import Cell, Grid
from commands.mind.outlook import outlook_of
from commands.mind.routine import Walkable
from commands.mind.view import MindView
from commands.npc.state import NpcState
from events.commit import microseconds
from events.npc import Basis


def mind_of(state: NpcState, npc_id: str, *people: str, settled: bool = True) -> tuple[Need, ...]:
    """The need of a decision that concerns `people`.

    A `settled` mind has felt everything the NPC has been through, which may mean waiting for the read model; an
    unsettled one is as it is known now, good enough for a gesture.
    """
    if not state.registered:
        return ()
    at_least = state.felt if settled else 0
    return (Need("mind", npc_id=npc_id, people=tuple(filter(None, people)), at_least=at_least),)


def mind(state: NpcState, context: Context) -> MindView:
    """The NPC's mind; at rest, among strangers, as long as the read model has not met the NPC."""
    view: MindView | None = context.facts["mind"]
    if view is not None:
        return view
    outlook = outlook_of(context.entity, asdict(state.profile), context.rules.archetypes)
    at = microseconds(context.at)
    return MindView(context.entity, 0, at, outlook, at_rest(outlook.rest, at))


def ground_of(state: NpcState) -> tuple[Need, ...]:
    """The need of a decision that may send the NPC somewhere."""
    return (Need("ground", map=state.profile.location.map or ""),) if state.registered else ()


def character(state: NpcState, context: Context) -> Character:
    """The NPC as the mind's deciders see it now."""
    view = mind(state, context)
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


def basis(state: NpcState, context: Context, person: str = "") -> Basis:
    """What an event about `person` (or about nobody) records as its grounds."""
    return basis_of(mind(state, context), person, context.rules.fingerprint())


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

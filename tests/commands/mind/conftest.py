"""An NPC to whom tests let things happen, with the tables the product ships."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from commands.mind import wire
from commands.mind.affect import AffectReading, AffectState, at_rest, read
from commands.mind.appraisal import Appraisal
from commands.mind.happening import GameEvent
from commands.mind.outlook import Outlook, outlook_of
from commands.mind.personality import Archetypes, parse_archetypes
from commands.mind.reaction import react
from commands.mind.relationship import RelationReading, RelationState, first_impression, reading_at
from commands.mind.rules import AppraisalRules, parse_appraisal

CONF = Path(__file__).parents[3] / "conf"
RULES = parse_appraisal(tomllib.loads((CONF / "appraisal.toml").read_text()))
ARCHETYPES = parse_archetypes(tomllib.loads((CONF / "archetypes.toml").read_text()))

NOON = 1_800_000_000_000_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Npc:
    """One NPC, folded event by event; time passes with `wait`."""

    def __init__(
        self,
        profile: Mapping[str, object],
        standings: Mapping[str, int] | None = None,
        factions: Mapping[str, str] | None = None,
    ) -> None:
        self.outlook: Outlook = outlook_of("Npc_1", profile, ARCHETYPES, standings)
        self.affect: AffectState = at_rest(self.outlook.rest)
        self.relations: dict[str, RelationState] = {}
        self.factions = factions or {}
        self.now = NOON
        self.position = 0

    def wait(self, microseconds: int) -> Npc:
        self.now += microseconds
        return self

    def on(self, event_type: str, /, **data: object) -> Appraisal:
        self.position += 1
        event = GameEvent(event_type, self.now, self.position, data)
        return self.take(event)

    def take(self, event: GameEvent) -> Appraisal:
        reaction = react(
            RULES, self.outlook, self.affect, self.relations, event, lambda who: self.factions.get(who, "")
        )
        self.affect = reaction.affect
        self.relations.update(reaction.relations)
        return reaction.appraisal

    def feels(self) -> AffectReading:
        return read(self.affect, self.now)

    def emotions(self) -> dict[str, int]:
        return dict(self.feels().felt)

    def toward(self, target: str) -> RelationReading:
        state = self.relations.get(target)
        if state is None:
            state = first_impression(self.outlook, self.factions.get(target, ""))
        return reading_at(state, self.now)

    def emotion_answer(self) -> dict[str, Any]:
        return wire.emotion_answer(self.feels())

    def relationship_answer(self, target: str) -> dict[str, Any]:
        return wire.relationship_answer(target, self.toward(target))


MakeNpc = Callable[..., Npc]


@pytest.fixture
def rules() -> AppraisalRules:
    return RULES


@pytest.fixture
def archetypes() -> Archetypes:
    return ARCHETYPES


@pytest.fixture
def merchant() -> Npc:
    return Npc(
        {
            "personality": {"archetype": "merchant", "mood": "friendly"},
            "goals": [
                {"goal": "sell_items", "priority": 1, "progress": 600_000},
                {"goal": "gather_info", "priority": 2, "progress": 300_000},
            ],
            "faction": "guild",
        },
        {"thieves": -900_000, "crown": 600_000},
        {"Rogue": "thieves", "Herald": "crown"},
    )

"""One event, one NPC: the step a projection folds."""

from __future__ import annotations

from hashlib import sha256

from pydantic_core import to_json

from commands.mind.affect import AffectState, at_rest
from commands.mind.happening import GameEvent
from commands.mind.outlook import outlook_of
from commands.mind.reaction import react
from commands.mind.relationship import RelationState
from commands.mind.rules import parse_appraisal
from tests.commands.mind.conftest import ARCHETYPES, HOUR, NOON, RULES

# A table of its own: tuning the shipped one must not change what this history folds to.
TABLE = {
    "outcome": {"harm": {"utility": -1, "likelihood": 0.02, "half_life_minutes": 20}},
    "event": {
        "blow": {
            "utility": -0.7,
            "praise": -0.8,
            "prospect": {"outcome": "harm", "shift": 0.7},
            "broken": 0.8,
            "contact": True,
        },
        "favour": {"utility": 0.5, "praise": 0.7, "kept": 0.4, "contact": True},
        "present": {"scope": "gift", "praise": 0.8, "contact": True},
        "glance": {"scope": "sight"},
    },
}


def history() -> tuple[AffectState, dict[str, RelationState]]:
    rules = parse_appraisal(TABLE)
    traits = {"openness": 0.3, "neuroticism": 0.7, "likes": ["book"]}
    outlook = outlook_of("Npc_1", {"personality": traits}, ARCHETYPES)
    affect, relations = at_rest(outlook.rest), dict[str, RelationState]()
    for step in range(200):
        kind = ("blow", "favour", "present", "glance", "nothing")[step * 7 % 5]
        data: dict[str, object] = {"actor": "AB"[step * 3 % 2], "category": "book"}
        event = GameEvent(kind, NOON + step * step * HOUR // 9, step + 1, data)
        affect, changed, _ = react(rules, outlook, affect, relations, event)
        relations.update(changed)
    return affect, relations


def test_the_same_log_folds_to_the_same_bits_on_every_machine() -> None:
    affect, relations = history()
    folded = to_json((affect._asdict(), {target: state._asdict() for target, state in relations.items()}))
    assert sha256(folded).hexdigest() == "600394dcd64419280baac99bbcc1bf399a0ea64b3447775e825d620c438df586"


def test_an_event_that_means_nothing_leaves_everything_as_it_is() -> None:
    affect, relations = history()
    outlook = outlook_of("Npc_1", {}, ARCHETYPES)
    reaction = react(RULES, outlook, affect, relations, GameEvent("npc_moved", NOON, 1, {"x": 4}))
    assert reaction.affect is affect
    assert reaction.relations == {}
    assert reaction.appraisal.felt == ()

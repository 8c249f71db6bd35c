"""What an NPC decides is an event with its whole score table and its grounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from commands.codes import Code
from commands.mind.grid import Grid
from commands.mind.quests import quest_from_json
from commands.npc import NPC
from events.commit import Actor, Event, Json
from events.npc import (
    Goal,
    Location,
    NpcBargained,
    NpcDecided,
    NpcGoalsChanged,
    NpcInteracted,
    NpcQuestChanged,
    NpcQuestOffered,
    NpcRegistered,
    NpcStockChanged,
    Profile,
)
from tests.commits import NOON
from tests.specification import Given, given

GUARD = NpcRegistered(
    Profile(
        "guard",
        goals=(Goal("patrol_area", 1), Goal("protect_citizens", 2)),
        location=Location("lore_town", 50, 50),
        extra={"patrol": [[52, 50], [50, 55]]},
    )
)
MERCHANT = NpcRegistered(
    Profile("merchant", goals=(Goal("sell_items", 1),), extra={"stock": {"1001": 3}, "gold": 1000})
)
ARIA = Actor("player", "150000", True, {"name": "Aria", "level": 42})


def integers_only(value: Any) -> bool:
    if isinstance(value, dict):
        return all(integers_only(v) for v in value.values())
    if isinstance(value, list | tuple):
        return all(integers_only(v) for v in value)
    return not isinstance(value, float)


def only(events: tuple[Event, ...], kind: type[Event]) -> Any:
    (found,) = (event for event in events if isinstance(event, kind))
    return found


def test_deciding_records_the_whole_table_and_the_grounds() -> None:
    situation = {"location": "lore_town", "time": "14:30"}
    decided = only(
        given(NPC, GUARD).when("decide_action", {"situation": situation}).then_events(), NpcDecided
    )
    assert decided.kind == "decide_action"
    assert decided.answer["action"]
    assert decided.record["table"]
    assert integers_only(decided.record)
    assert (decided.basis.position, len(decided.basis.mood), len(decided.basis.rules)) == (7, 3, 16)


def test_a_move_names_its_target_in_both_shapes_scripts_read() -> None:
    events = (
        given(NPC, GUARD).when("decide_action", {"situation": {"available_actions": ["move"]}}).then_events()
    )
    answer = only(events, NpcDecided).answer
    assert answer["action"] == "move"
    assert answer["target"] == {"x": answer["target_x"], "y": answer["target_y"]}


def test_a_walk_only_ends_where_the_map_can_be_walked_on() -> None:
    island = bytes(int((x, y) in {(50, 50), (52, 50)}) for y in range(80) for x in range(80))
    npc = given(NPC, GUARD, facts={"ground": Grid(80, 80, island)})
    events = npc.when("decide_action", {"situation": {"available_actions": ["move"]}}).then_events()
    assert only(events, NpcDecided).answer["target"] == {"x": 52, "y": 50}


def test_the_same_question_gets_the_same_answer() -> None:
    ask = given(NPC, GUARD).when("decide_action", {"situation": {"time": "03:00"}})
    assert ask.then_events() == ask.then_events()


def test_an_attacker_nearby_raises_the_threat_and_is_chosen() -> None:
    situation = {"monsters": [{"id": "m1", "distance": 2, "level": 60, "hostile": True}]}
    judged = only(
        given(NPC, GUARD).when("evaluate_situation", {"situation": situation}).then_events(), NpcDecided
    )
    assert judged.answer["threat_level"] in {"medium", "high", "extreme"}
    candidates = [{"id": "m1", "distance": 2, "hostile": True, "level": 60}, {"id": "hen", "distance": 1}]
    chosen = only(
        given(NPC, GUARD).when("choose_target", {"candidates": candidates}).then_events(), NpcDecided
    )
    assert chosen.answer["target_id"] == "m1"


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (None, Code.MISSING_REQUIRED_FIELD),
        ([{"item_id": "1001", "amount": -1}], Code.PARAMETER_OUT_OF_RANGE),
        ([{"item_id": "1001", "amount": 10**12}], Code.PARAMETER_OUT_OF_RANGE),
    ],
)
def test_an_absurd_offer_is_refused_naming_the_field(items: Any, code: Code) -> None:
    with pytest.raises(Exception, match="items") as caught:
        given(NPC, MERCHANT).when("trade", {"player_id": "1", "items": items}).then_events()
    assert getattr(caught.value, "code", None) == code


def test_judging_an_offer_changes_nothing_but_is_recorded() -> None:
    events = given(NPC, MERCHANT).when(
        "trade", {"player_id": "1", "items": [{"item_id": "1001", "amount": 1}]}
    )
    bargained = only(events.then_events(), NpcBargained)
    assert len(events.then_events()) == 1
    assert bargained.answer["price"] > 0
    assert bargained.basis.standing["person"] == "1"


def test_a_deal_struck_as_an_interaction_takes_from_stock_and_fills_the_purse() -> None:
    price = only(
        given(NPC, MERCHANT)
        .when("trade", {"player_id": "1", "items": [{"item_id": "1001", "amount": 2}]})
        .then_events(),
        NpcBargained,
    ).answer["price"]
    data = {"items": [{"item_id": "1001", "amount": 2, "price": price}]}
    events = (
        given(NPC, MERCHANT)
        .when("interact", {"interaction_type": "trade", "player_id": "1", "data": data})
        .then_events()
    )
    assert only(events, NpcInteracted).accepted
    changed = only(events, NpcStockChanged)
    assert changed.stock == {"1001": 1}
    assert changed.purse > 1000
    after = given(NPC, MERCHANT, *events).state()
    assert after.profile.extra["stock"] == {"1001": 1}


def test_selling_brings_a_merchant_closer_to_its_goal() -> None:
    data = {"items": [{"item_id": "1001", "amount": 1}]}
    events = (
        given(NPC, MERCHANT)
        .when("interact", {"interaction_type": "trade", "player_id": "1", "data": data})
        .then_events()
    )
    if only(events, NpcInteracted).accepted:
        assert only(events, NpcGoalsChanged).goals[0].progress > 0


def offered(history: Given) -> NpcQuestOffered:
    found: NpcQuestOffered = only(
        history.when("quest_offer", {"player_id": "150000", "player_level": 1}).then_events(), NpcQuestOffered
    )
    return found


def step(npc: Given, quest_id: str, name: str, **more: Any) -> tuple[Event, ...]:
    data: Json = {"quest_id": quest_id, "step": name, **more}
    return npc.when(
        "interact", {"interaction_type": "quest", "player_id": "150000", "data": data}
    ).then_events()


def test_a_quest_goes_from_offer_to_completion_and_is_not_offered_twice() -> None:
    offer = offered(given(NPC, MERCHANT, actor=ARIA))
    assert offer.quest is not None
    quest_id = offer.answer["quest_id"]
    npc = given(NPC, MERCHANT, offer, actor=ARIA, at=NOON + timedelta(minutes=1))
    again = offered(npc)
    assert again.quest is None or again.quest["template"] != offer.quest["template"]
    accepted = step(npc, quest_id, "accept")
    assert only(accepted, NpcQuestChanged).change == "accepted"
    on_the_way = given(NPC, MERCHANT, offer, *accepted, actor=ARIA, at=NOON + timedelta(minutes=2))
    counts = [objective.count for objective in quest_from_json(offer.quest).objectives]
    done = step(on_the_way, quest_id, "complete", counts=counts)
    changes = [event.change for event in done if isinstance(event, NpcQuestChanged)]
    assert changes[-1] == "completed"


def test_the_game_servers_word_for_the_level_beats_the_scripts_claim() -> None:
    trusted = offered(given(NPC, MERCHANT, actor=ARIA))
    claimed = offered(given(NPC, MERCHANT, actor=Actor("player", "150000", trusted=False)))
    assert trusted.record != claimed.record


def test_a_step_on_a_quest_never_given_is_refused() -> None:
    args = {"interaction_type": "quest", "player_id": "1", "data": {"quest_id": "x", "step": "accept"}}
    given(NPC, MERCHANT).when("interact", args).then_rejected(Code.INVALID_PARAMETER, "quest_id")
    args["data"] = {"step": "accept"}
    given(NPC, MERCHANT).when("interact", args).then_rejected(Code.MISSING_REQUIRED_FIELD, "quest_id")

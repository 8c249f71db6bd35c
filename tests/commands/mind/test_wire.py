"""What scripts and services read."""

from __future__ import annotations

import json

from commands.mind import wire
from commands.mind.emotion import EMOTIONS
from tests.commands.mind.conftest import DAY, MINUTE, Npc


def test_an_npc_to_which_nothing_happened_is_neutral(merchant: Npc) -> None:
    answer = merchant.emotion_answer()
    assert (answer["primary"], answer["intensity"], answer["secondary"]) == ("neutral", 0.0, [])
    assert answer["causes"] == []


def test_the_example_of_the_specification_is_reached(merchant: Npc) -> None:
    for player in ("Ann", "Bea", "Cid"):
        merchant.on("festival_start")
        merchant.wait(MINUTE).on("saw_player", player_id=player)
    answer = merchant.emotion_answer()
    assert answer["primary"] == "happy"
    assert 0.5 <= answer["intensity"] <= 1.0
    assert {"excited", "curious"} & set(answer["secondary"])


def test_the_answer_names_the_commits_and_events_that_caused_it(merchant: Npc) -> None:
    merchant.on("greet", player_id="Ann")
    merchant.wait(MINUTE).on("stole", thief="Rob", value=9000)
    answer = merchant.emotion_answer()
    assert answer["primary"] == "angry"
    assert answer["causes"][0]["position"] == 2
    assert answer["causes"][0]["event"] == "stole"
    assert answer["causes"][0]["emotion"] == "angry"
    assert answer["causes"][0]["target"] == "Rob"
    json.dumps(answer, allow_nan=False)


def test_every_emotion_has_a_word_and_a_companion_name_with_an_action() -> None:
    assert set(wire.LABELS) == set(wire.COMPANION) == set(EMOTIONS)
    assert len(set(wire.LABELS.values())) == len(EMOTIONS)
    assert len(wire.ACTIONS) == 14
    assert set(wire.COMPANION.values()) <= set(wire.ACTIONS)


def test_a_companion_answer_follows_the_feeling(merchant: Npc) -> None:
    assert wire.companion_answer(merchant.feels()) == {
        "emotion": "neutral",
        "intensity": 0.0,
        "action": "idle",
    }
    merchant.on("stole", thief="Rob")
    answer = wire.companion_answer(merchant.feels())
    assert (answer["emotion"], answer["action"]) == ("angry", "calm_down")


def test_a_mood_is_named_when_the_emotions_have_gone(merchant: Npc) -> None:
    for _ in range(6):
        merchant.wait(MINUTE).on("attacked", attacker="Rob", damage=100)
    answer = merchant.wait(60 * MINUTE).emotion_answer()
    assert answer["primary"] in {"irritable", "worried"}
    assert answer["primary"] == answer["mood"]["label"]
    assert 0 < answer["intensity"] < 1


def test_a_stranger_is_answered_with_the_first_impression(merchant: Npc) -> None:
    answer = merchant.relationship_answer("Nobody")
    assert answer["relationship_level"] == "neutral"
    assert (answer["interactions"], answer["evidence"], answer["familiarity"]) == (0, [], 0)
    assert 45 <= answer["trust"] <= 60


def test_the_http_level_runs_from_minus_to_plus_one_hundred(merchant: Npc) -> None:
    friend, foe = Npc({}), Npc({})
    for _ in range(200):
        friend.wait(MINUTE).on("defended", hero="P")
        foe.wait(MINUTE).on("promise_broken", player_id="P")
    assert 80 <= wire.http_level(friend.toward("P")) <= 100
    assert -100 <= wire.http_level(foe.toward("P")) <= -80
    assert -5 <= wire.http_level(Npc({}).toward("P")) <= 5


def test_answers_hold_whole_percents_and_short_fractions(merchant: Npc) -> None:
    merchant.on("helped", helper="Ann")
    answer = merchant.wait(DAY).relationship_answer("Ann")
    for name in ("trust", "affection", "respect", "fear", "familiarity"):
        assert isinstance(answer[name], int)
        assert 0 <= answer[name] <= 100
    assert json.loads(json.dumps(answer)) == answer

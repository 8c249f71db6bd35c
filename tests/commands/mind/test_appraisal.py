"""What game events mean to an NPC."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.mind.emotion import EMOTIONS
from commands.mind.fixed import ONE
from commands.mind.happening import GameEvent
from commands.mind.rules import AppraisalRules, parse_appraisal
from tests.commands.mind.conftest import DAY, HOUR, MINUTE, NOON, RULES, Npc

PROFILE = {
    "personality": {"archetype": "merchant", "mood": "friendly"},
    "goals": [{"goal": "sell_items", "priority": 1, "progress": 600_000}],
    "faction": "guild",
}
STANDINGS = {"thieves": -900_000, "crown": 600_000}


def npc() -> Npc:
    return Npc(PROFILE, STANDINGS)


Happening = tuple[str, dict[str, object]]

STORIES: dict[str, list[Happening]] = {
    "joy": [("festival_start", {})],
    "distress": [("disaster", {})],
    "happy_for": [("helped", {"helper": "Ann"}), ("good_fortune", {"subject": "Ann"})],
    "resentment": [("stole", {"thief": "Rob"}), ("good_fortune", {"subject": "Rob"})],
    "gloating": [("stole", {"thief": "Rob"}), ("misfortune", {"subject": "Rob"})],
    "pity": [("helped", {"helper": "Ann"}), ("hearsay", {"event": "attacked", "victim": "Ann"})],
    "hope": [("saw_player", {"player_id": "Ann"})],
    "fear": [("attacked", {"attacker": "Rob", "damage": 100})],
    "satisfaction": [("goal_completed", {"goal": "sell_items"})],
    "fears_confirmed": [
        ("goal_threatened", {"goal": "sell_items"}),
        ("goal_threatened", {"goal": "sell_items"}),
        ("goal_failed", {"goal": "sell_items"}),
    ],
    "relief": [("attacked", {"attacker": "Rob", "damage": 100}), ("danger_passed", {"hero": "Ann"})],
    "disappointment": [("goal_failed", {"goal": "sell_items"})],
    "pride": [("helped", {"helper": "Npc_1", "beneficiary": "Ann"})],
    "shame": [("promise_broken", {"actor": "Npc_1"})],
    "admiration": [("helped", {"helper": "Ann"})],
    "reproach": [("insulted", {"player_id": "Rob"})],
    "love": [("helped", {"helper": "Ann"}), ("saw_player", {"player_id": "Ann"})],
    "hate": [("stole", {"thief": "Rob"}), ("saw_player", {"player_id": "Rob"})],
    "gratification": [("promise_kept", {"actor": "Npc_1"})],
    "remorse": [("promise_broken", {"actor": "Npc_1"})],
    "gratitude": [("gift", {"giver": "Ann", "item_category": "luxury"})],
    "anger": [("stole", {"thief": "Rob"})],
}


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_one_of_the_22_emotions_is_reached_by_game_events(emotion: str) -> None:
    someone = npc()
    *before, (event_type, data) = STORIES[emotion]
    for earlier_type, earlier_data in before:
        someone.wait(MINUTE).on(earlier_type, **earlier_data)
    appraisal = someone.wait(MINUTE).on(event_type, **data)
    positions = {str(felt.emotion): felt.position for felt in appraisal.felt}
    assert positions[emotion] == someone.position
    assert emotion in someone.emotions()


@pytest.mark.parametrize("event_type", ["", "constructor", "ATTACK\x00", "x" * 100_000, "__class__"])
def test_an_unknown_event_is_neutral_news(event_type: str) -> None:
    someone = npc()
    before = someone.affect
    appraisal = someone.on(event_type, player_id="Ann", utility=-1, damage=10**30)
    assert appraisal.felt == ()
    assert someone.affect is before
    assert someone.relations == {}


event_types = st.sampled_from(sorted(RULES.events))
odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["Ann", "Rob", "Npc_1", "sell_items", "luxury", "storm", "complete", "guild", "thieves"]),
    st.lists(st.integers(), max_size=2),
)
keys = st.sampled_from(
    [
        "player_id",
        "attacker",
        "actor",
        "victim",
        "subject",
        "goal",
        "progress",
        "likelihood",
        "utility",
        "damage",
        "max_hp",
        "faction",
        "event",
        "reliability",
        "source",
        "item_category",
        "item_rarity",
        "weather",
        "action",
        "intent",
        "playerId",
        "factionId",
    ]
)
datas = st.dictionaries(keys, odd_values, max_size=6)


@given(st.lists(st.tuples(event_types, datas, st.integers(0, DAY)), max_size=12))
@settings(max_examples=200, deadline=None)
def test_whatever_the_data_holds_states_stay_bounded_and_replay_alike(
    happened: list[tuple[str, dict[str, object], int]],
) -> None:
    first, second = npc(), npc()
    for someone in (first, second):
        for event_type, data, later in happened:
            appraisal = someone.wait(later).on(event_type, **{"kind": 0, **data})
            assert all(
                0 < felt.intensity <= ONE and felt.position == someone.position for felt in appraisal.felt
            )
    assert (first.affect, first.relations) == (second.affect, second.relations)
    assert len(first.affect.feelings) <= 16
    for target in first.relations:
        reading = first.toward(target)
        assert all(-ONE <= value <= ONE for value in (reading.affection, reading.respect, reading.score))
        assert all(0 <= value <= ONE for value in (reading.trust, reading.dread, reading.familiarity))


@given(
    st.lists(st.tuples(event_types, datas), max_size=4),
    st.lists(st.tuples(event_types, datas), max_size=5),
    st.randoms(use_true_random=False),
)
@settings(max_examples=200, deadline=None)
def test_events_of_one_instant_may_come_in_any_order(
    earlier: list[Happening], together: list[Happening], shuffler: Random
) -> None:
    one, other = npc(), npc()
    for someone in (one, other):
        for event_type, data in earlier:
            someone.wait(HOUR).on(event_type, **data)
    events = [GameEvent(kind, NOON + DAY, 100 + i, data) for i, (kind, data) in enumerate(together)]
    shuffled = list(events)
    shuffler.shuffle(shuffled)
    for event in events:
        one.take(event)
    for event in shuffled:
        other.take(event)
    assert (one.affect, one.relations) == (other.affect, other.relations)


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_harder_blow_never_hurts_less(one: int, other: int) -> None:
    soft, hard = (
        {
            felt.emotion: felt.intensity
            for felt in npc().on("attacked", attacker="Rob", damage=d, max_hp=100).felt
        }
        for d in sorted((one, other))
    )
    assert soft.keys() <= hard.keys()
    assert all(soft[name] <= hard[name] for name in soft)


def test_an_attack_is_answered_with_fear_and_anger_at_the_attacker() -> None:
    someone = npc()
    someone.on("attacked", attacker="Rob", damage=80)
    causes = {cause.emotion: cause for cause in someone.feels().causes}
    assert {"fear", "anger"} <= causes.keys()
    assert causes["anger"].target == "Rob"
    assert causes["anger"].position == 1
    assert someone.emotion_answer()["primary"] in {"afraid", "angry"}


def test_the_end_of_a_danger_is_a_relief_only_after_fear() -> None:
    calm, shaken = npc(), npc()
    shaken.on("attacked", attacker="Rob", damage=100)
    assert "relief" in {felt.emotion for felt in shaken.wait(MINUTE).on("danger_passed").felt}
    assert "relief" not in {felt.emotion for felt in calm.wait(MINUTE).on("danger_passed").felt}


def test_fear_that_comes_back_after_a_day_starts_afresh() -> None:
    someone = npc()
    first = someone.on("monster_near").felt[0]
    soon = someone.wait(MINUTE).on("monster_near").felt[0]
    late = someone.wait(DAY).on("monster_near").felt[0]
    assert first.emotion == soon.emotion == late.emotion == "fear"
    assert soon.intensity < first.intensity == late.intensity


def test_a_thief_does_not_mind_a_theft_as_a_guard_does() -> None:
    thief, guard = (Npc({"archetype": name}) for name in ("thief", "guard"))
    seen = {"event": "stole", "actor": "Rob", "victim": "Bea"}
    assert "reproach" not in {felt.emotion for felt in thief.on("witnessed", **seen).felt}
    assert "reproach" in {felt.emotion for felt in guard.on("witnessed", **seen).felt}


def test_a_merchant_who_wants_to_sell_enjoys_a_trade_more_than_a_sage() -> None:
    merchant, sage = npc(), Npc({"archetype": "sage", "goals": ["share_wisdom"]})
    for someone in (merchant, sage):
        someone.on("interact_trade", player_id="Ann")
    assert merchant.emotions()["gratitude"] > sage.emotions().get("gratitude", 0)


def test_hearsay_moves_less_when_it_is_doubtful_or_the_teller_is_not_trusted() -> None:
    def pity(reliability: float, **told: object) -> int:
        someone = npc()
        someone.on("helped", helper="Ann")
        someone.on("lied", liar="Liar")
        someone.wait(MINUTE).on("gossip", event="attacked", victim="Ann", reliability=reliability, **told)
        return someone.emotions().get("pity", 0)

    assert pity(1.0) > pity(0.6) > 0
    assert pity(1.0, source="Stranger") > pity(1.0, source="Liar")


def test_gossip_about_a_crime_against_a_friend_costs_the_criminal_respect() -> None:
    someone = npc()
    someone.on("helped", helper="Ann")
    before = someone.toward("Rob")
    someone.wait(MINUTE).on("gossip", event="stole", actor="Rob", victim="Ann", reliability=0.9)
    after = someone.toward("Rob")
    assert after.affection < before.affection
    assert after.respect < before.respect
    assert after.interactions == 0


def test_own_factions_are_felt_as_self_and_others_as_they_are_liked() -> None:
    victory = {
        side: {felt.emotion for felt in npc().on("faction_victory", faction_id=side).felt}
        for side in ("guild", "crown", "thieves")
    }
    assert {"joy", "pride", "gratification"} <= victory["guild"]
    assert "happy_for" in victory["crown"]
    assert "resentment" in victory["thieves"]
    unknown = {felt.emotion for felt in npc().on("faction_defeat", faction_id="strangers").felt}
    assert unknown.isdisjoint({"pity", "gloating", "joy", "distress"})


def test_an_attack_on_the_own_faction_by_nobody_in_particular_shames_nobody() -> None:
    felt = {felt.emotion for felt in npc().on("faction_attacked", faction="guild").felt}
    assert felt == {"distress"}


def test_a_goal_that_comes_nearer_gives_hope_and_one_that_is_reached_satisfaction() -> None:
    someone = npc()
    assert [f.emotion for f in someone.on("goal_progress", goal="sell_items", progress=0.9).felt] == ["hope"]
    assert [
        f.emotion for f in someone.wait(1).on("goal_progress", goal="sell_items", progress=0.9).felt
    ] == []
    done = {felt.emotion for felt in someone.wait(1).on("goal_completed", goal="sell_items").felt}
    assert {"satisfaction", "joy", "pride", "gratification"} <= done


def test_whoever_helps_a_goal_along_earns_gratitude() -> None:
    someone = npc()
    someone.on("goal_helped", goal="sell_items", helper="Ann")
    assert "gratitude" in someone.emotions()
    assert someone.toward("Ann").affection > 0


def test_both_spellings_of_a_key_are_read() -> None:
    snake, camel = npc(), npc()
    snake.on("talk", player_id="Ann")
    camel.on("talk", playerId="Ann")
    assert snake.relations == camel.relations
    assert snake.relations["Ann"].interactions == 1


def test_whom_the_connection_vouches_for_overrules_a_name_inside_the_data() -> None:
    someone = npc()
    someone.take(GameEvent("insulted", NOON, 1, {"player_id": "Ann"}, agent="Rob"))
    assert set(someone.relations) == {"Rob"}


def test_a_nervous_person_is_more_afraid_and_a_sociable_one_happier() -> None:
    calm, nervous = (Npc({"personality": {"neuroticism": n}}) for n in (0.1, 0.9))
    quiet, sociable = (Npc({"personality": {"extraversion": e}}) for e in (0.1, 0.9))
    for someone in (calm, nervous):
        someone.on("monster_near")
    for someone in (quiet, sociable):
        someone.on("festival_start")
    assert calm.emotions()["fear"] < nervous.emotions()["fear"]
    assert quiet.emotions()["joy"] < sociable.emotions()["joy"]


@pytest.mark.parametrize(
    ("event_type", "data", "emotion"),
    [
        ("weather_change", {"weather": "Storm"}, "distress"),
        ("weather_change", {"condition": "sunny"}, "joy"),
        ("day_night_change", {"phase": "day"}, "joy"),
        ("heard_sound", {"soundType": "scream"}, "fear"),
        ("heard_sound", {}, "hope"),
        ("interact_quest", {"player_id": "Ann", "action": "completed"}, "gratitude"),
        ("interact_quest", {"player_id": "Ann", "action": "abandon"}, "anger"),
        ("talk", {"player_id": "Ann", "intent": "thank"}, "gratitude"),
        ("talk", {"player_id": "Ann", "intent": "threaten"}, "fear"),
        ("war", {}, "fear"),
    ],
)
def test_what_an_event_means_depends_on_what_its_data_say(
    event_type: str, data: dict[str, object], emotion: str
) -> None:
    assert emotion in {felt.emotion for felt in npc().on(event_type, **data).felt}


@pytest.mark.parametrize("alias", ["attack", "interact_attack", "ATTACKED"])
def test_an_event_is_known_by_its_other_names(alias: str) -> None:
    assert npc().on(alias, attacker="Rob").kind == "attacked"


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"event": {"x": {"utility": 2}}}, "utility"),
        ({"event": {"x": {"utilty": 0.2}}}, "utilty"),
        ({"event": {"x": {"prospect": {"outcome": "doom", "shift": 0.5}}}}, "outcome.doom"),
        ({"event": {"x": {"also": ["y"]}, "y": {}}}, "given twice"),
        ({"event": {"x": {"when": {"k": {"v": {"praise": "much"}}}}}}, "praise"),
        ({"event": {"x": {"utility": float("nan")}}}, "utility"),
    ],
)
def test_a_wrong_appraisal_table_is_refused_by_name(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_appraisal(table)


def test_an_empty_table_makes_every_event_neutral() -> None:
    assert parse_appraisal({"event": {}}) == AppraisalRules({}, {})

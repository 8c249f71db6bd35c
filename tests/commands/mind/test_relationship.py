"""How an NPC comes to stand to somebody, and on what evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from commands.mind.appraisal import Appraisal
from commands.mind.fixed import ONE
from commands.mind.relationship import (
    LATEST,
    LEVELS,
    STRONGEST,
    RelationState,
    affected,
    first_impression,
    reading_at,
)
from tests.commands.mind.conftest import DAY, HOUR, MINUTE, NOON, Npc

weights = st.integers(ONE // 100, ONE)


def trusting(
    state: RelationState, at: int, kept: int = 0, broken: int = 0, position: int = 1
) -> RelationState:
    return affected(state, Appraisal("promise", "P", (), (), kept, broken, True, ""), "P", at, position)


@st.composite
def trusts(draw: st.DrawFn) -> RelationState:
    """A relationship with some history, trusted at least as much as a stranger."""
    state = RelationState()
    for kept in draw(st.lists(weights, max_size=8)):
        state = trusting(state, NOON, kept=kept)
    return state


@given(trusts(), weights)
def test_trust_falls_faster_than_it_rises(state: RelationState, weight: int) -> None:
    now = reading_at(state, NOON).trust
    gained = reading_at(trusting(state, NOON, kept=weight), NOON).trust - now
    lost = now - reading_at(trusting(state, NOON, broken=weight), NOON).trust
    assert gained <= lost
    assert lost > 0


@given(trusts(), weights)
def test_a_broken_promise_is_not_made_good_by_one_kept(state: RelationState, weight: int) -> None:
    now = reading_at(state, NOON).trust
    one = trusting(trusting(state, NOON, kept=weight), NOON, broken=weight)
    other = trusting(trusting(state, NOON, broken=weight), NOON, kept=weight)
    assert reading_at(one, NOON).trust == reading_at(other, NOON).trust < now


@given(trusts(), st.integers(0, 400 * DAY), st.integers(0, 400 * DAY))
def test_trust_fades_steadily_towards_the_first_impression(state: RelationState, a: int, b: int) -> None:
    soon, late = (reading_at(state, NOON + span).trust for span in sorted((a, b)))
    assert late <= soon + 1
    assert reading_at(state, NOON + 4000 * DAY).trust == ONE // 2


@given(st.lists(st.tuples(weights, weights), max_size=40))
def test_a_relationship_stays_small_and_survives_storage(pairs: list[tuple[int, int]]) -> None:
    state = RelationState()
    for position, (kept, broken) in enumerate(pairs, start=1):
        state = trusting(state, NOON + position * HOUR, kept, broken, position)
    adapter = TypeAdapter(RelationState)
    assert adapter.validate_json(adapter.dump_json(state)) == state
    assert len(state.strongest) <= STRONGEST
    assert len(state.latest) <= LATEST


def test_evidence_keeps_the_strongest_and_the_latest_commits(merchant: Npc) -> None:
    merchant.on("stole", thief="Rob", value=5000)
    for _ in range(30):
        merchant.wait(HOUR).on("talk", player_id="Rob")
    evidence = merchant.toward("Rob").evidence
    positions = [piece.position for piece in evidence]
    assert positions[:LATEST] == list(range(31, 31 - LATEST, -1))
    theft = next(piece for piece in evidence if piece.position == 1)
    assert theft.event == "stole"
    assert theft.trust == -2_500_000
    assert theft.affection < 0
    assert len(evidence) <= STRONGEST + LATEST


def test_a_grudge_outlasts_a_kindness(merchant: Npc) -> None:
    merchant.on("helped", helper="Ann")
    merchant.on("insulted", player_id="Rob")
    liked, disliked = merchant.toward("Ann").affection, merchant.toward("Rob").affection
    merchant.wait(60 * DAY)
    natural = reading_at(first_impression(merchant.outlook), NOON).affection
    left_of_liking = (merchant.toward("Ann").affection - natural) * ONE // (liked - natural)
    left_of_dislike = (merchant.toward("Rob").affection - natural) * ONE // (disliked - natural)
    assert left_of_liking < left_of_dislike


def test_the_example_of_the_specification_is_reached_by_fifteen_interactions(merchant: Npc) -> None:
    story = ["greet", "quest_accepted", "quest_completed", "insulted", "talk", "quest_progress", "talk"]
    story += ["promise_kept", "talk", "talk", "promise_kept", "trade", "talk", "talk", "trade"]
    for event_type in story:
        merchant.wait(2 * DAY).on(event_type, player_id="Player_12345")
    answer = merchant.relationship_answer("Player_12345")
    shown = {
        key: answer[key] for key in ("target_id", "relationship_level", "trust", "affection", "interactions")
    }
    assert shown == {
        "target_id": "Player_12345",
        "relationship_level": "friendly",
        "trust": 75,
        "affection": 60,
        "interactions": 15,
    }


def test_levels_are_left_later_than_they_are_entered() -> None:
    state = RelationState(interactions=1)
    ranks = []
    for liked in (0, 550_000, 450_000, 380_000, 330_000, 450_000, 550_000):
        state = trusting(
            RelationState(liked=liked, rank=state.rank, interactions=1, at=state.at), state.at + 1, kept=1
        )
        ranks.append(reading_at(state, state.at).level)
        state = trusting(state, state.at + 1, kept=1)
    assert ranks == [
        "neutral",
        "friendly",
        "friendly",
        "friendly",
        "acquaintance",
        "acquaintance",
        "friendly",
    ]


def test_every_level_is_reached_by_living_together() -> None:
    seen = set()
    for kind in (
        "promise_broken",
        "stole",
        "insulted",
        "refused_help",
        "talk",
        "trade",
        "helped",
        "promise_kept",
    ):
        someone = Npc({"archetype": "innkeeper"})
        seen.add(someone.toward("P").level)
        for _ in range(60):
            someone.wait(HOUR).on(kind, player_id="P")
            seen.add(someone.toward("P").level)
    assert seen == set(LEVELS)


def test_a_stranger_is_met_as_the_standing_of_the_factions_suggests(merchant: Npc) -> None:
    rogue, herald, stranger = (merchant.toward(who) for who in ("Rogue", "Herald", "Nobody"))
    assert rogue.affection < stranger.affection < herald.affection
    assert rogue.trust < stranger.trust < herald.trust
    assert rogue.level == "unfriendly"
    assert herald.level == "neutral"  # good will alone makes no acquaintance
    merchant.on("greet", player_id="Herald")
    assert merchant.toward("Herald").level in {"acquaintance", "friendly"}


def test_another_npc_is_a_target_like_a_player(merchant: Npc) -> None:
    merchant.on("helped", actor="Guard #7 «Бьорн»")
    answer = merchant.relationship_answer("Guard #7 «Бьорн»")
    assert answer["affection"] > 50
    assert answer["evidence"][0]["position"] == 1


def test_looking_at_somebody_again_and_again_does_not_change_how_they_are_liked(merchant: Npc) -> None:
    merchant.on("helped", helper="Ann")
    before = merchant.relations["Ann"]
    for _ in range(50):
        merchant.wait(MINUTE).on("saw_player", player_id="Ann")
    assert merchant.relations["Ann"] is before


def test_whoever_struck_once_is_feared_when_seen_again(merchant: Npc) -> None:
    merchant.on("attacked", attacker="Rob", damage=100)
    felt = {felt.emotion for felt in merchant.wait(HOUR).on("saw_player", player_id="Rob").felt}
    assert {"hate", "fear"} <= felt
    assert merchant.toward("Rob").dread > 0


def test_an_event_between_others_leaves_a_relationship_as_it_is(merchant: Npc) -> None:
    merchant.on("helped", helper="Ann")
    before = dict(merchant.relations)
    merchant.on("weather_change", weather="rain")
    assert merchant.relations == before


@pytest.mark.parametrize("kind", ["talk", "greet", "helped", "gift"])
def test_an_npc_has_no_relationship_to_itself(merchant: Npc, kind: str) -> None:
    merchant.on(kind, actor="Npc_1")
    assert merchant.relations == {}

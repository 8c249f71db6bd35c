from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.character import Character, Standing
from commands.mind.quest_offer import QuestOffer, offer_quest, read_level
from commands.mind.quest_templates import HOUR, MAX_LEVEL, parse_quests
from commands.mind.quests import Quest, decide_step, evolve_quest, expiries, quest_from_json
from commands.mind.tables import TableError
from commands.rejection import Rejected
from tests.commands.mind.village import (
    ACTIONS,
    GOALS,
    PRICES,
    QUESTS,
    archetypes,
    goal_names,
    json_values,
    seeds,
    standings,
    toml,
    villager,
)

HEALER = villager("healer", "help_players")
levels = st.integers(1, MAX_LEVEL)


def offered(
    npc: Character = HEALER, level: int = 20, history: tuple[Quest, ...] = (), seed: str = "s", at: int = 0
) -> QuestOffer:
    return offer_quest(npc, "p", level, history, QUESTS, GOALS, seed, at, "prontera")


def quest_of(offer: QuestOffer) -> Quest:
    assert offer.quest is not None, offer.reason
    return offer.quest


def after(quest: Quest, step: str, at: int = 1, **data: object) -> Quest:
    for change in decide_step(quest, step, at, data):
        quest = evolve_quest(quest, change)
    return quest


def finished(quest: Quest, at: int) -> Quest:
    counts = [objective.count for objective in quest.objectives]
    return after(after(quest, "accept", at), "complete", at, counts=counts)


def test_an_offer_has_the_shape_of_the_specification() -> None:
    answer = offered().answer()
    assert {"quest_id", "quest_name", "description", "rewards"} <= answer.keys()
    assert {"exp", "gold"} <= answer["rewards"].keys()
    assert answer["quest_id"].endswith("_01")


def test_the_words_of_a_quest_have_no_slots_left_and_the_count_agrees() -> None:
    for template in QUESTS.templates:
        archetype = min(template.archetypes, default="villager")
        npc = villager(archetype, standings={"p": Standing(900_000, 900_000)})
        book = QUESTS._replace(templates=(template,))
        quest = offer_quest(npc, "p", template.levels[0], (), book, GOALS, "s", 0, "prontera").quest
        assert quest is not None, template.name
        assert not set("{}") & set(quest.name + quest.description)
        assert quest.objectives[0].count >= 1


def test_who_is_disliked_gets_no_quest_and_why_says_so() -> None:
    offer = offered(replace(HEALER, standings={"p": Standing(100_000, 100_000)}))
    assert offer.answer() == {}
    assert "trust" in offer.reason or "know" in offer.reason


def test_levels_and_archetypes_decide_what_fits() -> None:
    assert offered(level=5).ruled_out["rare_bloom"] == "for levels 30 to 120"
    assert offered().ruled_out["masterwork"] == "not given by a healer"


def test_a_shopkeeper_gives_the_quests_of_a_merchant() -> None:
    peddler = villager("peddler", "sell_items")
    assert "fragile_goods" in {row.candidate for row in offered(peddler).ranking.rows}


def test_a_goal_of_the_npc_speaks_for_a_quest() -> None:
    def score(*goals: str) -> int:
        rows = offered(villager("guard", *goals), level=30).ranking.rows
        return next(row.score for row in rows if row.candidate == "bandit_bounty")

    assert score("protect") > score()


@given(archetypes, goal_names, levels, standings, seeds)
def test_a_quest_is_never_offered_again_while_it_is_open(
    archetype: Any, goals: Any, level: Any, standing: Any, seed: Any
) -> None:
    npc = villager(archetype, *goals, standings={"p": standing})
    history: tuple[Quest, ...] = ()
    for turn in range(5):
        offer = offered(npc, level, history, seed + str(turn), at=turn)
        if offer.quest is None:
            break
        assert offer.quest.template not in {quest.template for quest in history}
        history += (offer.quest,)
    assert len(history) <= QUESTS.most_open


def test_an_open_quest_from_one_npc_is_not_offered_by_another() -> None:
    first = quest_of(offered())
    other = replace(villager("healer", "help_players"), npc_id="healer_02")
    assert offered(other, history=(first,)).ruled_out[first.template] == "already open"


def test_a_finished_quest_cools_down_and_comes_back_with_the_next_number() -> None:
    book = QUESTS._replace(templates=tuple(t for t in QUESTS.templates if t.name == "gather_herbs"))
    first = quest_of(offer_quest(HEALER, "p", 20, (), book, GOALS, "s", 0))
    done = finished(first, at=5)
    cooled = 5 + book.templates[0].cooldown
    early = offer_quest(HEALER, "p", 20, (done,), book, GOALS, "s", cooled - 1)
    late = offer_quest(HEALER, "p", 20, (done,), book, GOALS, "s", cooled)
    assert early.answer() == {}
    assert (first.quest_id, quest_of(late).quest_id) == ("gather_herbs_01", "gather_herbs_02")


def test_an_offer_that_lapsed_no_longer_counts_as_open() -> None:
    first = quest_of(offered())
    again = offered(history=(first,), at=first.due)
    assert again.ruled_out[first.template] == "done a short while ago"


@given(archetypes, levels, standings, seeds)
def test_rewards_are_bounded_by_the_level(archetype: Any, level: Any, standing: Any, seed: Any) -> None:
    quest = offered(villager(archetype, standings={"p": standing}), level, seed=seed).quest
    if quest is None:
        return
    worth = sum(item.value * amount for i, amount in quest.rewards.items if (item := PRICES.item(i)))
    assert 0 < quest.rewards.exp <= QUESTS.rewards.max_exp * level
    assert 0 < quest.rewards.gold + worth <= QUESTS.rewards.max_gold * level


@given(archetypes, levels, standings, seeds)
def test_the_same_request_gives_the_same_quest_word_for_word(
    archetype: Any, level: Any, standing: Any, seed: Any
) -> None:
    npc = villager(archetype, standings={"p": standing})
    first, second = offered(npc, level, seed=seed), offered(npc, level, seed=seed)

    def no_floats(text: str) -> float:
        raise AssertionError(text)

    recorded = json.loads(json.dumps(first.record()), parse_float=no_floats)
    assert recorded == second.record()
    if first.quest is not None:
        assert quest_from_json(recorded["quest"]) == first.quest


def test_a_quest_is_accepted_progressed_and_completed() -> None:
    quest = after(quest_of(offered()), "accept", at=10)
    assert (quest.status, quest.due) == ("accepted", 10 + quest.allowed)
    for objective in quest.objectives:
        quest = after(quest, "progress", at=11, objective=objective.target, amount=objective.count)
    assert all(objective.met for objective in quest.objectives)
    quest = after(quest, "complete", at=12)
    assert (quest.status, quest.closed_at) == ("completed", 12)


def test_a_quest_cannot_be_completed_before_its_objectives_are_met() -> None:
    quest = after(quest_of(offered()), "accept")
    with pytest.raises(Rejected) as refused:
        decide_step(quest, "complete", 2)
    assert refused.value.code == -203
    assert quest.objectives[0].target in refused.value.message


def test_a_step_that_had_its_effect_changes_nothing_when_repeated() -> None:
    quest = finished(quest_of(offered()), at=1)
    assert decide_step(quest, "complete", 2) == ()
    accepted = after(quest_of(offered()), "accept")
    assert decide_step(accepted, "accept", 2) == ()


def test_nothing_can_be_done_with_a_quest_that_is_over() -> None:
    quest = after(quest_of(offered()), "abandon")
    for step in ("accept", "progress", "complete"):
        with pytest.raises(Rejected, match="abandoned"):
            decide_step(quest, step, 2)


def test_a_quest_expires_when_its_time_is_over() -> None:
    quest = quest_of(offered())
    (change,) = expiries([quest], quest.due)
    assert expiries([quest], quest.due - 1) == ()
    assert evolve_quest(quest, change).status == "expired"
    with pytest.raises(Rejected, match="expired"):
        decide_step(quest, "accept", quest.due)


def test_counts_are_totals_and_never_go_back() -> None:
    quest = after(
        after(quest_of(offered()), "accept"), "progress", counts=[2] * len(quest_of(offered()).objectives)
    )
    assert decide_step(quest, "progress", 2, {"counts": [0] * len(quest.objectives)}) == ()


@given(
    st.sampled_from(["accept", "progress", "complete", "abandon"]),
    st.dictionaries(st.sampled_from(["objective", "amount", "counts"]), json_values),
)
def test_any_step_is_carried_out_or_refused_with_a_named_field(step: Any, data: Any) -> None:
    quest = after(quest_of(offered()), "accept")
    try:
        changes = decide_step(quest, step, 2, data)
    except Rejected as refused:
        assert refused.field
    else:
        for change in changes:
            json.dumps(change.data())
            quest = evolve_quest(quest, change)
        assert all(0 <= objective.done <= objective.count for objective in quest.objectives)


@pytest.mark.parametrize(
    ("value", "code"),
    [(None, -104), (0, -105), (-3, -105), (10**50, -105), ("high", -101), (True, -101), ([], -101)],
)
def test_a_level_that_cannot_be_meant_is_refused_by_name(value: Any, code: Any) -> None:
    with pytest.raises(Rejected) as refused:
        read_level(value)
    assert (refused.value.code, refused.value.field) == (code, "player_level")


@pytest.mark.parametrize("value", [42, "42", 42.0])
def test_a_level_is_read_in_every_form_scripts_send(value: Any) -> None:
    assert read_level(value) == 42


def test_the_shipped_quests_cover_every_type_and_name_what_exists() -> None:
    assert {t.kind for t in QUESTS.templates} == {
        "fetch", "kill", "escort", "delivery", "explore", "dialogue", "craft", "investigate",
    }  # fmt: skip
    for template in QUESTS.templates:
        assert template.archetypes <= ACTIONS.aliases.keys(), template.name
        assert template.goals <= GOALS.kinds.keys(), template.name
        assert template.cooldown >= HOUR
        for item in template.items:
            known = PRICES.item(item.item_id)
            assert known is not None
            assert known.value == item.value


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"type": "dance"}, "quests.q.type"),
        ({"levels": [9, 3]}, "quests.q.levels"),
        ({"title": "The {thing}"}, "quests.q.title"),
        ({"description": "{"}, "quests.q.description"),
        ({"objectives": []}, "quests.q.objectives"),
        ({"objectives": [{"kind": "kill", "target": "x", "count": 0}]}, "quests.q.objectives[0].count"),
        ({"slots": {"a": []}}, "quests.q.slots.a"),
        ({"reward": 5}, "quests.q.reward"),
    ],
)
def test_a_wrong_quest_table_is_refused_with_its_key(change: Any, key: Any) -> None:
    quest = {"type": "kill", "levels": [1, 9], "title": "T", "description": "D"}
    quest["objectives"] = [{"kind": "kill", "target": "x", "count": 1}]
    with pytest.raises(TableError) as refused:
        parse_quests(toml("quests.toml") | {"quests": {"q": quest | change}})
    assert refused.value.key == key

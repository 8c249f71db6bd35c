from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.beings import MAX_BEINGS
from commands.mind.character import Character, Standing
from commands.mind.situation import read_situation
from commands.mind.target import TargetChoice, choose_target, read_candidates
from commands.rejection import Rejected
from tests.commands.mind.village import ACTIONS, json_values, villager

GUARD = villager("guard", "protect_citizens", level=40)


def choice(
    candidates: object, situation: object = None, npc: Character = GUARD, seed: str = "s"
) -> TargetChoice:
    read = read_situation(situation)
    beings, notices = read_candidates(candidates, read)
    return choose_target(npc, beings, read, ACTIONS, seed, notices)


def test_the_attacker_comes_before_the_bystander() -> None:
    chosen = choice(
        [
            {"id": "idler", "kind": "monster", "distance": 2},
            {"id": "biter", "kind": "monster", "distance": 6, "attacking": True},
        ]
    )
    assert chosen.answer()["target_id"] == "biter"
    assert chosen.purpose == "attack"


def test_nobody_peaceful_is_attacked() -> None:
    chosen = choice([{"id": "p", "kind": "player", "distance": 1}], {"purpose": "attack"})
    assert chosen.target_id == ""
    assert "nobody" in chosen.reason


def test_help_goes_to_the_one_most_hurt() -> None:
    hurt = [
        {"id": "a", "kind": "npc", "health": 0.9},
        {"id": "b", "kind": "player", "health": 0.1},
        {"id": "c", "kind": "player"},
    ]
    assert choice(hurt, {"intent": "heal"}).target_id == "b"


def test_a_grudge_picks_the_foe() -> None:
    foes = [
        {"id": name, "kind": "player", "hostile": True, "distance": 4} for name in ("old_enemy", "stranger")
    ]
    grudging = replace(GUARD, standings={"old_enemy": Standing(0, 0)})
    assert choice(foes, npc=grudging).target_id == "old_enemy"


def test_friends_are_spoken_to_first() -> None:
    people = [{"id": name, "kind": "player", "distance": 4} for name in ("friend", "stranger")]
    warm = replace(GUARD, standings={"friend": Standing(900_000, 900_000)})
    assert choice(people, npc=warm).target_id == "friend"


@given(
    st.permutations([{"id": f"m{n}", "kind": "monster", "distance": 5} for n in range(12)]),
    st.text(max_size=5),
)
def test_the_order_of_the_candidates_does_not_matter(candidates: Any, seed: Any) -> None:
    ordered = sorted(candidates, key=lambda c: str(c["id"]))
    assert choice(candidates, seed=seed).record() == choice(ordered, seed=seed).record()


def test_thousands_of_candidates_are_bounded_and_it_says_so() -> None:
    chosen = choice([{"id": f"m{n}", "kind": "monster", "distance": n % 500} for n in range(3000)])
    assert len(chosen.ranking.rows) == MAX_BEINGS
    assert any("closest 64" in notice.message for notice in chosen.notices)


def test_without_candidates_those_of_the_situation_count() -> None:
    assert choice(None, {"monsters": ["wolf"]}).target_id == "wolf"
    assert choice([]).answer()["target_id"] == ""


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        (None, -104, "candidates"),
        ("wolf", -101, "candidates"),
        ([{"id": "a", "x": -1, "y": 0}], -105, "candidates[0].x"),
    ],
)
def test_candidates_that_cannot_be_meant_are_refused_by_name(value: Any, code: Any, field: Any) -> None:
    with pytest.raises(Rejected) as refused:
        choice(value)
    assert (refused.value.code, refused.value.field) == (code, field)


@given(st.lists(json_values, max_size=6))
def test_any_list_is_answered_or_refused_by_name(value: Any) -> None:
    try:
        chosen = choice(value)
    except Rejected as refused:
        assert str(refused.field).startswith("candidates")
    else:
        assert chosen.target_id in {row.candidate for row in chosen.ranking.rows} | {""}

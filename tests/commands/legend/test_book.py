"""The books of legends: what ships can be used, what cannot be used is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rulebooks import load
from commands.legend.book import MAX_DESCRIPTION_BYTES, MAX_NAME_BYTES, parse_bloodlines, parse_syntheses
from commands.mind.tables import TableError

ROW: dict[str, Any] = {
    "id": 1,
    "name": "Blood",
    "description": "Old.",
    "max_level": 5,
    "first_exp": 10,
    "growth_percent": 200,
    "skills": [{"id": 7, "at": 2, "every": 2, "most": 2}],
    "deeds": {"boss_killed": [5, 20]},
    "awakens_at": 30,
    "awakening": ["It wakes."],
    "award": ["It grows."],
}


def bloodline(**changed: Any) -> dict[str, Any]:
    return {"legend": {"blood": {**ROW, **changed}}}


def test_what_ships_fits_the_client_and_every_deed_finds_its_legend() -> None:
    for book in (load().bloodlines, load().syntheses):
        for legend in book.entries.values():
            assert len(legend.name.encode()) <= MAX_NAME_BYTES
            assert len(legend.description.encode()) <= MAX_DESCRIPTION_BYTES
            assert all(legend in book.by_deed[deed] for deed in legend.deeds)


def test_levels_and_skills_follow_the_curve() -> None:
    (legend,) = parse_bloodlines(bloodline()).entries.values()
    assert legend.steps == (10, 20, 40, 80)
    levels = [(total, legend.growth(total)) for total in (0, 9, 10, 29, 30, 69, 70, 149, 150, 10**9)]
    assert [(total, g.level, g.exp, g.max_exp) for total, g in levels] == [
        (0, 1, 0, 10),
        (9, 1, 9, 10),
        (10, 2, 0, 20),
        (29, 2, 19, 20),
        (30, 3, 0, 40),
        (69, 3, 39, 40),
        (70, 4, 0, 80),
        (149, 4, 79, 80),
        (150, 5, 0, 0),
        (10**9, 5, 0, 0),
    ]
    assert [[skill.level for skill in legend.growth(total).skills] for total in (0, 10, 30, 70, 150)] == [
        [],
        [1],
        [1],
        [2],
        [2],
    ]


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_more_experience_never_means_a_lower_level_or_skill(one: int, other: int) -> None:
    for legend in load().bloodlines.entries.values():
        low, high = legend.growth(min(one, other)), legend.growth(max(one, other))
        assert 1 <= low.level <= high.level <= legend.max_level
        ranks = {skill.skill_id: skill.level for skill in high.skills}
        assert all(skill.level <= ranks[skill.skill_id] for skill in low.skills)
        assert 0 <= high.exp < max(high.max_exp, 1)


def test_a_level_once_reached_stays_when_the_curve_gets_steeper_or_ends_earlier() -> None:
    (legend,) = parse_bloodlines(bloodline(max_level=3)).entries.values()
    assert legend.growth(10, level=3).level == 3
    assert legend.growth(200, level=5).level == 5


def test_two_classes_are_found_in_either_order() -> None:
    book = load().syntheses
    found = book.of_classes(2, 1)
    assert found is not None
    assert found is book.of_classes(1, 2)
    assert book.of_classes(1, 1) is None


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"id": 0}, "legend.blood.id"),
        ({"id": 32_768}, "legend.blood.id"),
        ({"name": "é" * 13}, "legend.blood.name"),
        ({"name": "two\nlines"}, "legend.blood.name"),
        ({"description": "x" * 121}, "legend.blood.description"),
        ({"max_level": 256}, "legend.blood.max_level"),
        ({"max_level": 255, "growth_percent": 150}, "legend.blood"),
        ({"skills": [{"id": 7, "levels": 3}]}, "legend.blood.skills[0].levels"),
        ({"skills": 5}, "legend.blood.skills"),
        ({"deeds": {"boss_killed": [9, 5]}}, "legend.blood.deeds.boss_killed"),
        ({"deeds": {"boss_killed": 0}}, "legend.blood.deeds.boss_killed"),
        ({"requires": [{"id": 9}]}, "legend.blood.requires"),
        ({"requires": [{"id": 1}]}, "legend.blood.requires"),
        ({"requires": "dragon"}, "legend.blood.requires"),
        ({"awakening": []}, "legend.blood.awakening"),
        ({"award": ["x" * 121]}, "legend.blood.award"),
        ({"colour": "red"}, "legend.blood.colour"),
        ({"classes": [1, 2]}, "legend.blood.classes"),
    ],
)
def test_a_mistake_is_named_by_its_place(changed: dict[str, Any], place: str) -> None:
    with pytest.raises(TableError) as caught:
        parse_bloodlines(bloodline(**changed))
    assert caught.value.key == place


@pytest.mark.parametrize("classes", [None, [1], [1, 1], [1, "2"], [1, -2], "12"])
def test_a_synthesis_joins_two_different_classes(classes: Any) -> None:
    changed = {} if classes is None else {"classes": classes}
    with pytest.raises(TableError, match="classes"):
        parse_syntheses(bloodline(**changed))


def test_ids_and_pairs_are_given_once() -> None:
    same_id = {"legend": {"a": ROW, "b": ROW}}
    with pytest.raises(TableError, match=r"legend\.b\.id"):
        parse_bloodlines(same_id)
    same_pair = {"legend": {"a": {**ROW, "classes": [1, 2]}, "b": {**ROW, "id": 2, "classes": [2, 1]}}}
    with pytest.raises(TableError, match=r"legend\.b\.classes"):
        parse_syntheses(same_pair)

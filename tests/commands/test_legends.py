"""Bloodlines and syntheses: what wakes them, what strengthens them, and that nothing ever goes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st

from adapters.rulebooks import load
from commands.arguments import parse
from commands.bloodline import BLOODLINE
from commands.codes import Code
from commands.decider import Context, Decider
from commands.legend.path import LegendState
from commands.rejection import Rejected
from commands.synthesis import SYNTHESIS
from events.bloodline import BloodlineExpAdded, BloodlineLevelRaised, BloodlineStirred, BloodlineUnlocked
from events.commit import Actor, Recorded
from events.legend import Growth, Skill
from events.synthesis import SynthesisStirred, SynthesisUnlocked
from tests.commits import NOON, commit
from tests.specification import given

NEW = Growth(1, 0, 0, 200, (Skill(5001, 1),))
AWAKE = BloodlineUnlocked(1, NEW)
DRAGON = load().bloodlines.entries[1]


def stirred(total: int) -> BloodlineStirred:
    return BloodlineStirred(1, "defended", total, total)


def test_the_game_server_unlocks_a_bloodline_once() -> None:
    given(BLOODLINE).when("unlock", {"bloodline_id": "1"}).then(AWAKE)
    given(BLOODLINE, AWAKE).when("unlock", {"bloodline_id": 1}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "bloodline_id"
    )


def test_a_bloodline_that_requires_another_stays_locked_until_it_has_that_level() -> None:
    given(BLOODLINE).when("unlock", {"bloodline_id": 4}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "bloodline_id"
    )
    dragon = BloodlineExpAdded(1, 500, DRAGON.growth(500))
    (unlocked,) = given(BLOODLINE, AWAKE, dragon).when("unlock", {"bloodline_id": 4}).then_events()
    assert isinstance(unlocked, BloodlineUnlocked)


def test_experience_raises_the_level_along_the_curve() -> None:
    growth = DRAGON.growth(600)
    given(BLOODLINE, AWAKE).when("add_exp", {"bloodline_id": 1, "exp": 600}).then(
        BloodlineExpAdded(1, 600, growth), BloodlineLevelRaised(1, 1, growth)
    )
    given(BLOODLINE, AWAKE).when("add_exp", {"bloodline_id": 1, "exp": 5}).then(
        BloodlineExpAdded(1, 5, DRAGON.growth(5))
    )


def test_beyond_the_highest_level_nothing_counts() -> None:
    top = BloodlineExpAdded(1, DRAGON.most - 3, DRAGON.growth(DRAGON.most - 3))
    (gained, raised) = (
        given(BLOODLINE, AWAKE, top).when("add_exp", {"bloodline_id": 1, "exp": 50}).then_events()
    )
    assert isinstance(gained, BloodlineExpAdded)
    assert gained.exp == 3
    assert isinstance(raised, BloodlineLevelRaised)
    assert raised.growth.level == 10
    full = BloodlineExpAdded(1, 3, DRAGON.growth(DRAGON.most))
    given(BLOODLINE, AWAKE, top, full).when("add_exp", {"bloodline_id": 1, "exp": 50}).then_nothing()


@pytest.mark.parametrize(
    ("args", "code", "field"),
    [
        ({"bloodline_id": 99, "exp": 5}, Code.INVALID_PARAMETER, "bloodline_id"),
        ({"bloodline_id": 0, "exp": 5}, Code.PARAMETER_OUT_OF_RANGE, "bloodline_id"),
        ({"bloodline_id": "dragon", "exp": 5}, Code.INVALID_PARAMETER, "bloodline_id"),
        ({"bloodline_id": True, "exp": 5}, Code.INVALID_PARAMETER, "bloodline_id"),
        ({"bloodline_id": 1.5, "exp": 5}, Code.INVALID_PARAMETER, "bloodline_id"),
        ({"bloodline_id": 1, "exp": 0}, Code.PARAMETER_OUT_OF_RANGE, "exp"),
        ({"bloodline_id": 1, "exp": -5}, Code.PARAMETER_OUT_OF_RANGE, "exp"),
        ({"bloodline_id": 1, "exp": 100_001}, Code.PARAMETER_OUT_OF_RANGE, "exp"),
        ({"bloodline_id": 1, "exp": 2**40}, Code.PARAMETER_OUT_OF_RANGE, "exp"),
        ({"bloodline_id": 1}, Code.MISSING_REQUIRED_FIELD, "exp"),
        ({"exp": 5}, Code.MISSING_REQUIRED_FIELD, "bloodline_id"),
        ({"bloodline_id": 2, "exp": 5}, Code.INVALID_STATE_TRANSITION, "bloodline_id"),
    ],
)
def test_experience_nobody_can_have_is_refused(args: dict[str, Any], code: Code, field: str) -> None:
    given(BLOODLINE, AWAKE).when("add_exp", args).then_rejected(code, field)


def test_a_deed_stirs_a_sleeping_bloodline_and_strengthens_one_that_is_awake() -> None:
    deed = {"bloodline_id": 1, "deed": "boss_killed", "exp": 60, "narrative": "It glows."}
    given(BLOODLINE).when("award", deed).then(BloodlineStirred(1, "boss_killed", 60, 60, "It glows."))
    given(BLOODLINE, stirred(290)).when("award", deed).then(
        BloodlineStirred(1, "boss_killed", 10, 300, "It glows.")
    )
    given(BLOODLINE, AWAKE).when("award", deed).then(
        BloodlineExpAdded(1, 60, DRAGON.growth(60), "boss_killed", "It glows.")
    )


def test_a_deed_is_worth_what_the_book_says_and_no_more() -> None:
    deed = {"bloodline_id": 1, "deed": "boss_killed", "exp": 121}
    given(BLOODLINE, AWAKE).when("award", deed).then_rejected(Code.PARAMETER_OUT_OF_RANGE, "exp")
    given(BLOODLINE, AWAKE).when("award", {**deed, "exp": 39}).then_rejected(
        Code.PARAMETER_OUT_OF_RANGE, "exp"
    )
    given(BLOODLINE, AWAKE).when("award", {**deed, "deed": "gift", "exp": 5}).then_rejected(
        Code.INVALID_PARAMETER, "deed"
    )
    given(BLOODLINE, AWAKE).when("award", {**deed, "exp": 60, "narrative": "x" * 121}).then_rejected(
        Code.PARAMETER_OUT_OF_RANGE, "narrative"
    )


def test_the_same_deed_counts_again_only_after_a_while() -> None:
    deed = {"bloodline_id": 1, "deed": "boss_killed", "exp": 60}
    gained = BloodlineExpAdded(1, 60, DRAGON.growth(60), "boss_killed")
    soon, later = NOON + timedelta(seconds=59), NOON + timedelta(seconds=60)
    given(BLOODLINE, AWAKE, gained, at=soon).when("award", deed).then_rejected(
        Code.INVALID_STATE_TRANSITION, "deed"
    )
    given(BLOODLINE, AWAKE, gained, at=soon).when(
        "award", {**deed, "deed": "mvp_killed", "exp": 80}
    ).then_events()
    given(BLOODLINE, AWAKE, gained, at=later).when("award", deed).then_events()


def test_a_bloodline_wakes_only_when_enough_has_gathered() -> None:
    wake = {"bloodline_id": 1, "deed": "boss_killed", "narrative": "It wakes."}
    given(BLOODLINE, stirred(179)).when("awaken", wake).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "bloodline_id"
    )
    given(BLOODLINE, stirred(180)).when("awaken", wake).then(
        BloodlineUnlocked(1, NEW, "boss_killed", "It wakes.")
    )
    given(BLOODLINE, AWAKE).when("awaken", wake).then_rejected(Code.INVALID_STATE_TRANSITION, "bloodline_id")
    given(BLOODLINE, stirred(300)).when("awaken", {**wake, "deed": "gift"}).then_rejected(
        Code.INVALID_PARAMETER, "deed"
    )


def test_a_synthesis_joins_two_classes_whatever_their_order() -> None:
    unlocked = SynthesisUnlocked(1, 1, 2, Growth(1, 0, 0, 150, (Skill(5101, 1),)))
    given(SYNTHESIS).when("unlock", {"class1_id": 2, "class2_id": 1}).then(unlocked)
    given(SYNTHESIS, unlocked).when("unlock", {"class1_id": 1, "class2_id": 2}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "synthesis_id"
    )
    given(SYNTHESIS).when("unlock", {"class1_id": 1, "class2_id": 6}).then_rejected(
        Code.INVALID_PARAMETER, "class2_id"
    )


def test_a_synthesis_is_discovered_by_deeds() -> None:
    given(SYNTHESIS).when("award", {"synthesis_id": 1, "deed": "sparred", "exp": 20}).then(
        SynthesisStirred(1, "sparred", 20, 20)
    )
    near = SynthesisStirred(1, "sparred", 170, 170)
    (found,) = (
        given(SYNTHESIS, near).when("awaken", {"synthesis_id": 1, "deed": "studied_magic"}).then_events()
    )
    assert isinstance(found, SynthesisUnlocked)


_DEEDS = sorted({deed for legend in load().bloodlines.entries.values() for deed in legend.deeds})
_COMMANDS = st.tuples(
    st.sampled_from(["unlock", "add_exp", "award", "awaken"]),
    st.integers(1, 5),
    st.sampled_from(_DEEDS),
    st.integers(1, 20_000),
    st.integers(0, 100),
)


@holds_for(st.lists(_COMMANDS, max_size=40))
def test_whatever_is_tried_experience_and_levels_only_grow_and_stay_bounded(
    tried: list[tuple[str, int, str, int, int]],
) -> None:
    decider: Decider[LegendState] = BLOODLINE
    state, at = decider.initial, NOON
    for version, (verb, legend_id, deed, exp, seconds) in enumerate(tried, start=1):
        at += timedelta(seconds=seconds)
        every = {"bloodline_id": legend_id, "deed": deed, "exp": exp}
        wanted = {name: every[name] for name in decider.verbs[verb].arguments.__slots__ if name in every}
        context = Context(at, "150000", f"test/{version}", Actor("server", "map-1"), load())
        try:
            events = decider.decide(state, parse(decider.verbs[verb].arguments, wanted), context)
        except Rejected as no:
            assert no.code < 0
            continue
        if not events:
            continue
        made = commit("bloodline/150000", *events, version=version, time=at)
        after = decider.fold(state, Recorded(version, made))
        for number, before in state.paths.items():
            now, legend = after.paths[number], load().bloodlines.entries[number]
            assert now.level >= before.level
            assert now.total >= before.total
            assert now.stirred >= before.stirred
            assert now.level <= legend.max_level
            assert now.total <= legend.most
            assert now.stirred <= legend.awakens_at
        state = after

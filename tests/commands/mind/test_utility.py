from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.curves import FALLING, RISING, UNIT, Curve, curve_through
from commands.mind.utility import Candidate, Consideration, draw, pick, rank
from tests.commands.mind.village import seeds, shares

candidates = st.lists(
    st.builds(
        Candidate,
        st.text(max_size=6),
        st.lists(
            st.builds(Consideration, st.just("c"), shares, st.sampled_from([RISING, FALLING]), shares),
            max_size=4,
        ).map(tuple),
        shares,
    ),
    unique_by=lambda c: c.key,
    max_size=12,
)


@given(candidates, seeds, st.randoms(use_true_random=False))
def test_the_ranking_does_not_depend_on_the_order_of_the_candidates(
    given_candidates: Any, seed: Any, random: Any
) -> None:
    shuffled = list(given_candidates)
    random.shuffle(shuffled)
    assert rank(given_candidates, seed) == rank(shuffled, seed)


@given(candidates, seeds)
def test_scores_stay_in_bounds_and_fall_along_the_ranking(given_candidates: Any, seed: Any) -> None:
    scores = [row.score for row in rank(given_candidates, seed).rows]
    assert all(0 <= score <= UNIT for score in scores)
    assert scores == sorted(scores, reverse=True)


def test_equal_candidates_are_told_apart_by_the_seed_alone() -> None:
    twins = [Candidate(key, ()) for key in ("left", "right")]
    winners = {rank(twins, str(seed)).rows[0].candidate for seed in range(20)}
    assert winners == {"left", "right"}
    assert rank(twins, "7") == rank(twins, "7")


def test_a_veto_rules_a_candidate_out_and_no_weight_ignores_a_consideration() -> None:
    vetoed = Candidate("vetoed", (Consideration("danger", UNIT, FALLING),))
    careless = Candidate("careless", (Consideration("danger", UNIT, FALLING, 0),))
    ranking = rank([vetoed, careless], "s")
    assert [(row.candidate, row.score) for row in ranking.rows] == [("careless", UNIT), ("vetoed", 0)]
    assert rank([vetoed], "s").best is None


def test_many_good_considerations_do_not_sink_a_candidate() -> None:
    good = tuple(Consideration(str(n), 900_000, RISING) for n in range(8))
    score = rank([Candidate("good", good)], "s").rows[0].score
    assert score > 430_000 + 80_000  # 0.9 to the 8th is 0.43


@given(shares, shares)
def test_a_better_input_never_lowers_the_score_of_a_rising_curve(a: Any, b: Any) -> None:
    low, high = sorted((a, b))
    scores = [
        rank([Candidate("c", (Consideration("x", v, RISING, 600_000),))], "s").rows[0].score
        for v in (low, high)
    ]
    assert scores[0] <= scores[1]


@given(candidates, seeds)
def test_the_score_table_is_plain_json_without_floats_and_holds_every_cell(
    given_candidates: Any, seed: Any
) -> None:
    ranking = rank(given_candidates, seed)

    def no_floats(text: str) -> float:
        raise AssertionError(text)

    table = json.loads(json.dumps(ranking.table()), parse_float=no_floats)
    cells = {row["candidate"]: len(row["considerations"]) for row in table["rows"]}
    assert cells == {c.key: len(c.considerations) for c in given_candidates}


def test_two_candidates_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        rank([Candidate("a", ()), Candidate("a", ())], "s")


@pytest.mark.parametrize("knots", [[], [(5, 0), (5, 1)], [(0, -1)], [(0, UNIT + 1)]])
def test_an_impossible_curve_is_refused(knots: Any) -> None:
    with pytest.raises(ValueError, match="knot"):
        curve_through(knots)


@given(st.integers(-2 * UNIT, 2 * UNIT))
def test_a_curve_goes_through_its_knots_and_is_flat_outside(value: Any) -> None:
    curve = Curve(((0, 100), (UNIT, 200)))
    assert (curve.at(0), curve.at(UNIT)) == (100, 200)
    assert 100 <= curve.at(value) <= 200


def test_dice_depend_on_where_one_part_ends_and_the_next_begins() -> None:
    assert draw("s", "a", "bc") != draw("s", "ab", "c")
    assert pick(["only"], "s") == "only"

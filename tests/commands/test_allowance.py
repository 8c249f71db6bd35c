"""What models may cost a campaign: reserved before, settled after, never more than its owner allows."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from commands.allowance import ALLOWANCE, AllowanceState, used_up
from commands.campaign_state import CampaignState
from commands.codes import Code
from commands.rejection import Rejected
from events.allowance import AllowanceReserved, AllowanceSettled, period_of, resets_on
from events.campaign import CampaignSpendingLimited
from events.commit import Event
from tests.campaigns import CAMPAIGN_ID, campaign
from tests.specification import Given, given

NOVEMBER = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = "2026-11-20"


def of(limit: tuple[int, str] | None, *before: Event, at: datetime = NOVEMBER) -> Given:
    limited: tuple[Event, ...] = () if limit is None else (CampaignSpendingLimited(*limit),)
    facts: dict[str, Any] = {"campaign": campaign(*limited)}
    return given(ALLOWANCE, *before, entity=CAMPAIGN_ID, facts=facts, at=at)


def used(cost: int, day: str = DAY, call: str = "a-0") -> tuple[Event, ...]:
    return AllowanceReserved(call, day, cost), AllowanceSettled(call, day, cost, cost)


def test_without_a_limit_everything_is_reserved_and_counted() -> None:
    of(None, *used(10**12)).when("reserve", {"call": "a-1", "amount": 500}).then(
        AllowanceReserved("a-1", DAY, 500)
    )
    given(ALLOWANCE, entity="c9", facts={"campaign": None}, at=NOVEMBER).when(
        "reserve", {"call": "a-1", "amount": 500}
    ).then(AllowanceReserved("a-1", DAY, 500))


def test_what_is_reserved_by_others_is_taken() -> None:
    first = AllowanceReserved("a-1", DAY, 600)
    of((1000, "day"), first).when("reserve", {"call": "a-2", "amount": 400}).then(
        AllowanceReserved("a-2", DAY, 400)
    )
    of((1000, "day"), first).when("reserve", {"call": "a-2", "amount": 401}).then_rejected(
        Code.RATE_LIMITED, "amount"
    )


def test_what_a_call_did_not_cost_is_free_again() -> None:
    over = (AllowanceReserved("a-1", DAY, 600), AllowanceSettled("a-1", DAY, 600, 100))
    of((1000, "day"), *over).when("reserve", {"call": "a-2", "amount": 900}).then(
        AllowanceReserved("a-2", DAY, 900)
    )
    of((1000, "day"), *over).when("reserve", {"call": "a-2", "amount": 901}).then_rejected(
        Code.RATE_LIMITED, "amount"
    )


def test_a_day_and_a_month_begin_anew() -> None:
    yesterday = used(1000, "2026-11-19")
    of((1000, "day"), *yesterday).when("reserve", {"call": "a-1", "amount": 1000}).then(
        AllowanceReserved("a-1", DAY, 1000)
    )
    of((1000, "month"), *yesterday).when("reserve", {"call": "a-1", "amount": 1}).then_rejected(
        Code.RATE_LIMITED, "amount"
    )
    december = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    of((1000, "month"), *yesterday, at=december).when("reserve", {"call": "a-1", "amount": 1000}).then(
        AllowanceReserved("a-1", "2026-12-01", 1000)
    )


def test_what_a_killed_process_reserved_counts_on_its_day_and_no_longer() -> None:
    lost = AllowanceReserved("dead-1", "2026-11-19", 1000)
    of((1000, "day"), lost).when("reserve", {"call": "a-1", "amount": 1000}).then(
        AllowanceReserved("a-1", DAY, 1000)
    )


def test_a_limit_of_nothing_leaves_what_is_free() -> None:
    of((0, "month")).when("reserve", {"call": "a-1", "amount": 1}).then_rejected(Code.RATE_LIMITED, "amount")
    of((0, "month")).when("reserve", {"call": "a-1", "amount": 0}).then(AllowanceReserved("a-1", DAY, 0))


def test_a_call_is_reserved_and_settled_once() -> None:
    held = AllowanceReserved("a-1", DAY, 600)
    of(None, held).when("reserve", {"call": "a-1", "amount": 1}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "call"
    )
    of(None, held).when("settle", {"call": "a-1", "cost": 700}).then(AllowanceSettled("a-1", DAY, 600, 700))
    of(None).when("settle", {"call": "a-1", "cost": 7}).then_rejected(Code.INVALID_STATE_TRANSITION, "call")


@pytest.mark.parametrize(
    ("day", "period", "first"),
    [
        ("2026-11-27", "day", "2026-11-28"),
        ("2026-12-31", "day", "2027-01-01"),
        ("2026-11-27", "month", "2026-12-01"),
        ("2026-12-31", "month", "2027-01-01"),
        ("2028-02-29", "month", "2028-03-01"),
        ("2026-01-31", "month", "2026-02-01"),
    ],
)
def test_a_limit_resets_on_the_first_day_after_its_period(day: str, period: str, first: str) -> None:
    assert resets_on(day, period) == first


def test_a_refusal_is_told_apart_from_other_troubles_of_models() -> None:
    refusal = "the campaign's spending limit is used up until 2026-12-01"
    assert used_up(f"fake: campaign: {refusal}: what is left does not cover it") == refusal
    assert used_up("fake: the day's budget of the agent is spent or reserved") == ""


@each(
    st.lists(
        st.tuples(st.integers(0, 100), st.integers(1, 300), st.integers(0, 300), st.booleans()), max_size=16
    ),
    st.integers(0, 900),
    st.sampled_from(["day", "month"]),
)
def test_whatever_comes_in_whatever_order_the_limit_is_never_overdrawn_by_reservations(
    calls: list[tuple[int, int, int, bool]], limit: int, period: str
) -> None:
    """As long as no call costs more than was foreseen."""
    history: list[Event] = []
    for number, (days, amount, cost, settled) in enumerate(sorted(calls)):
        at = NOVEMBER + timedelta(days=days)
        asked = of((limit, period), *history, at=at)
        with suppress(Rejected):
            history += asked.when("reserve", {"call": f"c{number}", "amount": amount}).then_events()
            if settled:
                done = {"call": f"c{number}", "cost": min(cost, amount)}
                history += of((limit, period), *history, at=at).when("settle", done).then_events()
        state: AllowanceState = of(None, *history, at=at).state()
        assert state.committed(period_of(at.date().isoformat(), period)) <= limit
        days_known = {*state.spent, *(day for day, _ in state.reserved.values())}
        assert not days_known or _days(max(days_known)) - _days(min(days_known)) <= 62


def _days(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def test_the_state_of_a_campaign_knows_its_limit() -> None:
    assert CampaignState().spending_limit is None
    assert campaign(CampaignSpendingLimited(5, "day")).spending_limit == (5, "day")
    assert campaign(CampaignSpendingLimited(5, "day"), CampaignSpendingLimited(None)).spending_limit is None

"""Money for models is reserved before it is spent, against two limits at once."""

from __future__ import annotations

from commands.budget import BUDGET
from commands.codes import Code
from events.budget import BudgetReserved, BudgetSettled
from tests.specification import given


def test_a_reservation_within_the_limits_is_granted_whole() -> None:
    wanted = {"lease": "a/1", "agent": "chat", "amount": 50, "agent_limit": 100, "realm_limit": 100}
    given(BUDGET).when("reserve", wanted).then(BudgetReserved("a/1", "chat", 50))


def test_what_is_reserved_counts_as_much_as_what_is_spent() -> None:
    held = BudgetReserved("a/1", "chat", 70)
    wanted = {"lease": "a/2", "agent": "chat", "amount": 50, "least": 10, "agent_limit": 100}
    given(BUDGET, held).when("reserve", wanted).then(BudgetReserved("a/2", "chat", 30))
    spent = (held, BudgetSettled("a/1", "chat", 95, 3))
    given(BUDGET, *spent).when("reserve", wanted).then_rejected(Code.RATE_LIMITED, "amount")


def test_the_limit_of_the_realm_holds_for_all_agents_together() -> None:
    spent = (BudgetReserved("a/1", "chat", 70), BudgetSettled("a/1", "chat", 60, 2))
    wanted = {
        "lease": "a/2",
        "agent": "world_evolution",
        "amount": 50,
        "agent_limit": 1000,
        "realm_limit": 100,
    }
    given(BUDGET, *spent).when("reserve", wanted).then(BudgetReserved("a/2", "world_evolution", 40))


def test_settling_frees_what_was_not_spent() -> None:
    held = BudgetReserved("a/1", "chat", 100)
    given(BUDGET, held).when("settle", {"lease": "a/1", "spent": 40, "calls": 2}).then(
        BudgetSettled("a/1", "chat", 40, 2)
    )
    wanted = {"lease": "a/2", "agent": "chat", "amount": 60, "least": 60, "agent_limit": 100}
    after = (held, BudgetSettled("a/1", "chat", 40, 2))
    given(BUDGET, *after).when("reserve", wanted).then(BudgetReserved("a/2", "chat", 60))


def test_a_lease_is_settled_once() -> None:
    ended = (BudgetReserved("a/1", "chat", 100), BudgetSettled("a/1", "chat", 40, 2))
    settle = {"lease": "a/1", "spent": 40}
    given(BUDGET, *ended).when("settle", settle).then_rejected(Code.INVALID_STATE_TRANSITION, "lease")


def test_nothing_is_granted_to_an_agent_that_may_spend_nothing() -> None:
    wanted = {"lease": "a/1", "agent": "chat", "amount": 50, "agent_limit": 0}
    given(BUDGET).when("reserve", wanted).then_rejected(Code.RATE_LIMITED, "amount")

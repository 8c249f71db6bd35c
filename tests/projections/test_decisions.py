"""What models were asked, as an auditor looks for it: rows, filters, pages, sums."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.budget import BudgetReserved, BudgetSettled
from events.commit import microseconds
from events.decision import Attempt, DecisionJudged, DecisionRerun, Usage
from events.npc import NpcSpoke
from projections import decisions, spending
from projections.catalogue import ALL
from projections.contenthash import content_hash
from projections.decision_fold import DECISION_RECORDS
from projections.rebuild import rebuild
from tests.commits import NOON, perceived
from tests.decisions import made
from tests.projections.conftest import World

TODAY = NOON.date().isoformat()


def spoke(method: str) -> NpcSpoke:
    return NpcSpoke("150000", "hi", "hello", "calm", "talk", method, "greeting")


async def test_a_decision_is_found_with_what_it_cost_and_what_became_of_it(world: World) -> None:
    cause = await world.append("request/r1", perceived(), correlation_id="c1")
    await world.append("decision/dec_1", made(memories=(3, 7), request_id="r1"), correlation_id="c1")
    await world.append("decision/dec_1", DecisionJudged("accepted", "request.complete", 4, "commit-4"))
    await world.append(
        "decision/dec_1", DecisionJudged("refused", "npc.reconsider", None, "", -202, "no such")
    )
    await world.project()
    with world.reading() as connection:
        found = decisions.decision(connection, "dec_1")
        assert decisions.decision(connection, "dec_2") is None
    assert found is not None
    assert (found["agent"], found["npc_id"], found["request_id"]) == ("npc_intelligence", "John", "r1")
    assert (found["tokens_in"], found["tokens_out"], found["cost"]) == (400, 20, 230_000)
    assert found["memories"] == [3, 7]
    assert found["verdict"] == "partly"
    assert [each["code"] for each in found["verdicts"]] == [0, -202]
    assert [each["outcome"] for each in found["tried"]] == ["answered"]
    assert found["correlation_id"] == cause.correlation_id


async def test_decisions_are_selected_by_who_what_how_and_when(world: World) -> None:
    await world.append("decision/a", made())
    await world.append("decision/b", made(npc_id="Guard", model="gpt-4o", provider="openai", cost=5_000_000))
    failed = made(route="none", provider="", model="", answer="", proposal=None, code=-502, problem="nobody")
    await world.append("decision/c", failed, time=NOON + timedelta(hours=2))
    await world.project()

    def names(**selection: object) -> list[str]:
        with world.reading() as connection:
            found = decisions.decisions(connection, **selection)["decisions"]  # type: ignore[arg-type]
        return [each["decision_id"] for each in found]

    assert names() == ["c", "b", "a"]
    assert names(npc_id="Guard") == ["b"]
    assert names(model="gpt-4o", provider="openai") == ["b"]
    assert names(failed=True) == names(code=-502) == names(route="none") == ["c"]
    assert names(min_cost=1_000_000) == ["b"]
    assert names(since=microseconds(NOON) + 1) == ["c"]
    assert names(until=microseconds(NOON)) == ["b", "a"]
    assert names(player_id="nobody") == []
    with pytest.raises(ValueError, match="not selected by 'answer'"):
        names(answer="x")


async def test_thousands_of_decisions_are_paged_through_each_exactly_once(world: World) -> None:
    for number in range(2500):
        await world.append(f"decision/d{number}", made())
    await world.project()
    seen: list[str] = []
    cursor: str | None = None
    with world.reading() as connection:
        while True:
            page = decisions.decisions(connection, cursor=cursor, limit=700)
            seen += [each["decision_id"] for each in page["decisions"]]
            cursor = page["next"]
            if cursor is None:
                break
    assert seen == [f"d{number}" for number in reversed(range(2500))]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.0", "٣", "9" * 40])
async def test_a_cursor_that_is_none_of_ours_is_refused(world: World, cursor: str) -> None:
    with world.reading() as connection, pytest.raises(ValueError, match="cursor"):
        decisions.decisions(connection, cursor=cursor)


async def test_costs_are_summed_by_any_group_dearest_first(world: World) -> None:
    for number in range(3):
        await world.append(f"decision/a{number}", made())
    await world.append("decision/b", made(model="gpt-4o", cost=9_000_000, usage=Usage(1000, 100)))
    await world.project()
    with world.reading() as connection:
        found = spending.cost(connection, ("model", "day"))
        assert [(row["model"], row["day"], row["cost"]) for row in found["groups"]] == [
            ("gpt-4o", TODAY, 9_000_000),
            ("fake-1", TODAY, 690_000),
        ]
        assert found["total"]["cost"] == 9_690_000
        assert found["total"]["tokens_in"] == 2200
        assert spending.cost(connection, ("npc_id",), limit=1)["groups"][0]["decisions"] == 4
        with pytest.raises(ValueError, match="not grouped by 'mood'"):
            spending.cost(connection, ("mood",))


async def test_of_nothing_everything_is_zero(world: World) -> None:
    await world.project()
    with world.reading() as connection:
        assert spending.cost(connection)["total"]["cost"] == 0
        found = spending.stats(connection)
    assert (found["decisions"], found["template_ratio"], found["latency_us"]) == (0, None, {})


async def test_statistics_tell_templates_from_models_failures_apart_and_how_slow_it_was(world: World) -> None:
    for method in ("template", "template", "template", "llm"):
        await world.append("npc/John", spoke(method))
    for number in range(1, 101):
        await world.append(f"decision/{number}", made(latency=number * 1000))
    broken = (
        Attempt("openai", "gpt-4o", 0, 10, "failed", 500, "the provider failed"),
        Attempt("fake", "fake-1", 20, 10, "answered"),
    )
    await world.append("decision/f", made(route="fallback", attempts=broken, latency=200_000))
    await world.append("decision/g", made(route="cache", attempts=(), code=2, latency=50))
    await world.append("decision/g", DecisionJudged("accepted", "npc.speak", 1))
    await world.project()
    with world.reading() as connection:
        found = spending.stats(connection)
        nothing = spending.stats(connection, since=microseconds(NOON) + 2 * 86_400_000_000)
    assert found["template_ratio"] == 0.75
    assert found["answers"] == {"llm": 1, "template": 3}
    assert found["routes"] == {"cache": 1, "fallback": 1, "model": 100}
    assert (found["decisions"], found["cached"], found["failed"]) == (102, 1, 0)
    assert found["verdicts"] == {"pending": 101, "accepted": 1}
    assert found["latency_us"] == {"p50": 51_000, "p90": 91_000, "p99": 100_000, "max": 200_000}
    [failure] = found["failures"]
    assert (failure["provider"], failure["status"], failure["count"]) == ("openai", 500, 1)
    assert (nothing["decisions"], nothing["answers"]) == (0, {})


async def test_a_lease_counts_as_reserved_until_it_is_settled(world: World) -> None:
    day = f"budget/{TODAY}"
    await world.append(day, BudgetReserved("l1", "npc_intelligence", 1000))
    await world.append(day, BudgetReserved("l2", "npc_intelligence", 500))
    await world.append(day, BudgetSettled("l1", "npc_intelligence", 300, 4))
    await world.project()
    with world.reading() as connection:
        [row] = spending.budgets(connection)
        assert spending.budgets(connection, since="2999-01-01") == []
    assert (row["reserved"], row["spent"], row["calls"]) == (500, 300, 4)


async def test_reruns_are_counted_and_paid_for_apart(world: World) -> None:
    await world.append("decision/a", made())
    await world.append("decision/a", DecisionRerun("openai", "gpt-4o", "k", "x", None, cost=70))
    await world.project()
    with world.reading() as connection:
        found = decisions.decision(connection, "a")
        total = spending.cost(connection)["total"]
    assert found is not None and (found["reruns"], found["rerun_cost"]) == (1, 70)
    assert (total["cost"], total["rerun_cost"]) == (230_000, 70)


async def test_hostile_text_is_kept_on_one_bounded_line_and_huge_numbers_fit(world: World) -> None:
    hostile = made(
        problem="bad\x1b[31m\n" + "x" * 10_000, model="m" * 500, cost=10**30, usage=Usage(10**25, -5)
    )
    await world.append("decision/a", hostile)
    await world.project()
    with world.reading() as connection:
        found = decisions.decision(connection, "a")
    assert found is not None
    assert found["problem"].isprintable() and len(found["problem"]) == 300
    assert len(found["model"]) == 190
    assert found["cost"] == found["tokens_in"] == 2**53 - 1


async def test_a_rebuild_gives_the_same_decisions(world: World) -> None:
    await world.append("npc/John", spoke("template"))
    for number in range(40):
        await world.append(f"decision/{number}", made())
        if number % 3:
            await world.append(f"decision/{number}", DecisionJudged("accepted", "npc.speak", number))
    await world.append(f"budget/{TODAY}", BudgetReserved("l1", "npc_intelligence", 1000))
    await world.append(f"budget/{TODAY}", BudgetSettled("l1", "npc_intelligence", 300, 4))
    await world.project()
    with world.reading() as connection:
        before = content_hash(connection, DECISION_RECORDS)
    await rebuild(world.log, world.database, ALL)
    with world.reading() as connection:
        assert content_hash(connection, DECISION_RECORDS) == before
    assert before.rows == 40 + 40 + 1 + 1

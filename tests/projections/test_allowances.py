"""What is known of a campaign's spending limit: what is taken of it, what is left, when it begins anew."""

from __future__ import annotations

from datetime import date

from adapters.sql.temporary import temporary_database
from events.allowance import AllowanceReserved, AllowanceSettled
from events.campaign import CampaignSpendingLimited
from projections.allowances import ALLOWANCES, allowance
from projections.campaign_time import changes
from projections.campaigns import CAMPAIGN_STATE
from projections.sight import Viewer
from projections.verify import verify_read_models
from tests.campaigns import CAMPAIGN_ID, MARA, TOM, account, company
from tests.projections.conftest import World

TODAY = date(2026, 11, 20)
DOLLAR = 10**9


async def play(world: World, period: str = "month") -> None:
    stream, allowed = f"campaign/{CAMPAIGN_ID}", f"allowance/{CAMPAIGN_ID}"
    for event in company():
        await world.append(stream, event, actor=account(MARA))
    await world.append(allowed, AllowanceReserved("a-0", "2026-10-31", 9 * DOLLAR))
    await world.append(allowed, AllowanceSettled("a-0", "2026-10-31", 9 * DOLLAR, 9 * DOLLAR))
    await world.append(allowed, AllowanceReserved("a-1", "2026-11-02", 2 * DOLLAR))
    await world.append(allowed, AllowanceSettled("a-1", "2026-11-02", 2 * DOLLAR, DOLLAR))
    await world.append(stream, CampaignSpendingLimited(5 * DOLLAR, period), actor=account(MARA))
    await world.append(allowed, AllowanceReserved("a-2", "2026-11-20", DOLLAR))
    await world.append("allowance/other", AllowanceReserved("b-1", "2026-11-20", 7 * DOLLAR))


async def test_what_is_spent_and_set_aside_is_taken_from_the_limit_of_the_month(world: World) -> None:
    await play(world)
    await world.project((ALLOWANCES,))
    with world.reading() as connection:
        found = allowance(connection, CAMPAIGN_ID, TODAY)
        december = allowance(connection, CAMPAIGN_ID, date(2026, 12, 1))
        unknown = allowance(connection, "none", TODAY)
    limit = found["limit"]
    assert (limit["amount"], limit["spent"], limit["reserved"], limit["left"]) == (5, 1, 1, 3)
    assert (limit["used_up"], limit["resets_at"]) == (False, "2026-12-01T00:00:00+00:00")
    assert limit["set_by"] == MARA
    assert found["day"] == {"spent": 0, "reserved": 1, "calls": 0}
    assert found["month"] == {"spent": 1, "reserved": 1, "calls": 1}
    assert (december["limit"]["left"], december["month"]["spent"]) == (5, 0)
    assert unknown == {
        "day": {"spent": 0, "reserved": 0, "calls": 0},
        "month": {"spent": 0, "reserved": 0, "calls": 0},
        "limit": None,
    }


async def test_a_limit_of_a_day_that_is_used_up_says_so_and_one_that_is_lifted_is_gone(world: World) -> None:
    await play(world, "day")
    allowed = f"allowance/{CAMPAIGN_ID}"
    await world.append(allowed, AllowanceSettled("a-2", "2026-11-20", DOLLAR, 6 * DOLLAR))
    await world.project((ALLOWANCES,))
    with world.reading() as connection:
        over = allowance(connection, CAMPAIGN_ID, TODAY)["limit"]
    assert (over["left"], over["used_up"], over["spent"]) == (0, True, 6)
    assert over["resets_at"] == "2026-11-21T00:00:00+00:00"
    await world.append(f"campaign/{CAMPAIGN_ID}", CampaignSpendingLimited(None), actor=account(MARA))
    await world.project((ALLOWANCES,))
    with world.reading() as connection:
        assert allowance(connection, CAMPAIGN_ID, TODAY)["limit"] is None


async def test_only_game_masters_read_of_a_limit_among_the_changes(world: World) -> None:
    await play(world)
    await world.project((CAMPAIGN_STATE,))
    with world.reading() as connection:
        told = [each["what"] for each in changes(connection, CAMPAIGN_ID, Viewer(MARA, "owner"))]
        players = [each["what"] for each in changes(connection, CAMPAIGN_ID, Viewer(TOM, "player"))]
    assert told[0] == "campaign.spending_limited"
    assert players == told[1:]


async def test_rebuilt_it_is_the_same(world: World) -> None:
    await play(world)
    await world.project((ALLOWANCES,))
    with temporary_database() as url:
        found = await verify_read_models(world.log, world.database, url, (ALLOWANCES,))
    assert [each.equal for each in found] == [True]

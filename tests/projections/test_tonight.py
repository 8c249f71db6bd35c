"""What matters tonight is worked out of what somebody may see, and of nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.sql.temporary import temporary_database
from events.campaign import CampaignCharacterAdded, CampaignSessionEnded, CampaignSessionStarted
from events.element import ElementChanged, ElementCreated, ElementRemoved, ElementRestored, ElementShown
from events.proposal import Draft, ProposalMade
from projections.campaigns import CAMPAIGN_STATE
from projections.proposals import PROPOSAL_RECORDS
from projections.sight import Viewer
from projections.threads import OPEN_THREADS, threads
from projections.tonight import tonight
from projections.urgency import Matter
from projections.verify import verify_read_models
from tests.campaigns import CAMPAIGN_ID, MARA, TOM, UMA, account, company
from tests.commits import NOON
from tests.projections.conftest import World

ALL_THREE = (CAMPAIGN_STATE, PROPOSAL_RECORDS, OPEN_THREADS)
GM, PLAYER, OBSERVER = Viewer(MARA, "owner"), Viewer(TOM, "player"), Viewer(UMA, "observer")
CAMPAIGN = f"campaign/{CAMPAIGN_ID}"


async def by(world: World, stream: str, *events: Any) -> None:
    await world.append(stream, *events, actor=account(MARA))


def made(
    kind: str, name: str, visibility: str = "all", members: tuple[str, ...] = (), **fields: Any
) -> ElementCreated:
    return ElementCreated(CAMPAIGN_ID, kind, {"name": name, **fields}, visibility, members)


async def play(world: World) -> None:
    for event in company():
        await by(world, CAMPAIGN, event)
    await by(world, "element/port", made("location", "Salt Harbour"))
    await by(world, "element/cove", made("location", "Hidden Cove", "gm"))
    await by(world, "element/ilsa", made("npc", "Ilsa Vane", location_id="port", status="captured"))
    await by(world, "element/odo", made("npc", "Odo", "gm", location_id="port", status="dead"))
    await by(world, "element/bell", made("quest", "The Bell", status="active", quest_giver_id="ilsa"))
    await by(
        world,
        "element/plot",
        made("quest", "The Plot", "gm", status="active", quest_giver_id="odo", location_id="port"),
    )
    await by(
        world,
        "element/oath",
        made("quest", "The Oath", "members", (TOM,), status="discovered", quest_giver_id="odo"),
    )
    await by(world, CAMPAIGN, CampaignSessionStarted(1, "One"))
    await by(world, CAMPAIGN, CampaignSessionEnded(1, "The Plot thickens in the cove.", "They drank."))
    hurt = {"name": "Bran", "hit_points": 20, "current_hit_points": 4, "location_id": "port"}
    await by(world, CAMPAIGN, CampaignCharacterAdded("h1", TOM, hurt))
    lost = {"name": "Zoe", "location_id": "cove"}
    await by(world, CAMPAIGN, CampaignCharacterAdded("h2", None, lost))
    await by(world, "element/ambush", made("encounter", "Ambush", "gm", status="planned", location_id="cove"))
    await by(world, "element/note", made("note", "Bring candles", "gm", tags=["tonight"]))
    await by(
        world, "proposal/p1", ProposalMade(CAMPAIGN_ID, "npc", "x", MARA, (Draft({"name": "A"}, "model"),))
    )


def told(found: list[Matter]) -> dict[str, list[str]]:
    return {each.name or each.kind: [reason.code for reason in each.because] for each in found}


async def test_a_game_master_hears_of_everything_that_is_open(world: World) -> None:
    await play(world)
    await world.project(ALL_THREE)
    with world.reading() as connection:
        found = tonight(connection, CAMPAIGN_ID, GM, limit=20)
        five = tonight(connection, CAMPAIGN_ID, GM)
        nowhere = tonight(connection, "none", GM)
    everything = told(found)
    assert everything["The Plot"] == ["quest.active", "here", "giver.dead"]
    assert everything["The Bell"] == ["quest.active", "giver.captured"]
    assert everything["Ambush"] == ["here", "encounter.planned", "touched"]
    assert everything["Bran"] == ["hurt"]
    assert everything["Bring candles"] == ["flagged", "touched"]
    assert everything["proposals"] == ["proposals"]
    assert everything["Ilsa Vane"] == ["npc.captured"]
    assert "Odo" not in everything
    assert found[0].name == "The Plot"
    assert five == found[:5]
    assert nowhere == []


async def test_a_player_hears_of_what_he_may_see_and_of_no_reason_that_he_may_not_know(world: World) -> None:
    await play(world)
    await world.project(ALL_THREE)
    with world.reading() as connection:
        tom = told(tonight(connection, CAMPAIGN_ID, PLAYER, limit=20))
        uma = told(tonight(connection, CAMPAIGN_ID, OBSERVER, limit=20))
    # That who asked for it is dead stands in an element that Tom cannot see; the game master's recap is not his.
    assert tom == {
        "Bran": ["hurt"],
        "The Bell": ["quest.active", "giver.captured"],
        "The Oath": ["quest.discovered"],
        "Ilsa Vane": ["npc.captured"],
    }
    assert uma == {each: reasons for each, reasons in tom.items() if each != "The Oath"}


async def test_a_field_that_is_kept_from_players_is_no_reason_for_them(world: World) -> None:
    await play(world)
    hidden = {"status": "gm", "tags": "gm"}
    await by(world, "element/bell", ElementShown(CAMPAIGN_ID, "quest", "all", (), hidden))
    await by(
        world, "element/lamp", ElementCreated(CAMPAIGN_ID, "note", {"name": "Lamp", "tags": ["todo"]}, "all")
    )
    await by(world, "element/lamp", ElementShown(CAMPAIGN_ID, "note", "all", (), hidden))
    await world.project(ALL_THREE)
    with world.reading() as connection:
        tom = told(tonight(connection, CAMPAIGN_ID, PLAYER, limit=20))
        master = told(tonight(connection, CAMPAIGN_ID, GM, limit=20))
    assert {"The Bell", "Lamp"} <= master.keys()
    assert not {"The Bell", "Lamp"} & tom.keys()


async def test_what_a_place_is_called_is_told_to_those_who_may_know_the_place(world: World) -> None:
    await play(world)
    await by(world, "element/smuggler", made("npc", "Pim", location_id="cove"))
    await world.project(ALL_THREE)
    with world.reading() as connection:
        tom = told(tonight(connection, CAMPAIGN_ID, PLAYER, limit=20))
        master = told(tonight(connection, CAMPAIGN_ID, GM, limit=20))
    assert master["Pim"] == ["here", "touched"]
    assert "Pim" not in tom


async def test_what_is_open_or_marked_is_found_through_every_change_and_the_same_when_rebuilt(
    world: World,
) -> None:
    await by(world, "element/q", made("quest", "Q", status="completed"))
    await by(world, "element/n", made("note", "N", tags=["harbour"]))
    await by(world, "element/e", made("event", "E", status="planned"))
    steps: list[tuple[str, Any, list[str]]] = [
        ("q", ElementChanged(CAMPAIGN_ID, "quest", {"status": "active"}), ["q", "e"]),
        ("n", ElementChanged(CAMPAIGN_ID, "note", {"tags": ["Ce soir"]}), ["n", "q", "e"]),
        ("q", ElementChanged(CAMPAIGN_ID, "quest", {"name": "QQ"}), ["q", "n", "e"]),
        ("q", ElementRemoved(CAMPAIGN_ID, "quest"), ["n", "e"]),
        ("q", ElementRestored(CAMPAIGN_ID, "quest"), ["q", "n", "e"]),
        ("n", ElementChanged(CAMPAIGN_ID, "note", {}, ("tags",)), ["q", "e"]),
        ("q", ElementChanged(CAMPAIGN_ID, "quest", {}, ("status",)), ["e"]),
    ]
    for minute, (which, event, expected) in enumerate(steps, start=1):
        time = NOON + timedelta(minutes=minute)
        await world.append(f"element/{which}", event, actor=account(MARA), time=time)
        await world.project((OPEN_THREADS,))
        with world.reading() as connection:
            assert threads(connection, CAMPAIGN_ID, 9) == expected, event
    with temporary_database() as url:
        (verdict,) = await verify_read_models(world.log, world.database, url, (OPEN_THREADS,))
    assert verdict.equal

"""Of what a campaign is a copy, how far the copying is, and what there is to copy."""

from __future__ import annotations

from adapters.sql.temporary import temporary_database
from events.campaign import CampaignCreated, CampaignForkBegun, CampaignForkFailed, CampaignForkFinished
from events.element import ElementChanged, ElementCreated, ElementRemoved
from projections.campaign_time import as_of, details_at
from projections.campaigns import CAMPAIGN_STATE
from projections.forks import FORKED_CAMPAIGNS, campaign_and_origin, elements_then, ids_then, whole_then
from projections.sight import Viewer
from projections.verify import verify_read_models
from tests.campaigns import CAMPAIGN_ID, MARA, TOM, account, company
from tests.projections.conftest import World

BOTH = (CAMPAIGN_STATE, FORKED_CAMPAIGNS)
GM, PLAYER = Viewer(MARA, "owner"), Viewer(TOM, "player")
ILSA = ElementCreated("f1", "npc", {"name": "Ilsa"}, "all", origin={"by": "fork", "campaign_id": CAMPAIGN_ID})


async def begun(world: World) -> None:
    created, begins = CampaignCreated("Again", MARA, MARA), CampaignForkBegun(CAMPAIGN_ID, 41, 2)
    await world.append("campaign/f1", created, begins, actor=account(MARA))
    await world.append("element/i", ILSA, actor=account(MARA))


async def test_a_copy_says_how_far_it_is_and_of_what_it_is_one_to_game_masters(world: World) -> None:
    await begun(world)
    await world.project(BOTH)
    with world.reading() as connection:
        shown = campaign_and_origin(connection, "f1", GM)
        players = campaign_and_origin(connection, "f1", PLAYER)
        then = details_at(connection, "f1", 1)
    assert shown is not None and players is not None and then is not None
    fork = shown["forked_from"]
    assert (shown["status"], then["status"], fork["state"]) == ("forking", "forking", "forking")
    assert (fork["campaign_id"], fork["position"], fork["elements"], fork["copied"]) == (
        CAMPAIGN_ID,
        41,
        2,
        1,
    )
    assert players["forked_from"] is None
    await world.append("campaign/f1", CampaignForkFinished(2, 1), actor=account(MARA))
    await world.project(BOTH)
    with world.reading() as connection:
        shown = campaign_and_origin(connection, "f1", GM)
    assert shown is not None
    fork = shown["forked_from"]
    assert (shown["status"], fork["state"], fork["copied"], fork["characters"]) == (
        "active",
        "finished",
        2,
        1,
    )
    with temporary_database() as url:
        verdicts = await verify_read_models(world.log, world.database, url, BOTH)
    assert all(verdict.equal for verdict in verdicts)


async def test_a_copy_that_failed_says_why_and_a_campaign_that_is_none_says_nothing(world: World) -> None:
    await begun(world)
    await world.append("campaign/f1", CampaignForkFailed("Ilsa: no room\n"), actor=account(MARA))
    for event in company():
        await world.append(f"campaign/{CAMPAIGN_ID}", event, actor=account(MARA))
    await world.project(BOTH)
    with world.reading() as connection:
        failed = campaign_and_origin(connection, "f1", GM)
        none = campaign_and_origin(connection, CAMPAIGN_ID, GM)
        nothing = campaign_and_origin(connection, "f9", GM)
    assert failed is not None and none is not None
    assert (failed["status"], failed["forked_from"]["problem"]) == ("failed", "Ilsa: no room ")
    assert (none["forked_from"], nothing) == (None, None)


async def test_what_is_copied_is_what_was_there_at_the_position_as_it_was(world: World) -> None:
    for event in company():
        await world.append(f"campaign/{CAMPAIGN_ID}", event, actor=account(MARA))
    changes = (
        ("b", ElementCreated(CAMPAIGN_ID, "npc", {"name": "Bo"}, "members", (TOM,), {"secrets": "all"})),
        ("a", ElementCreated(CAMPAIGN_ID, "note", {"name": "Zettel"})),
        ("b", ElementChanged(CAMPAIGN_ID, "npc", {"race": "elf"})),
        ("a", ElementRemoved(CAMPAIGN_ID, "note")),
        ("x", ElementCreated("other", "note", {"name": "Not here"})),
        ("c", ElementCreated(CAMPAIGN_ID, "note", {"name": "Candles"})),
        ("b", ElementChanged(CAMPAIGN_ID, "npc", {"name": "Bo the Late"})),
    )
    for which, event in changes:
        await world.append(f"element/{which}", event, actor=account(MARA))
    await world.project(BOTH)
    first = len(company())
    with world.reading() as connection:
        for position in range(first, first + len(changes) + 1):
            ids = ids_then(connection, CAMPAIGN_ID, position, 100)
            rows = whole_then(connection, CAMPAIGN_ID, position, [*ids, "x"])
            told = as_of(connection, CAMPAIGN_ID, GM, position)["elements"]
            assert [row["element_id"] for row in rows] == ids == [each["element_id"] for each in told]
            assert elements_then(connection, CAMPAIGN_ID, position) == len(ids)
        (bo,) = whole_then(connection, CAMPAIGN_ID, first + 3, ["b"])
    assert bo == {
        "element_id": "b", "kind": "npc", "version": 2, "visibility": "members", "members": [TOM],
        "field_visibility": {"secrets": "all"}, "fields": {"name": "Bo", "race": "elf"},
    }  # fmt: skip

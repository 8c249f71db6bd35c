"""What is known of images, and of the bytes they need."""

from __future__ import annotations

from adapters.sql.temporary import temporary_database
from events.commit import Actor
from events.image import (
    ImageDescribed,
    ImageFailed,
    ImageRemoved,
    ImageRequested,
    ImageStored,
    Size,
    Subject,
)
from projections import images
from projections.campaigns import CAMPAIGN_STATE
from projections.images import IMAGE_RECORDS
from projections.rebuild import rebuild
from projections.sight import Viewer
from projections.verify import verify_read_models
from tests.campaigns import CAMPAIGN_ID, MARA, TOM, account
from tests.projections.conftest import World

BOTH = (CAMPAIGN_STATE, IMAGE_RECORDS)
GM, PLAYER = Viewer(MARA, "owner"), Viewer(TOM, "player")
SMALL, LARGE = "a" * 64, "b" * 64


def stored(large: str = LARGE) -> ImageStored:
    sizes = {"thumb": Size(SMALL, 160, 120, 900), "full": Size(large, 800, 600, 9000)}
    told = {"route": "upload", "licence": "CC BY 4.0", "by": MARA}
    return ImageStored(CAMPAIGN_ID, "port", "A port", large, 800, 600, "image/webp", 9900, sizes, told)


async def play(world: World) -> None:
    """One brought, one asked for and made, one asked for that failed, one removed, one still waited for."""
    mara, agent = account(MARA), Actor("agent", "illustrator")
    asked = ImageRequested(CAMPAIGN_ID, "", "at dusk", "", Subject(), requested_by=MARA)
    for stream, event, who in (
        ("image/brought", stored(), mara),
        ("image/made", asked, mara),
        ("image/made", stored("c" * 64), agent),
        ("image/failed", asked, mara),
        ("image/failed", ImageFailed(CAMPAIGN_ID, "", "no"), agent),
        ("image/gone", stored(), mara),
        ("image/gone", ImageRemoved(CAMPAIGN_ID, "port", (SMALL, LARGE)), mara),
        ("image/waiting", asked, mara),
        ("image/brought", ImageDescribed(CAMPAIGN_ID, "port", "A port at dusk"), mara),
    ):
        await world.append(stream, event, actor=who)


async def test_images_are_listed_counted_and_kept_apart_by_what_became_of_them(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        listed = images.images(connection, CAMPAIGN_ID)
        assert [row["image_id"] for row in listed] == ["waiting", "failed", "made", "brought"]
        assert [row["status"] for row in listed] == ["requested", "failed", "stored", "stored"]
        second = images.images(connection, CAMPAIGN_ID, before=listed[0]["position"], limit=1)
        assert [row["image_id"] for row in second] == ["failed", "made"]
        assert images.usage(connection, CAMPAIGN_ID) == (3, 19_800)
        assert images.in_the_making(connection, CAMPAIGN_ID) == 1
        assert images.needed(connection, (SMALL, LARGE, "c" * 64, "d" * 64)) == {SMALL, LARGE, "c" * 64}
        brought = images.image(connection, "brought")
        assert brought is not None
        assert (brought["alt"], brought["by_account"]) == ("A port at dusk", MARA)
        made = images.image(connection, "made")
        assert made is not None
        assert (made["prompt"], made["by_account"]) == ("at dusk", MARA)
        assert images.pictures_seen(connection, CAMPAIGN_ID, ("brought", "made"), PLAYER) == set()
        assert images.pictures_seen(connection, CAMPAIGN_ID, ("brought",), GM) == {"brought"}
        assert "provenance" not in images.shown(brought, PLAYER)
        assert images.shown(brought, GM)["provenance"]["by"] == MARA


async def test_built_anew_they_are_the_same(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with temporary_database() as fresh:
        verdicts = await verify_read_models(world.log, world.database, fresh, BOTH)
    assert all(verdict.equal for verdict in verdicts)
    assert (await rebuild(world.log, world.database, BOTH)).finished
    with world.reading() as connection:
        assert images.usage(connection, CAMPAIGN_ID) == (3, 19_800)

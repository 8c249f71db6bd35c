"""The image routes of the older game master's clients."""

from __future__ import annotations

from tests.adapters.images.conftest import Studios, eventually

OLDER = "/api/gamemaster/campaign/c1"


async def test_people_and_places_without_a_picture_get_one_and_refusals_come_with_200(here: Studios) -> None:
    await here.element("port")
    await here.element("ilsa", "npc")
    at = await here.element("letter", "note")
    web = here.mara.web
    web.headers["X-At-Least"] = str(at)
    counts = {"total": 1, "with_images": 0, "missing_images": 1}
    assert (await web.get(f"{OLDER}/image_status")).json() == {
        "success": True,
        "status": {"npcs": counts, "locations": counts, "background_threads": 0},
    }
    one = await web.post(f"{OLDER}/elements/npc/ilsa/generate_image")
    told = one.json()
    assert (told["success"], told["element_type"], told["element_id"]) == (True, "npc", "ilsa")
    assert (await web.get(told["image_url"])).headers["content-type"] == "image/webp"
    web.headers["X-At-Least"] = one.headers["x-position"]
    rest = await web.post(f"{OLDER}/generate_missing_images")
    assert rest.json() == {"success": True, "status": "started", "message": "1 pictures are being made"}
    web.headers["X-At-Least"] = rest.headers["x-position"]
    again = await web.post(f"{OLDER}/auto_generate_images")
    assert again.json()["message"] == "nothing is without a picture"

    async def done() -> bool:
        status = (await web.get(f"{OLDER}/image_status")).json()["status"]
        return bool(status["background_threads"] == 0 and status["locations"]["missing_images"] == 0)

    assert await eventually(done)
    [port] = (await web.get("/api/campaigns/c1/images", params={"element_id": "port"})).json()["items"]
    element = (await web.get("/api/element/port")).json()
    assert element["fields"]["image_id"] == port["image_id"]
    await _refusals(here)


async def _refusals(here: Studios) -> None:
    """They come with 200 and say no."""
    for person, path in (
        (here.tom, f"{OLDER}/generate_missing_images"),
        (here.eve, f"{OLDER}/generate_missing_images"),
        (here.mara, f"{OLDER}/elements/npc/nowhere/generate_image"),
        (here.mara, f"/api/gamemaster/campaign/{'x' * 200}/elements/npc/ilsa/generate_image"),
    ):
        answer = await person.post(path)
        assert answer.status_code == 200
        assert answer.json()["success"] is False
        assert answer.json()["message"]
    assert (await here.them.nobody().get(f"{OLDER}/image_status")).status_code == 401

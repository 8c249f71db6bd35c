"""Pictures of a campaign on a real platform: brought, seen by whom they are for, removed."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from adapters.images import store as stores
from adapters.images.store import MediaStore
from adapters.llm.fake.server import FakeModels
from adapters.nats.client import PromptClient
from adapters.settings import ImageSettings, Settings
from tests.adapters.images.conftest import Studios, drawing, eventually, studios
from tests.adapters.images.files import SVG, bomb, located, opened, picture, polyglot
from tests.adapters.images.test_studio import renamed_gif


async def test_a_picture_is_brought_and_seen_by_whom_its_element_is_for(here: Studios) -> None:
    await here.element("port")
    brought = await here.upload(located(), element_id="port", alt="The port", licence="CC BY 4.0, J. Doe")
    assert brought.status_code == 201, brought.text
    about = brought.json()
    image = f"/api/images/{about['image_id']}"
    assert (about["status"], about["route"], about["alt"]) == ("stored", "upload", "The port")
    assert (about["width"], about["height"], about["mime"]) == (40, 80, "image/webp")
    assert about["provenance"]["by_name"] == here.mara.name
    assert brought.headers["location"] == image

    answer = await here.mara.get(image)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert opened(answer.content).size == (40, 80)
    assert b"Jane" not in answer.content
    again = await here.mara.get(image, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")

    # It is shown to players when it is the picture of something they see, and not before.
    for path in (image, f"{image}/about"):
        assert (await here.tom.get(path)).status_code == 404
    position = await here.show("port", about["image_id"])
    assert (await here.tom.get(image, params={"at_least": position})).status_code == 200
    seen = (await here.tom.get(f"{image}/about")).json()
    assert seen["licence"] == "CC BY 4.0, J. Doe"
    assert not {"provenance", "sha256", "prompt", "by", "position"} & set(seen)
    hidden = await here.send("element.show", "element/port", visibility="gm")
    assert (await here.tom.get(image, params={"at_least": hidden.position})).status_code == 404
    assert (await here.tom.get("/api/campaigns/c1/images")).json()["items"] == []
    listed = (await here.mara.get("/api/campaigns/c1/images")).json()
    assert [each["image_id"] for each in listed["items"]] == [about["image_id"]]
    assert listed["usage"] == {"images": 1, "bytes": about["bytes"]}

    for path in (image, f"{image}/about", "/api/campaigns/c1/images"):
        assert (await here.eve.get(path)).status_code == 404
        assert (await here.them.nobody().get(path)).status_code == 401
        assert (await here.them.nobody(Authorization="Bearer x.y.z").get(path)).status_code == 401
    assert (await here.upload(by=here.tom)).status_code == 403
    assert (await here.upload(by=here.eve)).status_code == 404
    assert (await here.mara.get("/api/images/nowhere")).status_code == 404
    assert (await here.upload(element_id="nowhere")).status_code == 422

    described = await here.mara.web.patch(image, json={"alt": "A port at dusk"})
    assert (described.status_code, described.json()["alt"]) == (200, "A port at dusk")
    assert (await here.tom.web.delete(image)).status_code == 404
    removed = await here.mara.web.delete(image)
    assert removed.status_code == 204
    at = {"at_least": removed.headers["x-position"]}
    assert (await here.mara.get(image, params=at)).status_code == 404
    gone = (await here.mara.get(f"{image}/about", params=at)).json()
    assert (gone["status"], gone["provenance"]["licence"]) == ("removed", "CC BY 4.0, J. Doe")


async def test_whoever_plays_a_character_brings_its_picture(here: Studios) -> None:
    party = "/api/campaigns/c1/characters"
    made = await here.tom.post(party, {"fields": {"name": "Brannoc"}})
    hero = made.json()
    other = await here.mara.post(party, {"fields": {"name": "Nobody's"}})
    brought = await here.upload(by=here.tom, element_id=hero["character_id"], alt="A cleric")
    assert brought.status_code == 201, brought.text
    image = f"/api/images/{brought.json()['image_id']}"
    since = {"X-At-Least": brought.headers["X-Position"]}
    # He sees it before it is anybody's portrait, and nothing else by it.
    assert (await here.tom.get(image, params={"size": "thumb"}, headers=since)).status_code == 200
    assert "provenance" not in (await here.tom.get(f"{image}/about", headers=since)).json()
    for element in ("", other.json()["character_id"], "nowhere", "x" * 500):
        assert (await here.upload(by=here.tom, element_id=element)).status_code == 403
    asked = {"campaign_id": "c1", "element_id": hero["character_id"], "prompt": "a cleric"}
    assert (await here.tom.post("/api/images/generate", asked)).status_code == 403
    for _ in range(7):
        assert (await here.upload(by=here.tom, element_id=hero["character_id"])).status_code == 201
    full = await here.upload(by=here.tom, element_id=hero["character_id"])
    assert (full.status_code, full.json()["code"]) == (409, "quota")
    removed = await here.tom.web.delete(image)
    assert removed.status_code == 204, removed.text
    gone = {"X-At-Least": removed.headers["X-Position"]}
    assert (await here.tom.get(image, headers=gone)).status_code == 404
    assert (await here.upload(by=here.tom, element_id=hero["character_id"])).status_code == 201


async def test_naming_a_hidden_picture_as_ones_portrait_does_not_show_it(here: Studios) -> None:
    hero = (await here.tom.post("/api/campaigns/c1/characters", {"fields": {"name": "Brannoc"}})).json()
    secret = (await here.upload(by=here.mara, alt="The traitor")).json()["image_id"]
    named = await here.tom.web.patch(
        f"/api/campaigns/c1/characters/{hero['character_id']}",
        json={"fields": {"image_id": secret}},
        headers={"If-Match": f'"v{hero["version"]}"'},
    )
    assert named.status_code == 200, named.text
    since = {"X-At-Least": named.headers["X-Position"]}
    for path in (f"/api/images/{secret}", f"/api/images/{secret}/about"):
        assert (await here.tom.get(path, headers=since)).status_code == 404
    assert (await here.mara.get(f"/api/images/{secret}", headers=since)).status_code == 200


HOSTILE = (
    (SVG, 415),
    (renamed_gif(), 415),
    (b"<html><script>alert(1)</script>", 415),
    (b"", 415),
    (bomb(11_000, 11_000), 422),
    (picture(300, 300)[:400], 422),
    (bytes(10_000_001), 413),
    (bytes(12_000_000), 413),
)


async def test_what_is_no_picture_gets_a_status_and_leaves_nothing(here: Studios) -> None:
    for content, status in HOSTILE:
        answer = await here.upload(content, name="portrait.png")
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "<script" not in answer.text
    listed = (await here.mara.get("/api/campaigns/c1/images")).json()
    assert listed["items"] == []
    assert not any("adapters.images.worker" in each.cmdline() for each in psutil.Process().children())
    web = here.mara.web
    assert (await web.post("/api/images", json={"campaign_id": "c1"})).status_code == 415
    assert (
        await web.post("/api/images", data={"campaign_id": "c1"}, files={"other": b"x"})
    ).status_code == 422
    assert (await web.post("/api/images", files={"file": picture()})).status_code == 422
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await web.post("/api/images", content=b"no form at all", headers=broken)).status_code == 422
    no_boundary = {"Content-Type": "multipart/form-data"}
    assert (await web.post("/api/images", content=b"--x", headers=no_boundary)).status_code == 422
    two = [("file", ("a.png", picture())), ("file", ("b.png", picture()))]
    assert (await web.post("/api/images", data={"campaign_id": "c1"}, files=two)).status_code == 422

    async def endless() -> AsyncIterator[bytes]:
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        yield head
        for _ in range(200):
            yield bytes(512 * 1024)

    with pytest.raises((httpx.WriteError, httpx.ReadError, AssertionError)):
        answer = await web.post("/api/images", content=endless(), headers=broken)
        assert answer.status_code == 413
        raise AssertionError("refused, as it should be")
    fine = await here.upload(polyglot(), name="../../etc/passwd")
    assert fine.status_code == 201
    assert "passwd" not in fine.text
    assert left_in_temp("*passwd*") == []


async def test_bytes_go_when_no_image_needs_them_any_more(
    settings: Settings,
    client: PromptClient,
    models: FakeModels,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stores, "GRACE_SECONDS", 0.0)
    async with studios(drawing(settings, tmp_path / "llm", models), client, models, "agents") as here:
        one, two = (await here.upload()).json(), (await here.upload()).json()
        assert one["sha256"] == two["sha256"]
        assert one["image_id"] != two["image_id"]
        kept = MediaStore(client, settings.realm)
        assert (await here.mara.web.delete(f"/api/images/{one['image_id']}")).status_code == 204
        await asyncio.sleep(0.5)
        assert await kept.get(one["sha256"]) is not None
        assert (await here.mara.get(f"/api/images/{two['image_id']}")).status_code == 200
        assert (await here.mara.web.delete(f"/api/images/{two['image_id']}")).status_code == 204

        async def gone() -> bool:
            return await kept.get(one["sha256"]) is None

        assert await eventually(gone)
        back = (await here.upload()).json()
        assert (await here.mara.get(f"/api/images/{back['image_id']}")).status_code == 200


async def test_a_campaign_holds_so_many_images_and_so_much(
    settings: Settings, client: PromptClient, models: FakeModels, tmp_path: Path
) -> None:
    few = settings.model_copy(update={"images": ImageSettings(campaign_images=1, upload_bytes=20_000)})
    async with studios(drawing(few, tmp_path / "llm", models), client, models) as here:
        assert (await here.upload(bytes(30_000))).status_code == 413
        assert (await here.upload(bytes(9_000_000))).status_code == 413
        first = await here.upload()
        assert first.status_code == 201
        full = await here.upload()
        assert (full.status_code, full.json()["code"]) == (409, "quota")
        asked = await here.mara.post("/api/images/generate", {"campaign_id": "c1", "prompt": "x"})
        assert asked.status_code == 409
        gone = await here.mara.web.delete(f"/api/images/{first.json()['image_id']}")
        here.mara.web.headers["X-At-Least"] = gone.headers["x-position"]
        assert (await here.upload()).status_code == 201


def left_in_temp(pattern: str) -> list[str]:
    return [each.name for each in Path(tempfile.gettempdir()).glob(pattern)]

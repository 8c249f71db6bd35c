"""The image routes of the older game master (`existing-apis.md` §5, set B), on the campaigns and images of today.

Its clients want 200 and `{"success": false, "message"}` for every refusal but that of who is not signed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http.access import LEADS, Signed, SignedIn, member
from adapters.http.gallery import Gallery, Wanted
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask
from adapters.http.versions import AtLeast, answer
from commands.rejection import Rejected
from events.commit import Json
from projections import images

KINDS = {"npcs": "npc", "locations": "location"}
MOST_AT_ONCE = 50
"""Pictures that one call asks for; the next call goes on."""
PATIENCE_SECONDS = 20.0
"""How long a client that waits for one picture gets to wait: what takes longer, it finds under the same address."""
POLL_SECONDS = 0.1


def router(platform: Platform) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["older clients"], prefix="/api/gamemaster/campaign/{campaign_id}")
    desk = _Desk(platform)

    @routes.get("/image_status", summary="How many people and places have a picture")
    async def status(campaign_id: str, signed: SignedIn, at_least: AtLeast) -> Response:
        return await _told(partial(desk.status, signed, campaign_id, at_least))

    async def missing(campaign_id: str, request: Request, signed: SignedIn, at_least: AtLeast) -> Response:
        return await _told(partial(desk.ask_for_missing, signed, request, campaign_id, at_least))

    for path in ("/generate_missing_images", "/auto_generate_images"):
        routes.post(path, summary="Have pictures made of whatever has none", name=path[1:])(missing)

    @routes.post("/elements/{kind}/{element_id}/generate_image", summary="Have a picture made of one of them")
    async def one(
        campaign_id: str,
        kind: Literal["npc", "location"],
        element_id: str,
        request: Request,
        signed: SignedIn,
        at_least: AtLeast,
    ) -> Response:
        return await _told(
            partial(desk.ask_for_one, signed, request, campaign_id, kind, element_id, at_least)
        )

    return routes


async def _told(work: Callable[[], Awaitable[tuple[Json, int | None]]]) -> Response:
    try:
        found, position = await work()
    except Problem as problem:
        return answer({"success": False, "message": problem.detail or problem.title})
    except Rejected as no:
        return answer({"success": False, "message": no.message})
    return answer({"success": True, **found}, position=position)


class _Desk:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._gallery = Gallery(platform)

    async def status(self, signed: Signed, campaign_id: str, at_least: int | None) -> tuple[Json, int | None]:
        reader = self._platform.reader
        await member(self._platform, signed, campaign_id, *LEADS, at_least=at_least)
        found = await reader.run(images.coverage, campaign_id, tuple(KINDS.values()), at_least=at_least)
        counts: Json = {
            title: {
                "total": found[kind][0],
                "with_images": found[kind][1],
                "missing_images": found[kind][0] - found[kind][1],
            }
            for title, kind in KINDS.items()
        }
        counts["background_threads"] = await reader.run(images.in_the_making, campaign_id)
        return {"status": counts}, None

    async def ask_for_missing(
        self, signed: Signed, request: Request, campaign_id: str, at_least: int | None
    ) -> tuple[Json, int | None]:
        """Ask for a picture of each element that has none, as far as the campaign has room."""
        await member(self._platform, signed, campaign_id, *LEADS, at_least=at_least)
        kinds = tuple(KINDS.values())
        wanted = await self._platform.reader.run(
            images.without_picture, campaign_id, kinds, MOST_AT_ONCE, at_least=at_least
        )
        position, asked = None, 0
        for element_id in wanted:
            try:
                _, position = await self._ask(signed, request, campaign_id, element_id, at_least)
            except Problem as problem:
                if not asked:
                    raise
                told = f"{asked} pictures are being made; then: {problem.detail}"
                return {"status": "started", "message": told}, position
            asked += 1
        told = f"{asked} pictures are being made" if asked else "nothing is without a picture"
        return {"status": "started", "message": told}, position

    async def ask_for_one(
        self,
        signed: Signed,
        request: Request,
        campaign_id: str,
        kind: str,
        element_id: str,
        at_least: int | None,
    ) -> tuple[Json, int | None]:
        image_id, position = await self._ask(signed, request, campaign_id, element_id, at_least)
        await self._wait(image_id, position)
        url = f"/api/images/{image_id}"
        return {"element_type": kind, "element_id": element_id, "image_url": url}, position

    async def _ask(
        self, signed: Signed, request: Request, campaign_id: str, element_id: str, at_least: int | None
    ) -> tuple[str, int | None]:
        """Ask for a picture of an element and let it be its picture; its id, and the last position."""
        if len(campaign_id) > 64 or len(element_id) > 128:
            raise Problem(404, detail="there is no such campaign or element")
        wanted = Wanted(campaign_id=campaign_id, element_id=element_id)
        reply = await self._gallery.request(signed, request, wanted, at_least, part=element_id)
        image_id = str(reply.data["image_id"])
        change: dict[str, Any] = {
            "set": {"image_id": image_id},
            "origin": {"by": "image", "image_id": image_id},
        }
        changed = await ask(
            self._platform,
            "element.change",
            f"element/{element_id}",
            change,
            signed,
            request,
            part=element_id,
        )
        return image_id, changed.position

    async def _wait(self, image_id: str, position: int | None) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    row = await self._platform.reader.run(images.image, image_id, at_least=position)
                    if row is not None and row["status"] != "requested":
                        return
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            return

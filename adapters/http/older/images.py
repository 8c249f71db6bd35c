"""`…/image_status`, `…/generate_image` and the like: pictures as older clients ask for them."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http.access import LEADS, Signed, SignedIn, member
from adapters.http.gallery import Gallery, Wanted
from adapters.http.older.wording import Body, Forgiving, done, named
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask
from adapters.http.versions import AtLeast, answer
from commands.image import MAX_PROMPT
from events.commit import Json
from projections import campaigns, images

KINDS = {"npcs": "npc", "locations": "location"}
MOST_AT_ONCE = 50
"""Pictures that one call asks for; the next call goes on."""
PATIENCE_SECONDS = 20.0
"""How long a client that waits for one picture gets to wait: what takes longer, it finds under the same address."""
POLL_SECONDS = 0.1


class Prompt(Body):
    """`campaign_id` may be left out by who leads only one campaign: the published service knew none."""

    prompt: str = named("prompt", most=MAX_PROMPT)
    campaign_id: str = named("campaign_id", "campaignId", default="")


def router(platform: Platform) -> APIRouter:
    """The routes of pictures."""
    routes = APIRouter(tags=["older clients"], route_class=Forgiving)
    place = "/api/gamemaster/campaign/{campaign_id}"
    desk = _Desk(platform)

    @routes.get(f"{place}/image_status", summary="How many people and places have a picture")
    async def status(campaign_id: str, signed: SignedIn, at_least: AtLeast) -> Json:
        return done(status=await desk.status(signed, campaign_id, at_least))

    async def missing(campaign_id: str, request: Request, signed: SignedIn, at_least: AtLeast) -> Response:
        told, position = await desk.ask_for_missing(signed, request, campaign_id, at_least)
        return answer(done(status="started", message=told), position=position)

    for name in ("generate_missing_images", "auto_generate_images"):
        routes.post(f"{place}/{name}", summary="Have pictures made of whatever has none", name=name)(missing)

    @routes.post(
        f"{place}/elements/{{kind}}/{{element_id}}/generate_image",
        summary="Have a picture made of one of them",
    )
    async def one(
        campaign_id: str,
        kind: Literal["npc", "location"],
        element_id: str,
        request: Request,
        signed: SignedIn,
        at_least: AtLeast,
    ) -> Response:
        url, position = await desk.ask_for_one(signed, request, campaign_id, element_id, at_least)
        return answer(done(element_type=kind, element_id=element_id, image_url=url), position=position)

    @routes.post("/generate_image", summary="Have a picture made of a prompt")
    async def free(body: Prompt, request: Request, signed: SignedIn, at_least: AtLeast) -> Response:
        """It belongs to a campaign like every picture: the one that is named, or the only one that one leads."""
        url, position = await desk.ask_for_prompt(signed, request, body, at_least)
        return answer(done(image_url=url), position=position)

    return routes


class _Desk:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._gallery = Gallery(platform)

    async def status(self, signed: Signed, campaign_id: str, at_least: int | None) -> Json:
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
        return counts

    async def ask_for_missing(
        self, signed: Signed, request: Request, campaign_id: str, at_least: int | None
    ) -> tuple[str, int | None]:
        """Ask for a picture of each element that has none, as far as the campaign has room; what came of it."""
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
                return f"{asked} pictures are being made; then: {problem.detail}", position
            asked += 1
        return f"{asked} pictures are being made" if asked else "nothing is without a picture", position

    async def ask_for_one(
        self, signed: Signed, request: Request, campaign_id: str, element_id: str, at_least: int | None
    ) -> tuple[str, int | None]:
        """The address of a picture of an element, once it is there, and the last position."""
        image_id, position = await self._ask(signed, request, campaign_id, element_id, at_least)
        await self._wait(image_id, position)
        return f"/api/images/{image_id}", position

    async def ask_for_prompt(
        self, signed: Signed, request: Request, body: Prompt, at_least: int | None
    ) -> tuple[str, int | None]:
        """The same for a picture of what is described."""
        campaign_id = body.campaign_id or await self._only_one(signed, at_least)
        wanted = Wanted(campaign_id=campaign_id, prompt=body.prompt)
        reply = await self._gallery.request(signed, request, wanted, at_least)
        image_id = str(reply.data["image_id"])
        await self._wait(image_id, reply.position)
        return f"/api/images/{image_id}", reply.position

    async def _only_one(self, signed: Signed, at_least: int | None) -> str:
        found = await self._platform.reader.run(campaigns.campaigns, signed.account_id, at_least=at_least)
        led = [
            each["campaign_id"]
            for each in found
            for one in each["members"]
            if one["account_id"] == signed.account_id and one["role"] in LEADS
        ]
        if len(led) != 1:
            told = "campaign_id: name the campaign that the picture is for; you lead " + (
                "none" if not led else "several"
            )
            raise Problem(422, detail=told, field="campaign_id")
        return str(led[0])

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

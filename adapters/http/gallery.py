"""The images of all campaigns as one gateway shows and takes them: who may see which, how much there may be."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.requests import ClientDisconnect

from adapters.http.access import LEADS, PLAYS, Membership, Signed, member
from adapters.http.paging import page
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask, new_id
from adapters.images.receiving import (
    FileTooLarge,
    Received,
    Receiving,
    SenderStalled,
    TooManyUploads,
)
from adapters.images.rendition import Developed
from adapters.images.store import MediaStore
from adapters.images.studio import Studio, kind_of
from commands.image import MAX_ALT, MAX_PROMPT
from commands.message import Reply
from events.commit import Json
from events.errors import ImageBusy, ImageError, ImageUnfit, MediaUnavailable
from projections import images
from projections.characters import character
from projections.elements import element
from projections.sight import Viewer

MAX_ID = 128
MAX_LICENCE = 300
MAX_PORTRAITS = 8
"""Pictures a player may bring of a character; game masters bring as many as the campaign holds."""
MAX_DETAIL = 1500
WORDS = ("appearance", "description", "summary")
"""Fields that say what something looks like, the best first."""
CACHED_BYTES = 32 * 1024 * 1024
CACHED_EACH = 256 * 1024
"""Thumbnails and small pictures are kept at hand; a large one is asked for one at a time."""
LABELS = {
    "en": {
        "npc": "Person", "character": "Character", "location": "Place", "quest": "Quest", "event": "Event",
        "encounter": "Encounter", "note": "Note",
    },
    "fr": {
        "npc": "Personnage", "character": "Héros", "location": "Lieu", "quest": "Quête", "event": "Événement",
        "encounter": "Rencontre", "note": "Note",
    },
}  # fmt: skip

Line = Annotated[str, StringConstraints(max_length=64)]


class Wanted(BaseModel):
    """A picture to be made, of an element, of the `prompt`, or of both. `size` and `quality` are the model's words."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "campaign_id": "0199b6c2a4be7f019c0d3bb6a5f0c7d2",
                    "element_id": "0199b6c2d0357a55b6c9f02f9b1f6e11",
                    "prompt": "at low tide, in the evening",
                }
            ]
        },
    )
    campaign_id: Line
    element_id: Annotated[str, StringConstraints(max_length=128)] | None = None
    prompt: Annotated[str, StringConstraints(max_length=MAX_PROMPT)] = ""
    alt: Annotated[str, StringConstraints(max_length=MAX_ALT)] = ""
    size: Annotated[str, StringConstraints(pattern=r"^(|[1-9]\d{1,3}x[1-9]\d{1,3})$")] = ""
    quality: Annotated[str, StringConstraints(pattern=r"^[a-z]{0,16}$")] = ""


class Gallery:
    """The images of all campaigns, as one gateway shows and takes them."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._store = MediaStore(platform.client, platform.settings.realm)
        self._studio = Studio()
        self._receiving = Receiving(platform.settings.images.upload_bytes)
        self._cached: OrderedDict[str, bytes] = OrderedDict()
        self._cached_bytes = 0

    async def request(
        self, signed: Signed, request: Request, wanted: Wanted, at_least: int | None, part: str = ""
    ) -> Reply:
        """Have a picture made; the reply of the command. `part` tells several of one request apart.

        Raises `Problem`.
        """
        campaign_id, element_id = wanted.campaign_id, wanted.element_id or ""
        membership = await member(self._platform, signed, campaign_id, *LEADS, at_least=at_least)
        await self._check_room(campaign_id, 0, at_least)
        args = {
            "campaign_id": campaign_id,
            "element_id": element_id,
            "prompt": wanted.prompt,
            "alt": wanted.alt,
            "size": wanted.size,
            "quality": wanted.quality,
            "subject": await self._subject(membership, element_id, signed.language, at_least),
        }
        image_id = new_id(signed, request, f"image/{part}")
        stream = f"image/{image_id}"
        return await ask(self._platform, "image.request", stream, args, signed, request, part=part)

    async def take(self, signed: Signed, request: Request, at_least: int | None) -> tuple[Json, int | None]:
        """A picture that somebody sends: the image as it is told of, and its position. Raises `Problem`."""
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise Problem(415, detail="send a form: multipart/form-data with the fields file and campaign_id")
        with _refusals(), self._receiving.place(signed.account_id):
            received = await self._receiving.receive(request.headers, _pieces(request))
            campaign_id = received.fields.get("campaign_id", "")
            if not campaign_id or len(campaign_id) > 64:
                raise Problem(422, detail="campaign_id: name the campaign", field="campaign_id")
            element_id = received.fields.get("element_id", "")
            await self._check_bringer(signed, campaign_id, element_id, at_least)
            if not kind_of(received.content[:16]):
                told = "file: it is no PNG, JPEG or WebP picture, whatever its name says"
                raise Problem(415, detail=told, field="file")
            await self._check_room(campaign_id, 0, at_least)
            developed = await self._studio.develop(received.content)
            await self._check_room(campaign_id, developed.told()["bytes"], at_least)
            for rendition in developed.renditions.values():
                await self._store.put(rendition.content)
        return await self._bring(signed, request, campaign_id, received, developed)

    async def _check_bringer(
        self, signed: Signed, campaign_id: str, element_id: str, at_least: int | None
    ) -> None:
        """Raises `Problem` unless somebody leads the campaign, or brings a picture of the character he plays, which may
        have so many."""
        reader = self._platform.reader
        membership = await member(self._platform, signed, campaign_id, at_least=at_least)
        if membership.leads:
            return
        viewer = Viewer(signed.account_id, membership.role)
        named = membership.role in PLAYS and 0 < len(element_id) <= MAX_ID
        own = (
            await reader.run(character, campaign_id, element_id, viewer, at_least=at_least) if named else None
        )
        if own is None or own["player"] != signed.account_id:
            told = f"in this campaign you are {membership.role}: pictures of your own character only"
            raise Problem(403, detail=told, code="campaign_role")
        kept = await reader.run(images.images, campaign_id, element_id=element_id, limit=MAX_PORTRAITS)
        if len(kept) >= MAX_PORTRAITS:
            told = f"the character has {len(kept)} pictures, as many as it may; remove some first"
            raise Problem(409, detail=told, code="quota")

    async def _bring(
        self, signed: Signed, request: Request, campaign_id: str, received: Received, developed: Developed
    ) -> tuple[Json, int | None]:
        image_id, picture = new_id(signed, request, "image"), developed.told()
        fields = {name: received.fields.get(name, "") for name in ("element_id", "alt", "licence")}
        provenance = {
            "route": "upload",
            "by": signed.account_id,
            "by_name": signed.name,
            "licence": fields["licence"][:MAX_LICENCE],
            "format": developed.format,
            "original": sha256(received.content).hexdigest(),
            "original_width": developed.width,
            "original_height": developed.height,
        }
        args = {
            "campaign_id": campaign_id,
            "element_id": fields["element_id"],
            "alt": fields["alt"],
            "picture": picture,
            "provenance": provenance,
        }
        reply = await ask(self._platform, "image.upload", f"image/{image_id}", args, signed, request)
        row = await self._platform.reader.run(images.image, image_id, at_least=reply.position)
        if row is None:
            raise Problem(503, detail="the image is stored, but cannot be shown yet")
        return images.shown(row, Viewer(signed.account_id, "owner")), reply.position

    async def seen(
        self, signed: Signed, image_id: str, at_least: int | None
    ) -> tuple[dict[str, Any], Viewer]:
        """An image that who asks may see, and how he sees it. Raises `Problem` 404 otherwise, whatever the reason."""
        reader = self._platform.reader
        row = await reader.run(images.image, image_id, at_least=at_least) if len(image_id) <= 64 else None
        if row is None:
            raise _unknown()
        try:
            membership = await member(self._platform, signed, row["campaign_id"], at_least=at_least)
        except Problem as problem:
            raise _unknown() if problem.status == 404 else problem from None
        viewer = Viewer(signed.account_id, membership.role)
        if row["status"] == "removed" and not viewer.master:
            raise _unknown()
        if not await reader.run(images.pictures_seen, row["campaign_id"], (image_id,), viewer):
            raise _unknown()
        return row, viewer

    async def content(self, digest: str) -> bytes:
        """The bytes of that name. Raises `Problem` 503."""
        kept = self._cached.get(digest)
        if kept is not None:
            self._cached.move_to_end(digest)
            return kept
        with _refusals():
            found = await self._store.get(digest)
        if found is None:
            raise Problem(503, detail="the bytes of this image are not in the store", code="bytes_missing")
        if len(found) <= CACHED_EACH and digest not in self._cached:
            self._cached[digest] = found
            self._cached_bytes += len(found)
            while self._cached_bytes > CACHED_BYTES:
                self._cached_bytes -= len(self._cached.popitem(last=False)[1])
        return found

    async def page(
        self,
        signed: Signed,
        campaign_id: str,
        at_least: int | None,
        element_id: str | None,
        before: int | None,
        limit: int,
    ) -> Json:
        """A page of the images of a campaign that who asks may see."""
        reader = self._platform.reader
        membership = await member(self._platform, signed, campaign_id, at_least=at_least)
        viewer = Viewer(signed.account_id, membership.role)
        rows = await reader.run(
            images.images, campaign_id, element_id=element_id, before=before, limit=limit, at_least=at_least
        )
        seen = await reader.run(
            images.pictures_seen, campaign_id, tuple(row["image_id"] for row in rows[:limit]), viewer
        )
        found = page(rows, limit, lambda row: (row["position"],), lambda row: row)
        found["items"] = [images.shown(row, viewer) for row in found["items"] if row["image_id"] in seen]
        if viewer.master:
            count, size = await reader.run(images.usage, campaign_id)
            found["usage"] = {"images": count, "bytes": size}
        return found

    async def _check_room(self, campaign_id: str, more: int, at_least: int | None) -> None:
        """Raises `Problem` 409 when the campaign can hold no more images, or not `more` bytes."""
        limits = self._platform.settings.images
        count, size = await self._platform.reader.run(images.usage, campaign_id, at_least=at_least)
        if count >= limits.campaign_images:
            told = f"the campaign holds {count} images, as many as it may; remove some first"
            raise Problem(409, detail=told, code="quota")
        if size + more > limits.campaign_mb * 1_000_000:
            told = (
                f"the images of the campaign take {size // 1_000_000} MB of {limits.campaign_mb}; remove some"
            )
            raise Problem(409, detail=told, code="quota")

    async def _subject(
        self, membership: Membership, element_id: str, language: str, at_least: int | None
    ) -> Json:
        """What is known of an element or a character, for the picture. An unknown one is the decider's business."""
        if not element_id:
            return {}
        viewer = Viewer(membership.account_id, membership.role)
        reader = self._platform.reader
        found = await reader.run(element, element_id, viewer, at_least=at_least)
        if found is None:
            hero = await reader.run(character, membership.campaign_id, element_id, viewer)
            found = hero and {**hero, "campaign_id": membership.campaign_id, "kind": "character"}
        if found is None or found["campaign_id"] != membership.campaign_id:
            return {}
        fields = found["fields"]
        words = (fields.get(name) for name in WORDS)
        detail = next((str(each) for each in words if each), "")
        return {
            "kind": found["kind"],
            "name": str(found["name"])[:120],
            "detail": detail[:MAX_DETAIL],
            "label": LABELS.get(language, LABELS["en"]).get(found["kind"], ""),
        }


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect:
        raise Problem(400, detail="the sender went away before the file had arrived") from None


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns what the pipeline refuses into problems."""
    try:
        yield
    except FileTooLarge as error:
        raise Problem(413, detail=f"file: {error}", field="file") from None
    except SenderStalled as error:
        raise Problem(
            408, "Too slow", f"file: {error}", field="file", headers={"Connection": "close"}
        ) from None
    except TooManyUploads as error:
        status = 429 if error.own else 503
        raise Problem(status, detail=str(error), headers={"Retry-After": "5"}) from None
    except ImageBusy as error:
        raise Problem(503, detail=str(error), headers={"Retry-After": "5"}) from None
    except ImageUnfit as error:
        raise Problem(422, detail=f"file: {error}", field="file", code="image") from None
    except MediaUnavailable as error:
        raise Problem(503, detail=str(error), headers={"Retry-After": "2"}) from None
    except ImageError as error:
        raise Problem(422, detail=f"file: {error}", field="file") from None


def _unknown() -> Problem:
    return Problem(404, detail="there is no such image, or it is not for you", field="image_id")

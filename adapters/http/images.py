"""`/api/images`: pictures of a campaign, made or brought, and their bytes for those who may see them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from adapters.http.access import SignedIn
from adapters.http.gallery import MAX_LICENCE, Gallery, Wanted
from adapters.http.paging import DEFAULT_PAGE, Cursor, Limit, place_of
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask
from adapters.http.versions import AtLeast, answer
from adapters.images.rendition import MIME
from commands.image import MAX_ALT
from events.commit import Json
from projections import images

BYTES_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Disposition": "inline",
    "Vary": "Authorization",
}
ImageSize = Literal["thumb", "small", "full"]

EXAMPLE: Json = {
    "image_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c1",
    "campaign_id": "0199b6c2a4be7f019c0d3bb6a5f0c7d2",
    "element_id": "0199b6c2d0357a55b6c9f02f9b1f6e11",
    "status": "stored",
    "alt": "A lighthouse on a cliff, half under water.",
    "width": 1024,
    "height": 1024,
    "mime": MIME,
    "sizes": {
        "thumb": {"width": 160, "height": 160, "bytes": 4102},
        "small": {"width": 640, "height": 640, "bytes": 40312},
        "full": {"width": 1024, "height": 1024, "bytes": 96230},
    },
    "route": "model",
    "licence": "Made by a model; the terms of its provider apply.",
    "created_at": "2026-11-27T03:00:00+00:00",
    "changed_at": "2026-11-27T03:00:21+00:00",
}

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in."},
    403: {"description": "The role in the campaign is too small."},
    404: {"description": "There is no such image, campaign or element, or it is not for who asks."},
    422: {"description": "A field cannot be understood; `field` names it."},
    429: {"description": "Too often, or too many at once; `Retry-After` says when to come again."},
    503: {"description": "A part cannot be reached right now."},
}
_QUOTA: dict[int | str, dict[str, Any]] = {409: {"description": "The campaign holds as much as it may."}}
_TAKEN: dict[int | str, dict[str, Any]] = {
    **_QUOTA,
    408: {"description": "The sender stopped sending."},
    413: {"description": "The file is larger than is taken."},
    415: {"description": "No PNG, JPEG or WebP, whatever its name says."},
}
_FORM: Json = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "campaign_id"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "campaign_id": {"type": "string"},
                        "element_id": {"type": "string"},
                        "alt": {"type": "string", "maxLength": MAX_ALT},
                        "licence": {"type": "string", "maxLength": MAX_LICENCE},
                    },
                }
            }
        },
    }
}


class Description(BaseModel):
    """What an image shows, in words."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"alt": "A lighthouse at low tide."}]}
    )
    alt: Annotated[str, StringConstraints(max_length=MAX_ALT)]


def _ok(example: Json, status: int = 200) -> dict[int | str, dict[str, Any]]:
    return {status: {"content": {"application/json": {"example": example}}}}


def router(platform: Platform) -> APIRouter:
    """The routes of images."""
    routes = APIRouter(tags=["images"], responses=_PROBLEMS)
    gallery = Gallery(platform)

    @routes.post(
        "/api/images/generate",
        summary="Have a picture made",
        status_code=202,
        responses={**_ok({"image_id": EXAMPLE["image_id"], "status": "requested"}, 202), **_QUOTA},
    )
    async def generate(body: Wanted, request: Request, signed: SignedIn, at_least: AtLeast) -> Response:
        """The answer comes at once; `image.stored` or `image.failed` in the campaign's feed says that it is done.

        Where no provider makes pictures, a card is drawn (`route` is then `placeholder`).
        """
        reply = await gallery.request(signed, request, body, at_least)
        told = {"image_id": reply.data["image_id"], "status": reply.data["status"]}
        headers = {"Location": f"/api/images/{reply.data['image_id']}/about"}
        return answer(told, 202, position=reply.position, headers=headers)

    @routes.post(
        "/api/images",
        summary="Bring a picture",
        status_code=201,
        openapi_extra=_FORM,
        responses={**_ok(EXAMPLE, 201), **_TAKEN},
    )
    async def upload(request: Request, signed: SignedIn, at_least: AtLeast) -> Response:
        """A form with the field `file`. What is kept is a new encoding of its pixels, without place, time or name."""
        found, position = await gallery.take(signed, request, at_least)
        headers = {"Location": f"/api/images/{found['image_id']}"}
        return answer(found, 201, position=position, headers=headers)

    @routes.get(
        "/api/images/{image_id}",
        summary="The bytes of a picture",
        response_class=Response,
        responses={
            200: {"content": {MIME: {"schema": {"type": "string", "format": "binary"}}}},
            304: {"description": "As in `If-None-Match`."},
        },
    )
    async def content(
        image_id: str,
        request: Request,
        signed: SignedIn,
        at_least: AtLeast,
        size: Annotated[
            ImageSize, Query(description="The longest side: 160, 640 or 2048 pixels at most.")
        ] = "full",
    ) -> Response:
        """An `<img>` cannot send a token: fetch it, and show a `blob:` address."""
        row, _ = await gallery.seen(signed, image_id, at_least)
        file = row["sizes"].get(size)
        if row["status"] != "stored" or file is None:
            raise Problem(404, detail=f"there are no bytes: the image is {row['status']}", code=row["status"])
        headers = {"ETag": f'"{file["sha256"]}"', **BYTES_HEADERS}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        return Response(await gallery.content(file["sha256"]), 200, headers, row["mime"])

    @routes.get("/api/images/{image_id}/about", summary="What is known of an image", responses=_ok(EXAMPLE))
    async def about(image_id: str, signed: SignedIn, at_least: AtLeast) -> Json:
        """Players see what it shows and under which licence; where it is from in detail, who leads the campaign."""
        row, viewer = await gallery.seen(signed, image_id, at_least)
        return images.shown(row, viewer)

    @routes.patch("/api/images/{image_id}", summary="Describe an image", responses=_ok(EXAMPLE))
    async def describe(
        image_id: str, body: Description, request: Request, signed: SignedIn, at_least: AtLeast
    ) -> Response:
        row, viewer = await gallery.seen(signed, image_id, at_least)
        reply = await ask(platform, "image.describe", f"image/{image_id}", {"alt": body.alt}, signed, request)
        return answer(images.shown(row | {"alt": body.alt}, viewer), position=reply.position)

    @routes.delete(
        "/api/images/{image_id}", summary="Remove an image", status_code=204, response_class=Response
    )
    async def remove(image_id: str, request: Request, signed: SignedIn, at_least: AtLeast) -> Response:
        """At once it is shown no more; its bytes go when no other image has the same. What is known of it stays."""
        await gallery.seen(signed, image_id, at_least)
        reply = await ask(platform, "image.remove", f"image/{image_id}", {}, signed, request)
        return answer(None, position=reply.position)

    @routes.get(
        "/api/campaigns/{campaign_id}/images",
        summary="The images of a campaign, the latest first",
        responses=_ok({"items": [EXAMPLE], "next": None, "usage": {"images": 1, "bytes": 140644}}),
    )
    async def some(
        campaign_id: str,
        signed: SignedIn,
        at_least: AtLeast,
        element_id: Annotated[str | None, Query(max_length=128, description="Only those of it.")] = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        """Players get those that are the picture of something they may see, so that a page may be short."""
        before = place_of(cursor, int)
        return await gallery.page(
            signed, campaign_id, at_least, element_id, before[0] if before else None, limit
        )

    return routes

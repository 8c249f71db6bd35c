"""`/api/elements`: places, people, quests, events, notes and encounters of campaigns, with all their history.

A removed element is 410 for game masters, who may restore it, and 404 for everybody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from adapters import markdown
from adapters.http import encounters
from adapters.http.access import Signed, SignedIn
from adapters.http.element_bodies import ElementChange, Given, Kind, NewElement, Showing, Visibility, Which
from adapters.http.paging import DEFAULT_PAGE, Cursor, Limit, page, place_of
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask, new_id
from adapters.http.versions import AtLeast, IfMatch, answer, etag
from adapters.http.viewing import (
    EDITS,
    PROBLEMS,
    At,
    ViewAs,
    edit,
    no_element,
    position_of,
    shows,
    viewer_of,
    viewer_of_element,
    written,
)
from commands.forms.kinds import BY_NAME
from events.commit import Json, moment
from projections import backlinks, elements
from projections.sight import Viewer

Words = Annotated[str, Query(max_length=200, description="All of these words, in what you may see of it.")]

LONG = 3000
"""Text from here on is rendered beside the event loop."""

LISTABLE = frozenset(
    field.name
    for form in BY_NAME.values()
    for field in form.values()
    if field.form in {"choice", "number", "flag"}
)

BRIEF: Json = {
    "element_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c1",
    "kind": "npc",
    "name": "Ilsa Vane",
    "summary": "Keeper of the harbour light",
    "visibility": "all",
    "version": 2,
    "changed_at": "2026-11-27T03:00:00+00:00",
    "tags": ["keeper"],
    "image_id": None,
}
EXAMPLE: Json = BRIEF | {
    "campaign_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c0",
    "fields": {"name": "Ilsa Vane", "description": "Keeps the light of [[0199…]]."},
    "html": {"description": '<p>Keeps the light of <a href="#/c/0199…/e/0199…">Salt Harbour</a>.</p>'},
    "blame": {
        "name": {"version": 2, "position": 41, "at": "2026-11-27T03:00:00+00:00", "actor": {"name": "mira"}}
    },
    "references": {"0199…": {"name": "Salt Harbour", "kind": "location"}},
    "backlinks": [],
    "position": 41,
}


def router(platform: Platform) -> APIRouter:
    """The routes of elements."""
    routes = APIRouter(tags=["elements"], responses=PROBLEMS)
    _reading(routes, platform)
    _writing(routes, platform)
    return routes


def _reading(routes: APIRouter, platform: Platform) -> None:
    @routes.get(
        "/api/elements/{campaign_id}",
        summary="Elements of a campaign by name",
        responses=shows({"items": [BRIEF], "next": None}),
    )
    async def some(
        campaign_id: Given,
        signed: SignedIn,
        at_least: AtLeast,
        kind: Kind | None = None,
        q: Words = "",
        visibility: Visibility | None = None,
        tag: Annotated[str | None, Query(max_length=40)] = None,
        removed: Annotated[bool, Query(description="Game masters: what was removed.")] = False,
        fields: Annotated[
            list[str] | None,
            Query(max_length=8, description="Fields each item shall have, too: choices, numbers and flags."),
        ] = None,
        view_as: ViewAs = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        wanted = _listable(fields or ())
        viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
        after = place_of(cursor, str, str)
        found = await platform.reader.run(
            elements.elements,
            campaign_id,
            viewer,
            kind=kind,
            words=q,
            visibility=visibility,
            tag=tag,
            removed=removed,
            after=(after[0], after[1]) if after else None,
            limit=limit,
            whole=bool(wanted),
            at_least=at_least,
        )

        def shown(row: Json) -> Json:
            brief = elements.brief_shown(row)
            if wanted:
                brief["fields"] = {name: value for name, value in row["fields"].items() if name in wanted}
            return brief

        return page(found, limit, lambda each: (each["sort"], each["element_id"]), shown)

    @routes.get(
        "/api/element/{element_id}",
        summary="One element, as it is or was",
        responses={**shows(EXAMPLE), 410: {"description": "It is removed; game masters may restore it."}},
    )
    async def one(
        element_id: Given, signed: SignedIn, at_least: AtLeast, at: At = None, view_as: ViewAs = None
    ) -> Response:
        """Its fields, texts as `html`, who set each field when in `blame`, what refers to it in `backlinks`."""
        campaign_id, viewer = await viewer_of_element(platform, signed, element_id, view_as, at_least)
        position = await position_of(platform, campaign_id, at)
        found = await _whole(platform, campaign_id, element_id, viewer, position, at_least)
        return answer(found, version=found["version"] if position is None else None)


def _listable(names: Sequence[str]) -> frozenset[str]:
    """The fields a list may show: such as refer to nothing. Raises `Problem` 422 for others."""
    strange = next((name for name in names if name not in LISTABLE), None)
    if strange is not None:
        told = f"fields: {strange[:40]!r} is none of {', '.join(sorted(LISTABLE))}"
        raise Problem(422, detail=told, field="fields")
    return frozenset(names)


def _writing(routes: APIRouter, platform: Platform) -> None:
    async def change(verb: str, element_id: str, args: Json, signed: Signed, request: Request) -> Response:
        reply = await edit(platform, f"element.{verb}", f"element/{element_id}", args, signed, request)
        return await written(reply, lambda position: _mine(platform, signed, element_id, position))

    @routes.post(
        "/api/elements",
        summary="A new element",
        status_code=201,
        responses={**shows(EXAMPLE, 201), 409: EDITS[409]},
    )
    async def create(body: NewElement, request: Request, signed: SignedIn) -> Response:
        """Game masters; what its fields are is at `/api/schemas/{kind}`."""
        element_id = new_id(signed, request)
        args = body.model_dump()
        if body.kind == "encounter":
            args["fields"] = await encounters.weighed(platform, signed, body.campaign_id, body.fields)
        reply = await ask(platform, "element.create", f"element/{element_id}", args, signed, request)
        return await written(reply, lambda position: _mine(platform, signed, element_id, position), 201)

    @routes.put(
        "/api/elements/{element_id}",
        summary="Replace an element's fields",
        responses={**shows(EXAMPLE), **EDITS},
    )
    async def replace(
        element_id: Given, body: ElementChange, version: IfMatch, request: Request, signed: SignedIn
    ) -> Response:
        fields = await encounters.reweighed(platform, signed, element_id, body.fields, whole=True)
        args = {"set": fields, "whole": True, "expected": version}
        return await change("change", element_id, args, signed, request)

    @routes.patch(
        "/api/elements/{element_id}", summary="Change some fields", responses={**shows(EXAMPLE), **EDITS}
    )
    async def alter(
        element_id: Given, body: ElementChange, version: IfMatch, request: Request, signed: SignedIn
    ) -> Response:
        fields = await encounters.reweighed(platform, signed, element_id, body.fields)
        return await change("change", element_id, {"set": fields, "expected": version}, signed, request)

    @routes.delete(
        "/api/elements/{element_id}", summary="Remove an element", status_code=204, responses=EDITS
    )
    async def remove(element_id: Given, version: IfMatch, request: Request, signed: SignedIn) -> Response:
        """It can be restored; nothing leaves the log."""
        reply = await edit(
            platform, "element.remove", f"element/{element_id}", {"expected": version}, signed, request
        )
        return answer(None, 204, position=reply.position)

    @routes.post(
        "/api/elements/{element_id}/restore",
        summary="Restore a removed element",
        responses={**shows(EXAMPLE), 409: EDITS[409]},
    )
    async def restore(element_id: Given, request: Request, signed: SignedIn) -> Response:
        return await change("restore", element_id, {}, signed, request)

    @routes.post(
        "/api/elements/{element_id}/undo",
        summary="Undo one revision",
        responses={**shows(EXAMPLE), 409: EDITS[409]},
    )
    async def undo(element_id: Given, body: Which, request: Request, signed: SignedIn) -> Response:
        """Takes back what that revision changed, and keeps what others changed since; 409 over the same field."""
        return await _changed(platform, "undo", element_id, body.model_dump(), signed, request)

    @routes.post(
        "/api/elements/{element_id}/revert",
        summary="Make it what it was at a revision",
        responses={**shows(EXAMPLE), 409: EDITS[409]},
    )
    async def revert(element_id: Given, body: Which, request: Request, signed: SignedIn) -> Response:
        return await _changed(platform, "revert", element_id, body.model_dump(), signed, request)

    @routes.post(
        "/api/elements/{element_id}/visibility",
        summary="Say who sees it",
        responses={**shows(EXAMPLE), 409: EDITS[409]},
    )
    async def show(element_id: Given, body: Showing, request: Request, signed: SignedIn) -> Response:
        """`gm`, `all`, or `members` with their accounts; and fields that are shown or hidden otherwise than usual."""
        return await change("show", element_id, body.model_dump(exclude_none=True), signed, request)


async def _changed(
    platform: Platform, verb: str, element_id: str, args: Json, signed: Signed, request: Request
) -> Response:
    """After undoing a removal or a restoration, the element may be there or not."""
    reply = await edit(platform, f"element.{verb}", f"element/{element_id}", args, signed, request)

    async def read(position: int) -> Json:
        try:
            return await _mine(platform, signed, element_id, position)
        except Problem as problem:
            if problem.status != 410:
                raise
            return reply.data | {"status": "removed"}

    return await written(reply, read)


async def _mine(platform: Platform, signed: Signed, element_id: str, at_least: int | None) -> Json:
    campaign_id, viewer = await viewer_of_element(platform, signed, element_id, None, at_least)
    return await _whole(platform, campaign_id, element_id, viewer, None, at_least)


async def _whole(
    platform: Platform,
    campaign_id: str,
    element_id: str,
    viewer: Viewer,
    at: int | None,
    at_least: int | None,
) -> Json:
    found, links = await asyncio.gather(
        platform.reader.run(elements.element, element_id, viewer, at=at, at_least=at_least),
        platform.reader.run(
            backlinks.backlinks, campaign_id, element_id, viewer, at=at, limit=DEFAULT_PAGE, at_least=at_least
        ),
    )
    if found is None:
        raise no_element()
    if found["status"] == "removed":
        told = {"version": found["version"], "name": found["name"], "kind": found["kind"]}
        problem = "it is removed; POST …/restore brings it back"
        raise Problem(410, "Gone", problem, headers={"ETag": etag(found["version"])}, more=told)
    whole = elements.brief_shown(found) | {
        "campaign_id": campaign_id,
        "fields": found["fields"],
        "blame": found["blame"],
        "referred": found["referred"],
        "backlinks": links[:DEFAULT_PAGE],
        "more_backlinks": len(links) > DEFAULT_PAGE,
        "position": found.get("position"),
    }
    if viewer.master:
        whole |= {"field_visibility": found["field_visibility"], "origin": found["origin"]}
    return await dressed(whole, campaign_id)


async def dressed(found: Json, campaign_id: str) -> Json:
    """With its texts as HTML, the names of what it refers to, and times as they are written."""
    names = {element_id: brief["name"] for element_id, brief in found["referred"].items()}
    form = BY_NAME[found["kind"]]
    texts = {
        name: text for name, text in found["fields"].items() if name in form and form[name].form == "text"
    }

    def render() -> dict[str, str]:
        return {name: markdown.render(text, names, campaign_id) for name, text in texts.items()}

    html = await asyncio.to_thread(render) if sum(map(len, texts.values())) > LONG else render()
    blame = {name: by | {"at": moment(by["at"]).isoformat()} for name, by in found["blame"].items()}
    rest = {name: value for name, value in found.items() if name != "referred"}
    return rest | {"html": html, "blame": blame, "references": found["referred"]}

"""`/api/chat`: conversations with the assistant. Pieces of an answer come over the WebSocket while it is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters import markdown
from adapters.gamemaster.conversation import Said, Stopped
from adapters.gamemaster.wanted import Asker
from adapters.http.access import PLAYS, Signed, SignedIn, member
from adapters.http.paging import DEFAULT_PAGE, Cursor, Limit, cursor_of, place_of
from adapters.http.platform import Platform
from adapters.http.problems import Problem, correlation, new_id
from adapters.http.versions import AtLeast, answer
from adapters.http.viewing import PROBLEMS, shows
from commands.chat import MAX_SAID
from commands.forms.filling import mentioned
from events.commit import Json
from projections import chats, elements
from projections.proposals import proposal
from projections.sight import Viewer

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]
MAIN = "main"

EXAMPLE: Json = {
    "chat_id": "main",
    "message_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c1",
    "role": "assistant",
    "number": 2,
    "text": "Nobody rules the harbour since the [[0199…]] burnt.",
    "html": '<p>Nobody rules the harbour since the <a href="#/c/0199…/e/0199…">Customs House</a> burnt.</p>',
    "cites": [{"kind": "element", "id": "0199…", "name": "Customs House"}],
    "proposals": [],
    "route": "model",
    "model": "gpt-5-mini",
    "tokens": {"prompt": 812, "answer": 64},
    "cost": 0.0000305,
    "decision_id": "dec_0199…",
    "problem": "",
    "at": "2026-11-27T03:00:00+00:00",
    "position": 412,
}


class Message(BaseModel):
    """What is asked. `chat_id` names one of one's own conversations; `character_id` whom one plays."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"campaign_id": "0199…", "message": "Who rules the harbour?"}]},
    )
    campaign_id: Id
    message: Annotated[str, Field(min_length=1, max_length=MAX_SAID)]
    chat_id: Id = MAIN
    character_id: Annotated[str, Field(max_length=64)] = ""
    message_id: Id | None = None


class Stop(BaseModel):
    """The message whose answer is not wanted any more."""

    model_config = ConfigDict(extra="forbid")
    campaign_id: Id
    message_id: Id
    chat_id: Id = MAIN


NO_MODEL = "no model answered"


def router(platform: Platform) -> APIRouter:
    """The routes of conversations."""
    routes = APIRouter(tags=["chat"], responses=PROBLEMS)
    desk = platform.assistant.conversations

    @routes.post(
        "/api/chat",
        summary="Ask the assistant",
        responses={**shows(EXAMPLE), 409: {"description": "The answer was stopped."}},
    )
    async def ask(body: Message, request: Request, signed: SignedIn, at_least: AtLeast) -> Response:
        """Game masters are answered out of everything, players out of what they may see; observers only listen.

        The same `message_id`, or `Idempotency-Key`, gets the first answer. While it is written, whoever listens to
        `chat:<campaign id>` gets `{"chat_id", "message_id", "text"}`.
        """
        viewer = await _speaker(platform, signed, body.campaign_id, at_least)
        message_id = body.message_id or new_id(signed, request, "message")
        said = Said(body.campaign_id, _stream(body, signed), message_id, body.message, body.character_id)

        def tell(item: Json) -> None:
            news = {**item, "chat_id": body.chat_id}
            platform.live.publish(f"chat:{body.campaign_id}", news, to=signed.account_id)

        asker = Asker(signed.actor, correlation(request))
        try:
            found = await desk.answer(said, viewer, asker, tell, at_least=at_least)
        except Stopped:
            raise Problem(409, detail="the answer was stopped; ask again", code="stopped") from None
        except LookupError:
            raise Problem(404, detail="there is no such campaign", field="campaign_id") from None
        (shown,) = await _shown(platform, body.campaign_id, viewer, [found])
        tell({"message_id": message_id, "done": shown})
        return answer(shown, position=found["position"])

    @routes.post("/api/chat/stop", summary="Stop an answer", responses=shows({"stopped": True}))
    async def stop(body: Stop, request: Request, signed: SignedIn) -> Json:
        """`stopped` is false when there was nothing to stop: it was answered, or never asked of this gateway."""
        await _speaker(platform, signed, body.campaign_id, None)
        asker = Asker(signed.actor, correlation(request))
        return {"stopped": await desk.stop(_stream(body, signed), body.message_id, asker)}

    @routes.get(
        "/api/chat/history/{campaign_id}",
        summary="One's own conversation, the latest first",
        responses=shows({"items": [EXAMPLE], "next": None}),
    )
    async def history(
        campaign_id: Annotated[str, Path(max_length=64)],
        signed: SignedIn,
        at_least: AtLeast,
        chat_id: Annotated[str, Query(max_length=64, pattern=r"^[0-9A-Za-z_-]+$")] = MAIN,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        found = await member(platform, signed, campaign_id, at_least=at_least)
        before = place_of(cursor, int)
        chat = f"{campaign_id}/{signed.account_id}/{chat_id}"
        read = await platform.reader.run(
            chats.history, chat, before=before[0] if before else None, limit=limit, at_least=at_least
        )
        viewer = Viewer(found.account_id, found.role)
        shown = await _shown(platform, campaign_id, viewer, read["items"])
        return {"items": shown, "next": cursor_of(read["next"]) if read["next"] is not None else None}

    return routes


async def _speaker(platform: Platform, signed: Signed, campaign_id: str, at_least: int | None) -> Viewer:
    found = await member(platform, signed, campaign_id, *PLAYS, at_least=at_least)
    return Viewer(found.account_id, found.role)


def _stream(body: Message | Stop, signed: Signed) -> str:
    return f"{body.campaign_id}/{signed.account_id}/{body.chat_id}"


async def _shown(platform: Platform, campaign_id: str, viewer: Viewer, items: Iterable[Json]) -> list[Json]:
    """Messages as a page shows them: rendered, with whole proposals. Names are those the reader may see now."""
    told = list(items)
    ids = {each["id"] for item in told for each in item.get("cites", ()) if each["kind"] == "element"}
    ids |= {each for item in told for each in mentioned(item["text"])}
    known: dict[str, Any] = {}
    if ids:
        known = await platform.reader.run(elements.briefs, campaign_id, sorted(ids)[:400], viewer)
    names = {element_id: brief["name"] for element_id, brief in known.items()}
    shown = []
    for item in told:
        one = {**item, "chat_id": item["chat_id"].rsplit("/", 1)[-1]}
        if item["role"] != "dropped":
            one["html"] = markdown.render(item["text"], names, campaign_id)
        if item["role"] == "assistant":
            one["cites"] = [
                each for each in item["cites"] if each["kind"] != "element" or each["id"] in names
            ]
            one["proposals"] = [
                found
                for each in item["proposals"]
                if viewer.master and (found := await platform.reader.run(proposal, each)) is not None
            ]
            one["cost"] = item["cost"] / 1e9
            if one["problem"] and not viewer.master:
                # Which provider, key or check it was is the game master's business.
                one["problem"] = NO_MODEL
        shown.append(one)
    return shown

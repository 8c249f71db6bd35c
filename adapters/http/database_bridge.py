"""The paths of the database-polled bridge, `/api/v1/npc/{id}/…`: the same operations in the words of its client.

`existing-apis.md` §3.1, fourth row. Bodies hold the fields of the contract beside others; answers hold what that client
reads, and the whole response of the contract for whoever wants to know more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from adapters.http.answers import answered, read_object
from commands.mind.affect import EMOTION_HALF_LIFE
from commands.mind.wire import ACTIONS
from commands.rejection import Rejected
from events.commit import Json

Ask = Callable[[Request, str, Json], Awaitable[Json]]
"""Carries out `(HTTP request, operation, flat body)`; the wire response."""

_PLAYER = {"player_id": "char_id", "player_name": "name", "player_level": "level"}


def bridge_routes(ask: Ask) -> APIRouter:
    """The three paths, carried out by `ask`."""
    router = APIRouter(tags=["database bridge"], prefix="/api/v1/npc/{npc_id:path}")

    @router.post("/dialogue", summary="What an NPC answers (`dialogue`)")
    async def dialogue(npc_id: str, request: Request) -> Response:
        return await _answer(request, ask, "dialogue", npc_id, said)

    @router.post("/decide", summary="What an NPC does (`decide_action`)")
    async def decide(npc_id: str, request: Request) -> Response:
        return await _answer(request, ask, "decide_action", npc_id, decided)

    @router.post("/emotion", summary="What an NPC feels (`get_emotion`), after an `event` if one is named")
    async def emotion(npc_id: str, request: Request) -> Response:
        return await _answer(request, ask, "get_emotion", npc_id, felt)

    return router


def said(data: Json) -> Json:
    """What the bridge reads of a dialogue."""
    return {
        "response": data.get("response"),
        "message": data.get("response"),
        "emotion": data.get("emotion"),
        "actions": [data["action"]] if data.get("action") else [],
        "menu_options": [],
        "model": data.get("model", data.get("method")),
        "tokens_used": data.get("tokens_used", 0),
    }


def decided(data: Json) -> Json:
    """What the bridge reads of a decision: `confidence` is the score of what was chosen."""
    scores = data.get("scores") or {}
    return {
        "action": data.get("action"),
        "confidence": scores.get(data.get("activity"), 0.0),
        "reasoning": data.get("reason"),
        "parameters": {key: data[key] for key in _PARAMETERS if key in data},
    }


def felt(data: Json) -> Json:
    """What the bridge reads of an emotion: after `duration_seconds` it is half as strong."""
    return {
        "emotion": data.get("primary"),
        "intensity": data.get("intensity"),
        "expression": ACTIONS.get(str(data.get("primary")), "idle"),
        "dialogue_modifier": (data.get("mood") or {}).get("label"),
        "duration_seconds": EMOTION_HALF_LIFE // 1_000_000,
    }


_PARAMETERS = ("target", "target_x", "target_y", "target_id")


async def _answer(
    request: Request, ask: Ask, operation: str, npc_id: str, words: Callable[[Json], Json]
) -> Response:
    try:
        body = {**read_object(await request.body()), "npc_id": npc_id}
    except Rejected as rejected:
        return answered(rejected)
    trigger = body.pop("trigger_event", None)
    if operation == "get_emotion" and trigger:
        event = {"npc_id": npc_id, "event_type": trigger, "event_data": body.get("context") or {}}
        noticed = await ask(request, "event", event)
        if not noticed["success"]:
            return answered(noticed)
    body.pop("timestamp", None)
    player = {ours: body[theirs] for theirs, ours in _PLAYER.items() if body.get(theirs) is not None}
    if "char_id" in player:
        body.setdefault("actor", player)
    response = await ask(request, operation, body)
    return answered(response, words(response["data"]) if response["success"] else {})

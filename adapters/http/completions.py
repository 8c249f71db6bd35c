"""`POST /v1/chat/completions` and `GET /v1/models`: our routing, cache, budget and audit behind the usual address.

`model: npc/<id>` speaks as that NPC, with its memory, as `dialogue` does; any other name is answered by the models that
are switched on, in their order.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from functools import partial
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from nats.aio.client import Client
from pydantic_core import to_json
from starlette.responses import Response

from adapters.completions import line, wire
from adapters.completions.callers import Caller, Callers
from adapters.completions.line import AgentLost, Outcome, Question, QuestionRefused
from adapters.completions.wire import ChatRequest, WireError
from adapters.rathena.connections import Connection
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.status import Status
from adapters.settings import Settings
from commands.codes import Code
from events.commit import Json
from events.decision import DecisionMade, Usage
from events.errors import ProjectionError
from projections import npcs

NPC = "npc/"
ROUTED = "lorestream"
"""The name under which `GET /v1/models` lists whatever models are switched on."""
MAX_NPCS = 1000
MAX_USER = 64
MAX_KEY = 128


def router(settings: Settings, status: Status, dispatcher: Dispatcher, callers: Callers) -> APIRouter:
    """The routes of the compatible endpoint."""
    routes = APIRouter(tags=["compatible endpoint"])
    desk = Completions(settings, status.client, dispatcher)

    @routes.post(
        "/v1/chat/completions",
        summary="A chat completion",
        openapi_extra={
            "requestBody": {"content": {"application/json": {"schema": ChatRequest.model_json_schema()}}}
        },
    )
    async def complete(request: Request) -> Response:
        try:
            caller = await callers.admit(request.headers.get("authorization"))
            asked = wire.read_body(await request.body(), empty=caller.profile.messages.empty)
            user = (asked.user or request.headers.get("x-user") or "")[:MAX_USER]
            callers.count(caller, user)
            return await desk.answer(asked, caller, user, request.headers.get("idempotency-key", ""))
        except WireError as refused:
            return _refusal(refused)

    @routes.get("/v1/models", summary="What can stand in `model`")
    async def models(request: Request) -> Response:
        try:
            await callers.admit(request.headers.get("authorization"))
            known = await status.reader.run(npcs.registered_ids, MAX_NPCS)
        except WireError as refused:
            return _refusal(refused)
        except ProjectionError:
            return _refusal(WireError(503, "the read models cannot be reached right now", "server_error"))
        names = [ROUTED, *(NPC + npc_id for npc_id in known)]
        return JSONResponse(
            {
                "object": "list",
                "data": [
                    {"id": name, "object": "model", "created": 0, "owned_by": "lorestream"} for name in names
                ],
            }
        )

    return routes


class Completions:
    """Answers callers: as an NPC through the dispatcher, else through the agents' models."""

    def __init__(self, settings: Settings, client: Client, dispatcher: Dispatcher) -> None:
        self._settings = settings
        self._client = client
        self._dispatcher = dispatcher

    async def answer(self, asked: ChatRequest, caller: Caller, user: str, repeated: str) -> Response:
        """Raises `WireError`. `repeated` is an idempotency key: the same question under it is answered once."""
        unique = hashlib.sha256(repeated[:MAX_KEY].encode()).hexdigest()[:32] if repeated else uuid4().hex
        question_id = f"v1/{caller.name}/{unique}"
        answer_id, created = (
            f"chatcmpl-{hashlib.sha256(question_id.encode()).hexdigest()[:24]}",
            int(time.time()),
        )
        if asked.model.startswith(NPC):
            content = await self._as_npc(asked, caller, user, question_id)
            whole = wire.completion(answer_id, asked.model, created, content, [], "stop", Usage())
            return _streamed(_whole(whole, asked)) if asked.stream else _json(whole)
        question = Question(
            question_id,
            asked.inputs(caller.profile.max_tokens, _who(caller, user)),
            caller.profile.timeout_seconds,
            asked.stream,
            repeatable=bool(repeated),
        )
        pieces = line.put(self._client, self._settings.realm, question)
        if not asked.stream:
            async with aclosing(pieces):
                outcome = await _outcome(pieces, caller)
            whole, headers = _completion(answer_id, created, outcome, caller)
            return _json(whole, headers)
        return _streamed(self._stream(pieces, asked, caller, answer_id, created))

    async def _as_npc(self, asked: ChatRequest, caller: Caller, user: str, question_id: str) -> str:
        npc_id, seconds = asked.model.removeprefix(NPC), caller.profile.timeout_seconds
        document = {
            "correlation_id": question_id,
            "operation": "dialogue",
            "npc_id": npc_id,
            "data": {
                "player_message": asked.question(),
                "player_id": f"key:{caller.name}" + (f"/{user}" if user else ""),
            },
            "timeout_ms": int(seconds * 1000),
        }
        connection = Connection(key=f"v1.{caller.name}", vouched=False, transport="http")
        response, afterwards = await self._dispatcher.begin(document, connection)
        for step in afterwards:
            await step()
        if response["success"]:
            return caller.profile.cut(str(response["data"].get("response", "")))
        code = response["error_code"]
        if code == Code.NPC_NOT_FOUND:
            told = f"model: no NPC {npc_id[:64]!r} is registered"
            raise WireError(404, told, code="model_not_found", param="model")
        raise _failure(code, response["error_message"], caller)

    async def _stream(
        self,
        pieces: AsyncGenerator[str | Outcome],
        asked: ChatRequest,
        caller: Caller,
        answer_id: str,
        created: int,
    ) -> AsyncIterator[bytes]:
        """Server-sent events; an error after the beginning comes as an event of its own, as the format has it."""
        model, told = asked.model, 0
        most = caller.profile.max_chars
        part = partial(wire.piece, answer_id, model, created)
        yield _event(part({"role": "assistant", "content": ""}))
        try:
            async with aclosing(pieces):
                async for one in pieces:
                    if isinstance(one, Outcome):
                        outcome = one
                    elif not most or told < most:
                        text = one if not most else one[: most - told]
                        told += len(text)
                        yield _event(part({"content": text}))
            whole, _ = _completion(answer_id, created, outcome, caller)
        except (AgentLost, QuestionRefused) as lost:
            yield _event(_lost(lost, caller).body)
            return
        except WireError as refused:
            yield _event(refused.body)
            return
        message, finish = whole["choices"][0]["message"], whole["choices"][0]["finish_reason"]
        if not told and message["content"]:
            yield _event(part({"content": message["content"]}))
        elif most and told >= most:
            yield _event(part({"content": "..."}))
        if message.get("tool_calls"):
            calls = [{"index": number, **call} for number, call in enumerate(message["tool_calls"])]
            yield _event(part({"tool_calls": calls}))
        yield _event(part({}, finish))
        if asked.stream_options is not None and asked.stream_options.include_usage:
            yield _event({**part({}), "choices": [], "usage": whole["usage"]})
        yield b"data: [DONE]\n\n"


def _who(caller: Caller, user: str) -> str:
    """Whom an answer is for: a claim of whoever holds the key, and recognisable as one."""
    return f"key:{caller.name}" + (f"/{user}" if user else "")


async def _outcome(pieces: AsyncGenerator[str | Outcome], caller: Caller) -> Outcome:
    """The end of a question, whatever was said before. Raises `WireError`."""
    try:
        async for one in pieces:
            if isinstance(one, Outcome):
                return one
    except (AgentLost, QuestionRefused) as lost:
        raise _lost(lost, caller) from None
    raise _lost(AgentLost("the answer has no end"), caller)


def _completion(
    answer_id: str, created: int, outcome: Outcome, caller: Caller
) -> tuple[Json, dict[str, str]]:
    """The answer in the wire format, with the decision it is recorded as. Raises `WireError`."""
    made: DecisionMade = outcome.made
    if made.proposal is None:
        raise _failure(made.code, made.problem, caller, unreadable=bool(made.answer))
    calls = made.proposal["tool_calls"]
    content = caller.profile.cut(made.proposal["content"])
    whole = wire.completion(answer_id, made.model, created, content, calls, made.finish, made.usage)
    return whole, {"X-Lorestream-Decision": outcome.decision_id, "X-Lorestream-Route": made.route}


def _failure(code: int, problem: str, caller: Caller, *, unreadable: bool = False) -> WireError:
    """What a caller is told of a failure: the profile's words; the reason stands in the decision."""
    words = caller.profile.messages
    if code == Code.RATE_LIMITED:
        return WireError(429, words.wait(60), "rate_limit_error", code="rate_limit_exceeded", retry_after=60)
    if code == Code.TIMEOUT:
        return WireError(504, words.timeout, "server_error", code="timeout")
    if code in {Code.SERVICE_UNAVAILABLE, Code.STATE_UNAVAILABLE}:
        return WireError(503, words.failed, "server_error", retry_after=1)
    if code > Code.SERVICE_UNAVAILABLE:
        return WireError(400, problem)
    if "switched" in problem:
        return WireError(503, words.disabled, "server_error", code="no_model")
    return WireError(
        502, words.malformed if unreadable else words.failed, "server_error", code="model_failed"
    )


def _lost(error: AgentLost | QuestionRefused, caller: Caller) -> WireError:
    if isinstance(error, AgentLost):
        return WireError(503, caller.profile.messages.failed, "server_error", retry_after=1)
    return _failure(error.code, str(error), caller)


async def _whole(whole: Json, asked: ChatRequest) -> AsyncIterator[bytes]:
    """An answer that is there already, in the form of a stream."""
    part = partial(wire.piece, whole["id"], whole["model"], whole["created"])
    yield _event(part({"role": "assistant", "content": whole["choices"][0]["message"]["content"]}))
    yield _event(part({}, "stop"))
    if asked.stream_options is not None and asked.stream_options.include_usage:
        yield _event({**part({}), "choices": [], "usage": whole["usage"]})
    yield b"data: [DONE]\n\n"


def _event(document: Json) -> bytes:
    return b"data: " + to_json(document, inf_nan_mode="null") + b"\n\n"


def _streamed(events: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _json(document: Json, headers: dict[str, str] | None = None) -> Response:
    return Response(to_json(document, inf_nan_mode="null"), 200, headers, "application/json")


def _refusal(refused: WireError) -> Response:
    headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
    if refused.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(to_json(refused.body), refused.status, headers, "application/json")

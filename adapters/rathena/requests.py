"""Slow operations: opened as a request that agents work on, awaited here or pushed back later."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from adapters.rathena.documents import read_json
from adapters.rathena.parameters import DIALOGUE, read_parameters
from adapters.rathena.queries import ask
from adapters.rathena.services import Call, Services, send
from adapters.rathena.wire import MAX_LABEL, canonical, check_npc_id
from commands.codes import Code
from commands.message import Reply
from commands.rejection import Rejected
from commands.request import request_id as id_of_request
from events.commit import Json
from events.request import ReplyTo
from projections import requests

DEFAULT_TIMEOUT_MS = 5000
"""Specification §3.3.1 and appendix B, `llm_timeout_ms`."""
NO_SUCH_REQUEST = -1
"""What `cancel_request` returns when there is nothing to cancel (specification §3.3.3)."""


async def slow(services: Services, call: Call) -> Reply:
    """A slow operation sent directly: with a callback label it is asynchronous, else its outcome is awaited."""
    label = call.request.callback_label
    timeout_ms = call.request.timeout_ms or DEFAULT_TIMEOUT_MS
    if label:
        return await _open(services, call, call.request.operation, call.npc_id, call.data, label, timeout_ms)
    return await await_outcome(services, call, call.request.operation, call.data, timeout_ms)


async def request_async(services: Services, call: Call) -> Reply:
    """`ai_request_async` in both parameter orders (`existing-apis.md` §2.4): the NPC on top or inside the data."""
    given = call.data
    operation = wanted(given)
    data, npc_id = _inner(given), call.request.npc_id
    if npc_id is None:
        npc_id = data.pop("npc_id", None)
        if npc_id is None:
            raise Rejected(Code.MISSING_REQUIRED_FIELD, "npc_id is missing", field="npc_id")
        npc_id = check_npc_id(npc_id)
    label = call.request.callback_label or _label(given, call, operation)
    timeout_ms = call.request.timeout_ms or _timeout(services, given)
    if operation == "dialogue":
        data = read_parameters(data, DIALOGUE)
    return await _open(services, call, operation, npc_id, data, label, timeout_ms)


def wanted(given: Json) -> str:
    """The operation that `request_async` names. Raises `Rejected` -104 or -101."""
    value = given.get("operation", given.get("type", given.get("request_type")))
    if value is None:
        raise Rejected(Code.MISSING_REQUIRED_FIELD, "data.operation is missing", field="data.operation")
    if not isinstance(value, str):
        raise Rejected(Code.INVALID_PARAMETER, "data.operation must be text", field="data.operation")
    return canonical(value)


async def cancel_request(services: Services, call: Call) -> Reply:
    request_id = call.data["request_id"]
    reply = await send(
        services,
        call,
        "request.cancel",
        f"request/{request_id}",
        {"reason": str(call.data.get("reason", ""))[:200]},
    )
    if reply.code == Code.INVALID_STATE_TRANSITION:
        return Reply(NO_SUCH_REQUEST, reply.message, field="data.request_id")
    return Reply(position=reply.position) if reply.success else reply


async def register_callback(_services: Services, call: Call) -> Reply:
    """The label for later `request_async` of this connection that name none, for one operation or for all."""
    operation = canonical(call.data.get("operation", ""))
    label = call.data["label"]
    if len(label) > MAX_LABEL:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"data.label must have at most {MAX_LABEL} characters",
            field="data.label",
        )
    labels = call.connection.labels
    if operation not in labels and len(labels) >= 64:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, "data.operation: 64 labels are registered", field="data.operation"
        )
    labels[operation] = label
    return Reply()


async def _open(
    services: Services, call: Call, operation: str, npc_id: str, data: Json, label: str, timeout_ms: int
) -> Reply:
    # `timeout_ms` is the request's time; handing out its id takes as long as any command.
    call.timeout = max(call.timeout, services.settings.commands.default_timeout_ms / 1000)
    request_id = id_of_request(call.command_id)
    reply_to = ReplyTo(services.settings.gateway, "", call.connection.server, label)
    # The outcome must not overtake the answer that tells the caller the id.
    services.callbacks.hold(request_id, call.connection)
    call.afterwards.append(lambda: services.callbacks.release(request_id))
    args = _opening(call, operation, npc_id, data, timeout_ms) | {"reply_to": asdict(reply_to)}
    return await send(services, call, "request.open", f"request/{request_id}", args)


async def await_outcome(services: Services, call: Call, operation: str, data: Json, timeout_ms: int) -> Reply:
    """Open a request and answer with its outcome, or with -501 when it has none after `timeout_ms`."""
    request_id = id_of_request(call.command_id)
    outcome = services.callbacks.expect(request_id)
    try:
        args = _opening(call, operation, call.npc_id, data, timeout_ms)
        opened = await send(services, call, "request.open", f"request/{request_id}", args)
        if not opened.success:
            return opened
        if services.callbacks.seen > (opened.position or 0) and not outcome.done():
            # A retry: the request may have ended before anybody listened for this caller.
            row = await ask(services, call, requests.request, request_id, stream=f"request/{request_id}")
            if row is not None and row["status"] != "pending":
                return _answer(
                    row["error_code"], row.get("error_message", ""), row.get("result"), opened.position
                )
        done, _ = await asyncio.wait({outcome}, timeout=call.left)
    finally:
        services.callbacks.forget(request_id, outcome)
    if not done:
        told = f"the operation did not finish within {timeout_ms} ms; its result can be had with check_result"
        return Reply(Code.TIMEOUT, told, {"request_id": request_id})
    ended = outcome.result()
    return _answer(ended.code, ended.message, ended.result, ended.position)


def _opening(call: Call, operation: str, npc_id: str, data: Json, timeout_ms: int) -> Json:
    if call.actor.kind == "player":
        data = {**data, "player_id": call.actor.id}
    return {"operation": operation, "npc_id": npc_id, "data": data, "timeout_ms": timeout_ms}


def _answer(code: int, message: str, result: Json | None, position: int | None) -> Reply:
    return Reply(code, message, result or {}, position=position)


def _inner(given: Json) -> Json:
    """The operation's own data: `data`, the JSON object the implemented command puts second, or the rest."""
    for name in ("data", "data_json", "npc_id"):
        value = given.get(name)
        if isinstance(value, str) and (name != "npc_id" or value.lstrip().startswith("{")):
            value = read_json(value, f"data.{name}") if value.strip() else {}
        if isinstance(value, dict):
            named = given.get("npc_id")
            return {"npc_id": named, **value} if isinstance(named, str) and name != "npc_id" else dict(value)
        if value is not None and name != "npc_id":
            raise Rejected(Code.INVALID_PARAMETER, f"data.{name} must be a JSON object", field=f"data.{name}")
    return {key: value for key, value in given.items() if key not in _ENVELOPE}


_ENVELOPE = frozenset(
    {"operation", "type", "request_type", "callback_label", "callback", "timeout_ms", "timeout"}
)


def _label(given: Json, call: Call, operation: str) -> str:
    for name in ("callback_label", "callback"):
        value = given.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or len(value) > MAX_LABEL or not value.isprintable():
            raise Rejected(
                Code.INVALID_PARAMETER,
                f"data.{name} must be at most {MAX_LABEL} printable characters",
                field=f"data.{name}",
            )
        return value
    labels = call.connection.labels
    return labels.get(operation, labels.get("", ""))


def _timeout(services: Services, given: Json) -> int:
    value = given.get("timeout_ms", given.get("timeout"))
    if value is None:
        return DEFAULT_TIMEOUT_MS
    most = services.settings.commands.max_timeout_ms
    if type(value) is not int:
        raise Rejected(
            Code.INVALID_PARAMETER, "data.timeout_ms must be a whole number", field="data.timeout_ms"
        )
    if not 1 <= value <= most:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"data.timeout_ms must be between 1 and {most}",
            field="data.timeout_ms",
        )
    return value

"""The script commands over HTTP: flat bodies of the older scripts become requests of the contract.

Specification §7.2 ("dual" mode), samples 8.1 and 8.2; `existing-apis.md` §3.1.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from adapters.rathena.wire import canonical
from commands.codes import Code
from events.commit import Json

ENVELOPE = frozenset(
    {
        "correlation_id",
        "timestamp",
        "message_type",
        "timeout_ms",
        "callback_label",
        "actor",
        "source",
        "at_least",
    }
)

HTTP_STATUS = {
    Code.ALREADY_EXISTS: 409,
    Code.NPC_NOT_FOUND: 404,
    Code.STATE_UNAVAILABLE: 503,
    Code.OPERATION_NOT_ALLOWED: 409,
    Code.INVALID_STATE_TRANSITION: 409,
    Code.SERVICE_UNAVAILABLE: 503,
    Code.TIMEOUT: 504,
    Code.LLM_ERROR: 502,
    Code.RATE_LIMITED: 429,
    Code.AUTHENTICATION_FAILED: 403,
}


def to_request(operation: str, body: Json) -> Json:
    """The wire request that a body posted to `/api/npc/{operation}` stands for.

    Fields of the envelope keep their place, `npc_id` goes on top, all others become `data` (beside those of a `data`
    object). `interact` with a `message` and no `interaction_type` is the older scripts' way to ask for dialogue.
    """
    operation, document, rest = canonical(operation), {}, {}
    for key, value in body.items():
        if key in ENVELOPE or key == "npc_id":
            document[key] = value
        elif key not in {"data", "operation"} or (key == "operation" and operation == "request_async"):
            rest[key] = value
    given = body.get("data", {})
    interaction = operation == "interact" and "interaction_type" in body
    if interaction:
        data: Any = {**rest, "data": given}
    elif isinstance(given, dict):
        data = {**rest, **given}
    else:
        data = given
    if (
        operation == "interact"
        and not interaction
        and isinstance(data, dict)
        and "interaction_type" not in data
    ):
        operation = "dialogue"
    if operation == "movement":
        operation, data = "pathfind", _destination(data)
    document.setdefault("correlation_id", f"http-{uuid4().hex}")
    return {**document, "operation": operation, "data": data}


def to_answer(response: Json) -> tuple[int, Json]:
    """`(HTTP status, body)`: the wire response with the fields of `data` repeated on top for older scripts."""
    data = response["data"]
    body = {**{key: value for key, value in data.items() if key not in response}, **response}
    target = data.get("target")
    if isinstance(target, dict):
        body |= {f"target_{axis}": target[axis] for axis in ("x", "y") if axis in target}
    if "valid" in data:
        # What `npcwalk` reads of `movement`.
        body["approved"] = data["valid"]
    if response["success"]:
        return 200, body
    body["detail"] = response["error_message"]
    return HTTP_STATUS.get(response["error_code"], 400 if response["error_code"] > -500 else 500), body


def _destination(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    renamed = {"target_x": "destination_x", "target_y": "destination_y"}
    return {renamed.get(key, key): value for key, value in data.items() if key != "action"}

"""The JSON forms of the older native bridge, lifted to the contract and answered in the caller's own format.

Two of them exist (`existing-apis.md` §2.2): a payload alone, whose keys tell what is meant, and the same payload
inside `{message_type: int, correlation_id, payload}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from uuid import uuid4

from commands.codes import Code
from commands.rejection import Rejected
from events.commit import Json


class MessageType(IntEnum):
    """What the older bridge calls its messages."""

    ENTITY_STATE_SYNC = 1
    MISSION_ASSIGNMENT = 2
    EVENT_NOTIFICATION = 3
    AI_ACTION_REQUEST = 4
    AI_ACTION_RESPONSE = 5
    HEARTBEAT = 6
    DIALOGUE = 7
    DECISION = 8
    ERROR = 99


@dataclass(frozen=True, slots=True)
class Lifted:
    """A request of the contract made from an older form; `message_type` is None for a payload alone."""

    document: Json
    message_type: int | None


def is_older_form(document: Any) -> bool:
    """Whether a document is one of the older bridge: no `operation`, and no textual `message_type` either."""
    if not isinstance(document, dict) or "operation" in document or "batch" in document:
        return False
    kind = document.get("message_type")
    if type(kind) is int:
        return True
    return kind is None and not document.keys().isdisjoint(_TELLING)


_TELLING = frozenset(
    {
        "npc_id",
        "entity_id",
        "event_type",
        "interaction_type",
        "query_type",
        "assignee_id",
        "mission_data",
        "target_id",
    }
)


def lift(document: Json) -> Lifted:
    """The same request in the contract's form.

    Raises `Rejected` -101 for a message whose meaning is not clear, -202 for one that has no counterpart.
    """
    kind = document.get("message_type")
    payload = document.get("payload", {}) if kind is not None else document
    if not isinstance(payload, dict):
        raise Rejected(Code.INVALID_PARAMETER, "payload must be a JSON object", field="payload")
    correlation = document.get("correlation_id") or f"bridge-{uuid4().hex}"
    operation, npc_id, data = _meaning(kind, payload)
    lifted: Json = {"correlation_id": correlation, "operation": operation, "data": data}
    if npc_id is not None:
        lifted["npc_id"] = npc_id
    return Lifted(lifted, kind)


def answer(response: Json, message_type: int | None) -> Json:
    """The response as the older client reads it: a top-level `status`, and its own fields beside it."""
    status = "ok" if response["success"] else "error"
    dressed = {"status": status, **response}
    dressed.setdefault("error_message", "")
    if message_type is None:
        return {**response["data"], **dressed}
    failed = not response["success"]
    return {
        **dressed,
        "message_type": int(MessageType.ERROR) if failed else message_type,
        "payload": {"status": status, **response["data"]},
    }


def _meaning(kind: int | None, payload: Json) -> tuple[str, Any, Json]:
    """`(operation, npc id, data)` of a payload."""
    if kind == MessageType.HEARTBEAT:
        return "ping", None, {}
    npc_id = payload.get("npc_id") or payload.get("target_id") or payload.get("entity_id")
    rest = {key: value for key, value in payload.items() if key not in _IDS}
    if "interaction_type" in payload:
        return _interaction(npc_id, payload)
    if "event_type" in payload:
        return (
            "event",
            npc_id,
            {"event_type": payload["event_type"], "event_data": payload.get("event_data", {})},
        )
    if "personality" in payload and "initial_goals" in payload:
        return "register", npc_id, rest
    if kind == MessageType.DIALOGUE:
        return "dialogue", npc_id, rest
    if kind == MessageType.DECISION:
        return "decide_action", npc_id, rest
    if kind in {None, MessageType.ENTITY_STATE_SYNC} and "fields" in payload:
        return "get_state", npc_id, {"fields": payload["fields"]}
    if "query_type" in payload:
        return "get_state", npc_id, {}
    if npc_id is not None and _PROFILE & payload.keys():
        return "update_profile", npc_id, rest
    if npc_id is not None and not rest and kind in {None, MessageType.ENTITY_STATE_SYNC}:
        return "get_state", npc_id, {}
    shown = "" if kind is None else f" of message_type {kind}"
    raise Rejected(
        Code.OPERATION_NOT_ALLOWED,
        f"payload: this message{shown} of the older bridge has no counterpart; send `operation` and `data`",
        field="payload",
    )


_IDS = frozenset(
    {"npc_id", "entity_id", "entity_type", "target_id", "source_id", "correlation_id", "message_type"}
)
_PROFILE = frozenset({"personality", "goals", "emotional_state"})


def _interaction(npc_id: Any, payload: Json) -> tuple[str, Any, Json]:
    kind, data = payload["interaction_type"], payload.get("interaction_data", {})
    if kind in {"dialogue", "decide_action"} and isinstance(data, dict):
        return (
            kind,
            npc_id or data.get("npc_id"),
            {key: value for key, value in data.items() if key != "npc_id"},
        )
    return (
        "interact",
        npc_id,
        {
            "interaction_type": kind,
            "data": data,
            "player_id": payload.get("initiator_id") or None,
        },
    )

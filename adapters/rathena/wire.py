"""One request and one response of the wire contract, `spec/native-script-commands.md` §4.4."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from time import perf_counter
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    ValidationError,
)
from pydantic_core import PydanticCustomError, to_json

from adapters.rathena.documents import read_json
from commands.codes import Code
from commands.message import Reply
from commands.rejection import Rejected
from events.commit import Json
from events.errors import InvalidStreamName
from events.subjects import encode_token

MAX_ID = 128
"""Characters of a correlation id, an NPC id, a player id."""
MAX_LABEL = 128
MAX_NAME = 128
SALVAGE_BYTES = 2048

_CORRELATION = re.compile(rb'"correlation_id"\s*:\s*"([^"\\\x00-\x1f]{1,128})"')
_PREFIXES = ("ai_npc_", "ai_")


def _printable(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("not_printable", "must hold printable characters only")
    return text


def _game_id(value: Any) -> Any:
    # The map-server passes ids as integers in some builds and as strings in others; both are echoed as sent.
    if type(value) is int or (isinstance(value, str) and len(value) <= MAX_ID and value.isprintable()):
        return value
    raise PydanticCustomError("game_id", "must be a whole number or at most 128 printable characters")


_Label = Annotated[StrictStr, Field(max_length=MAX_LABEL), AfterValidator(_printable)]
_Name = Annotated[StrictStr, Field(max_length=MAX_NAME)]
_Id = Annotated[Any, AfterValidator(_game_id)]
_Cell = Annotated[StrictInt, Field(ge=-32_768, le=32_767)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Player(_Part):
    """The player as the game server knows it (`actor` on the wire): trusted, unlike anything inside `data`."""

    account_id: _Id = 0
    char_id: _Id = 0
    name: _Name | None = None
    level: Annotated[StrictInt, Field(ge=0, le=1_000_000)] | None = None
    map: _Name | None = None
    x: _Cell | None = None
    y: _Cell | None = None


class Source(_Part):
    """Where in the game the request comes from; `server` names the map-server."""

    server: _Label = ""
    npc: _Name | None = None
    map: _Name | None = None
    x: _Cell | None = None
    y: _Cell | None = None


class _Envelope(_Part):
    correlation_id: Annotated[StrictStr, Field(min_length=1, max_length=MAX_ID), AfterValidator(_printable)]
    operation: Annotated[StrictStr, Field(min_length=1, max_length=64)]
    npc_id: Any = None
    data: Any = None
    timeout_ms: StrictInt | None = None
    callback_label: _Label | None = None
    actor: Player | None = None
    source: Source | None = None
    at_least: Annotated[StrictInt, Field(ge=0, le=2**63 - 1)] | None = None


@dataclass(slots=True)
class Request:
    """A request that is well-formed; whether its `data` fits the operation is the operation's business.

    `operation` is without the script prefix; `npc_id` is None where none was sent; `timeout_ms` is None where
    the caller left it to us. `received` is `time.perf_counter()` at arrival.
    """

    correlation_id: str
    operation: str
    npc_id: str | None
    data: Json
    timeout_ms: int | None
    callback_label: str
    actor: Player | None
    source: Source
    at_least: int
    received: float = field(default_factory=perf_counter)


def parse_request(document: Any, *, max_timeout_ms: int) -> Request:
    """Check the envelope of one request.

    Raises `Rejected` naming the field: -104 missing, -101 wrong type or form, -103 bad NPC id, -105 out of range,
    -102 when `data` is a string that is not JSON.
    """
    if not isinstance(document, dict):
        raise Rejected(Code.INVALID_PARAMETER, "body must be a JSON object", field="body")
    try:
        envelope = _Envelope.model_validate(document)
    except ValidationError as error:
        raise rejection(error) from None
    npc_id = None if envelope.npc_id is None else check_npc_id(envelope.npc_id)
    timeout_ms = envelope.timeout_ms
    if timeout_ms is not None and not 1 <= timeout_ms <= max_timeout_ms:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"timeout_ms must be between 1 and {max_timeout_ms}",
            field="timeout_ms",
        )
    data = envelope.data
    if isinstance(data, str):
        data = read_json(data, "data") if data.strip() else {}
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise Rejected(Code.INVALID_PARAMETER, "data must be a JSON object", field="data")
    return Request(
        envelope.correlation_id,
        canonical(envelope.operation),
        npc_id,
        data,
        timeout_ms,
        envelope.callback_label or "",
        envelope.actor,
        envelope.source or _NOWHERE,
        envelope.at_least or 0,
    )


_NOWHERE = Source()


def canonical(operation: str) -> str:
    """The operation without the prefix of its script command."""
    for prefix in _PREFIXES:
        if operation.startswith(prefix):
            return operation[len(prefix) :]
    return operation


def check_npc_id(value: Any, name: str = "npc_id") -> str:
    """An NPC id that can be stored. Raises `Rejected` -103 naming `name`."""
    problem = None
    if not isinstance(value, str):
        problem = "must be a string"
    elif not value.strip():
        problem = "must not be empty"
    elif len(value) > MAX_ID:
        problem = f"must have at most {MAX_ID} characters, this has {len(value)}"
    elif not value.isprintable():
        problem = "must hold printable characters only"
    else:
        try:
            encode_token(value)
        except InvalidStreamName as error:
            problem = str(error)
    if problem is not None:
        raise Rejected(Code.INVALID_NPC_ID, f"{name} {problem}", field=name)
    text: str = value
    return text


def rejection(error: ValidationError, prefix: str = "") -> Rejected:
    """The first problem pydantic found, as a code and a sentence that names the field."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join([*([prefix] if prefix else []), *(str(part) for part in first["loc"])])
    kind = first["type"]
    if kind == "missing":
        return Rejected(Code.MISSING_REQUIRED_FIELD, f"{where} is missing", field=where)
    code = Code.INVALID_PARAMETER
    if kind.startswith(("greater_than", "less_than")):
        code = Code.PARAMETER_OUT_OF_RANGE
    message = first["msg"]
    return Rejected(code, f"{where}: {message[0].lower()}{message[1:]}", field=where)


def salvage_correlation_id(body: bytes) -> str:
    """The correlation id near the start of a body that cannot be parsed, so that its sender can match the error."""
    found = _CORRELATION.search(body[:SALVAGE_BYTES])
    return found[1].decode(errors="replace") if found else ""


def correlation_of(document: Any) -> str:
    """The correlation id of a parsed but unacceptable request, or ""."""
    value = document.get("correlation_id") if isinstance(document, dict) else None
    return value[:MAX_ID] if isinstance(value, str) else ""


def respond(correlation_id: str, reply: Reply, received: float) -> Json:
    """The response to one request. `data.error_code` is always there: scripts compare it."""
    data = reply.data
    if "error_code" not in data:
        data = {**data, "error_code": int(reply.code)}
    response: Json = {
        "correlation_id": correlation_id,
        "success": reply.code >= 0,
        "error_code": int(reply.code),
        "data": data,
        "processing_time_ms": round((perf_counter() - received) * 1000, 3),
    }
    if reply.code < 0:
        response["error_message"] = reply.message or Code(reply.code).meaning
    elif reply.message:
        response["message"] = reply.message
    if reply.field is not None:
        response["field"] = reply.field
    if reply.position is not None:
        response["position"] = reply.position
    if reply.retry_after_ms is not None:
        response["retry_after_ms"] = reply.retry_after_ms
    return response


def encode(response: Json) -> bytes:
    return to_json(response)


def refusal(rejected: Rejected) -> Reply:
    """A rejection as the outcome of a request."""
    return Reply(
        code=int(rejected.code),
        message=rejected.message,
        field=rejected.field,
        retry_after_ms=rejected.retry_after_ms,
    )

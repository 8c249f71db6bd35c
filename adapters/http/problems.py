"""Refusals of the API as `application/problem+json` (RFC 9457), and commands whose refusal becomes one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response
from uuid_utils import uuid7

from adapters.accounts.audit import NotRecorded
from adapters.accounts.signed import Signed
from commands.codes import Code
from commands.message import CommandMessage, Reply
from commands.rejection import Rejected
from events.commit import Json
from events.errors import LogError, LorestreamError, ProjectionError

if TYPE_CHECKING:
    from adapters.http.platform import Platform

logger = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
MAX_KEY = 200
MAX_TOLD = 500

TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Unsupported media type",
    421: "Wrong host",
    422: "Not understood",
    428: "Version missing",
    429: "Too many requests",
    500: "Something unforeseen happened",
    502: "The language model failed",
    503: "Not available right now",
}

STATUS = {
    Code.ALREADY_EXISTS: 409,
    Code.NPC_NOT_FOUND: 404,
    Code.STATE_UNAVAILABLE: 503,
    Code.OPERATION_NOT_ALLOWED: 409,
    Code.INVALID_STATE_TRANSITION: 409,
    Code.SERVICE_UNAVAILABLE: 503,
    Code.TIMEOUT: 503,
    Code.LLM_ERROR: 502,
    Code.RATE_LIMITED: 429,
    Code.AUTHENTICATION_FAILED: 403,
}
"""The status of a rejected command; of other codes 422, from -600 on 500."""


Word = Literal[
    "busy",
    "bytes_missing",
    "campaign_role",
    "cross_site",
    "disabled",
    "failed",
    "image",
    "job_running",
    "last_admin",
    "name_taken",
    "password",
    "quota",
    "removed",
    "requested",
    "role",
    "sign_in_ended",
    "sign_in_missing",
    "stale",
    "stopped",
    "token_expired",
    "token_invalid",
    "token_missing",
    "token_reused",
    "too_long",
    "too_many_at_once",
    "too_often",
    "wrong",
]
"""Every word a problem's `code` can be; else it is a command's number (`Code`). The pages have wording for each."""


class Problem(LorestreamError):
    """A refusal with its status; raise it anywhere below a route.

    Parameters: `title` is short and the same for all problems of a kind; `detail` a sentence that names the remedy;
    `field` the dotted path of what is to blame in body, path or query; `code` a word for programs; `more` further
    members of the document, such as the `version` something is at.
    """

    def __init__(
        self,
        status: int,
        title: str = "",
        detail: str = "",
        *,
        field: str | None = None,
        code: Word | int | None = None,
        headers: dict[str, str] | None = None,
        more: Json | None = None,
    ) -> None:
        super().__init__(detail or title)
        self.status, self.detail = status, detail
        self.title = title or TITLES.get(status, "Refused")
        self.field, self.code, self.headers, self.more = field, code, headers or {}, more or {}

    def document(self, instance: str = "") -> Json:
        """The body of the answer."""
        told = {"field": self.field, "code": self.code, "instance": instance or None}
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": (self.detail or self.title)[:MAX_TOLD],
            **{name: value for name, value in told.items() if value is not None},
            **self.more,
        }

    def response(self, instance: str = "") -> Response:
        """The whole answer; `instance` is the path that was asked for."""
        body = to_json(self.document(instance), inf_nan_mode="null")
        return Response(body, self.status, self.headers, MEDIA_TYPE)


def rejected(code: int, message: str, field: str | None = None, retry_after_ms: int | None = None) -> Problem:
    """The problem that a rejected command is."""
    if field == "correlation_id":
        told = "this Idempotency-Key was used for another request; use a new one"
        return Problem(409, detail=told, field="Idempotency-Key", code=code)
    status = STATUS.get(Code(code), 500 if code <= -600 else 422) if code in set(Code) else 500
    headers = {}
    if status in {429, 503}:
        headers["Retry-After"] = str(max(1, -(-(retry_after_ms or 1000) // 1000)))
    return Problem(status, detail=message, field=field, code=code, headers=headers)


async def ask(
    platform: Platform,
    name: str,
    stream: str,
    args: Json,
    signed: Signed,
    request: Request,
    *,
    timeout: float = 5,
    part: str = "",
) -> Reply:
    """Have a command decided for the person who is signed in; the reply of a success.

    Repeating a request under the same `Idempotency-Key` gets the first answer. Where one request sends the same
    command more than once, `part` tells them apart. Raises `Problem` for every refusal.
    """
    message = CommandMessage(
        id=f"web/{_unique(signed, request, f'{name}/{part}')}",
        name=name,
        stream=stream,
        args=args,
        actor=signed.actor,
        correlation_id=correlation(request),
    )
    reply = await platform.bus.send(message, timeout=timeout)
    if not reply.success:
        raise rejected(reply.code, reply.message, reply.field, reply.retry_after_ms)
    return reply


def new_id(signed: Signed, request: Request, part: str = "") -> str:
    """The id of something this request makes: 32 hexadecimal digits, the same for every repetition of the request."""
    if request.headers.get("idempotency-key"):
        return _unique(signed, request, f"id/{part}")
    return uuid7().hex


def correlation(request: Request) -> str:
    """What all commits of one request have in common."""
    found: str | None = getattr(request.state, "correlation_id", None)
    if found is None:
        found = request.state.correlation_id = f"web-{uuid4().hex}"
    return found


def _unique(signed: Signed, request: Request, what: str) -> str:
    given = request.headers.get("idempotency-key")
    if not given:
        return uuid4().hex
    if len(given) > MAX_KEY:
        raise Problem(422, detail=f"Idempotency-Key: at most {MAX_KEY} characters", field="Idempotency-Key")
    # Nobody can repeat, or guess at, the request of somebody else.
    return hashlib.sha256(f"{signed.account_id}\n{given}\n{what}".encode()).hexdigest()[:32]


def install(app: FastAPI) -> None:
    """Let whatever is refused under a route end as a problem; see `guards.AnswerHeaders` for what fails."""
    app.add_exception_handler(Problem, _as_problem)
    app.add_exception_handler(Rejected, _as_problem)
    app.add_exception_handler(NotRecorded, _as_problem)
    app.add_exception_handler(ProjectionError, _unavailable)
    app.add_exception_handler(LogError, _unavailable)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _plain)


async def _as_problem(request: Request, error: Exception) -> Response:
    if isinstance(error, NotRecorded):
        error = rejected(error.reply.code, error.reply.message, error.reply.field, error.reply.retry_after_ms)
    if isinstance(error, Rejected):
        error = rejected(error.code, error.message, error.field, error.retry_after_ms)
    assert isinstance(error, Problem)
    return error.response(request.url.path)


async def _unavailable(request: Request, error: Exception) -> Response:
    return Problem(503, detail=str(error), headers={"Retry-After": "1"}).response(request.url.path)


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # Never the input: it may be a password.
    found = [_unfit(each) for each in error.errors()[:20]]
    first = found[0] if found else {"field": "", "detail": "the request cannot be understood"}
    detail = f"{first['field']}: {first['detail']}" if first["field"] else first["detail"]
    problem = Problem(422, detail=detail, field=first["field"] or None, more={"errors": found})
    return problem.response(request.url.path)


def _unfit(error: Any) -> Json:
    """One thing that is wrong with a request: its place, a sentence, pydantic's word for it and the limit it names."""
    told = {"field": _path(error), "detail": str(error.get("msg", "")), "code": str(error.get("type", ""))}
    limits = [value for name, value in (error.get("ctx") or {}).items() if name in _LIMITS]
    return told | ({"limit": limits[0]} if limits and isinstance(limits[0], int | float) else {})


_LIMITS: Final = {"min_length", "max_length", "ge", "gt", "le", "lt"}


def _path(error: Any) -> str:
    places = list(error.get("loc", ()))
    if places and places[0] in {"body", "query", "path", "header", "cookie"}:
        places = places[1:]
    # Where a body is no JSON, its place is a number of bytes.
    return "" if error.get("type") == "json_invalid" else ".".join(str(each) for each in places)


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told = {
        404: "there is nothing at this address; /openapi.json lists what there is",
        405: f"{request.method} is not possible here",
    }
    detail = told.get(error.status_code) or str(error.detail)
    problem = Problem(error.status_code, detail=detail, headers=dict(error.headers or {}))
    return problem.response(request.url.path)


def unforeseen(path: str, error: Exception) -> Response:
    """The answer when something failed that nobody thought of: the log has it under a number, the caller the number."""
    trace = uuid4().hex
    logger.error("a request failed", path=path, trace=trace, exc_info=error)
    return Problem(500, detail=f"look for {trace} in the log of the gateway").response(path)

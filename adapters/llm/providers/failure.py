"""What went wrong between us and a provider, as one of our errors. No text in it ever holds a key."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from events.errors import (
    ModelAnswerBroken,
    ModelError,
    ModelLost,
    ModelRateLimited,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)

MAX_REASON = 200
MAX_RETRY_AFTER = 3600.0

_KEYS = re.compile(r"\b(?:sk|pk|rk|key|api)[-_][\w*.-]{6,}|(?i:bearer)\s+\S+|\w*\*{3,}\w*")
"""What looks like a key, or like what providers leave of one when they quote it."""

_UNSAFE = re.compile("[\x00-\x20\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")

_LOST = frozenset({"ReadError", "RemoteProtocolError"})
"""What httpx calls a connection that broke while an answer was waited for; one that never was has other names."""

_BUSY = frozenset({408, 409, 425})

_TYPES: Mapping[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""Errors that arrive inside a stream have a type and no status of their own."""


class AnswerTooLarge(Exception):
    """More bytes than any answer may have."""


class ReportedFailure(Exception):
    """A failure that the provider reports where an answer was expected; `body` is what it says."""

    def __init__(self, body: object) -> None:
        super().__init__("the provider reports a failure")
        self.body = body


def failure(provider: str, error: BaseException, secret: str) -> ModelError:
    """Our error for what an SDK, its HTTP library or a parser raised.

    Both SDKs name their errors alike, so they are told by name and attributes: neither need be imported.
    """
    chain = list(_chain(error))
    names = {kind.__name__ for each in chain for kind in type(each).__mro__}
    if "AnswerTooLarge" in names:
        return ModelAnswerBroken(provider, "the answer is larger than any answer may be")
    if names & {"APITimeoutError", "TimeoutException", "TimeoutError"}:
        return ModelTimeout(provider, "no answer in time")
    status = getattr(error, "status_code", None)
    if isinstance(status, int) or "APIError" in type(error).__name__ or isinstance(error, ReportedFailure):
        return _answered(provider, error, status if isinstance(status, int) else None, secret)
    if any("complete message body" in str(each) or "incomplete" in str(each).lower() for each in chain):
        return ModelAnswerBroken(provider, "the answer was cut off")
    if isinstance(error, ValueError | LookupError | TypeError | AttributeError | RecursionError):
        return ModelAnswerBroken(provider, "what arrived is not an answer")
    if names & _LOST:
        return ModelLost(provider, f"the connection was lost ({type(chain[-1]).__name__})")
    if names & {"APIConnectionError", "RequestError", "OSError", "TransportError"}:
        return ModelUnavailable(provider, f"cannot be reached ({type(chain[-1]).__name__})")
    return ModelUnavailable(provider, f"unexpected {type(error).__name__}")


def _answered(provider: str, error: BaseException, status: int | None, secret: str) -> ModelError:
    body = getattr(error, "body", None)
    told = body.get("error", body) if isinstance(body, dict) else {}
    told = told if isinstance(told, dict) else {}
    kind, code = str(told.get("type") or ""), str(told.get("code") or "")
    if status is None or status < 400:
        # The stream had begun with 200 when this happened.
        status = _TYPES.get(kind, _TYPES.get(code, 500 if status is None or status < 300 else status))
    if status in (401, 403):
        # What a provider says here may quote part of the key.
        return ModelRefused(
            provider, f"the key is missing, wrong or not allowed to do this ({status})", status=status
        )
    reason = safe_reason(told.get("message") or code or kind, secret) or "gave no reason"
    reason = f"{reason} ({status})"
    if status == 429 and "insufficient_quota" not in (kind, code):
        headers = getattr(getattr(error, "response", None), "headers", {})
        return ModelRateLimited(provider, reason, retry_after=retry_after(headers, now=time()))
    if status in _BUSY or status >= 500:
        return ModelUnavailable(provider, reason, status=status)
    return ModelRefused(provider, reason, status=status)


def safe_reason(text: object, secret: str) -> str:
    """`text` of a provider, fit for a log line and for the log: short, one line, and without anything like a key."""
    said = text[: 4 * MAX_REASON] if isinstance(text, str) else ""
    if secret:
        said = said.replace(secret, "***")
    clean = _KEYS.sub("***", _UNSAFE.sub(" ", said)).strip()
    return clean if len(clean) <= MAX_REASON else clean[: MAX_REASON - 1] + "…"


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `retry-after` (seconds or a date, RFC 9110 §10.2.3), or None."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        said = headers.get(name, "")
        try:
            seconds = float(said) * unit
        except ValueError:
            seconds = _until(said, now) if said else math.nan
        if math.isfinite(seconds):
            return min(max(seconds, 0.0), MAX_RETRY_AFTER)
    return None


def _until(date: str, now: float) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - now
    except (ValueError, OverflowError):
        return math.nan


def _chain(error: BaseException) -> Any:
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__

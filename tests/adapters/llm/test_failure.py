"""What is said about failures: the right kind, how long to wait, and never a key."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.llm.providers.failure import MAX_REASON, failure, retry_after, safe_reason
from events.errors import (
    ModelAnswerBroken,
    ModelLost,
    ModelRateLimited,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)

SECRET = "0123456789abcdef"


class APIStatusError(Exception):
    """As both SDKs shape it."""

    def __init__(self, status_code: int, body: Any) -> None:
        super().__init__("told")
        self.status_code, self.body = status_code, body


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "Thu, 26 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Thu, 26 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "999999999"}, 3600.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_from_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=1_795_694_400.0) == seconds


def test_a_reason_is_one_short_harmless_line() -> None:
    assert safe_reason(f"bad\r\n\x1b[2Jkey {SECRET}\u202e!", SECRET) == "bad [2Jkey *** !"
    assert len(safe_reason("x" * 10_000, "")) == MAX_REASON
    assert safe_reason({"not": "text"}, SECRET) == ""


@pytest.mark.parametrize(
    "quoted",
    ["sk-proj-abc123def456", "sk-ant-api03-XyZ_12-34", "Bearer abc.def", "sk-1234********wxyz", "ab****yz"],
)
def test_what_looks_like_a_key_is_masked_even_when_it_is_not_ours(quoted: str) -> None:
    assert safe_reason(f"Incorrect API key provided: {quoted}. Look again.", "").startswith(
        "Incorrect API key provided: ***"
    )
    assert quoted not in safe_reason(f"Incorrect API key provided: {quoted}", "")


def test_an_empty_account_is_no_reason_to_try_again() -> None:
    body = {"error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": "No money"}}
    found = failure("mine", APIStatusError(429, body), "")
    assert type(found) is ModelRefused
    assert type(failure("mine", APIStatusError(429, {"error": {"message": "slow"}}), "")) is ModelRateLimited


@pytest.mark.parametrize(
    "body", [None, "", "<html>", [], {}, {"error": None}, {"error": "text"}, {"error": {"message": 3}}]
)
def test_any_body_will_do(body: Any) -> None:
    assert type(failure("mine", APIStatusError(502, body), "")) is ModelUnavailable


def test_what_a_parser_or_the_network_raises_has_its_kind() -> None:
    assert type(failure("mine", ValueError("x"), "")) is ModelAnswerBroken
    assert type(failure("mine", KeyError("choices"), "")) is ModelAnswerBroken
    assert type(failure("mine", TimeoutError(), "")) is ModelTimeout
    assert type(failure("mine", ConnectionResetError(), "")) is ModelUnavailable
    assert str(failure("mine", RuntimeError(SECRET), SECRET)) == "mine: unexpected RuntimeError"


class APIConnectionError(Exception):
    """As both SDKs name it."""


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (httpx.ConnectError("refused"), ModelUnavailable),
        (httpx.ReadError("reset"), ModelLost),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), ModelLost),
    ],
)
def test_a_connection_that_broke_after_the_question_is_told_from_one_that_never_was(
    cause: Exception, kind: type[Exception]
) -> None:
    error = APIConnectionError("Connection error.")
    error.__cause__ = cause
    assert type(failure("mine", error, "")) is kind

"""Bodies in and answers out: JSON objects, the status that fits the code, and when to try again."""

from __future__ import annotations

from time import perf_counter

from pydantic_core import to_json
from starlette.responses import Response

from adapters.http.mirror import to_answer
from adapters.rathena.documents import read_json
from adapters.rathena.wire import refusal, respond
from commands.rejection import Rejected
from events.commit import Json


def read_object(body: bytes) -> Json:
    """The JSON object of a body; nothing stands for an empty one, anything else for its `data`.

    Raises `Rejected` -102 for what is no JSON.
    """
    document = read_json(body, "body") if body.strip() else {}
    return document if isinstance(document, dict) else {"data": document}


def answered(found: Json | Rejected, more: Json | None = None) -> Response:
    """A wire response, or the refusal of a request, as an HTTP response; fields of `more` come first."""
    response = respond("", refusal(found), perf_counter()) if isinstance(found, Rejected) else found
    code, body = to_answer(response)
    headers = {}
    if "retry_after_ms" in response and code in {429, 503}:
        headers["Retry-After"] = str(max(1, -(-response["retry_after_ms"] // 1000)))
    return Response(to_json({**body, **(more or {})}), code, headers, "application/json")

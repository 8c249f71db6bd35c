"""The OpenAPI document: what FastAPI derives from the routes, and what is true of all of them.

Refusals are problem documents everywhere, so they are described once and added to each operation of the API.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from adapters.http.problems import MEDIA_TYPE, TITLES
from events.commit import Json

METHODS = {"get", "put", "post", "delete", "patch", "options", "head"}
OTHERS = ("/v1/",)
"""Paths with errors of another format."""

PROBLEM: Json = {
    "title": "Problem",
    "type": "object",
    "description": "A refusal as RFC 9457 has it; `detail` names the remedy.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "field": {"type": "string", "description": "The dotted path of what is to blame."},
        "code": {"type": ["string", "integer"], "description": "A word or an error code for programs."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "version": {"type": "integer", "description": "Where an edit is stale: the version it is at now."},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Not understood",
            "status": 422,
            "detail": "name: a name has 1 to 64 letters, digits, '.', '-' and '_', a letter or digit first",
            "field": "name",
            "instance": "/api/accounts",
        }
    ],
}

_WRITING: Json = {
    "X-Position": {
        "description": "The log position the write took; send it as X-At-Least to read it.",
        "schema": {"type": "integer"},
    }
}


def install(app: FastAPI) -> None:
    """Let `app` describe itself so."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = completed(
                get_openapi(
                    title=app.title, version=app.version, description=app.description, routes=app.routes
                )
            )
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def completed(document: Json) -> Json:
    """`document` with the refusals and headers that routes have in common."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in METHODS and not path.startswith(OTHERS):
                _complete(path, method, operation)
    return document


def _complete(path: str, method: str, operation: Json) -> None:
    responses = operation.setdefault("responses", {})
    for status in _statuses(path, method, operation):
        responses.setdefault(str(status), {"description": TITLES[status]})
    for status, response in responses.items():
        if status.isdecimal() and int(status) < 400:
            if method != "get":
                response.setdefault("headers", {}).update(_WRITING)
        elif MEDIA_TYPE not in response.get("content", {}):
            # The script commands answer failures of their own with the response of the contract.
            content = {} if status == "422" else response.get("content", {})
            response["content"] = {
                **content,
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
            }
    responses["default"] = {
        "description": "Any other refusal.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _statuses(path: str, method: str, operation: Json) -> list[int]:
    """What may be refused, by how a route looks."""
    found = [503]
    if operation.get("security"):
        found += [401, 403, 429]
    if "{" in path:
        found.append(404)
    if operation.get("parameters") or "requestBody" in operation:
        found.append(422)
    if method != "get":
        found += [403, 409]
        if "requestBody" in operation:
            found.append(413)
    return found

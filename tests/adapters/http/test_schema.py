"""The OpenAPI document is true: whatever fits it, or does not, is answered as it says and never with a 5xx."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.adapters.http.conftest import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OLDER = {"script commands", "database bridge", "compatible endpoint"}
"""Their failures have the format of their own contracts."""
ENDS_THE_SIGN_IN = {"POST /api/auth/logout", "POST /api/auth/password"}
EXAMPLES = {GenerationMode.POSITIVE: 3, GenerationMode.NEGATIVE: 2}
SECONDS = 20


async def test_every_operation_keeps_to_the_document_for_an_administrator(town: Town) -> None:
    token = town.admin.web.headers["Authorization"]
    found = await asyncio.to_thread(broken, town.url, {"Authorization": token}, EXAMPLES, ENDS_THE_SIGN_IN)
    assert found == []
    assert (await town.admin.get("/api/auth/user")).status_code == 200


async def test_every_operation_keeps_to_the_document_for_nobody(town: Town) -> None:
    found = await asyncio.to_thread(broken, town.url, {}, {GenerationMode.POSITIVE: 1}, set())
    assert found == []


async def test_the_document_says_how_each_operation_refuses_and_shows_what_it_answers(town: Town) -> None:
    document = (await town.stranger().get("/openapi.json")).json()
    bare: dict[str, str] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            if not operation.get("summary") or not operation.get("tags"):
                bare[name] = "has no summary or no tag"
            if path.startswith("/v1/"):
                continue
            refusals = {status for status in operation["responses"] if not status.startswith(("2", "3"))}
            if "default" not in refusals or "503" not in refusals:
                bare[name] = f"says only of {refusals} how it refuses"
            if operation.get("security") and not {"401", "403", "429"} <= refusals:
                bare[name] = "does not say how it refuses who may not"
    assert bare == {}
    assert "HTTPValidationError" not in document["components"]["schemas"]


def broken(
    url: str, headers: dict[str, str], examples: dict[GenerationMode, int], left_out: set[str]
) -> list[str]:
    """Ask every operation a few times with made-up requests; what was answered otherwise than documented."""
    document = requests.get(f"{url}/openapi.json", timeout=SECONDS).json()
    schema = schemathesis.openapi.from_dict(document)
    found: list[str] = []
    with requests.Session() as session:
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            if operation.label not in left_out:
                found += _of(operation, url, session, headers, examples)
    return found


def _of(
    operation: APIOperation[Any, Any, Any, Any],
    url: str,
    session: requests.Session,
    headers: dict[str, str],
    examples: dict[GenerationMode, int],
) -> Iterator[str]:
    checks = CHECKS[:1] if OLDER & set(operation.tags or ()) else CHECKS
    wrong: dict[str, str] = {}
    for mode, most in examples.items():

        @settings(
            max_examples=most,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(mode))
        def ask(case: Case[Any]) -> None:
            # Waiting for a position that never comes is right, and takes long.
            if case.query:
                case.query.pop("at_least", None)
            answer = case.call(base_url=url, session=session, headers=headers, timeout=SECONDS)
            try:
                case.validate_response(answer, checks=checks)
            except (Failure, FailureGroup) as failed:
                each = failed.exceptions if isinstance(failed, FailureGroup) else [failed]
                wrong[type(each[0]).__name__] = f"{operation.label}: {answer.status_code} {each[0]}"[:700]

        # What takes no input cannot be asked wrongly.
        with suppress(Unsatisfiable):
            ask()
    yield from wrong.values()

"""Reading a model's answer: one JSON object of a known shape, whatever a model wraps it in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from events.commit import Json

MAX_ANSWER = 20_000
"""Characters of an answer that are looked at."""

_TRIES = 8


class Proposal(BaseModel):
    """The root of all proposals. Fields nobody asked for are dropped unread: they can name nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


P = TypeVar("P", bound=Proposal)


class Unusable(ValueError):
    """An answer that is no proposal; the message says why, without repeating what it says."""


def proposal_of(shape: type[P], answer: str) -> P:
    """The proposal that an answer holds. Raises `Unusable`.

    The object may stand in a code fence or between sentences, as small local models write it.
    """
    found = object_of(answer)
    try:
        return shape.model_validate(found)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise Unusable(f"{where}: {problem['msg']}") from None
    except RecursionError:
        raise Unusable("the answer is nested too deeply") from None


def schema_of(shape: type[Proposal], **enums: tuple[str, ...]) -> Json:
    """The JSON schema of a proposal as all providers take it in strict mode: no references, no other fields, all
    required, no keyword that one of them refuses; `enums` limits fields to words.
    """
    plain = _strict(shape.model_json_schema())
    for name, words in enums.items():
        plain["properties"][name] = {"type": "string", "enum": list(words)}
    return plain


_KEPT = frozenset({"type", "properties", "items", "enum", "description", "anyOf", "required"})


def _strict(schema: Mapping[str, Any]) -> Json:
    plain: Json = {}
    for name, value in schema.items():
        if name == "properties":
            plain[name] = {key: _strict(inner) for key, inner in value.items()}
        elif name == "items":
            plain[name] = _strict(value)
        elif name == "anyOf":
            plain[name] = [_strict(inner) for inner in value]
        elif name in _KEPT:
            plain[name] = value
    if plain.get("type") == "object":
        plain["required"] = list(plain.get("properties", {}))
        plain["additionalProperties"] = False
    return plain


def object_of(answer: str) -> Json:
    """The JSON object that an answer holds, unchecked. Raises `Unusable`."""
    if len(answer) > MAX_ANSWER:
        raise Unusable(f"the answer is longer than {MAX_ANSWER} characters")
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    start = answer.find("{")
    for _ in range(_TRIES):
        if start < 0:
            break
        try:
            found, _end = decoder.raw_decode(answer, start)
        except (ValueError, RecursionError):
            start = answer.find("{", start + 1)
            continue
        if isinstance(found, dict):
            return found
        start = answer.find("{", start + 1)
    raise Unusable("the answer holds no JSON object")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")

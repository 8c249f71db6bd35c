"""Turning raw arguments into typed commands, with errors that name the field.

Scripts build strings, so a JSON-valued argument may arrive as JSON or as a string that contains JSON
(`facts/zmq-operations.md` "Request").
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError, from_json

from commands.codes import Code
from commands.rejection import Rejected
from events.commit import Json

Command = TypeVar("Command")

MAX_ID = 128
MAX_NAME = 64
MAX_TEXT = 4000


def parse_json_text(text: str) -> Any:
    """Parse JSON out of a string argument. Raises a pydantic error of type `bad_json` that tells the place."""
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise PydanticCustomError(
            "bad_json", "is not JSON: {problem}", {"problem": str(error)[:120]}
        ) from None


def _object(value: Any) -> Any:
    if isinstance(value, str):
        return parse_json_text(value) if value.strip() else {}
    return {} if value is None else value


def _array(value: Any) -> Any:
    if isinstance(value, str):
        return parse_json_text(value) if value.strip() else []
    return [] if value is None else value


def _text(value: Any) -> Any:
    # rAthena's script engine hands numbers around where a string was meant, char ids above all.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _printable(value: str) -> str:
    if not value.isprintable():
        raise PydanticCustomError("unprintable", "must hold printable characters only")
    return value


JsonObject = Annotated[Json, BeforeValidator(_object)]
JsonArray = Annotated[list[Any], BeforeValidator(_array)]
Id = Annotated[
    str,
    BeforeValidator(_text),
    StringConstraints(min_length=1, max_length=MAX_ID),
    BeforeValidator(lambda value: _printable(value) if isinstance(value, str) else value),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f\x7f]+$")]
Text = Annotated[str, BeforeValidator(_text), StringConstraints(max_length=MAX_TEXT)]

_OUT_OF_RANGE = {
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "too_long",
    "string_too_long",
    "int_parsing_size",
    "finite_number",
}


def parse(shape: type[Command], args: Json) -> Command:
    """Validate `args` into `shape`. Raises `Rejected` with the exact code and the field's path."""
    try:
        command: Command = _adapter(shape).validate_python(args)
    except ValidationError as error:
        raise rejection(error.errors(include_url=False, include_context=False)[0]) from None
    return command


def rejection(problem: ErrorDetails, prefix: str = "") -> Rejected:
    """The rejection that one validation problem leads to."""
    field = ".".join([prefix] * bool(prefix) + [str(part) for part in problem["loc"]]) or "data"
    kind, told = problem["type"], problem["msg"]
    if kind == "missing":
        return Rejected(Code.MISSING_REQUIRED_FIELD, f"{field}: this field is required", field=field)
    if kind == "bad_json":
        return Rejected(Code.INVALID_JSON, f"{field}: {told}", field=field)
    if kind in _OUT_OF_RANGE:
        return Rejected(Code.PARAMETER_OUT_OF_RANGE, f"{field}: {told}", field=field)
    return Rejected(Code.INVALID_PARAMETER, f"{field}: {told}", field=field)


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(shape: type[Any]) -> TypeAdapter[Any]:
    adapter = _adapters.get(shape)
    if adapter is None:
        adapter = _adapters[shape] = TypeAdapter(shape)
    return adapter

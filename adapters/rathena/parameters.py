"""What an operation reads from `data`: names, kinds, aliases; checked before anything is asked of anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from adapters.rathena.documents import read_json
from commands.codes import Code
from commands.rejection import Rejected
from events.commit import Json

Kind = Literal["text", "id", "object", "array", "json", "whole"]

MAX_MESSAGE = 4000
"""Characters of a text from a player; the game client sends at most 70 bytes."""
MAX_ID = 128


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of `data`.

    `json` is any value that may also arrive as a string holding JSON (text that is no JSON stays text), `object`
    and `array` the same for one shape; `id` is printable text of at most 128 characters or a whole number;
    `text` is at most `MAX_MESSAGE` characters. `aliases` are names that other clients use for it.
    """

    name: str
    kind: Kind
    required: bool = False
    aliases: tuple[str, ...] = ()


def read_parameters(data: Json, parameters: Sequence[Parameter]) -> Json:
    """`data` with every parameter under its own name and in its own type; other fields stay as they are.

    Raises `Rejected` naming the field: -104 missing, -101 wrong type, -102 bad JSON in a string, -105 too long.
    """
    read = dict(data)
    for parameter in parameters:
        name = parameter.name
        value = read.get(name)
        if value is None:
            for alias in parameter.aliases:
                if (value := read.pop(alias, None)) is not None:
                    break
        if value is None:
            if parameter.required:
                raise Rejected(Code.MISSING_REQUIRED_FIELD, f"data.{name} is missing", field=f"data.{name}")
            read.pop(name, None)
        else:
            read[name] = _read(value, parameter)
    return read


def _read(value: Any, parameter: Parameter) -> Any:
    match parameter.kind:
        case "text":
            return _text(value, parameter)
        case "id":
            return _id(value, parameter)
        case "whole":
            return _whole(value, parameter)
        case "json":
            loose = isinstance(value, str) and not value.lstrip().startswith(("{", "["))
            return value if loose else _json(value, parameter)
        case "object":
            return _shaped(_json(value, parameter), dict, {}, parameter)
        case "array":
            return _shaped(_json(value, parameter), list, [], parameter)


def _json(value: Any, parameter: Parameter) -> Any:
    if not isinstance(value, str):
        return value
    return read_json(value, f"data.{parameter.name}") if value.strip() else None


def _shaped(value: Any, shape: type[Any], empty: Any, parameter: Parameter) -> Any:
    if value is None:
        return empty
    if not isinstance(value, shape):
        told = "a JSON object" if shape is dict else "a JSON array"
        raise _wrong(parameter, f"must be {told}")
    return value


def _text(value: Any, parameter: Parameter) -> str:
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        raise _wrong(parameter, "must be text")
    if len(value) > MAX_MESSAGE:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"data.{parameter.name} must have at most {MAX_MESSAGE} characters, this has {len(value)}",
            field=f"data.{parameter.name}",
        )
    return value


def _id(value: Any, parameter: Parameter) -> str:
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_ID or not value.isprintable():
        raise _wrong(parameter, f"must be 1 to {MAX_ID} printable characters")
    return value


def _whole(value: Any, parameter: Parameter) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) <= 18:
        value = int(value)
    if type(value) is not int:
        raise _wrong(parameter, "must be a whole number")
    return value


def _wrong(parameter: Parameter, problem: str) -> Rejected:
    field = f"data.{parameter.name}"
    return Rejected(Code.INVALID_PARAMETER, f"{field} {problem}", field=field)


DIALOGUE = (
    Parameter("player_message", "text", required=True, aliases=("message", "player_msg", "msg", "question")),
    Parameter("context", "object"),
)

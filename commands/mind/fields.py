"""Reading the free JSON of a request: both spellings of a key, bounded text, numbers that cannot overflow.

Two manners: `integer` and `coordinate` refuse with `Rejected` and name the field; the `*_or_none` readers
leave out what they cannot use, because a situation with one odd detail still deserves an answer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from commands.codes import Code
from commands.mind.curves import UNIT, clamp
from commands.rejection import Rejected

MAX_TEXT = 500
MAX_COORDINATE = 32_767
"""The game's coordinates are signed 16 bit; no map is as large."""


class Notice(NamedTuple):
    """Something in a request that was left out or cut, and why; goes into the answer and the commit."""

    field: str
    message: str


def warnings_of(notices: Iterable[Notice]) -> dict[str, list[str]]:
    """The `warnings` of an answer: "field: what was left out"; an empty object when there are none."""
    told = [f"{notice.field}: {notice.message}" for notice in notices]
    return {"warnings": told} if told else {}


def refusal(code: Code, problem: str, field: str) -> Rejected:
    """The error for a field that cannot be used; its message begins with the field and names the remedy."""
    return Rejected(code, f"{field}: {problem}", field=field)


def find(data: Mapping[str, Any], *names: str) -> Any:
    """The first value among `names` that is present and not null; each is tried in snake_case and
    camelCase.
    """
    for key in _spellings(names):
        value = data.get(key)
        if value is not None:
            return value
    return None


@lru_cache(maxsize=512)
def _spellings(names: tuple[str, ...]) -> tuple[str, ...]:
    # The names come from our own code, so the cache is bounded by it; thousands of beings are read per request.
    spelt = []
    for name in names:
        head, *tail = name.split("_")
        spelt += [name, head + "".join(part.capitalize() for part in tail)] if tail else [name]
    return tuple(spelt)


def parsed(value: Any, field: str) -> Any:
    """`value`, or what the JSON text in it holds: scripts send parameters in either form.

    Text that does not begin like an object or a list is returned as it is. Raises `Rejected` (-102) when text
    that does begin so cannot be parsed.
    """
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise refusal(
            Code.INVALID_JSON, f"not valid JSON ({error}); send an object or its text", field=field
        ) from error


def integer(value: Any, field: str, low: int, high: int) -> int:
    """A whole number within `low`..`high`; numeric text and 5.0 are read as numbers, booleans are not.

    Raises `Rejected`: -104 when absent, -101 when not a whole number, -105 when outside the range.
    """
    if value is None:
        raise refusal(
            Code.MISSING_REQUIRED_FIELD, f"is missing; give a whole number {low}..{high}", field=field
        )
    number = _whole(value)
    if number is None:
        raise refusal(Code.INVALID_PARAMETER, f"must be a whole number {low}..{high}", field=field)
    if not low <= number <= high:
        raise refusal(Code.PARAMETER_OUT_OF_RANGE, f"must lie within {low}..{high}", field=field)
    return number


def integer_or_none(value: Any, low: int, high: int) -> int | None:
    """A whole number, moved into `low`..`high`; None when it is none."""
    number = _whole(value)
    return None if number is None else clamp(number, low, high)


def coordinate(value: Any, field: str) -> int | None:
    """A map coordinate; None when absent. Raises `Rejected` as `integer` does: a wrong place is worse
    than none.
    """
    return None if value is None else integer(value, field, 0, MAX_COORDINATE)


def share_or_none(value: Any) -> int | None:
    """A share in millionths from a number: 0..1 is a fraction, above 1 up to 100 a percentage; clamped."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value <= 0:
        return 0
    if value <= 1:
        return clamp(round(value * UNIT))
    return UNIT if value >= 100 else clamp(round(value * UNIT / 100))


def text(value: Any, limit: int = MAX_TEXT) -> str:
    """Printable, bounded text of a scalar; empty for anything else. Control characters become spaces."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if (
        isinstance(value, str)
        and len(value) <= limit
        and value.isprintable()
        and value == " ".join(value.split())
    ):
        return value
    raw = str(value)[: limit * 2] if isinstance(value, str) else _scalar(value)
    return " ".join("".join(c if c.isprintable() else " " for c in raw).split())[:limit].rstrip()


def truth(value: Any) -> bool | None:
    """A yes or no: booleans, 0 and 1, and the words scripts write for them; None otherwise."""
    if isinstance(value, str):
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
            value.lower()
        )
    if isinstance(value, bool | int):
        return bool(value)
    return None


def _scalar(value: int | float) -> str:
    # int -> str of thousands of digits is refused by the interpreter; no identifier is that long.
    return str(value) if -(10**40) < value < 10**40 else ""


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and len(value) > 40:
        return None
    if isinstance(value, str | float):
        try:
            number = float(value)
            return int(value) if isinstance(value, str) and "." not in value else _integral(number)
        except (ValueError, OverflowError):
            return None
    return None


def _integral(number: float) -> int | None:
    return int(number) if math.isfinite(number) and number == int(number) else None

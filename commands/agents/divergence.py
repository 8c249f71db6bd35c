"""Where two JSON values first differ. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic_core import PydanticSerializationError, to_json


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


NOTHING: Any = _Absent()
"""What stands where one of two values has nothing at all."""


class Divergence(NamedTuple):
    """`path` is dotted (`memories[2].content`), empty for the value as a whole."""

    path: str
    expected: Any
    found: Any


def first_divergence(expected: Any, found: Any, path: str = "") -> Divergence | None:
    """The first place, in the order of `expected`, where the values differ; None when they are equal.

    Tuples count as lists, for JSON knows no others; 1 and 1.0 are equal, 1 and true are not.
    """
    try:
        # Nearly always equal down to the order, and this is many times faster than walking.
        if to_json(expected) == to_json(found):
            return None
    except (PydanticSerializationError, ValueError):
        pass
    return _walk(expected, found, path)


def _walk(expected: Any, found: Any, path: str) -> Divergence | None:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in [*expected, *(key for key in found if key not in expected)]:
            inner = f"{path}.{key}" if path else str(key)
            different = _walk(expected.get(key, NOTHING), found.get(key, NOTHING), inner)
            if different is not None:
                return different
        return None
    if isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        for index in range(max(len(expected), len(found))):
            one = expected[index] if index < len(expected) else NOTHING
            other = found[index] if index < len(found) else NOTHING
            different = _walk(one, other, f"{path}[{index}]")
            if different is not None:
                return different
        return None
    same = expected == found and isinstance(expected, bool) == isinstance(found, bool)
    return None if same else Divergence(path, expected, found)

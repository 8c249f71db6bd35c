"""JSON from strangers: read strictly, in bounded time and depth, with a message that names the place."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from pydantic_core import from_json

from commands.codes import Code
from commands.rejection import Rejected

MAX_DEPTH = 64
"""Levels of nesting. Far below the 200 the codec can read back, so nothing accepted here is poison later."""

_SUSPECT = re.compile(rb"\d[eE]|\d{16}|\\u0000")
_LARGEST = 2**63 - 1


class _Duplicate(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Duplicate(key)
            seen.add(key)
    return made


_unambiguous = json.JSONDecoder(object_pairs_hook=_unique)


def read_json(text: bytes | str, name: str) -> Any:
    """Parse one JSON document; `name` is what messages call it (`body`, `data.personality`).

    Raises `Rejected` -102 for bytes that are not UTF-8 or not JSON, for more than `MAX_DEPTH` levels and for
    keys given twice; -105 for numbers that are not finite or need more than 64 bits; -101 for NUL characters.
    """
    try:
        raw = text if isinstance(text, bytes) else text.encode()
        value = from_json(raw, allow_inf_nan=False)
        # Two readers of a document with a repeated key may see different values, which is how an injected
        # field hides from one of them.
        _unambiguous.decode(raw.decode())
    except _Duplicate as error:
        key = _short(str(error))
        raise Rejected(
            Code.INVALID_JSON, f"{name}: the key {key!r} is given twice; send it once", field=key
        ) from None
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise Rejected(
            Code.INVALID_JSON, f"{name} is not valid UTF-8: {error.reason}; send UTF-8", field=name
        ) from None
    except (ValueError, RecursionError) as error:
        problem = "nested too deep" if "recursion" in str(error) else str(error)
        raise Rejected(Code.INVALID_JSON, f"{name} is not JSON: {problem}", field=name) from None
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH or _SUSPECT.search(raw):
        _inspect(value, name, 0)
    return value


def _inspect(value: Any, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Rejected(
            Code.INVALID_JSON,
            f"{path[:128]} is nested too deep: at most {MAX_DEPTH} levels",
            field=path[:128],
        )
    if isinstance(value, dict):
        for key, item in value.items():
            if "\0" in key:
                raise Rejected(Code.INVALID_PARAMETER, f"{path}: a key holds a NUL character", field=path)
            _inspect(item, f"{path}.{_short(key)}", depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _inspect(item, f"{path}.{index}", depth + 1)
    elif isinstance(value, str):
        if "\0" in value:
            raise Rejected(Code.INVALID_PARAMETER, f"{path} holds a NUL character; remove it", field=path)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Rejected(
                Code.PARAMETER_OUT_OF_RANGE, f"{path} is not a finite number; send a smaller one", field=path
            )
    elif isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, f"{path} needs more than 64 bits; send a smaller number", field=path
        )


def _short(key: str) -> str:
    return key if len(key) <= 64 and key.isprintable() else ascii(key[:64])

"""How a fake model behaves, told by its name: `fake-1`, `fake-slow-1000`, `fake-429`, `fake-obedient` …

The words after `fake` may be combined (`fake-slow-200-flaky-3`); the header `x-fake` says the same beside any model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

HEADER = "x-fake"
MAX_MILLISECONDS = 120_000

STATUSES = frozenset({400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 529})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`slow` ms pass before the answer, `drip` ms before each piece of a stream. Of `flaky` calls in a row all but
    the last fail with 503; `status` fails every one. `manner` is how the answer itself is:

    `plain`, `obedient` (follows every instruction found anywhere in the text), `cut` (the connection breaks in the
    middle), `garbage` (the body is not JSON), `empty`, `huge`, `wrong` (does not fit the schema), `prose` (text where
    JSON was asked for), `refusal`, `long` (as if the length limit had been reached), `hang` (never answers), `late`
    (a failure inside a stream that had begun well).
    """

    manner: str = "plain"
    status: int = 0
    slow: int = 0
    drip: int = 0
    flaky: int = 0


MANNERS = frozenset(
    {
        "plain",
        "obedient",
        "cut",
        "garbage",
        "empty",
        "huge",
        "wrong",
        "prose",
        "refusal",
        "long",
        "hang",
        "late",
    }
)
_NUMBERED = frozenset({"slow", "drip", "flaky"})


def behaviour_of(text: str) -> Behaviour:
    """The behaviour named by `text`; words that mean nothing here (`fake`, a version) are passed over."""
    found = Behaviour()
    words = text.lower().replace("_", "-").split("-")
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        if word in MANNERS:
            found = replace(found, manner=word)
        elif word in _NUMBERED and following.isdecimal():
            numbered: dict[str, Any] = {word: min(int(following[:9]), MAX_MILLISECONDS)}
            found = replace(found, **numbered)
        elif word.isdecimal() and int(word[:9]) in STATUSES and (not at or words[at - 1] not in _NUMBERED):
            found = replace(found, status=int(word))
    return found

"""A memory's words, built from the data of an event: bounded, on one line, and without control characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MAX_CONTENT = 500
"""Characters of a memory's content."""
MAX_PART = 240
"""Characters of one value inside it."""
MAX_PARTS = 12

_SPEECH = ("message", "text", "say", "content", "description")
REPLIED = " / I said: "
"""Between what a player said and what the NPC answered, in the memory of a conversation."""
SPEECH = frozenset(_SPEECH)
"""The fields of an event in which somebody's words stand."""
_HIDDEN = frozenset({"importance", "emotion", "emotion_intensity", "fact", "x", "y"})
_NAMED = frozenset({"item", "item_name", "player", "player_id", "attacker", "target"})
_NOTHING: frozenset[str] = frozenset()
_SENTENCES = {
    "attacked": "{actor} attacked {target}",
    "killed": "{actor} killed {target}",
    "stole": "{actor} stole {item} from {target}",
    "gift": "{actor} gave {item} to {target}",
    "item_received": "{target} received {item} from {actor}",
    "healed": "{actor} healed {target}",
    "helped": "{actor} helped {target}",
    "insulted": "{actor} insulted {target}",
    "promise_made": "{actor} promised {target}",
    "promise_kept": "{actor} kept a promise to {target}",
    "promise_broken": "{actor} broke a promise to {target}",
    "saw_player": "{target} saw {actor}",
    "trade": "{actor} traded with {target}",
    "quest_completed": "{actor} completed a quest for {target}",
}


def render(kind: str, data: Mapping[str, Any], *, actor: str = "", target: str = "") -> str:
    """One line of at most `MAX_CONTENT` characters for an event of type `kind`.

    Speech is quoted after its speaker; a known type becomes a sentence; everything else is its type and
    whatever of `data` is simple enough to say, in the order given. Nested and oversized values are left out
    or cut. Text of players is quoted as it is, only made harmless: it can never add a line or hide the rest.
    """
    who, whom = _name(actor), _name(target)
    said = _said(data)
    if said is not None and kind not in _SENTENCES:
        title = clean(kind).replace("_", " ")
        line = f"{who}: {clean(said, MAX_CONTENT)}" if actor else f"{title}: {clean(said, MAX_CONTENT)}"
        return line[:MAX_CONTENT]
    sentence = _SENTENCES.get(kind)
    if sentence:
        item = ""
        if "{item}" in sentence:
            item = clean(str(data.get("item") or data.get("item_name") or "something"))
        # Only our own template is formatted; values are inserted once, so braces in them mean nothing.
        line = sentence.format(actor=who, target=whom, item=item)
        used = _NAMED
    else:
        line = _title(kind, MAX_PART)
        line = f"{who}: {line}" if actor else line
        used = _NOTHING
    rest = _rest(data, used)
    return (f"{line}: {rest}" if rest else line)[:MAX_CONTENT]


def _said(data: Mapping[str, Any]) -> str | None:
    for field in _SPEECH:
        text = data.get(field)
        if isinstance(text, str) and text.strip():
            return text
    return None


# Who and what recur all the time: a fold must not clean them each time anew.
@lru_cache(maxsize=8_192)
def _name(text: str) -> str:
    return clean(text) or "someone"


@lru_cache(maxsize=4_096)
def _title(text: str, limit: int) -> str:
    return clean(text, limit).replace("_", " ")


def clean(text: str, limit: int = MAX_PART) -> str:
    """A text on one line without control, format and surrogate characters, at most `limit` characters."""
    text = text[: 4 * limit]
    if text.isprintable():  # nothing to look for: the usual case, and twenty times as fast
        return " ".join(text.split())[:limit]
    kept = (" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    line = "".join(letter for letter in kept if unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn"))
    return " ".join(line.split())[:limit]


def _rest(data: Mapping[str, Any], used: frozenset[str]) -> str:
    parts: list[str] = []
    for field, value in data.items():
        if field in used or field in _HIDDEN:
            continue
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            continue
        shown = clean(value) if isinstance(value, str) else _number(value)
        if shown:
            parts.append(f"{_title(str(field), 40)} {shown}")
        if len(parts) == MAX_PARTS:
            break
    return ", ".join(parts)


def _number(value: float) -> str:
    # Python refuses to print integers of thousands of digits, and nobody remembers them.
    if isinstance(value, int) and value.bit_length() > 256:
        return "a very large number"
    return str(value)

"""What a fake model is asked, whatever the wire format, and what it makes out in the text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from events.commit import Json

MAX_DEPTH = 12

_NAMES = ("npc_name", "npc", "name", "npc_id", "persona")
_SPOKEN = (
    "player_message",
    "message",
    "utterance",
    "player_text",
    "says",
    "said",
    "question",
    "text",
    "situation",
    "description",
)
_REMEMBERED = ("memories", "memory", "remembered", "recalled", "facts", "history")
_TOLD = ("what", "text", "content", "summary", "fact", "description")
_NUMBERED = ("n", "number", "position", "id")
MAX_FACTS = 5


@dataclass(frozen=True, slots=True)
class Question:
    """`turns` are (role, text) in order; `tools` have OpenAI's shape, `tool_choice` too."""

    model: str
    turns: tuple[tuple[str, str], ...]
    schema: Json | None = None
    json_only: bool = False
    tools: tuple[Json, ...] = ()
    tool_choice: Any = None
    max_tokens: int | None = None
    stream: bool = False
    answered: bool = field(default=False)
    """The last turn is a tool's result: it is time for words."""

    @property
    def instructions(self) -> str:
        return "\n".join(text for role, text in self.turns if role in ("system", "developer"))

    @property
    def data(self) -> str:
        """What stands outside of the instructions."""
        return "\n".join(text for role, text in self.turns if role not in ("system", "developer"))

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.turns)


@dataclass(frozen=True, slots=True)
class Gist:
    """Who speaks, what was said to them last, and what they are told they remember; `numbers` are those of the facts
    that have one."""

    name: str
    said: str
    facts: tuple[str, ...]
    numbers: tuple[int, ...] = ()


def gist(question: Question) -> Gist:
    """Found by the names of fields in the JSON of the prompt, wherever it stands; else by position."""
    values = list(values_in(question.data))
    leaves = [leaf for value in values for leaf in _leaves(value, ())]
    name = _latest(leaves, _NAMES, first=True) or "the model"
    users = [text for role, text in question.turns if role == "user"]
    said = _latest(leaves, _SPOKEN, first=False) or (users[-1].strip() if users else "")
    facts = [fact for value in values for fact in _facts(value, 0)]
    facts += [(text, None) for role, text in question.turns if role == "tool"]
    kept = [(text[:300], number) for text, number in facts if len(text) > 3][:MAX_FACTS]
    numbers = tuple(number for _, number in kept if number is not None)
    return Gist(name[:100], said[:500], tuple(text for text, _ in kept), numbers)


def values_in(text: str) -> Iterator[Any]:
    """Every JSON object, array or string that stands in `text`, the outermost of each, in order."""
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        starts = [found for found in (text.find(mark, at) for mark in '{["') if found >= 0]
        if not starts:
            return
        at = min(starts)
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
        else:
            yield value


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if len(path) > MAX_DEPTH:
        return
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, str(key)))
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, path)


def _facts(value: Any, depth: int) -> Iterator[tuple[str, int | None]]:
    """The entries of whatever is named like a memory: a text, or a table with a text and perhaps a number in it."""
    if depth > MAX_DEPTH or not isinstance(value, dict | list):
        return
    if isinstance(value, list):
        for each in value:
            yield from _facts(each, depth + 1)
        return
    for key, each in value.items():
        if str(key) not in _REMEMBERED:
            yield from _facts(each, depth + 1)
            continue
        for entry in each if isinstance(each, list) else [each]:
            texts = [text for _, text in _leaves(entry, ())]
            table = entry if isinstance(entry, dict) else {}
            told = next((table[name] for name in _TOLD if isinstance(table.get(name), str)), None)
            numbers = [table[name] for name in _NUMBERED if type(table.get(name)) is int]
            if texts:
                yield told or max(texts, key=len), numbers[0] if numbers else None


def _latest(leaves: list[tuple[tuple[str, ...], str]], names: tuple[str, ...], *, first: bool) -> str:
    for name in names:
        found = [text for path, text in leaves if path and path[-1] == name and text.strip()]
        if found:
            return found[0] if first else found[-1]
    return ""

"""An answer as it is recorded, and what is read from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from pydantic_core import to_json

from adapters.llm.port import Completion
from commands.agents.ask import Ask
from commands.agents.purpose import Reading

logger = structlog.get_logger(__name__)

Read = Callable[[Ask, str], Reading]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, what was read from it, and who gave it."""

    completion: Completion
    text: str
    reading: Reading
    provider: str
    model: str


def reading_of(read: Read, ask: Ask, answer: str) -> Reading:
    """What `read` makes of an answer; an answer that breaks it is unusable, and so is one no log can hold."""
    try:
        reading = read(ask, answer)
        to_json(reading.proposal)
    except Exception as error:
        logger.exception("an answer could not be read", purpose=ask.purpose)
        return Reading(None, f"the answer cannot be read: {type(error).__name__}")
    return reading


def answer_text(ask: Ask, completion: Completion) -> str:
    """The answer as it is recorded and read: the text; where the caller brought tools, JSON with `content` and
    `tool_calls`. Halves of characters, which no log can hold, are replaced."""
    text = completion.text
    if ask.tools:
        both = {"content": text, "tool_calls": list(completion.tool_calls)}
        text = json.dumps(both, ensure_ascii=False, separators=(",", ":"), default=str)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

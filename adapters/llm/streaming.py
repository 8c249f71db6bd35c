"""Handing an answer on while it is still being written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from pydantic_core import from_json

logger = structlog.get_logger(__name__)

OnText = Callable[[str], Awaitable[None]]

FIELD = "response"
"""The field of a structured answer that is meant to be read by people."""


class Speech:
    """Passes on the readable part of an answer that arrives in pieces.

    Plain answers are passed on as they come. Of a structured one only the text of its field `response` is, as far as
    it is complete; an answer without it is not passed on at all. What is passed on has not been read or checked yet:
    only an edge that can take a word back, or needs none taken back, should ask for it.
    """

    def __init__(self, say: OnText, *, structured: bool) -> None:
        self._say: OnText | None = say
        self._structured = structured
        self._arrived = ""
        self._said = ""

    @property
    def begun(self) -> bool:
        """Whether anything was passed on: from then on no other answer may take its place."""
        return bool(self._said)

    async def hear(self, text: str) -> None:
        """Take the next piece."""
        if not text:
            return
        if not self._structured:
            self._said += text
            await self._pass_on(text)
            return
        self._arrived += text
        readable = _readable(self._arrived)
        if len(readable) > len(self._said) and readable.startswith(self._said):
            fresh, self._said = readable[len(self._said) :], readable
            await self._pass_on(fresh)

    async def _pass_on(self, text: str) -> None:
        if self._say is None:
            return
        try:
            await self._say(text)
        except Exception as error:
            # Whoever listened is gone. That is no fault of the model, and its answer is still worth recording.
            logger.info("nobody listens to an answer any more", reason=repr(error))
            self._say = None


def _readable(partial: str) -> str:
    try:
        value = from_json(partial, allow_partial="trailing-strings")
    except ValueError:
        return ""
    found = value.get(FIELD) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""

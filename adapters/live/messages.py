"""What is sent to pages, encoded."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_core import to_json

from events.commit import Json


def events_message(topic: str, items: Iterable[bytes], head: int | None) -> str:
    """An `events` message around items that are encoded already."""
    return (
        b'{"type":"events","topic":%s,"items":[%s],"head":%s}'
        % (to_json(topic), b",".join(items), to_json(head))
    ).decode()


def encoded(message: Json) -> str:
    """Any other message; what is no number is null."""
    return to_json(message, inf_nan_mode="null").decode()

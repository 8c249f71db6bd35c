"""What can be subscribed to, by whom, and which rows of the feed it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from projections.feed_pages import Filters

Kind = Literal["feed", "health", "campaign", "chat", "npc"]
MAX_ID = 64
MAX_NPC_ID = 400
FOLLOWS_THE_LOG: frozenset[Kind] = frozenset({"feed", "campaign", "npc"})
"""Topics whose items are rows of the feed."""

Text = Annotated[str, Field(max_length=400)]


class Wanted(BaseModel):
    """The filters of a subscription to the feed, as the feed's route takes them."""

    model_config = ConfigDict(extra="forbid")

    category: Annotated[str, Field(max_length=32)] | None = None
    type: tuple[Annotated[str, Field(max_length=64)], ...] | Annotated[str, Field(max_length=64)] = Field(
        default=(), max_length=64
    )
    stream: Text | None = None
    prefix: Text | None = None
    actor: Text | None = None
    correlation: Text | None = None

    def filters(self) -> Filters:
        types = (self.type,) if isinstance(self.type, str) else self.type
        return Filters(self.category, types, self.stream, self.prefix, self.actor, self.correlation)


@dataclass(frozen=True, slots=True)
class Topic:
    """`feed`, `health`, `campaign:<id>`, `chat:<campaign id>` or `npc:<NPC id>`; `name` is what clients call it."""

    name: str
    kind: Kind
    campaign_id: str = ""
    npc_id: str = ""


def topic_of(name: object) -> Topic:
    """Raises `ValueError` for what is no topic."""
    if isinstance(name, str):
        kind, colon, of = name.partition(":")
        if not colon and kind in {"feed", "health"}:
            return Topic(name, kind)  # type: ignore[arg-type]
        if kind in {"campaign", "chat"} and 0 < len(of) <= MAX_ID:
            return Topic(name, kind, campaign_id=of)  # type: ignore[arg-type]
        if kind == "npc" and 0 < len(of) <= MAX_NPC_ID:
            return Topic(name, "npc", npc_id=of)
    raise ValueError("topic: one of feed, health, campaign:<id>, chat:<campaign id>, npc:<NPC id>")


@dataclass(slots=True)
class Subscription:
    """One topic on one socket. Items at positions up to `seen` have been sent, or are for REST to read.

    `missed` is set when items had to be left out; the next message then says from which position on.
    """

    topic: Topic
    seen: int
    filters: Filters = field(default_factory=Filters)
    missed: int | None = None

"""What somebody asks the assistant for, on whose behalf, and why it cannot be had."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.commit import Actor, Json


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for. `target` is the element to change instead of making a new one."""

    campaign_id: str
    kind: str
    brief: str
    drafts: int = 1
    draw_on: tuple[str, ...] = ()
    options: Json = field(default_factory=dict)
    target: str = ""


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf, and under which names in the log."""

    actor: Actor
    correlation_id: str


class UnknownCampaign(LookupError):
    """There is no such campaign."""


class UnknownElement(LookupError):
    """The campaign has no such element; the argument is its id."""


class UnfitTarget(ValueError):
    """The element to change is of another kind than what is drafted."""

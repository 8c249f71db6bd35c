"""Events of one account's acts upon the platform itself, `operator/<account id>`: rebuilds, dead letters, reruns."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


@event("operator.acted")
@dataclass(frozen=True, slots=True)
class OperatorActed(Event):
    """`action` was begun on `target` (`projection.rebuild` of `feed`); what came of it is in the details of a later one
    whose action ends with `.ended`."""

    action: str
    target: str
    details: Json = field(default_factory=dict)

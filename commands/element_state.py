"""An element as its commits made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from events.commit import Event, Json, Recorded
from events.element import ElementChanged, ElementCreated, ElementRemoved, ElementRestored, ElementShown


@dataclass(frozen=True, slots=True)
class ElementState:
    """`version` is that of its last commit."""

    campaign_id: str = ""
    kind: str = ""
    version: int = 0
    fields: Json = field(default_factory=dict)
    visibility: str = "gm"
    members: tuple[str, ...] = ()
    field_visibility: Mapping[str, str] = field(default_factory=dict)
    removed: bool = False

    @property
    def exists(self) -> bool:
        return bool(self.campaign_id)


def evolve(state: ElementState, event: Event, recorded: Recorded) -> ElementState:
    version = recorded.commit.version
    match event:
        case ElementCreated():
            return ElementState(
                event.campaign_id,
                event.kind,
                version,
                event.fields,
                event.visibility,
                event.members,
                event.field_visibility,
            )
        case ElementChanged():
            fields = {
                name: value for name, value in state.fields.items() if name not in event.unset
            } | event.set
            return replace(state, version=version, fields=fields)
        case ElementShown():
            return replace(
                state,
                version=version,
                visibility=event.visibility,
                members=event.members,
                field_visibility=event.field_visibility,
            )
        case ElementRemoved() | ElementRestored():
            return replace(state, version=version, removed=isinstance(event, ElementRemoved))
    return state

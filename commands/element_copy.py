"""Copying an element into a campaign that is being forked: references may lead to copies that are still to come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from commands.arguments import Id, JsonObject
from commands.campaign_fork import require_forking
from commands.codes import Code
from commands.decider import Context
from commands.element_state import ElementState
from commands.forms.filling import complete, filled, known_kind
from commands.membership import OWNER, require
from commands.rejection import Rejected
from events.commit import Event
from events.element import ElementCreated


@dataclass(frozen=True, slots=True)
class Copy:
    """As `commands.element.Create`; `element_id`, `version` and `position` say of what, and how it was when.

    `members` need not belong to the campaign: they see again what they saw once they are invited.
    """

    campaign_id: Id
    kind: Id
    fields: JsonObject
    origin: Id
    element_id: Id
    version: Annotated[int, Field(ge=1)]
    position: Annotated[int, Field(ge=1)]
    visibility: Literal["gm", "all", "members"] = "gm"
    members: Annotated[tuple[Id, ...], Field(max_length=64)] = ()
    field_visibility: Annotated[dict[str, Literal["gm", "all"]], Field(max_length=64)] = field(
        default_factory=dict
    )


def copy(state: ElementState, command: Copy, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: as `require`, -202 where the campaign is not being forked, -100 for an id that is taken."""
    campaign = context.facts["campaign"]
    require(campaign, context.actor, OWNER, forking=True)
    require_forking(campaign)
    if state.exists:
        raise Rejected(Code.ALREADY_EXISTS, "element_id: this element exists already", field="element_id")
    kind = known_kind(command.kind)
    fields, _ = filled(kind, command.fields)
    complete(kind, fields)
    origin = {
        "by": "fork",
        "campaign_id": command.origin,
        "element_id": command.element_id,
        "version": command.version,
        "position": command.position,
    }
    members = tuple(sorted(set(command.members))) if command.visibility == "members" else ()
    hidden: dict[str, str] = {**command.field_visibility}
    return (ElementCreated(command.campaign_id, kind, fields, command.visibility, members, hidden, origin),)

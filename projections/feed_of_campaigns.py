"""What the timeline says of a campaign's events, in a few words. Texts of recaps and fields stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from events.campaign import (
    CampaignArchived,
    CampaignChanged,
    CampaignCharacterAdded,
    CampaignCharacterChanged,
    CampaignCharacterRemoved,
    CampaignCreated,
    CampaignForkBegun,
    CampaignForkFailed,
    CampaignForkFinished,
    CampaignHandedOver,
    CampaignMemberJoined,
    CampaignMemberLeft,
    CampaignMemberRoleChanged,
    CampaignSessionChanged,
    CampaignSessionEnded,
    CampaignSessionStarted,
    CampaignSpendingLimited,
)
from events.dice import DiceRolled
from events.element import ElementChanged, ElementCreated, ElementRemoved, ElementRestored, ElementShown

SUMMARIES: Mapping[type[Any], Callable[[Any], str]] = {
    CampaignCreated: lambda event: event.name,
    CampaignChanged: lambda event: ", ".join(event.fields),
    CampaignSpendingLimited: lambda event: (
        "none" if event.amount is None else f"{event.amount / 1e9:g} US dollars a {event.period}"
    ),
    CampaignForkBegun: lambda event: f"of {event.origin} at {event.position}, {event.elements} elements",
    CampaignForkFinished: lambda event: f"{event.elements} elements, {event.characters} characters",
    CampaignForkFailed: lambda event: event.problem,
    CampaignArchived: lambda event: event.reason,
    CampaignMemberJoined: lambda event: f"{event.name or event.account_id} as {event.role}",
    CampaignMemberRoleChanged: lambda event: f"{event.account_id}: {event.before} to {event.role}",
    CampaignMemberLeft: lambda event: f"{event.account_id}, {event.role}",
    CampaignHandedOver: lambda event: f"to {event.after}",
    CampaignSessionStarted: lambda event: f"{event.number} {event.title}".rstrip(),
    CampaignSessionEnded: lambda event: str(event.number),
    CampaignSessionChanged: lambda event: f"{event.number}: {', '.join(event.fields)}",
    CampaignCharacterAdded: lambda event: str(event.fields.get("name", "")),
    CampaignCharacterChanged: lambda event: ", ".join([*event.set, *event.unset]),
    CampaignCharacterRemoved: lambda event: event.name,
    ElementCreated: lambda event: f"{event.kind} {event.fields.get('name', '')}",
    ElementChanged: lambda event: f"{event.kind}: {', '.join([*event.set, *event.unset])}",
    ElementShown: lambda event: f"{event.kind} to {event.visibility}",
    ElementRemoved: lambda event: event.kind,
    ElementRestored: lambda event: event.kind,
    DiceRolled: lambda event: (
        f"{event.expression} = {event.total}" + (f" ({event.label})" if event.label else "")
    ),
}

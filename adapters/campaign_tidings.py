"""What happened in a campaign, in a sentence for people."""

from __future__ import annotations

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
    CampaignRestored,
    CampaignSessionChanged,
    CampaignSessionEnded,
    CampaignSessionStarted,
    CampaignSpendingLimited,
)
from events.commit import Commit, Event, Json
from events.dice import DiceRolled
from events.element import ElementChanged, ElementCreated, ElementRemoved, ElementRestored, ElementShown


def campaign_tiding(event: Event, commit: Commit) -> str | None:
    """One sentence about an event of a campaign, an element or dice; None for any other."""
    who = str(commit.actor.details.get("name") or commit.actor.id)
    told = (
        _of_campaign(event, who)
        or _of_fork(event, who)
        or _of_members(event, who)
        or _of_element(event, commit.entity, who)
    )
    if told is None and isinstance(event, DiceRolled):
        where = " behind the screen" if event.visibility == "gm" else ""
        told = f"{who} rolled {event.expression}{where}: {event.total}" + (
            f", {event.label!r}" if event.label else ""
        )
    return told


def _of_campaign(event: Event, who: str) -> str | None:
    match event:
        case CampaignCreated():
            return f"{who} created the campaign {event.name!r}"
        case CampaignChanged():
            return f"{who} changed {', '.join(event.fields)} of the campaign"
        case CampaignArchived():
            return f"{who} archived the campaign" + (f": {event.reason!r}" if event.reason else "")
        case CampaignSpendingLimited():
            if event.amount is None:
                return f"{who} lifted the limit of what models may cost the campaign"
            return (
                f"{who} limited what models may cost the campaign to ${event.amount / 1e9:g} a {event.period}"
            )
        case CampaignRestored():
            return f"{who} restored the campaign"
        case CampaignSessionStarted():
            return f"evening {event.number} began" + (f": {event.title!r}" if event.title else "")
        case CampaignSessionEnded():
            return f"evening {event.number} ended"
        case CampaignSessionChanged():
            return f"{who} wrote {', '.join(event.fields)} of evening {event.number}"
    return None


def _of_fork(event: Event, who: str) -> str | None:
    match event:
        case CampaignForkBegun():
            return f"{who} forked the campaign {event.origin} as it was at {event.position}"
        case CampaignForkFinished():
            return f"the fork is finished: {event.elements} elements, {event.characters} characters"
        case CampaignForkFailed():
            return f"the fork failed: {event.problem!r}"
    return None


def _of_members(event: Event, who: str) -> str | None:
    match event:
        case CampaignMemberJoined():
            return f"{who} invited {event.name or event.account_id} as {event.role}"
        case CampaignMemberRoleChanged():
            return f"{who} made {event.account_id} {event.role}, who was {event.before}"
        case CampaignMemberLeft():
            return f"{event.account_id}, {event.role}, is no member any more"
        case CampaignHandedOver():
            return f"{who} handed the campaign over to {event.after}"
        case CampaignCharacterAdded():
            return f"{who} added the character {event.fields.get('name')!r}"
        case CampaignCharacterChanged():
            return f"{who} changed {', '.join([*event.set, *event.unset]) or 'the player'} of a character"
        case CampaignCharacterRemoved():
            return f"{who} removed the character {event.name!r}"
    return None


def _of_element(event: Event, element_id: str, who: str) -> str | None:
    match event:
        case ElementCreated():
            return f"{who} created the {event.kind} {event.fields.get('name')!r}{_because(event.origin)}"
        case ElementChanged():
            names = ", ".join([*event.set, *event.unset])
            return f"{who} changed {names} of the {event.kind} {element_id}{_because(event.origin)}"
        case ElementShown():
            whom = f"{len(event.members)} members" if event.visibility == "members" else event.visibility
            return f"{who} made the {event.kind} {element_id} visible to {whom}{_because(event.origin)}"
        case ElementRemoved():
            return f"{who} removed the {event.kind} {element_id}{_because(event.origin)}"
        case ElementRestored():
            return f"{who} restored the {event.kind} {element_id}{_because(event.origin)}"
    return None


def _because(origin: Json) -> str:
    if "undo_of" in origin:
        return f", undoing version {origin['undo_of']}"
    if "revert_to" in origin:
        return f", back to version {origin['revert_to']}"
    if origin.get("by") == "proposal":
        return f", out of the proposal {origin.get('proposal_id')}"
    return "" if origin.get("by") == "hand" else f", by {origin.get('by')}"

"""Events of a campaign's stream, `campaign/<campaign id>`: the campaign itself, who belongs to it, its evenings, the
characters of the players.

Roles of members are `owner` (exactly one), `cogm`, `player` and `observer`. Accounts are named by their ids; a `name`
beside one is what it was called then.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


@event("campaign.created")
@dataclass(frozen=True, slots=True)
class CampaignCreated(Event):
    """`ruleset` is 2014 or 2024, `language` en or fr, `level` the party's at the beginning (1 to 20)."""

    name: str
    owner: str
    owner_name: str = ""
    description: str = ""
    ruleset: str = "2024"
    language: str = "en"
    theme: str = ""
    level: int = 1


@event("campaign.changed")
@dataclass(frozen=True, slots=True)
class CampaignChanged(Event):
    """`fields` are those of `CampaignCreated` that changed, or `status` (active, paused or completed)."""

    fields: Json


@event("campaign.archived")
@dataclass(frozen=True, slots=True)
class CampaignArchived(Event):
    """Nothing in it can be changed until it is restored."""

    reason: str = ""


@event("campaign.restored")
@dataclass(frozen=True, slots=True)
class CampaignRestored(Event):
    reason: str = ""


@event("campaign.spending_limited")
@dataclass(frozen=True, slots=True)
class CampaignSpendingLimited(Event):
    """Models may cost it `amount` billionths of a US dollar a `period` (day or month); None: whatever they cost."""

    amount: int | None
    period: str = "month"


@event("campaign.fork_begun")
@dataclass(frozen=True, slots=True)
class CampaignForkBegun(Event):
    """The campaign becomes a copy of `origin` as it was at the log position `position`, with so many `elements`."""

    origin: str
    position: int
    elements: int


@event("campaign.fork_finished")
@dataclass(frozen=True, slots=True)
class CampaignForkFinished(Event):
    """So many elements and characters were copied: it is a campaign like others now."""

    elements: int
    characters: int


@event("campaign.fork_failed")
@dataclass(frozen=True, slots=True)
class CampaignForkFailed(Event):
    """It stays as far as it came, and cannot be changed."""

    problem: str


@event("campaign.member_joined")
@dataclass(frozen=True, slots=True)
class CampaignMemberJoined(Event):
    account_id: str
    role: str
    name: str = ""


@event("campaign.member_role_changed")
@dataclass(frozen=True, slots=True)
class CampaignMemberRoleChanged(Event):
    account_id: str
    role: str
    before: str


@event("campaign.member_left")
@dataclass(frozen=True, slots=True)
class CampaignMemberLeft(Event):
    """He left by himself, or whoever made the commit removed him."""

    account_id: str
    role: str


@event("campaign.handed_over")
@dataclass(frozen=True, slots=True)
class CampaignHandedOver(Event):
    """`after` is the owner now; `before` became a co-GM."""

    before: str
    after: str


@event("campaign.session_started")
@dataclass(frozen=True, slots=True)
class CampaignSessionStarted(Event):
    number: int
    title: str = ""


@event("campaign.session_ended")
@dataclass(frozen=True, slots=True)
class CampaignSessionEnded(Event):
    """`recap` is the game masters', `recap_players` what players may read."""

    number: int
    recap: str = ""
    recap_players: str = ""


@event("campaign.session_changed")
@dataclass(frozen=True, slots=True)
class CampaignSessionChanged(Event):
    """`fields` are those of title, recap and recap_players that changed."""

    number: int
    fields: Json


@event("campaign.character_added")
@dataclass(frozen=True, slots=True)
class CampaignCharacterAdded(Event):
    """`fields` are those of `commands.forms.kinds.CHARACTER`; `player` is the account that plays it, if any."""

    character_id: str
    player: str | None
    fields: Json


@event("campaign.character_changed")
@dataclass(frozen=True, slots=True)
class CampaignCharacterChanged(Event):
    """`player` is who plays it from now on."""

    character_id: str
    player: str | None
    set: Json
    unset: tuple[str, ...] = field(default_factory=tuple)


@event("campaign.character_removed")
@dataclass(frozen=True, slots=True)
class CampaignCharacterRemoved(Event):
    character_id: str
    name: str = ""

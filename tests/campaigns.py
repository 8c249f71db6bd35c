"""A campaign with its people, for tests: events, states and actors."""

from __future__ import annotations

from commands.campaign import CAMPAIGN
from commands.campaign_state import CampaignState
from events.campaign import CampaignCreated, CampaignMemberJoined
from events.commit import Actor, Event, Recorded
from tests.commits import commit

CAMPAIGN_ID = "c1"
MARA, NIL, TOM, UMA, EVE = "mara", "nil", "tom", "uma", "eve"
"""Owner, co-GM, player, observer, and somebody who is no member."""


def account(name: str, role: str = "") -> Actor:
    """Who is signed in under that name."""
    return Actor("account", name, True, {"name": name, **({"role": role} if role else {})})


def company(owner: str = MARA) -> tuple[Event, ...]:
    """A campaign of Mara's with one member of every role."""
    return (
        CampaignCreated("The Drowned Crown", owner, owner),
        CampaignMemberJoined(NIL, "cogm", NIL),
        CampaignMemberJoined(TOM, "player", TOM),
        CampaignMemberJoined(UMA, "observer", UMA),
    )


def campaign(*more: Event) -> CampaignState:
    """The folded state of `company`, after `more`."""
    state: CampaignState = CAMPAIGN.initial
    for version, event in enumerate((*company(), *more), start=1):
        stream = f"campaign/{CAMPAIGN_ID}"
        state = CAMPAIGN.fold(state, Recorded(version, commit(stream, event, version=version)))
    return state

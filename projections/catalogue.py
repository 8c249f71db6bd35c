"""All read models of this release."""

from __future__ import annotations

from projections import mind_fold
from projections.allowances import ALLOWANCES
from projections.campaign_spending import CAMPAIGN_SPENDING
from projections.campaigns import CAMPAIGN_STATE
from projections.chats import CONVERSATIONS
from projections.decision_fold import DECISION_RECORDS
from projections.dice import DICE_ROLLS
from projections.feed import EVENT_FEED
from projections.forks import FORKED_CAMPAIGNS
from projections.images import IMAGE_RECORDS
from projections.legends import LEGENDS
from projections.memories import NPC_MEMORIES
from projections.mind_fold import MindRules
from projections.npc_fold import NPC_STATE
from projections.projection import Projection
from projections.proposals import PROPOSAL_RECORDS
from projections.relationships import RELATIONSHIP_COUNTS
from projections.requests import REQUEST_STATUS
from projections.scriptevents import SCRIPT_EVENT_RECORDS
from projections.switches import MODEL_SWITCHES
from projections.threads import OPEN_THREADS
from projections.world import WORLD_STATE

ALL: tuple[Projection, ...] = (
    NPC_STATE,
    RELATIONSHIP_COUNTS,
    NPC_MEMORIES,
    REQUEST_STATUS,
    DECISION_RECORDS,
    LEGENDS,
    WORLD_STATE,
    SCRIPT_EVENT_RECORDS,
    MODEL_SWITCHES,
    CAMPAIGN_STATE,
    DICE_ROLLS,
    PROPOSAL_RECORDS,
    CAMPAIGN_SPENDING,
    ALLOWANCES,
    FORKED_CAMPAIGNS,
    OPEN_THREADS,
    IMAGE_RECORDS,
    CONVERSATIONS,
    EVENT_FEED,
)
"""Those that follow from the log alone."""


def read_models(rules: MindRules) -> tuple[Projection, ...]:
    """All of them, with those that follow from the log and the rule books."""
    return (*ALL, mind_fold.projection(rules))


def named(name: str, projections: tuple[Projection, ...] = ALL) -> Projection | None:
    """The projection of that name, or None."""
    return next((projection for projection in projections if projection.name == name), None)

"""All deciders, by category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commands.account import ACCOUNT
from commands.allowance import ALLOWANCE
from commands.bloodline import BLOODLINE
from commands.budget import BUDGET
from commands.campaign import CAMPAIGN
from commands.chat import CHAT
from commands.chronicle import CHRONICLE
from commands.decider import Decider
from commands.decision import DECISION
from commands.dice import DICE
from commands.element import ELEMENT
from commands.faction import FACTION
from commands.image import IMAGE
from commands.npc import NPC
from commands.operator import OPERATOR
from commands.proposal import PROPOSAL
from commands.request import REQUEST
from commands.scriptevent import SCRIPTEVENT
from commands.switch import AGENT, PROVIDER
from commands.synthesis import SYNTHESIS
from commands.world import WORLD

DECIDERS: Mapping[str, Decider[Any]] = {
    decider.category: decider
    for decider in (
        ACCOUNT,
        AGENT,
        ALLOWANCE,
        BLOODLINE,
        BUDGET,
        CAMPAIGN,
        CHAT,
        CHRONICLE,
        DECISION,
        DICE,
        ELEMENT,
        FACTION,
        IMAGE,
        NPC,
        OPERATOR,
        PROPOSAL,
        PROVIDER,
        REQUEST,
        SCRIPTEVENT,
        SYNTHESIS,
        WORLD,
    )
}

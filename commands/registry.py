"""All deciders, by category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commands.decider import Decider
from commands.faction import FACTION
from commands.npc import NPC
from commands.request import REQUEST
from commands.world import WORLD

DECIDERS: Mapping[str, Decider[Any]] = {
    decider.category: decider for decider in (FACTION, NPC, REQUEST, WORLD)
}

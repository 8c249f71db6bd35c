"""Who plays: the three NPCs of the script command specification's section 8, and the players who meet them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from events.commit import Json

MAP = "lore_town"
"""A map of `conf/maps/lorestream_cache.dat`; its walls, bridge and island are what the walks are about."""

STRANGE_ISLAND = (88, 40)
ACROSS_THE_BRIDGE = (60, 96)


@dataclass(frozen=True, slots=True)
class Npc:
    """A character as its script registers it. `name` is what the scene calls it."""

    script: str
    name: str
    profile: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Player:
    char_id: int
    name: str
    level: int

    @property
    def id(self) -> str:
        """How NPCs know the player."""
        return str(self.char_id)

    @property
    def actor(self) -> Json:
        """What the map-server vouches for."""
        return {
            "account_id": self.char_id + 1_850_000,
            "char_id": self.char_id,
            "name": self.name,
            "level": self.level,
            "map": MAP,
            "x": 60,
            "y": 50,
        }


MERCHANT = Npc(
    "Merchant_John",
    "Merchant John",
    {
        "personality": {"archetype": "merchant", "mood": "friendly"},
        "initial_goals": ["sell_items", "help_players"],
        "map": MAP,
        "x": 58,
        "y": 52,
    },
)
GUARD = Npc(
    "Smart_Guard",
    "Smart Guard",
    {
        "personality": {"archetype": "guard", "duty": "patrol"},
        "initial_goals": ["patrol_area", "protect_citizens"],
        "map": MAP,
        "x": 62,
        "y": 52,
        "schedule": {"patrol": [{"x": 62, "y": 52}, {"x": 60, "y": 70}, {"x": 60, "y": 30}]},
    },
)
SAGE = Npc(
    "AI_Sage",
    "AI Sage",
    {
        "personality": {
            "archetype": "sage",
            "traits": ["wise", "patient", "mystical"],
            "mood": "contemplative",
            "knowledge_domains": ["magic", "history", "philosophy"],
        },
        "initial_goals": ["share_wisdom", "guide_travelers", "preserve_knowledge"],
        "map": MAP,
        "x": 60,
        "y": 72,
    },
)
BARD = Npc(
    "Wandering_Bard",
    "Wandering Bard",
    {"personality": {"archetype": "bard"}, "initial_goals": ["gather_news"], "map": MAP, "x": 62, "y": 50},
)
CAST = (MERCHANT, GUARD, SAGE)

ARIA = Player(150_001, "Aria", 42)
BORIN = Player(150_002, "Borin", 18)
CELIA = Player(150_003, "Celia", 7)

"""How much an event matters to an NPC, from 0 to 1,000,000 millionths, by rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commands.mind.memory.record import MILLION

DEFAULT = 300_000

BY_KIND = {
    "killed": 900_000, "betrayed": 850_000, "attacked": 700_000, "stole": 700_000, "promise_broken": 650_000,
    "achievement": 650_000, "quest_completed": 600_000, "promise_kept": 550_000, "promise_made": 500_000,
    "helped": 500_000, "insulted": 500_000, "gift": 450_000, "quest_offered": 400_000, "quest": 400_000,
    "healed": 400_000, "item_received": 350_000, "festival_start": 350_000,
    "trade": 250_000, "dialogue": 250_000, "said": 250_000, "talk": 200_000,
    "weather_change": 100_000, "day_night_change": 50_000,
    "saw_player": 100_000, "heard_sound": 100_000,
}  # fmt: skip

INTENSITY = 200_000
NOVELTY = 150_000
INVOLVED = 150_000


def weigh(
    kind: str, data: Mapping[str, Any], *, intensity: int = 0, first: bool = False, involved: bool = False
) -> int:
    """The importance of an event to one NPC, in millionths.

    `intensity`: strength of the emotion it caused, millionths. `first`: nothing of this type is remembered of
    this actor yet. `involved`: it happened to the NPC itself, not just in its sight. The weights follow the
    companion engine's rule (base + .2 · intensity + novelty, at most 1; companion-engine.md §7) with a base
    per event type. An event that states its own `importance` (0–1) is believed: the game knows its story
    better than a table.
    """
    stated = data.get("importance")
    if isinstance(stated, int | float) and not isinstance(stated, bool) and 0 <= stated <= 1:
        return int(stated * MILLION)
    score = BY_KIND.get(kind, DEFAULT)
    score += max(0, min(intensity, MILLION)) * INTENSITY // MILLION
    score += NOVELTY * first + INVOLVED * involved
    return min(score, MILLION)

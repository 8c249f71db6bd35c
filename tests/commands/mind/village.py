"""The shipped tables, and a few villagers to decide with."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from commands.mind.actions import parse_actions
from commands.mind.character import Character, Mood, Standing, character_of
from commands.mind.goals import parse_goal_rules
from commands.mind.prices import parse_prices
from commands.mind.quest_templates import parse_quests
from events.npc import Goal, Location, Profile

CONF = Path(__file__).parents[3] / "conf"


def toml(name: str) -> dict[str, Any]:
    """A shipped table, parsed."""
    return tomllib.loads((CONF / name).read_text(encoding="utf-8"))


ACTIONS = parse_actions(toml("actions.toml"))
GOALS = parse_goal_rules(toml("goals.toml"))
PRICES = parse_prices(toml("prices.toml"))
QUESTS = parse_quests(toml("quests.toml"))

UNIT = 1_000_000


def villager(archetype: str, *goals: str, **profile: Any) -> Character:
    """An NPC of that archetype at (150, 150); `standings`, `mood`, `recent_actions`, `health` go to the
    character.
    """
    state = {k: profile.pop(k) for k in ("standings", "mood", "recent_actions", "health") if k in profile}
    location = Location("prontera", profile.pop("x", 150), profile.pop("y", 150))
    known = Profile(
        archetype=archetype,
        goals=tuple(Goal(goal, n + 1) for n, goal in enumerate(goals)),
        location=location,
        schedule=profile.pop("schedule", {}),
        extra=profile,
    )
    return character_of(f"{archetype}_01", known, roles=ACTIONS.aliases, **state)


shares = st.integers(0, UNIT)
standings = st.builds(Standing, shares, shares, shares)
moods = st.builds(Mood, *(st.integers(-UNIT, UNIT) for _ in range(3)))
archetypes = st.sampled_from(sorted({*ACTIONS.aliases, "alchemist", "default"}))
goal_names = st.lists(st.sampled_from(sorted(GOALS.kinds)), max_size=4, unique=True)
seeds = st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)

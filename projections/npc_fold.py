"""What commits make of the rows of NPCs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from events.npc import (
    Goal,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcGoalsChanged,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcStockChanged,
    NpcUnregistered,
    Profile,
)
from projections.npc_tables import MEMBERS, NPCS, PROFILES
from projections.projection import Address, Entry, Projection
from projections.rows import Rows
from projections.schema import from_text, to_text, whole

MILLION = 1_000_000
FULL_HEALTH = 100
NEUTRAL = "neutral"


def _keys(entry: Entry) -> Iterable[Address]:
    npc_id = entry.entity
    yield NPCS, (npc_id,)
    for event in entry.commit.events:
        if type(event) in _PROFILE_EVENTS:
            yield PROFILES, (npc_id,)


def _fold(rows: Rows, entry: Entry) -> None:
    commit, npc_id = entry.commit, entry.entity
    for event in commit.events:
        apply = _FOLDS.get(type(event))
        if apply is not None:
            apply(rows, npc_id, event, entry)
    row = rows.get(NPCS, (npc_id,))
    if row is not None:
        progress = {"position": entry.position, "version": commit.version, "updated_at": entry.at}
        rows.put(NPCS, (npc_id,), {**row, **progress})


def _registered(rows: Rows, npc_id: str, event: NpcRegistered, entry: Entry) -> None:
    rows.put(
        PROFILES,
        (npc_id,),
        {
            "npc_id": npc_id,
            "factions": "{}",
            "registered_position": entry.position,
            **_profile(event.profile),
        },
    )
    rows.put(
        NPCS,
        (npc_id,),
        {
            "npc_id": npc_id,
            "health": _health(event.profile, FULL_HEALTH),
            "position": 0,
            "version": 0,
            "updated_at": 0,
            **_presence(event.profile),
        },
    )


def _unregistered(rows: Rows, npc_id: str, _: NpcUnregistered, _entry: Entry) -> None:
    profile = rows.get(PROFILES, (npc_id,))
    if profile is not None:
        for faction_id in from_text(profile["factions"]):
            rows.delete(MEMBERS, (faction_id, npc_id))
    rows.delete(PROFILES, (npc_id,))
    rows.delete(NPCS, (npc_id,))


def _profile_updated(rows: Rows, npc_id: str, event: NpcProfileUpdated, _entry: Entry) -> None:
    profile, row = rows.get(PROFILES, (npc_id,)), rows.get(NPCS, (npc_id,))
    if profile is None or row is None:
        return
    health = _health(event.profile, row["health"]) if "health" in event.changed else row["health"]
    rows.put(PROFILES, (npc_id,), {**profile, **_profile(event.profile)})
    rows.put(NPCS, (npc_id,), {**row, **_presence(event.profile), "health": health})


def _perceived(rows: Rows, npc_id: str, event: NpcPerceived, _entry: Entry) -> None:
    row = rows.get(NPCS, (npc_id,))
    if row is None:
        return
    health = _health_after(event, row["health"])
    if health != row["health"]:
        rows.put(NPCS, (npc_id,), {**row, "health": health})


def _faction_joined(rows: Rows, npc_id: str, event: NpcFactionJoined, entry: Entry) -> None:
    profile = rows.get(PROFILES, (npc_id,))
    if profile is None:
        return
    factions = {**from_text(profile["factions"]), event.faction_id: event.rank}
    rows.put(PROFILES, (npc_id,), {**profile, "factions": to_text(factions)})
    member = {"faction_id": event.faction_id, "npc_id": npc_id}
    rows.put(MEMBERS, (event.faction_id, npc_id), {**member, "rank": event.rank, "position": entry.position})


def _faction_left(rows: Rows, npc_id: str, event: NpcFactionLeft, _entry: Entry) -> None:
    profile = rows.get(PROFILES, (npc_id,))
    if profile is None:
        return
    factions = {key: rank for key, rank in from_text(profile["factions"]).items() if key != event.faction_id}
    rows.put(PROFILES, (npc_id,), {**profile, "factions": to_text(factions)})
    rows.delete(MEMBERS, (event.faction_id, npc_id))


def _goals_changed(rows: Rows, npc_id: str, event: NpcGoalsChanged, _entry: Entry) -> None:
    profile = rows.get(PROFILES, (npc_id,))
    if profile is not None:
        rows.put(PROFILES, (npc_id,), {**profile, **_wanted(event.goals)})


def _stock_changed(rows: Rows, npc_id: str, event: NpcStockChanged, _entry: Entry) -> None:
    profile = rows.get(PROFILES, (npc_id,))
    if profile is not None:
        extra = to_text(event.applied(from_text(profile["extra"])))
        rows.put(PROFILES, (npc_id,), {**profile, "extra": extra})


_FOLDS: dict[type[Any], Callable[[Rows, str, Any, Entry], None]] = {
    NpcRegistered: _registered,
    NpcUnregistered: _unregistered,
    NpcProfileUpdated: _profile_updated,
    NpcPerceived: _perceived,
    NpcFactionJoined: _faction_joined,
    NpcFactionLeft: _faction_left,
    NpcGoalsChanged: _goals_changed,
    NpcStockChanged: _stock_changed,
}
_PROFILE_EVENTS = frozenset(_FOLDS) - {NpcPerceived}


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "archetype": profile.archetype,
        "mood": profile.mood,
        **_wanted(profile.goals),
        "personality": to_text(profile.personality),
        "schedule": to_text(profile.schedule),
        "extra": to_text(profile.extra),
    }


def _wanted(goals: Sequence[Goal]) -> dict[str, Any]:
    return {
        "current_goal": _current_goal(goals),
        "goals": to_text([[goal.goal, goal.priority, goal.progress] for goal in goals]),
    }


def _presence(profile: Profile) -> dict[str, Any]:
    location = profile.location
    return {
        "emotion": profile.mood or NEUTRAL,
        "map": location.map,
        "x": whole(location.x),
        "y": whole(location.y),
    }


def _current_goal(goals: Sequence[Goal]) -> str | None:
    """The most urgent goal that is not reached yet."""
    open_goals = [goal for goal in goals if goal.progress < MILLION]
    return min(open_goals, key=lambda goal: goal.priority).goal if open_goals else None


def _health(profile: Profile, otherwise: int) -> int:
    stated = whole(profile.extra.get("health"))
    return otherwise if stated is None else max(stated, 0)


def _health_after(event: NpcPerceived, health: int) -> int:
    """A stated `health` counts as it is; else `attacked` takes `damage` and `healed` gives `amount` back."""
    stated = whole(event.event_data.get("health"))
    if stated is not None:
        return max(stated, 0)
    if event.event_type == "attacked":
        return max(health - max(whole(event.event_data.get("damage")) or 0, 0), 0)
    if event.event_type == "healed":
        return min(health + max(whole(event.event_data.get("amount")) or 0, 0), max(health, FULL_HEALTH))
    return health


NPC_STATE = Projection("npcs", 1, (NPCS, PROFILES, MEMBERS), _keys, _fold, frozenset({"npc"}))

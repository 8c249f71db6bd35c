"""The read model of NPCs: what each one is, where it is, how it feels and what it wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Index, bindparam, func, select

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
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Row, Rows
from projections.schema import INTEGER, TEXT, from_text, name, optional, required, table, to_text, whole

MILLION = 1_000_000
FULL_HEALTH = 100
NEUTRAL = "neutral"
MAX_PAGE = 500
MAX_RESIDENTS = 1000
MAX_MAPS = 500
_CHUNK = 500

# Hot and narrow: every commit of an NPC touches its row, so what rarely changes lives in `npc_profiles`.
NPCS = table(
    "npcs",
    required("npc_id", name(), key=True),
    required("emotion", name(64)),
    required("health", INTEGER),
    optional("map", name(64)),
    optional("x", INTEGER),
    optional("y", INTEGER),
    required("position", INTEGER),
    required("version", INTEGER),
    required("updated_at", INTEGER),
    clustered=True,
)

PROFILES = table(
    "npc_profiles",
    required("npc_id", name(), key=True),
    required("archetype", name()),
    optional("mood", name()),
    optional("current_goal", TEXT),
    required("goals", TEXT),
    required("factions", TEXT),
    required("personality", TEXT),
    required("schedule", TEXT),
    required("extra", TEXT),
    required("registered_position", INTEGER),
)

MEMBERS = table(
    "npc_members",
    required("faction_id", name(), key=True),
    required("npc_id", name(), key=True),
    required("rank", name()),
    required("position", INTEGER),
    clustered=True,
)
Index("ix_npc_members_npc", MEMBERS.c.npc_id)


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

_ONE = (
    select(NPCS, *(column for column in PROFILES.c if column is not PROFILES.c.npc_id))
    .join_from(NPCS, PROFILES, NPCS.c.npc_id == PROFILES.c.npc_id)
    .where(NPCS.c.npc_id == bindparam("npc_id"))
)
_EXISTS = select(NPCS.c.position).where(NPCS.c.npc_id == bindparam("npc_id"))
_GOALS = select(PROFILES.c.goals).where(PROFILES.c.npc_id == bindparam("npc_id"))
_EMOTION = select(NPCS.c.emotion).where(NPCS.c.npc_id == bindparam("npc_id"))
_COUNT = select(func.count()).select_from(NPCS)
_COUNT_MEMBERS = (
    select(func.count()).select_from(MEMBERS).where(MEMBERS.c.faction_id == bindparam("faction_id"))
)


@reads("npcs")
def state(connection: Connection, npc_id: str, fields: Sequence[str] = ()) -> dict[str, Any] | None:
    """An NPC's state, or None when it is not registered.

    Holds `npc_id`, `emotion`, `current_goal`, `health`, `location` {map, x, y}, `mood`, `archetype`,
    `factions`, `goals`, `personality`, `schedule`, `position`, `version` and every extra profile field.
    `fields` limits it to those (`npc_id` always comes along); a field nobody knows is null.
    """
    row = connection.execute(_ONE, {"npc_id": npc_id}).mappings().first()
    if row is None:
        return None
    wanted = set(fields)
    full = {
        **(from_text(row["extra"]) if row["extra"] != "{}" else {}),
        "npc_id": npc_id,
        "emotion": row["emotion"],
        "current_goal": row["current_goal"],
        "health": row["health"],
        "location": {"map": row["map"], "x": row["x"], "y": row["y"]},
        "mood": row["mood"],
        "archetype": row["archetype"],
        "factions": list(from_text(row["factions"])),
        "position": row["position"],
        "version": row["version"],
    }
    if not wanted or "goals" in wanted:
        full["goals"] = _shown_goals(row["goals"])
    for heavy in ("personality", "schedule"):
        if not wanted or heavy in wanted:
            full[heavy] = from_text(row[heavy])
    if not wanted:
        return full
    return {"npc_id": npc_id, **{field: full.get(field) for field in fields}}


@reads("npcs")
def goals(connection: Connection, npc_id: str) -> dict[str, Any] | None:
    """`{"current_goals": [{"goal", "priority", "progress" 0–1}]}`, or None when it is not registered."""
    text = connection.execute(_GOALS, {"npc_id": npc_id}).scalar_one_or_none()
    return None if text is None else {"current_goals": _shown_goals(text)}


@reads("npcs")
def emotion(connection: Connection, npc_id: str) -> dict[str, Any] | None:
    """`{"primary", "intensity" 0–1, "secondary"}`, or None when it is not registered."""
    primary = connection.execute(_EMOTION, {"npc_id": npc_id}).scalar_one_or_none()
    if primary is None:
        return None
    # A mood is a lasting, mild state: strength needs the appraisals of the mind.
    intensity = 0.0 if primary == NEUTRAL else 0.5
    return {"primary": primary, "intensity": intensity, "secondary": []}


@reads("npcs")
def registered(connection: Connection, npc_id: str) -> bool:
    """Whether an NPC of that id exists now."""
    return connection.execute(_EXISTS, {"npc_id": npc_id}).first() is not None


@reads("npcs")
def registered_ids(connection: Connection, limit: int) -> list[str]:
    """The ids of registered NPCs in order, at most `limit`."""
    return list(connection.execute(select(NPCS.c.npc_id).order_by(NPCS.c.npc_id).limit(limit)).scalars())


@reads("npcs")
def count(connection: Connection, faction: str | None = None, among: Sequence[str] | None = None) -> int:
    """How many NPCs are registered: all, the members of `faction`, or those whose ids are in `among`."""
    if among is not None:
        wanted, found = sorted(set(among)), 0
        for start in range(0, len(wanted), _CHUNK):
            query = (
                select(func.count())
                .select_from(NPCS)
                .where(NPCS.c.npc_id.in_(wanted[start : start + _CHUNK]))
            )
            if faction is not None:
                member = select(MEMBERS.c.npc_id).where(MEMBERS.c.faction_id == faction)
                query = query.where(NPCS.c.npc_id.in_(member))
            found += connection.execute(query).scalar_one()
        return found
    if faction is not None:
        return int(connection.execute(_COUNT_MEMBERS, {"faction_id": faction}).scalar_one())
    return int(connection.execute(_COUNT).scalar_one())


@reads("npcs")
def residents(connection: Connection, maps: Sequence[str]) -> list[str]:
    """The ids of NPCs that live on one of the maps, in order, at most `MAX_RESIDENTS`."""
    query = select(NPCS.c.npc_id).where(NPCS.c.map.in_(sorted(set(maps)))).order_by(NPCS.c.npc_id)
    return list(connection.execute(query.limit(MAX_RESIDENTS)).scalars())


@reads("npcs")
def inhabited(connection: Connection) -> list[str]:
    """The maps on which NPCs live, in order, at most `MAX_MAPS`."""
    query = select(NPCS.c.map).where(NPCS.c.map.is_not(None)).distinct().order_by(NPCS.c.map)
    return [str(name) for name in connection.execute(query.limit(MAX_MAPS)).scalars()]


@reads("npcs")
def listing(
    connection: Connection, *, cursor: str | None = None, limit: int = 50, faction: str | None = None
) -> dict[str, Any]:
    """A page of NPCs by id: `{"npcs": [...], "next": cursor or null}`; `limit` at most 500."""
    limit = max(1, min(limit, MAX_PAGE))
    query = select(NPCS, PROFILES.c.archetype, PROFILES.c.mood, PROFILES.c.current_goal).join(
        PROFILES, NPCS.c.npc_id == PROFILES.c.npc_id
    )
    if faction is not None:
        query = query.join(MEMBERS, MEMBERS.c.npc_id == NPCS.c.npc_id).where(MEMBERS.c.faction_id == faction)
    if cursor is not None:
        query = query.where(NPCS.c.npc_id > cursor)
    found = connection.execute(query.order_by(NPCS.c.npc_id).limit(limit + 1)).mappings().all()
    shown = [_listed(row) for row in found[:limit]]
    return {"npcs": shown, "next": shown[-1]["npc_id"] if len(found) > limit else None}


def _listed(row: Any) -> Row:
    return {
        "npc_id": row["npc_id"],
        "archetype": row["archetype"],
        "mood": row["mood"],
        "emotion": row["emotion"],
        "current_goal": row["current_goal"],
        "health": row["health"],
        "location": {"map": row["map"], "x": row["x"], "y": row["y"]},
        "position": row["position"],
        "version": row["version"],
    }


def _shown_goals(text: str) -> list[dict[str, Any]]:
    return [
        {"goal": goal, "priority": priority, "progress": progress / MILLION}
        for goal, priority, progress in from_text(text)
    ]

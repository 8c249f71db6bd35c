"""The read model of NPCs: what each one is, where it is, how it feels and what it wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from projections.npc_fold import MILLION, NEUTRAL
from projections.npc_tables import MEMBERS, NPCS, PROFILES
from projections.projection import reads
from projections.rows import Row
from projections.schema import from_text

MAX_PAGE = 500
MAX_RESIDENTS = 1000
MAX_MAPS = 500
_CHUNK = 500

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

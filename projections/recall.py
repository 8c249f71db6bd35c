"""Recalling memories: the newest, the weightiest, those about somebody or something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, select

from events.commit import microseconds, moment
from projections.memories import LISTED_NPCS, LISTENERS, MEMORIES, WORLD, own_scope
from projections.projection import reads
from projections.schema import from_text, whole

TYPES = ("recent", "important", "about_player", "about_event")
DEFAULT_LIMIT = 10
MAX_LIMIT = 100
END = 2**62

_PERIODS = select(LISTENERS.c.periods).where(LISTENERS.c.npc_id == bindparam("npc_id"))


@reads("memories")
def recall(
    connection: Connection, npc_id: str, memory_type: str, filters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """What an NPC remembers, as `{"content", "importance" 0–1, "emotion", "at", "position", "source", …}`.

    `memory_type`: `recent` (newest first), `important` (weightiest first), `about_player` (newest first, of
    `filters.player_id`), `about_event` (newest first, of `filters.event_type`). `filters` may hold `player_id`,
    `event_type`, `query` (a word in the content), `since` (RFC 3339, or a number of milliseconds since the
    epoch) and `limit` (10 unless told, at most 100); what is absent or of the wrong kind does not filter.
    World and faction events are recalled only from the time the NPC was registered, or a member.
    """
    filters = filters or {}
    found: list[Any] = []
    limit = max(1, min(whole(filters.get("limit")) or DEFAULT_LIMIT, MAX_LIMIT))
    values = _values(filters) | {"count": limit}
    weighty = memory_type == "important"
    shape = (weighty, "other" in values, "event_type" in values, "query" in values)
    for scope, start, end in _scopes(connection, npc_id):
        query = _of_scope(shape)
        found += connection.execute(query, {**values, "of": scope, "after": start, "until": end}).mappings()
    found += connection.execute(_listed(shape), {**values, "npc_id": npc_id}).mappings()
    if weighty:
        found.sort(key=lambda row: (-row["importance"], -row["position"], -row["ordinal"]))
    else:
        found.sort(key=lambda row: (-row["position"], -row["ordinal"]))
    return [_shown(row) for row in found[:limit]]


def _values(filters: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {"since": _since(filters.get("since"))}
    for key, column in (("player_id", "other"), ("event_type", "event_type")):
        if isinstance(filters.get(key), str | int) and filters[key] != "":
            values[column] = str(filters[key])
    text = filters.get("query")
    if isinstance(text, str) and text.strip():
        escaped = text.strip()[:100].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["query"] = f"%{escaped}%"
    return values


def _since(value: Any) -> int:
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return 0
        return microseconds(at) if at.tzinfo else 0
    return (whole(value) or 0) * 1000


def _scopes(connection: Connection, npc_id: str) -> Iterable[tuple[str, int, int]]:
    yield own_scope(npc_id), 0, END
    text = connection.execute(_PERIODS, {"npc_id": npc_id}).scalar_one_or_none()
    for scope, heard in (from_text(text) or {}).items():
        for start, end in heard:
            yield scope, start, END if end is None else end


Shape = tuple[bool, bool, bool, bool]
_made: dict[tuple[str, Shape], Select[Any]] = {}


def _of_scope(shape: Shape) -> Select[Any]:
    query = _made.get(("scope", shape))
    if query is None:
        between = and_(MEMORIES.c.position > bindparam("after"), MEMORIES.c.position < bindparam("until"))
        query = _filtered(select(MEMORIES).where(MEMORIES.c.scope == bindparam("of"), between), shape)
        _made["scope", shape] = query
    return query


def _listed(shape: Shape) -> Select[Any]:
    query = _made.get(("listed", shape))
    if query is None:
        same = and_(
            LISTED_NPCS.c.position == MEMORIES.c.position, LISTED_NPCS.c.ordinal == MEMORIES.c.ordinal
        )
        joined = select(MEMORIES).join_from(LISTED_NPCS, MEMORIES, same)
        query = _filtered(joined.where(LISTED_NPCS.c.npc_id == bindparam("npc_id")), shape)
        _made["listed", shape] = query
    return query


def _filtered(query: Select[Any], shape: Shape) -> Select[Any]:
    weighty, other, event_type, text = shape
    query = query.where(MEMORIES.c.at >= bindparam("since"))
    if other:
        query = query.where(MEMORIES.c.other_id == bindparam("other"))
    if event_type:
        query = query.where(MEMORIES.c.event_type == bindparam("event_type"))
    if text:
        query = query.where(MEMORIES.c.content.like(bindparam("query"), escape="\\"))
    newest = (MEMORIES.c.position.desc(), MEMORIES.c.ordinal.desc())
    order = (MEMORIES.c.importance.desc(), *newest) if weighty else newest
    return query.order_by(*order).limit(bindparam("count"))


def _shown(row: Any) -> dict[str, Any]:
    shown = {
        "content": row["content"],
        "importance": row["importance"] / 100,
        "emotion": row["emotion"],
        "at": moment(row["at"]).isoformat(),
        "position": row["position"],
        "source": row["source"],
        "event_type": row["event_type"],
        "scope": "world" if row["scope"] == WORLD else row["scope"].partition(":")[0],
    }
    if row["other_id"] is not None:
        shown["player_id"] = row["other_id"]
    return shown

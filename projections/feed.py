"""The read model behind the timeline: one narrow row per event of the whole log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Index, bindparam, func, select

from events.agent import AgentStatusChanged
from events.bloodline import BloodlineExpAdded, BloodlineLevelRaised, BloodlineStirred, BloodlineUnlocked
from events.chronicle import ChroniclePassed, ChronicleRecorded
from events.commit import moment
from events.faction import FactionEventOccurred, FactionFounded, FactionStandingChanged
from events.npc import (
    NpcFactionJoined,
    NpcFactionLeft,
    NpcInteracted,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcSpoke,
)
from events.provider import ProviderStatusChanged
from events.request import RequestCancelled, RequestFailed, RequestOpened
from events.scriptevent import ScriptEventCreated, ScriptEventProcessed
from events.synthesis import SynthesisExpAdded, SynthesisLevelRaised, SynthesisStirred, SynthesisUnlocked
from events.world import (
    WorldEventOccurred,
    WorldEvolved,
    WorldFestivalEnded,
    WorldFestivalStarted,
    WorldSeasonChanged,
    WorldWeatherChanged,
    WorldWeatherEnded,
)
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, brief, name, optional, required, table

MAX_SUMMARY = 160
MAX_PAGE = 1000

FEED = table(
    "feed",
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    required("at", INTEGER),
    required("stream", name(400)),
    required("version", INTEGER),
    required("type", name(64)),
    required("actor", name(250)),
    required("correlation_id", name()),
    optional("causation_id", name(64)),
    required("commit_id", name(64)),
    required("summary", name(MAX_SUMMARY)),
    clustered=True,
)
Index("ix_feed_stream", FEED.c.stream, FEED.c.position)
Index("ix_feed_type", FEED.c.type, FEED.c.position)
Index("ix_feed_actor", FEED.c.actor, FEED.c.position)
Index("ix_feed_correlation", FEED.c.correlation_id, FEED.c.position)


def _keys(_: Entry) -> Iterable[Address]:
    return ()


def _fold(rows: Rows, entry: Entry) -> None:
    commit = entry.commit
    for ordinal, event in enumerate(commit.events):
        summary = _SUMMARIES.get(type(event))
        rows.insert(
            FEED,
            (
                entry.position,
                ordinal,
                entry.at,
                commit.stream,
                commit.version,
                event.type,
                f"{commit.actor.kind}/{commit.actor.id}",
                commit.correlation_id,
                commit.causation_id,
                commit.id,
                "" if summary is None else brief(summary(event), MAX_SUMMARY),
            ),
        )


def _told(what: str, *more: str) -> str:
    """`what`, and of the pairs of a word and a name those that have a name."""
    pairs = zip(more[::2], more[1::2], strict=True)
    return " ".join([what, *(f"{word} {name[:MAX_SUMMARY]}" for word, name in pairs if name)])


def _switched(enabled: bool, reason: str) -> str:
    return ("on" if enabled else "off") + (f": {reason[:MAX_SUMMARY]}" if reason else "")


_SUMMARIES: dict[type[Any], Callable[[Any], str]] = {
    NpcRegistered: lambda event: event.profile.archetype,
    NpcProfileUpdated: lambda event: ", ".join(event.changed),
    NpcFactionJoined: lambda event: f"{event.faction_id} as {event.rank}",
    NpcFactionLeft: lambda event: event.faction_id,
    NpcPerceived: lambda event: event.event_type + (f" by {event.subject}" if event.subject else ""),
    NpcInteracted: lambda event: f"{event.interaction_type} by {event.player_id}",
    NpcSpoke: lambda event: f"to {event.player_id}: {event.response[:MAX_SUMMARY]}",
    WorldEventOccurred: lambda event: f"{event.event_type}, {event.affected} affected",
    FactionEventOccurred: lambda event: f"{event.event_type}, {event.affected} affected",
    FactionFounded: lambda event: event.name,
    FactionStandingChanged: lambda event: f"{event.other}: {event.standing}",
    BloodlineStirred: lambda event: f"{event.bloodline_id}: {event.deed}, {event.total} in all",
    BloodlineUnlocked: lambda event: f"{event.bloodline_id}: {event.deed or 'unlocked'}",
    BloodlineExpAdded: lambda event: f"{event.bloodline_id}: {event.exp}, {event.growth.total} in all",
    BloodlineLevelRaised: lambda event: f"{event.bloodline_id}: level {event.growth.level}",
    SynthesisStirred: lambda event: f"{event.synthesis_id}: {event.deed}, {event.total} in all",
    SynthesisUnlocked: lambda event: f"{event.synthesis_id}: {event.deed or 'unlocked'}",
    SynthesisExpAdded: lambda event: f"{event.synthesis_id}: {event.exp}, {event.growth.total} in all",
    SynthesisLevelRaised: lambda event: f"{event.synthesis_id}: level {event.growth.level}",
    WorldEvolved: lambda event: f"{event.title}: {event.description[:MAX_SUMMARY]}",
    WorldSeasonChanged: lambda event: event.season,
    WorldWeatherChanged: lambda event: f"{event.weather} over {event.map[:MAX_SUMMARY]}",
    WorldWeatherEnded: lambda event: f"{event.weather} over {event.map[:MAX_SUMMARY]}",
    WorldFestivalStarted: lambda event: event.title,
    WorldFestivalEnded: lambda event: event.festival,
    ScriptEventCreated: lambda event: _told(event.event_type, "for", event.agent, "in", event.map),
    ScriptEventProcessed: lambda event: _told(f"{event.event_type} handed over", "to", event.agent),
    ProviderStatusChanged: lambda event: _switched(event.enabled, event.reason),
    AgentStatusChanged: lambda event: _switched(event.enabled, event.reason),
    ChronicleRecorded: lambda event: _told(event.kind, "by", event.name, "in", event.map or ""),
    ChroniclePassed: lambda event: f"read up to {event.cursor}",
    RequestOpened: lambda event: f"{event.operation} of {event.npc_id}",
    RequestFailed: lambda event: f"{event.code} {event.message[:MAX_SUMMARY]}",
    RequestCancelled: lambda event: event.reason[:MAX_SUMMARY],
}

CLOCK_SKEW = 60_000_000
"""How far the clocks of command workers may differ, in µs, without a query by time missing anything."""

# Two queries in one: SQLite answers each from the end of the key, both together only by reading all rows.
_ENDS = select(
    select(func.min(FEED.c.position)).scalar_subquery(), select(func.max(FEED.c.position)).scalar_subquery()
)
_AT = (
    select(FEED.c.at)
    .where(FEED.c.position >= bindparam("from_position"))
    .order_by(FEED.c.position, FEED.c.ordinal)
    .limit(1)
)

EVENT_FEED = Projection("feed", 2, (FEED,), _keys, _fold)


@reads("feed")
def feed(
    connection: Connection,
    *,
    stream: str | None = None,
    event_type: str | None = None,
    actor: str | None = None,
    correlation_id: str | None = None,
    since: int | None = None,
    until: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """Events, newest first: `{"events": [...], "next": cursor or null}`; `limit` at most 1,000.

    `stream` is `category/id`, `actor` `kind/id`; `since` and `until` are µs since the epoch (inclusive).
    Raises `ValueError` for a cursor that is none of ours.
    """
    limit = max(1, min(limit, MAX_PAGE))
    query = select(FEED)
    for column, value in (
        (FEED.c.stream, stream),
        (FEED.c.type, event_type),
        (FEED.c.actor, actor),
        (FEED.c.correlation_id, correlation_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(FEED.c.at >= since, FEED.c.position >= _about(connection, since - CLOCK_SKEW))
    if until is not None:
        query = query.where(FEED.c.at <= until)
    if cursor is not None:
        position, ordinal = _place(cursor)
        earlier = (FEED.c.position < position) | ((FEED.c.position == position) & (FEED.c.ordinal < ordinal))
        query = query.where(FEED.c.position <= position, earlier)
    newest_first = query.order_by(FEED.c.position.desc(), FEED.c.ordinal.desc()).limit(limit + 1)
    found = connection.execute(newest_first).mappings().all()
    shown = [_shown(row) for row in found[:limit]]
    more = len(found) > limit
    return {"events": shown, "next": f"{shown[-1]['position']}.{shown[-1]['index']}" if more else None}


@reads("feed")
def trace(connection: Connection, correlation_id: str, *, limit: int = MAX_PAGE) -> list[dict[str, Any]]:
    """Everything one request set in motion, oldest first: the rows of its causation tree.

    An event's parent is the event whose `commit_id` is its `causation_id`.
    """
    query = select(FEED).where(FEED.c.correlation_id == correlation_id)
    found = connection.execute(query.order_by(FEED.c.position, FEED.c.ordinal).limit(limit)).mappings()
    return [_shown(row) for row in found]


def _about(connection: Connection, at: int) -> int:
    """A position before which nothing is as late as `at`: times grow with positions, so halving finds it."""
    low, high = connection.execute(_ENDS).one()
    if low is None:
        return 0
    while low < high:
        middle = (low + high) // 2
        if connection.execute(_AT, {"from_position": middle}).scalar_one() < at:
            low = middle + 1
        else:
            high = middle
    return int(low)


def _place(cursor: str) -> tuple[int, int]:
    position, dot, ordinal = cursor.partition(".")
    if not (dot and position.isdecimal() and ordinal.isdecimal() and len(cursor) <= 40):
        raise ValueError(f"{cursor!r} is not a cursor of the feed")
    return int(position), int(ordinal)


def _shown(row: Any) -> dict[str, Any]:
    return {
        "position": row["position"],
        "index": row["ordinal"],
        "at": moment(row["at"]).isoformat(),
        "stream": row["stream"],
        "version": row["version"],
        "type": row["type"],
        "actor": row["actor"],
        "correlation_id": row["correlation_id"],
        "causation_id": row["causation_id"],
        "commit_id": row["commit_id"],
        "summary": row["summary"],
    }

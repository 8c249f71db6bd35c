"""The read model behind the timeline: one narrow row per event of the whole log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Index, select

from events.agent import AgentStatusChanged
from events.bloodline import BloodlineExpAdded, BloodlineLevelRaised, BloodlineStirred, BloodlineUnlocked
from events.chat import ChatAnswered, ChatDropped, ChatSaid
from events.chronicle import ChroniclePassed, ChronicleRecorded
from events.commit import moment
from events.faction import FactionEventOccurred, FactionFounded, FactionStandingChanged
from events.image import ImageDescribed, ImageFailed, ImageRequested, ImageStored
from events.npc import (
    NpcFactionJoined,
    NpcFactionLeft,
    NpcInteracted,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcSpoke,
)
from events.operator import OperatorActed
from events.proposal import ProposalAccepted, ProposalMade, ProposalRejected
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
from projections import feed_of_campaigns
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, brief, name, optional, required, table

MAX_SUMMARY = 160
MAX_TRACE = 1000

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
    OperatorActed: lambda event: f"{event.action} of {event.target}",
    ChatSaid: lambda event: f"{event.role}: {event.text[:MAX_SUMMARY]}",
    ChatAnswered: lambda event: f"{event.route}: {event.text[:MAX_SUMMARY]}",
    ChatDropped: lambda event: event.reason[:MAX_SUMMARY],
    ProposalMade: lambda event: f"{event.kind}, {len(event.drafts)} drafts: {event.brief[:MAX_SUMMARY]}",
    ProposalAccepted: lambda event: f"draft {event.draft + 1} became {event.element_id}",
    ProposalRejected: lambda event: event.reason[:MAX_SUMMARY],
    ImageRequested: lambda event: _told(
        "asked for", "of", event.subject.name, "as", event.prompt[:MAX_SUMMARY]
    ),
    ImageStored: lambda event: f"{event.provenance.get('route', '')}, {event.width} x {event.height}",
    ImageDescribed: lambda event: event.alt[:MAX_SUMMARY],
    ImageFailed: lambda event: event.problem[:MAX_SUMMARY],
    RequestOpened: lambda event: f"{event.operation} of {event.npc_id}",
    RequestFailed: lambda event: f"{event.code} {event.message[:MAX_SUMMARY]}",
    RequestCancelled: lambda event: event.reason[:MAX_SUMMARY],
    **feed_of_campaigns.SUMMARIES,
}

EVENT_FEED = Projection("feed", 2, (FEED,), _keys, _fold)


@reads("feed")
def trace(connection: Connection, correlation_id: str, *, limit: int = MAX_TRACE) -> list[dict[str, Any]]:
    """Everything one request set in motion, oldest first: the rows of its causation tree.

    An event's parent is the event whose `commit_id` is its `causation_id`.
    """
    query = select(FEED).where(FEED.c.correlation_id == correlation_id)
    found = connection.execute(query.order_by(FEED.c.position, FEED.c.ordinal).limit(limit)).mappings()
    return [shown(row) for row in found]


def tree(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The rows of a trace as trees of commits, oldest first, and how many commits there are.

    A commit hangs below the one that caused it, if that stands before it among the rows; whatever the log claims, the
    trees are finite.
    """
    commits: dict[str, dict[str, Any]] = {}
    roots: list[dict[str, Any]] = []
    for row in rows:
        known = commits.get(row["commit_id"])
        told = {"type": row["type"], "index": row["index"], "summary": row["summary"]}
        if known is not None and known["position"] == row["position"]:
            known["events"].append(told)
            continue
        node = {
            **{name: row[name] for name in _COMMIT},
            "events": [told],
            "children": [],
        }
        parent = commits.get(row["causation_id"]) if row["causation_id"] else None
        (roots if parent is None else parent["children"]).append(node)
        commits[row["commit_id"]] = node
    return roots, len(commits)


_COMMIT = ("position", "at", "stream", "version", "actor", "commit_id", "causation_id")


def shown(row: Any) -> dict[str, Any]:
    """A row as everybody sees it."""
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

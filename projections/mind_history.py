"""Minds as they were: what an NPC felt, how it stood to others and what it wanted, as of any position of the log.

Everything is read by key from the history (`projections.mind_moments`): the last row at or before the position. News
of the world that the NPC had not felt then is felt when it is read, as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select

from commands.mind.outlook import Outlook
from commands.mind.relationship import RelationState, reading_at
from events.commit import moment
from projections.ambient import MOST_TIDINGS, Inner, Standings, Tiding, felt_so_far, load_untold, told
from projections.feed_places import time_at
from projections.mind_fold import NAME, MindRules
from projections.mind_moments import (
    MIND_HISTORY,
    OUTLOOK_HISTORY,
    RELATION_HISTORY,
    RELATION_MOMENT,
    STANDING_HISTORY,
    TIDING_HISTORY,
    joined,
)
from projections.mind_outlook import NO_STANDINGS, outlook
from projections.mind_tables import AFFECT, STANDINGS
from projections.minds import Known, Stored, feeling
from projections.prepared import Prepared, PreparedList
from projections.projection import reads
from projections.schema import from_text

NEW: Final = 2**53
"""A position that no log has reached: as of now."""
MILLION: Final = 1_000_000
MAX_RELATIONS: Final = 2000
CHANGES: Final = 6
_PAGE: Final = 32

_OUTLOOK = Prepared(
    select(OUTLOOK_HISTORY.c.life, OUTLOOK_HISTORY.c.profile, OUTLOOK_HISTORY.c.factions)
    .where(OUTLOOK_HISTORY.c.npc_id == bindparam("npc_id"), OUTLOOK_HISTORY.c.position <= bindparam("at"))
    .order_by(OUTLOOK_HISTORY.c.position.desc())
    .limit(1)
)
_MINDS = Prepared(
    select(
        MIND_HISTORY.c.position,
        MIND_HISTORY.c.whole,
        MIND_HISTORY.c.felt,
        MIND_HISTORY.c.affect,
        MIND_HISTORY.c.untold,
    )
    .where(MIND_HISTORY.c.npc_id == bindparam("npc_id"), MIND_HISTORY.c.position <= bindparam("at"))
    .order_by(MIND_HISTORY.c.position.desc())
    .limit(bindparam("count"))
)
_LATEST_TIDING = Prepared(
    select(func.max(TIDING_HISTORY.c.position)).where(TIDING_HISTORY.c.position <= bindparam("at"))
)
_TIDINGS = Prepared(
    select(TIDING_HISTORY.c.tiding)
    .where(TIDING_HISTORY.c.position <= bindparam("at"), TIDING_HISTORY.c.position > bindparam("felt"))
    .order_by(TIDING_HISTORY.c.position.desc(), TIDING_HISTORY.c.ordinal.desc())
    .limit(MOST_TIDINGS)
)
_STANDING = Prepared(select(STANDINGS.c.position, STANDINGS.c.standings))
_OF_FACTION = Prepared(
    select(STANDING_HISTORY.c.towards)
    .where(
        STANDING_HISTORY.c.faction_id == bindparam("faction"), STANDING_HISTORY.c.position <= bindparam("at")
    )
    .order_by(STANDING_HISTORY.c.position.desc())
    .limit(1)
)
_LATEST = Prepared(
    select(RELATION_HISTORY.c.target_id, func.max(RELATION_HISTORY.c.position))
    .where(
        RELATION_HISTORY.c.npc_id == bindparam("npc_id"),
        RELATION_HISTORY.c.position <= bindparam("at"),
        RELATION_HISTORY.c.position >= bindparam("life"),
    )
    .group_by(RELATION_HISTORY.c.target_id)
)
_PAIR = Prepared(
    select(RELATION_HISTORY.c.position, RELATION_HISTORY.c.life, RELATION_HISTORY.c.state)
    .where(
        RELATION_HISTORY.c.npc_id == bindparam("npc_id"),
        RELATION_HISTORY.c.target_id == bindparam("target_id"),
        RELATION_HISTORY.c.position <= bindparam("at"),
    )
    .order_by(RELATION_HISTORY.c.position.desc())
    .limit(bindparam("count"))
)
STATES = PreparedList(
    lambda positions: select(RELATION_HISTORY.c.target_id, RELATION_HISTORY.c.position, RELATION_HISTORY.c.state)
    .where(RELATION_HISTORY.c.position.in_(positions), RELATION_HISTORY.c.npc_id == bindparam("npc_id")),
    RELATION_HISTORY.c.position.type,
)  # fmt: skip
_RECENT = Prepared(
    select(
        RELATION_HISTORY.c.npc_id,
        RELATION_HISTORY.c.target_id,
        RELATION_HISTORY.c.position,
        RELATION_HISTORY.c.state,
    )
    .where(RELATION_HISTORY.c.position <= bindparam("at"))
    .order_by(RELATION_HISTORY.c.position.desc())
    .limit(bindparam("count"))
)


@dataclass(slots=True)
class Then(Known):
    """A mind as it was at the position `at`."""

    at: int = 0

    def standings(self) -> Standings:
        factions: tuple[str, ...] = tuple(from_text(self.row.factions))
        if not factions:
            return NO_STANDINGS
        found = {}
        for faction in factions:
            row = _OF_FACTION.first(self.connection, {"faction": faction, "at": self.at})
            if row is not None:
                found[faction] = from_text(row[0])
        return found

    def tidings(self) -> tuple[Tiding, ...]:
        rows = _TIDINGS.all(self.connection, {"at": self.at, "felt": self.row.felt})
        return tuple(Tiding(*from_text(text)) for (text,) in reversed(rows))

    def outlook(self) -> Outlook:
        if self.own is None:
            row, members = self.row, tuple(from_text(self.row.factions))
            # Not through the caches of the present: the past is asked for once.
            self.own = outlook(self.rules.archetypes, row.npc_id, row.profile, members, self.standings())
        return self.own

    def caught_up(self, tidings: tuple[Tiding, ...]) -> Inner:
        row = self.row
        inner = Inner(AFFECT.load(row.affect), row.felt, load_untold(row.untold))
        members = tuple(from_text(row.factions))
        return felt_so_far(self.rules.appraisal, self.outlook(), members, inner, tidings)

    def met(self, others: Sequence[str]) -> dict[str, RelationState]:
        found = {}
        for other in others:
            values = {"npc_id": self.row.npc_id, "target_id": other, "at": self.at, "count": 1}
            row = _PAIR.first(self.connection, values)
            if row is not None and row[1] == self.row.life:
                found[other] = RELATION_MOMENT.load(row[2])
        return found


def then(connection: Connection, npc_id: str, at: int, rules: MindRules) -> Then | None:
    """The mind of an NPC as of a position; None when it was not registered then."""
    known = _OUTLOOK.first(connection, {"npc_id": npc_id, "at": at})
    if known is None or not known[0]:
        return None
    life, profile, factions = known
    rows = rows_back_to_a_whole_one(connection, npc_id, at)
    if not rows:
        return None
    _, _, felt, _, untold = rows[0]
    affect = AFFECT.dump(joined(row[3] for row in reversed(rows)))
    latest = _LATEST_TIDING.all(connection, {"at": at})[0][0]
    stored = Stored(npc_id, felt, affect, untold, life, profile, factions, latest, at)
    return Then(connection, rules, stored, at=at)


@reads(NAME, "feed")
def as_of(
    connection: Connection,
    npc_id: str,
    at: int,
    rules: MindRules,
    *,
    relations: int = 50,
    now: int | None = None,
) -> dict[str, Any] | None:
    """An NPC as of a position, at the time of that, or at the moment `now` (µs); None when it was not registered then.

    `{"npc_id", "position", "at", "archetype", "factions", "personality", "goals", "emotion", "relationships",
    "counts", "changed"}`: the emotion as `get_emotion` tells it, the strongest `relations` as `related` does, `changed`
    the position of the last commit that moved the mind.
    """
    found = then(connection, npc_id, at, rules)
    if found is None:
        return None
    at_us = now or moment_of(connection, found, at)
    profile: dict[str, Any] = from_text(found.row.profile)
    (changed,) = (row[0] for row in _MINDS.all(connection, {"npc_id": npc_id, "at": at, "count": 1}))
    known = relations_then(found, at_us)
    return {
        "npc_id": npc_id,
        "position": at,
        "at": moment(at_us).isoformat(),
        "registered_position": found.row.life,
        "changed": changed,
        "archetype": profile["archetype"],
        "factions": from_text(found.row.factions),
        "personality": profile["personality"],
        "goals": [{**goal, "progress": goal["progress"] / MILLION} for goal in profile["goals"]],
        "emotion": feeling(found, at_us),
        "relationships": strongest(known)[:relations],
        "counts": {"relationships": len(known)},
    }


def relations_then(found: Then, at_us: int) -> list[dict[str, Any]]:
    """Everybody the NPC had feelings about then, at most 2,000: those it had to do with last."""
    row = found.row
    latest = _LATEST.all(found.connection, {"npc_id": row.npc_id, "at": found.at, "life": row.life})
    latest.sort(key=lambda each: -each[1])
    positions: dict[str, int] = dict(latest[:MAX_RELATIONS])
    states = STATES.all(found.connection, sorted(set(positions.values())), {"npc_id": row.npc_id})
    untold = found.inner().untold
    return [
        related(target, position, told(untold, target, RELATION_MOMENT.load(text)), at_us)
        for target, position, text in states
        if positions.get(target) == position
    ]


def moment_of(connection: Connection, found: Then, at: int) -> int:
    """When the position was, or a little later where clocks differ: never before what the mind has felt."""
    return max(time_at(connection, at), found.inner().affect.at)


def pair_then(
    connection: Connection, npc_id: str, target_id: str, at: int
) -> tuple[int, RelationState] | None:
    """How an NPC stood to somebody as of a position, and the commit that had moved it last; None for a stranger.

    What it thinks of an NPC's earlier life counts, too: see `relations_then` for one life.
    """
    row = _PAIR.first(connection, {"npc_id": npc_id, "target_id": target_id, "at": at, "count": 1})
    return None if row is None else (row[0], RELATION_MOMENT.load(row[2]))


@reads(NAME)
def changes(connection: Connection, npc_id: str, target_id: str, at: int) -> list[int]:
    """The positions of the last commits up to `at` that moved how an NPC stood to somebody, latest first."""
    values = {"npc_id": npc_id, "target_id": target_id, "at": at, "count": CHANGES}
    return [int(row[0]) for row in _PAIR.all(connection, values)]


@reads(NAME)
def recent_relations(
    connection: Connection, at: int, count: int
) -> list[tuple[str, str, int, RelationState]]:
    """The `(npc, other, position, state)` that were moved last up to a position, each pair once, latest first."""
    latest: dict[tuple[str, str], tuple[int, str]] = {}
    for npc_id, target, position, text in _RECENT.all(connection, {"at": at, "count": 3 * count}):
        latest.setdefault((npc_id, target), (position, text))
        if len(latest) >= count:
            break
    return [
        (npc_id, target, position, RELATION_MOMENT.load(text))
        for (npc_id, target), (position, text) in latest.items()
    ]


def rows_back_to_a_whole_one(connection: Connection, npc_id: str, at: int) -> list[Any]:
    """The last rows of a mind up to a position, latest first, the last of them whole."""
    found: list[Any] = []
    values = {"npc_id": npc_id, "at": at, "count": _PAGE}
    while True:
        page = _MINDS.all(connection, values)
        for row in page:
            found.append(row)
            if row[1]:
                return found
        if len(page) < _PAGE:
            return found
        values |= {"at": page[-1][0] - 1}


def related(target: str, position: int, state: RelationState, at_us: int) -> dict[str, Any]:
    """A relationship at a moment: `{"target_id", "level", "score", "trust", "affection", "respect", "fear",
    "familiarity", "interactions", "last_contact", "at", "position"}`.

    Trust, fear and familiarity are 0 to 1, score, affection and respect -1 to 1; `position` is the commit that moved it
    last.
    """
    reading = reading_at(state, at_us)
    return {
        "target_id": target,
        "level": reading.level,
        "score": _unit(reading.score),
        "trust": _unit(reading.trust),
        "affection": _unit(reading.affection),
        "respect": _unit(reading.respect),
        "fear": _unit(reading.dread),
        "familiarity": _unit(reading.familiarity),
        "interactions": reading.interactions,
        "last_contact": moment(reading.last_contact).isoformat() if reading.last_contact else None,
        "at": moment(state.at).isoformat(),
        "position": position,
    }


def _unit(value: int) -> float:
    return round(value / MILLION, 3)


def strongest(relations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those it cares about most, for good or ill, first."""
    return sorted(relations, key=lambda each: (-abs(each["score"]), -each["interactions"], each["target_id"]))

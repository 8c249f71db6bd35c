"""How a mind's mood and relationships went over time: series out of its history, thinned where they are long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select

from commands.mind import wire
from commands.mind.affect import AffectState, read
from events.commit import moment
from projections.mind_fold import NAME
from projections.mind_history import MILLION, STATES, related, rows_back_to_a_whole_one
from projections.mind_moments import (
    MIND_HISTORY,
    OUTLOOK_HISTORY,
    RELATION_HISTORY,
    RELATION_MOMENT,
    added,
    is_whole,
    joined,
)
from projections.projection import reads
from projections.schema import from_text

MAX_SERIES: Final = 8
MAX_POINTS: Final = 2000
READ_THROUGH: Final = 6000
"""Rows of a mind that are read one after the other rather than looked up."""
MAX_ROWS: Final = 200_000
"""Rows of one NPC's history that a series is chosen from; the latest ones."""


@reads(NAME)
def timeline(
    connection: Connection,
    npc_id: str,
    *,
    first: int = 0,
    last: int = 2**62,
    points: int = 200,
    targets: Sequence[str] = (),
) -> dict[str, Any]:
    """Mood and relationships between two positions, thinned to at most `points` each.

    `{"mood": [{"position", "at", "pleasure", "arousal", "dominance", "emotion", "intensity"}], "relationships":
    [{"target_id", "points": [{"position", "at", "trust", "affection", "level"}]}], "goals": [{"position", "goals"}],
    "changes": how often the mind was moved}`: every point is right after a commit. Without `targets` the eight others
    that moved it most often.
    """
    points = max(2, min(points, MAX_POINTS))
    positions = _positions(connection, npc_id, first, last)
    return {
        "npc_id": npc_id,
        "changes": len(positions),
        "mood": _mood(connection, npc_id, positions, points),
        "relationships": [
            {"target_id": target, "points": _course(connection, npc_id, target, first, last, points)}
            for target in targets or _busiest(connection, npc_id, first, last)
        ],
        "goals": _goals(connection, npc_id, first, last, points),
    }


def thinned(positions: Sequence[int], points: int) -> list[int]:
    """At most `points` of them, evenly spread, the first and the last among them."""
    if len(positions) <= points:
        return list(positions)
    step = (len(positions) - 1) / (points - 1)
    return [positions[round(number * step)] for number in range(points)]


def _positions(connection: Connection, npc_id: str, first: int, last: int) -> list[int]:
    place = MIND_HISTORY.c.position
    query = select(place).where(MIND_HISTORY.c.npc_id == npc_id, place >= first, place <= last)
    found = connection.execute(query.order_by(place.desc()).limit(MAX_ROWS)).scalars().all()
    return [int(position) for position in reversed(found)]


def _mood(connection: Connection, npc_id: str, positions: Sequence[int], points: int) -> list[dict[str, Any]]:
    """A short history is read through once; of a long one only rows that hold all that was felt."""
    if len(positions) <= READ_THROUGH:
        chosen = set(thinned(positions, points))
        states = _through(connection, npc_id, positions)
        return [_point(position, state) for position, state in states if position in chosen]
    chosen_ones = thinned([each for each in positions if is_whole(each)] or positions, points)
    shown = []
    for position in chosen_ones:
        rows = rows_back_to_a_whole_one(connection, npc_id, position)
        shown.append(_point(position, joined(row[3] for row in reversed(rows))))
    return shown


def _through(
    connection: Connection, npc_id: str, positions: Sequence[int]
) -> Iterable[tuple[int, AffectState]]:
    """The state after each of a mind's rows, in order."""
    if not positions:
        return
    before = rows_back_to_a_whole_one(connection, npc_id, positions[0])
    held = joined(row[3] for row in reversed(before))
    yield positions[0], held
    columns = (MIND_HISTORY.c.position, MIND_HISTORY.c.whole, MIND_HISTORY.c.affect)
    place = MIND_HISTORY.c.position
    query = select(*columns).where(
        MIND_HISTORY.c.npc_id == npc_id, place > positions[0], place <= positions[-1]
    )
    for position, whole, text in connection.execute(query.order_by(place)):
        held = added(None if whole else held, text)
        yield position, held


def _point(position: int, affect: AffectState) -> dict[str, Any]:
    answer = wire.emotion_answer(read(affect, affect.at))
    mood = answer["mood"]
    return {
        "position": position,
        "at": moment(affect.at).isoformat(),
        **{name: mood[name] for name in ("pleasure", "arousal", "dominance")},
        "mood": mood["label"],
        "emotion": answer["primary"],
        "intensity": answer["intensity"],
    }


def _busiest(connection: Connection, npc_id: str, first: int, last: int) -> list[str]:
    place, target = RELATION_HISTORY.c.position, RELATION_HISTORY.c.target_id
    query = select(target).where(RELATION_HISTORY.c.npc_id == npc_id, place >= first, place <= last)
    ranked = query.group_by(target).order_by(func.count().desc(), target).limit(MAX_SERIES)
    return [str(found) for found in connection.execute(ranked).scalars()]


def _course(
    connection: Connection, npc_id: str, target: str, first: int, last: int, points: int
) -> list[dict[str, Any]]:
    place = RELATION_HISTORY.c.position
    mine = (RELATION_HISTORY.c.npc_id == npc_id, RELATION_HISTORY.c.target_id == target)
    query = select(place).where(*mine, place >= first, place <= last).order_by(place.desc()).limit(MAX_ROWS)
    chosen = thinned(list(reversed(connection.execute(query).scalars().all())), points)
    shown = []
    for _, position, text in sorted(
        (row for row in STATES.all(connection, chosen, {"npc_id": npc_id}) if row[0] == target),
        key=lambda row: row[1],
    ):
        state = RELATION_MOMENT.load(text)
        told_then = related(target, position, state, state.at)
        shown.append({name: told_then[name] for name in ("position", "at", "level", "trust", "affection")})
    return shown


def _goals(connection: Connection, npc_id: str, first: int, last: int, points: int) -> list[dict[str, Any]]:
    place = OUTLOOK_HISTORY.c.position
    query = select(place, OUTLOOK_HISTORY.c.profile).where(
        OUTLOOK_HISTORY.c.npc_id == npc_id, place >= first, place <= last, OUTLOOK_HISTORY.c.life > 0
    )
    rows = connection.execute(query.order_by(place.desc()).limit(points)).all()
    return [
        {
            "position": position,
            "goals": [
                {**goal, "progress": goal["progress"] / MILLION} for goal in from_text(profile)["goals"]
            ],
        }
        for position, profile in reversed(rows)
    ]

"""Who is near: lists of players, monsters and others from free JSON, read into bounded values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from commands.mind.curves import UNIT
from commands.mind.fields import Notice, coordinate, find, integer_or_none, parsed, share_or_none, text, truth
from commands.mind.routine import Point, distance

MAX_BEINGS = 64
"""Beings that are considered: those attacking first, then the nearest, then by id."""
MAX_EXAMINED = 1024
"""Entries of a list that are looked at; what lies behind them is left out."""
FAR = 9_999


@dataclass(frozen=True, slots=True)
class Being:
    """Someone near. kind: player, monster, npc or another word. distance: cells. health: millionths, if
    known.
    """

    id: str
    kind: str
    distance: int = FAR
    level: int | None = None
    hostile: bool = False
    attacking: bool = False
    health: int | None = None
    at: Point | None = None
    name: str = ""


def read_beings(
    value: Any, kind: str, field: str, here: Point | None, notices: list[Notice]
) -> tuple[Being, ...]:
    """Beings of one list: objects, ids, or a mere count. Duplicates of an id are merged into the nearest.

    Of more than `MAX_EXAMINED` entries the first are read, of more than `MAX_BEINGS` the closest are kept;
    both are told in `notices`. Raises `Rejected` for impossible coordinates.
    """
    value = parsed(value, field)
    if value is None or isinstance(value, bool):
        return ()
    if isinstance(value, int):
        return tuple(
            Being(f"{kind}_{n + 1}", kind, hostile=kind == "monster") for n in range(min(value, MAX_BEINGS))
        )
    if isinstance(value, Mapping | str):
        value = [value]
    if not isinstance(value, list | tuple):
        notices.append(Notice(field, "left out: not a list"))
        return ()
    if len(value) > MAX_EXAMINED:
        notices.append(Notice(field, f"{len(value)} entries; the first {MAX_EXAMINED} were read"))
    found: dict[str, Being] = {}
    skipped = 0
    for index, entry in enumerate(value[:MAX_EXAMINED]):
        being = read_being(entry, kind, f"{field}[{index}]", here)
        if being is None:
            skipped += 1
        elif being.id not in found or _closeness(being) < _closeness(found[being.id]):
            found[being.id] = being
    if skipped:
        notices.append(Notice(field, f"{skipped} entries left out: give each an id"))
    return closest(found.values(), field, notices)


def closest(beings: Iterable[Being], field: str, notices: list[Notice]) -> tuple[Being, ...]:
    """The `MAX_BEINGS` that matter most: attackers, then the nearest, then by id."""
    ordered = sorted(beings, key=_closeness)
    if len(ordered) > MAX_BEINGS:
        notices.append(Notice(field, f"{len(ordered)} beings; the closest {MAX_BEINGS} were considered"))
    return tuple(ordered[:MAX_BEINGS])


def _closeness(being: Being) -> tuple[bool, int, bool, str]:
    return (not being.attacking, being.distance, not being.hostile, being.id)


def read_being(entry: Any, kind: str, field: str, here: Point | None) -> Being | None:
    """One being from an object or an id; None without an id or a name. Raises `Rejected` for impossible
    coordinates.
    """
    if not isinstance(entry, Mapping):
        name = text(entry, 128)
        return Being(name, kind, hostile=kind == "monster", name=name) if name else None
    name = text(find(entry, "name", "player_name"), 128)
    identity = text(id_of(entry), 128) or name
    if not identity:
        return None
    kind = text(find(entry, "kind", "type"), 32).lower() or kind
    position = entry.get("position")
    spot = position if isinstance(position, Mapping) else entry
    x, y = coordinate(spot.get("x"), f"{field}.x"), coordinate(spot.get("y"), f"{field}.y")
    at = None if x is None or y is None else Point(x, y)
    cells = integer_or_none(_floor(find(entry, "distance", "range")), 0, FAR)
    if cells is None:
        cells = distance(at, here) if at and here else FAR
    hostile = truth(find(entry, "hostile", "aggressive", "is_hostile"))
    return Being(
        identity,
        kind,
        cells,
        integer_or_none(find(entry, "level", "base_level", "player_level"), 0, 1000),
        kind in ("monster", "enemy") if hostile is None else hostile,
        bool(truth(find(entry, "attacking", "is_attacking", "attacking_me"))),
        share_of(entry),
        at,
        name,
    )


def share_of(entry: Mapping[str, Any]) -> int | None:
    """Health in millionths from `hp` and `max_hp`, or a share or percentage in `health`; None when
    unknown.
    """
    hp, full = integer_or_none(entry.get("hp"), 0, 10**9), integer_or_none(find(entry, "max_hp"), 1, 10**9)
    if hp is not None and full:
        return min(UNIT, hp * UNIT // full)
    return share_or_none(find(entry, "health", "health_percent", "hp"))


def id_of(entry: Any) -> Any:
    """The identity in an object under any of its usual names."""
    return (
        find(entry, "id", "player_id", "npc_id", "target_id", "gid") if isinstance(entry, Mapping) else None
    )


def _floor(value: Any) -> Any:
    # Distances arrive as 3.7 cells; infinities and NaN stay what they are and are left out further on.
    return int(value) if isinstance(value, float) and abs(value) < 1e9 else value

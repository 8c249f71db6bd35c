"""Paths: the cheapest walk between two cells of a map, cut into way points that a game server can walk.

The rules are those of ``commands.mind.grid``. The answer is for rAthena's ``unitwalk`` (``ai_npc_pathfind``
in the script command specification), whose own search fails on some walks; how way points avoid that is
said in ``commands.mind.waypoints``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from pydantic import ValidationError

from commands.mind.grid import Cell, Grid
from commands.mind.jump_search import cheapest_walk
from commands.mind.path_options import PathOptions, PathRequest
from commands.mind.waypoints import cut, distance, line

MAX_EXPANSIONS: Final = 200_000


class PathReason(StrEnum):
    """Why a path is as it is; all but the first three mean that there is none."""

    FOUND = "found"
    FOUND_NEAREST = "found_nearest"
    ALREADY_THERE = "already_there"
    BAD_REQUEST = "bad_request"
    START_OUTSIDE = "start_outside"
    GOAL_OUTSIDE = "goal_outside"
    GOAL_BLOCKED = "goal_blocked"
    UNREACHABLE = "unreachable"
    TOO_LONG = "too_long"
    GAVE_UP = "gave_up"


@dataclass(frozen=True, slots=True)
class Path:
    """An answer: a walk, or the reason why there is none.

    ``waypoints`` follow each other from the first after the start to the goal, at most ``MAX_SEGMENT``
    steps apart; empty when there is no walk or none is needed (a ``unitwalk`` to the cell one stands on is
    an error). ``corners`` are the cells where the walk turns, start and goal included. ``goal`` is the cell
    walked to, which ``nearest`` may have moved. ``cost`` is in the game's units (10 straight, 14 diagonal),
    ``steps`` in cells, ``explanation`` for people.
    """

    reason: PathReason
    explanation: str
    start: Cell | None = None
    goal: Cell | None = None
    waypoints: tuple[Cell, ...] = ()
    corners: tuple[Cell, ...] = ()
    cost: int = 0
    steps: int = 0

    @property
    def valid(self) -> bool:
        """Whether walking the way points leads to the goal."""
        return self.reason in _VALID

    def cells(self) -> Iterator[Cell]:
        """Every cell of the walk after the start, in order."""
        for one, other in pairwise(self.corners):
            yield from line(one, other)


_VALID: Final = frozenset({PathReason.FOUND, PathReason.FOUND_NEAREST, PathReason.ALREADY_THERE})


def find_requested_path(grid: Grid, request: object) -> Path:
    """Find the path that a decoded JSON object of ``PathRequest``'s shape asks for; bad input is a reason."""
    try:
        asked = PathRequest.model_validate(request)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "request"
        return Path(PathReason.BAD_REQUEST, f"{field[:100]}: {first['msg'][:200]}")
    return find_path(
        grid, Cell(asked.x, asked.y), Cell(asked.destination_x, asked.destination_y), asked.options
    )


def find_path(grid: Grid, start: Cell, goal: Cell, options: PathOptions | None = None) -> Path:
    """Find the cheapest walk from start to goal under the game's rules.

    Every input has an answer: coordinates outside the map, a blocked goal and unreachable cells are
    reasons, not errors. The same grid, cells and options give the same path on every machine.
    """
    options = options or PathOptions()
    if not grid.contains(start):
        return Path(PathReason.START_OUTSIDE, _outside("start", start, grid))
    if not grid.contains(goal):
        return Path(PathReason.GOAL_OUTSIDE, _outside("destination", goal, grid), start)
    if start == goal:
        return Path(
            PathReason.ALREADY_THERE, "start and destination are the same cell", start, goal, (), (start,)
        )
    if options.avoid:
        return _find_avoiding(grid, start, goal, options)
    reachable = grid.components_from(start)
    target = goal
    if grid.component(goal) not in reachable:
        nearest = _nearest(grid, reachable, start, goal, options)
        if nearest is None:
            return _no_way(grid, grid, start, goal)
        target = nearest
    return _walk(grid, start, target, options, moved=target != goal)


def _find_avoiding(grid: Grid, start: Cell, goal: Cell, options: PathOptions) -> Path:
    """Find the cheapest walk that keeps off the areas to avoid, which count as walls, corners included.

    The components of the map with the areas closed are computed only if a walk was not found otherwise.
    """
    open_grid = grid.closed(area.corners() for area in options.avoid)
    if open_grid.is_walkable(goal) and grid.component(goal) in grid.components_from(start):
        path = _walk(open_grid, start, goal, options, moved=False)
        if path.reason is not PathReason.UNREACHABLE:
            return path
    nearest = None
    if options.nearest:
        nearest = _nearest(open_grid, open_grid.components_from(start), start, goal, options)
    if nearest is None:
        return _no_way(grid, open_grid, start, goal)
    return _walk(open_grid, start, nearest, options, moved=True)


def _walk(grid: Grid, start: Cell, goal: Cell, options: PathOptions, *, moved: bool) -> Path:
    reason = PathReason.FOUND_NEAREST if moved else PathReason.FOUND
    if start == goal:
        return Path(
            reason, "already on the reachable cell nearest to the destination", start, goal, (), (start,)
        )
    limit = options.max_length
    if limit is not None and distance(start, goal) > limit:
        return Path(
            PathReason.TOO_LONG, f"the destination is more than max_length = {limit} steps away", start, goal
        )
    found = cheapest_walk(grid, grid.index(start), grid.index(goal), MAX_EXPANSIONS)
    if not found.corners and not found.exhausted:
        return Path(PathReason.UNREACHABLE, f"no way leads to ({goal.x}, {goal.y})", start, goal)
    if found.exhausted:
        return Path(
            PathReason.GAVE_UP, "the search became too large: choose a nearer destination", start, goal
        )
    corners = tuple(grid.cell(index) for index in found.corners)
    steps = sum(distance(one, other) for one, other in pairwise(corners))
    if limit is not None and steps > limit:
        return Path(
            PathReason.TOO_LONG, f"the cheapest walk has {steps} steps, max_length is {limit}", start, goal
        )
    explanation = f"{steps} steps" + (" to the reachable cell nearest to the destination" if moved else "")
    waypoints = cut(corners, at_corners=bool(options.avoid))
    return Path(reason, explanation, start, goal, waypoints, corners, found.cost, steps)


def _nearest(
    grid: Grid, reachable: frozenset[int], start: Cell, goal: Cell, options: PathOptions
) -> Cell | None:
    """The reachable cell with the fewest steps to the goal, if asked for; among those the nearest as the
    crow flies, then by y, then by x."""
    if not options.nearest:
        return None
    for radius in range(1, options.nearest_radius + 1):
        span = range(-radius, radius + 1)
        ring = {(dx, dy) for dx in span for dy in (-radius, radius)}
        ring |= {(dx, dy) for dy in span for dx in (-radius, radius)}
        for dx, dy in sorted(
            ring, key=lambda offset: (offset[0] ** 2 + offset[1] ** 2, offset[1], offset[0])
        ):
            cell = Cell(goal.x + dx, goal.y + dy)
            if cell == start or grid.component(cell) in reachable:
                return cell
    return None


def _no_way(grid: Grid, open_grid: Grid, start: Cell, goal: Cell) -> Path:
    if not grid.is_walkable(goal):
        return Path(PathReason.GOAL_BLOCKED, f"cell ({goal.x}, {goal.y}) cannot be walked on", start, goal)
    if not open_grid.is_walkable(goal):
        return Path(
            PathReason.GOAL_BLOCKED, f"cell ({goal.x}, {goal.y}) is among those to avoid", start, goal
        )
    avoided = " without the cells to avoid" if open_grid is not grid else ""
    return Path(PathReason.UNREACHABLE, f"no way leads to ({goal.x}, {goal.y}){avoided}", start, goal)


def _outside(name: str, cell: Cell, grid: Grid) -> str:
    limit = f"give x from 0 to {grid.width - 1} and y from 0 to {grid.height - 1}"
    shown = ", ".join(str(value) if abs(value) < 10**9 else "a huge number" for value in cell)
    return f"{name} ({shown}) is outside the map: {limit}"

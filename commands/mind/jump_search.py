"""Jump point search: the cheapest walk between two cells, as the cells where it turns.

A* over jump points with the octile distance as heuristic. It finds a walk as cheap as plain A* or Dijkstra
would, but looks only at cells where an optimal walk may have to turn (see ``commands.mind.jumps`` for the
source).
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from commands.mind.grid import DIAGONAL_COST, STRAIGHT_COST, Grid

_EAST, _NORTH, _WEST, _SOUTH, _NORTH_EAST, _NORTH_WEST, _SOUTH_WEST, _SOUTH_EAST, _ANY = range(9)
_STEP: Final = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1))
# After a diagonal: on, and to both sides. After nothing (the start): everywhere.
_ONWARD: Final[dict[int, tuple[int, ...]]] = {
    _NORTH_EAST: (_EAST, _NORTH, _NORTH_EAST),
    _NORTH_WEST: (_WEST, _NORTH, _NORTH_WEST),
    _SOUTH_WEST: (_WEST, _SOUTH, _SOUTH_WEST),
    _SOUTH_EAST: (_EAST, _SOUTH, _SOUTH_EAST),
    _ANY: tuple(range(8)),
}
# After a straight line, for each side: the side itself and the diagonal between.
_TURNS: Final = (
    ((_NORTH, _NORTH_EAST), (_SOUTH, _SOUTH_EAST)),
    ((_EAST, _NORTH_EAST), (_WEST, _NORTH_WEST)),
    ((_NORTH, _NORTH_WEST), (_SOUTH, _SOUTH_WEST)),
    ((_EAST, _SOUTH_EAST), (_WEST, _SOUTH_WEST)),
)
# A queue entry is one integer, faster to compare than a tuple: f, h, position, direction, high to low bits.
_DIRECTION_BITS, _POSITION_BITS, _H_BITS = 4, 24, 24
_H_SHIFT: Final = _DIRECTION_BITS + _POSITION_BITS
_F_SHIFT: Final = _H_SHIFT + _H_BITS
_STATE_MASK: Final = (1 << _H_SHIFT) - 1
_H_MASK: Final = (1 << _H_BITS) - 1
_DIRECTION_MASK: Final = (1 << _DIRECTION_BITS) - 1


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found.

    ``corners`` are indexes of the padded grid from start to goal, each reached from the one before by a
    straight or a diagonal line; empty when there is no walk. ``cost`` counts 10 per straight and 14 per
    diagonal step. ``expanded`` counts the jump points taken up; ``exhausted`` says that the search stopped
    at its limit.
    """

    corners: tuple[int, ...]
    cost: int
    expanded: int
    exhausted: bool


def cheapest_walk(grid: Grid, start: int, goal: int, max_expansions: int) -> Search:
    """Search the cheapest walk between two different indexes of the padded grid; the goal must be walkable.

    Among equal costs position and direction decide, never chance: the same grid gives the same walk
    everywhere.
    """
    jumps, stride = grid.jumps, grid.stride
    goal_y, goal_x = divmod(goal, stride)
    best, parent = {start: 0}, {start: start}
    seen: set[int] = set()
    frontier = [start << _DIRECTION_BITS | _ANY]
    while frontier:
        entry = heappop(frontier)
        state = entry & _STATE_MASK
        position, direction = state >> _DIRECTION_BITS, state & _DIRECTION_MASK
        cost = best[position]
        if position == goal:
            return Search(_corners(parent, goal), cost, len(seen), exhausted=False)
        if state in seen or (entry >> _F_SHIFT) - (entry >> _H_SHIFT & _H_MASK) > cost:
            continue
        if len(seen) == max_expansions:
            return Search((), 0, len(seen), exhausted=True)
        seen.add(state)
        y, x = divmod(position, stride)
        right, up = goal_x - x, goal_y - y
        onward = _ONWARD.get(direction) or _turns(grid, position, direction)
        for heading in onward:
            distance = jumps.tables[heading][position]
            reach = distance if distance > 0 else -distance
            step_x, step_y = _STEP[heading]
            if heading < _NORTH_EAST:
                # a straight line meets the goal only on its own row or column
                meets = (right if step_y else up) == 0
                length = right * step_x + up * step_y
                step_cost = STRAIGHT_COST
            else:
                # a diagonal meets the goal's row or column; from there a straight line must lead on to it
                across, along = right * step_x, up * step_y
                length = across if across < along else along
                meets = 0 < length <= reach and _leads_on(
                    grid, position + length * jumps.offsets[heading], heading, across - along
                )
                step_cost = DIAGONAL_COST
            if not (meets and 0 < length <= reach):
                if distance <= 0:
                    continue
                length = distance
            target = position + length * jumps.offsets[heading]
            reached = cost + step_cost * length
            known = best.get(target)
            if known is None or reached < known:
                best[target], parent[target] = reached, position
            elif reached > known:
                continue
            away_x, away_y = abs(right - length * step_x), abs(up - length * step_y)
            rest = 10 * away_x + 4 * away_y if away_x > away_y else 10 * away_y + 4 * away_x
            heappush(
                frontier,
                (reached + rest) << _F_SHIFT | rest << _H_SHIFT | target << _DIRECTION_BITS | heading,
            )
    return Search((), 0, len(seen), exhausted=False)


def _turns(grid: Grid, position: int, direction: int) -> tuple[int, ...]:
    """Where a straight walk goes on from a jump point: on, and around every wall that has just ended beside
    it.
    """
    offsets, free = grid.jumps.offsets, grid.padded
    back = position - offsets[direction]
    onward: tuple[int, ...] = (direction,)
    for side, between in _TURNS[direction]:
        if free[position + offsets[side]] and not free[back + offsets[side]]:
            onward += (side, between)
    return onward


def _leads_on(grid: Grid, position: int, heading: int, surplus: int) -> bool:
    """Whether the goal is on a free straight line from where a diagonal met its row (surplus > 0) or column
    (< 0).
    """
    if surplus == 0:
        return True
    horizontal, vertical, _ = _ONWARD[heading]
    free_cells: int = abs(grid.jumps.tables[horizontal if surplus > 0 else vertical][position])
    return abs(surplus) <= free_cells


def _corners(parent: dict[int, int], goal: int) -> tuple[int, ...]:
    corners = [goal]
    while parent[corners[-1]] != corners[-1]:
        corners.append(parent[corners[-1]])
    return tuple(reversed(corners))

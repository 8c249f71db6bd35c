"""Plain A*, cell by cell: for grids that are searched once, where building jump tables would cost more than
it saves.
"""

from __future__ import annotations

from heapq import heappop, heappush

from commands.mind.grid import DIAGONAL_COST, STRAIGHT_COST, Grid
from commands.mind.jump_search import Search


def cheapest_walk_by_cells(grid: Grid, start: int, goal: int, max_expansions: int) -> Search:
    """Search the cheapest walk; same contract and same cost as ``commands.mind.jump_search.cheapest_walk``.

    Among walks of equal cost it may choose another one; each choice is the same everywhere.
    """
    free, stride = grid.padded, grid.stride
    goal_y, goal_x = divmod(goal, stride)
    best, parent = {start: 0}, {start: start}
    closed: set[int] = set()
    frontier = [(0, 0, start)]
    while frontier:
        _, _, position = heappop(frontier)
        if position == goal:
            return Search(_corners(parent, goal), best[goal], len(closed), exhausted=False)
        if position in closed:
            continue
        if len(closed) == max_expansions:
            return Search((), 0, len(closed), exhausted=True)
        closed.add(position)
        cost = best[position]
        for target, step in _steps(free, stride, position):
            reached = cost + step
            if target not in closed and reached < best.get(target, reached + 1):
                best[target], parent[target] = reached, position
                y, x = divmod(target, stride)
                x, y = abs(goal_x - x), abs(goal_y - y)
                rest = 10 * x + 4 * y if x > y else 10 * y + 4 * x
                heappush(frontier, (reached + rest, rest, target))
    return Search((), 0, len(closed), exhausted=False)


def _steps(free: bytes, stride: int, position: int) -> list[tuple[int, int]]:
    """The cells that one step leads to, each with the cost of the step."""
    north, south = position + stride, position - stride
    east_free, west_free = free[position + 1], free[position - 1]
    steps = []
    if east_free:
        steps.append((position + 1, STRAIGHT_COST))
    if west_free:
        steps.append((position - 1, STRAIGHT_COST))
    for side in (north, south):
        if free[side]:
            steps.append((side, STRAIGHT_COST))
            if east_free and free[side + 1]:
                steps.append((side + 1, DIAGONAL_COST))
            if west_free and free[side - 1]:
                steps.append((side - 1, DIAGONAL_COST))
    return steps


def _corners(parent: dict[int, int], goal: int) -> tuple[int, ...]:
    """The cells of the walk at which its direction changes, with start and goal."""
    corners, position = [goal], goal
    while (before := parent[position]) != position:
        beyond = parent[before]
        if before - beyond != position - before:
            corners.append(before)
        position = before
    return tuple(reversed(corners))

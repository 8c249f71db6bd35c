"""Two independent accounts of walking: Dijkstra under the game's rule, and the search the game server
itself runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from hypothesis import strategies as st

from commands.mind.grid import Cell, Grid

SERVER_SLOTS = 32 * 32
SERVER_LONGEST_WALK = 32


def steps_from(grid: Grid, cell: Cell) -> Iterator[tuple[Cell, int]]:
    """The cells one step away, with the cost of the step, straight from the rule."""

    def is_free(x: int, y: int) -> bool:
        return 0 <= x < grid.width and 0 <= y < grid.height and grid.walkable[x + y * grid.width] == 1

    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            if (dx or dy) and is_free(cell.x + dx, cell.y + dy):
                if not (dx and dy):
                    yield Cell(cell.x + dx, cell.y + dy), 10
                elif is_free(cell.x + dx, cell.y) and is_free(cell.x, cell.y + dy):
                    yield Cell(cell.x + dx, cell.y + dy), 14


def costs_from(grid: Grid, start: Cell) -> dict[Cell, int]:
    """The cost of the cheapest walk to every cell that can be reached."""
    costs = {start: 0}
    frontier = [(0, start)]
    while frontier:
        cost, cell = heappop(frontier)
        if cost > costs[cell]:
            continue
        for target, step in steps_from(grid, cell):
            if cost + step < costs.get(target, cost + step + 1):
                costs[target] = cost + step
                heappush(frontier, (cost + step, target))
    return costs


def server_walk(grid: Grid, start: Cell, goal: Cell) -> list[Cell] | None:
    """What a walk command of rAthena does: its cells, or None when the server refuses.

    A* with the overestimating Manhattan heuristic in a table of 1,024 slots; two cells that share a slot
    end it.
    """
    slots: dict[int, Cell] = {}
    best, parent = {start: 0}, {start: start}
    frontier = [(0, start)]
    slots[(start.x + start.y * 32) % SERVER_SLOTS] = start
    while frontier:
        _, cell = heappop(frontier)
        if cell == goal:
            walk = []
            while parent[cell] != cell:
                walk.append(cell)
                cell = parent[cell]
            return walk[::-1] if len(walk) <= SERVER_LONGEST_WALK else None
        for target, step in steps_from(grid, cell):
            if slots.setdefault((target.x + target.y * 32) % SERVER_SLOTS, target) != target:
                return None
            reached = best[cell] + step
            if reached < best.get(target, reached + 1):
                best[target], parent[target] = reached, cell
                apart = abs(goal.x - target.x) + abs(goal.y - target.y)
                heappush(frontier, (reached + 10 * apart, target))
    return None


@st.composite
def grids(draw: st.DrawFn, longest_side: int = 12) -> Grid:
    """Small grids from empty to mostly walls."""
    width, height = draw(st.integers(1, longest_side)), draw(st.integers(1, longest_side))
    walls = draw(st.sets(st.integers(0, width * height - 1), max_size=width * height * 2 // 3))
    return Grid(width, height, bytes(int(at not in walls) for at in range(width * height)))


@st.composite
def grids_with_cells(draw: st.DrawFn, longest_side: int = 12) -> tuple[Grid, Cell, Cell]:
    """A grid and two of its cells, walkable or not."""
    grid = draw(grids(longest_side))
    cells = st.builds(Cell, st.integers(0, grid.width - 1), st.integers(0, grid.height - 1))
    return grid, draw(cells), draw(cells)


def drawn(picture: str) -> Grid:
    """A grid from a picture: ``#`` is a wall; the first line is the north edge."""
    lines = [line.strip() for line in picture.split()]
    cells = bytes(int(mark != "#") for line in reversed(lines) for mark in line)
    return Grid(len(lines[0]), len(lines), cells)

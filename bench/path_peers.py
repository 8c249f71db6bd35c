"""What paths are measured against: a plain A*, and the ``pathfinding`` package from PyPI."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any

from commands.mind.grid import DIAGONAL_COST, STRAIGHT_COST, Cell, Grid

Method = Callable[[Cell, Cell], Sequence[Cell]]
"""Finds a walk: its cells, both ends included; empty when there is no way."""


def plain_a_star(grid: Grid, start: Cell, goal: Cell) -> list[Cell]:
    """A* with a heap of tuples and the octile distance, as one writes it first. Empty when there
    is no way.
    """
    best: dict[tuple[int, int], int] = {start: 0}
    parent: dict[tuple[int, int], tuple[int, int]] = {}
    frontier: list[tuple[int, tuple[int, int]]] = [(0, start)]
    width, height, walkable = grid.width, grid.height, grid.walkable
    done: set[tuple[int, int]] = set()

    def is_free(x: int, y: int) -> bool:
        return 0 <= x < width and 0 <= y < height and walkable[x + y * width] == 1

    while frontier:
        _, cell = heappop(frontier)
        if cell == goal:
            walk = [Cell(*cell)]
            while cell in parent:
                cell = parent[cell]
                walk.append(Cell(*cell))
            return walk[::-1]
        if cell in done:
            continue
        done.add(cell)
        x, y = cell
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)):
            target = (x + dx, y + dy)
            if target in done or not is_free(*target):
                continue
            if dx and dy and not (is_free(x + dx, y) and is_free(x, y + dy)):
                continue
            reached = best[cell] + (DIAGONAL_COST if dx and dy else STRAIGHT_COST)
            if reached < best.get(target, reached + 1):
                best[target], parent[target] = reached, cell
                apart = abs(goal.x - target[0]), abs(goal.y - target[1])
                heappush(frontier, (reached + 10 * max(apart) + 4 * min(apart), target))
    return []


def pathfinding_package(grid: Grid) -> Method | None:
    """The ``pathfinding`` package from PyPI with the same rule, or None when it is not installed."""
    try:
        grids: Any = importlib.import_module("pathfinding.core.grid")
        finders: Any = importlib.import_module("pathfinding.finder.a_star")
        movement: Any = importlib.import_module("pathfinding.core.diagonal_movement")
    except ImportError:
        return None
    rows = [
        list(grid.walkable[start : start + grid.width]) for start in range(0, len(grid.walkable), grid.width)
    ]
    matrix = grids.Grid(matrix=rows)
    rule = movement.DiagonalMovement.only_when_no_obstacle

    def find(start: Cell, goal: Cell) -> list[Cell]:
        matrix.cleanup()
        finder = finders.AStarFinder(diagonal_movement=rule)
        nodes, _ = finder.find_path(matrix.node(*start), matrix.node(*goal), matrix)
        return [Cell(node.x, node.y) for node in nodes]

    return find

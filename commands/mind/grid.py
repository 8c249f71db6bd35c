"""The walkable cells of one map, and the rule by which a unit steps from cell to cell.

The rule is rAthena's (``src/map/path.cpp``): a straight step costs 10, a diagonal one 14; a diagonal step
is allowed only if both cells beside it are walkable; every cell entered must be walkable; the cell a walk
starts on is not checked.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from commands.mind.jumps import JumpTables, build_jump_tables, patch_jump_tables

STRAIGHT_COST: Final = 10
DIAGONAL_COST: Final = 14
MAX_CELLS: Final = 1 << 20
"""Largest area of a map, in cells (rAthena's own limit is 512 x 512, a quarter of it)."""

MAX_SIDE: Final = 16_384
"""Longest side of a map, in cells; distances along a side must fit 16 bits."""

_RUN = re.compile(rb"\x01+")


class Cell(NamedTuple):
    """A cell of a map: ``x`` counts from the west edge, ``y`` from the south edge, both from 0."""

    x: int
    y: int


@dataclass(frozen=True)
class Grid:
    """Which cells of a map can be entered. Immutable; what is derived from it is computed once, at first use.

    ``width`` and ``height`` are in cells; ``walkable`` holds one byte per cell, 1 walkable or 0 not, at
    index ``x + y * width``. Raises ValueError when the sizes do not agree or the map is larger than
    ``MAX_SIDE`` or ``MAX_CELLS``.
    """

    width: int
    height: int
    walkable: bytes

    def __post_init__(self) -> None:
        sides_fit = 1 <= self.width <= MAX_SIDE and 1 <= self.height <= MAX_SIDE
        if not sides_fit or self.width * self.height > MAX_CELLS:
            raise ValueError(
                f"a grid of {self.width} x {self.height} cells: "
                f"give sides of 1 to {MAX_SIDE} and at most {MAX_CELLS} cells"
            )
        if len(self.walkable) != self.width * self.height:
            raise ValueError(
                f"walkable has {len(self.walkable)} bytes: give width * height = {self.width * self.height}"
            )
        if self.walkable.translate(None, b"\x00\x01"):
            raise ValueError("walkable holds other bytes than 0 and 1: map the cell types to 0 and 1 first")

    def __repr__(self) -> str:
        return f"Grid({self.width} x {self.height}, {self.walkable.count(1)} walkable)"

    def contains(self, cell: Cell) -> bool:
        """Whether the cell lies on the map."""
        return 0 <= cell.x < self.width and 0 <= cell.y < self.height

    def is_walkable(self, cell: Cell) -> bool:
        """Whether the cell lies on the map and can be entered."""
        return self.contains(cell) and self.walkable[cell.x + cell.y * self.width] == 1

    def can_step(self, origin: Cell, target: Cell) -> bool:
        """Whether the rule allows one step from origin to target, two neighbouring cells."""
        if max(abs(target.x - origin.x), abs(target.y - origin.y)) != 1 or not self.is_walkable(target):
            return False
        straight = origin.x == target.x or origin.y == target.y
        return straight or (
            self.is_walkable(Cell(origin.x, target.y)) and self.is_walkable(Cell(target.x, origin.y))
        )

    def closed(self, areas: Iterable[tuple[Cell, Cell]]) -> Grid:
        """Return this grid with rectangles made unwalkable.

        An area is two opposite corners, both included, in any order; what lies outside the map is ignored.
        """
        walkable, changed = bytearray(self.walkable), []
        for one, other in areas:
            west, east = max(0, min(one.x, other.x)), min(self.width - 1, max(one.x, other.x))
            south, north = max(0, min(one.y, other.y)), min(self.height - 1, max(one.y, other.y))
            if west <= east and south <= north:
                changed.append((west + 1, south + 1, east + 1, north + 1))
                for row in range(south * self.width, (north + 1) * self.width, self.width):
                    walkable[row + west : row + east + 1] = bytes(east - west + 1)
        grid = Grid(self.width, self.height, bytes(walkable))
        # what a cached property would compute from nothing, from what is known already
        grid.__dict__["jumps"] = patch_jump_tables(self.jumps, grid.padded, grid.stride, changed)
        return grid

    @cached_property
    def stride(self) -> int:
        """Length of a row of ``padded``."""
        return self.width + 2

    @cached_property
    def padded(self) -> bytes:
        """``walkable`` inside a frame of unwalkable cells: no neighbour has to be checked for the edge."""
        width = self.width
        edge = bytes(width + 2)
        rows = (self.walkable[start : start + width] for start in range(0, width * self.height, width))
        return edge + b"".join(b"\x00" + row + b"\x00" for row in rows) + edge

    def index(self, cell: Cell) -> int:
        """Index of a cell in ``padded``."""
        return (cell.y + 1) * self.stride + cell.x + 1

    def cell(self, index: int) -> Cell:
        """The cell at an index of ``padded``."""
        row, column = divmod(index, self.stride)
        return Cell(column - 1, row - 1)

    @cached_property
    def jumps(self) -> JumpTables:
        """Jump distances for the path search."""
        return build_jump_tables(self.padded, self.stride)

    @cached_property
    def _components(self) -> tuple[list[int], list[int]]:
        """Starts of all horizontal runs of walkable cells, and the component each run belongs to.

        A diagonal step needs both cells beside it, so whatever is connected diagonally is connected
        straight as well: components are those of 4-neighbourhood, and joining touching runs of adjacent
        rows finds them.
        """
        runs = [match.span() for match in _RUN.finditer(self.padded)]
        parent = list(range(len(runs)))

        def root(run: int) -> int:
            while parent[run] != run:
                parent[run] = parent[parent[run]]
                run = parent[run]
            return run

        below = 0
        for current, (start, end) in enumerate(runs):
            # runs are sorted: skip those that end before the cell under this run's first one
            first, last = start - self.stride, end - self.stride
            while runs[below][1] <= first:
                below += 1
            touching = below
            while runs[touching][0] < last:
                one, other = root(current), root(touching)
                parent[max(one, other)] = min(one, other)
                touching += 1
        return [start for start, _ in runs], [root(run) for run in range(len(runs))]

    def component(self, cell: Cell) -> int | None:
        """The component a walkable cell belongs to, or None. Two cells of one component can reach each
        other.
        """
        if not self.is_walkable(cell):
            return None
        starts, labels = self._components
        return labels[bisect_right(starts, self.index(cell)) - 1]

    def components_from(self, cell: Cell) -> frozenset[int]:
        """Components that a walk starting on the cell can enter: its own or, on a blocked cell, its
        neighbours'.
        """
        around = (cell, *(Cell(cell.x + dx, cell.y + dy) for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1))))
        labels = (self.component(neighbour) for neighbour in around)
        return frozenset(label for label in labels if label is not None)

    def prepare(self) -> None:
        """Compute everything derived now, so that the first path on this map is as fast as the others."""
        _ = self.jumps, self._components

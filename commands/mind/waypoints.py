"""Way points: a walk cut into pieces that a game server can be told to walk one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from commands.mind.grid import Cell

MAX_SEGMENT: Final = 14
"""Most steps between two way points, the longest for which a walk of rAthena's is certain to succeed.

Its search keeps 32 x 32 nodes under (x + 32 y) mod 1024 and fails when two cells it touches share a slot;
it fails as well when it finds more than 32 steps. Its heuristic (Manhattan distance times 10) counts a
diagonal step, worth 14, as 20. So while a walk of n steps exists it takes up no cell with an estimate above
20 n, that is, none whose distances to both ends add up to more than 2 n steps, and touches their
neighbours: cells spread over at most 2 n + 3 rows and columns. That is under 32 for n = 14 and not for 15,
and what it finds has at most 2 n = 28 steps.
"""


def cut(corners: Sequence[Cell], *, at_corners: bool) -> tuple[Cell, ...]:
    """Cut a walk, given by its corners, into way points at most ``MAX_SEGMENT`` steps apart.

    The first cell is not among them. ``at_corners`` makes every corner a way point as well. Between way
    points the server chooses its own way, and only a straight or diagonal line leaves it no choice: needed
    where it must not stray into cells it knows nothing about.
    """
    waypoints: list[Cell] = []
    walked = 0
    for one, other in pairwise(corners):
        for cell in line(one, other):
            walked += 1
            if walked == MAX_SEGMENT:
                waypoints.append(cell)
                walked = 0
        if at_corners and walked:
            waypoints.append(other)
            walked = 0
    if walked:
        waypoints.append(corners[-1])
    return tuple(waypoints)


def line(one: Cell, other: Cell) -> Iterator[Cell]:
    """The cells after ``one`` on the straight or diagonal line to ``other``."""
    step_x = (other.x > one.x) - (other.x < one.x)
    step_y = (other.y > one.y) - (other.y < one.y)
    for step in range(1, distance(one, other) + 1):
        yield Cell(one.x + step * step_x, one.y + step * step_y)


def distance(one: Cell, other: Cell) -> int:
    """Steps between two cells on an open map."""
    return max(abs(other.x - one.x), abs(other.y - one.y))

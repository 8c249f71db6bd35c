"""Jump distances: from every cell, in each of eight directions, how far a walk may run before it has to
decide.

The tables of jump point search (Harabor and Grastien, "Online Graph Pruning for Pathfinding on Grid Maps",
AAAI 2011; "Improving Jump Point Search", ICAPS 2014, the variant without corner cutting). They are built
without a loop over cells: the map is one long integer with a byte per cell, neighbours are shifts of it,
and runs are found by a regular expression.
"""

from __future__ import annotations

import re
import sys
from array import array
from dataclasses import dataclass
from typing import Final

_RUN: Final = re.compile(rb"\x01+")
_TURN: Final = 2
_ONLY_TURNS: Final = bytes(int(value == _TURN) for value in range(256))


@dataclass(frozen=True, slots=True)
class JumpTables:
    """One table per direction, indexed like the padded map: east, north, west, south, NE, NW, SW, SE.

    An entry d > 0 means: the next cell where the walk may have to turn is d steps away. d <= 0: there is
    none, and -d steps are possible until the walk is stopped. ``offsets`` holds what one step adds to the
    index.
    """

    tables: tuple[array[int], ...]
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Distances along one direction and, as bytes 0 or 1, the cells that have a turn ahead of them."""

    distances: array[int]
    ahead: bytes


def build_jump_tables(padded: bytes, stride: int) -> JumpTables:
    """Build the tables of a map.

    ``padded`` holds one byte per cell, 1 walkable or 0, with a frame of zeros; ``stride`` is its row length.
    """
    size = len(padded)
    longest = max(stride, size // stride)
    ones = int.from_bytes(b"\x01" * size, "little")
    free = int.from_bytes(padded, "little")

    def neighbour(offset: int) -> int:
        """The map shifted so that each cell shows its neighbour at the offset."""
        return free >> (8 * offset) if offset > 0 else free << (-8 * offset)

    def turns(along: int, across: int) -> int:
        """Cells at which a straight walk may have to turn: to one side, a wall that was behind has just
        ended.
        """
        found = 0
        for side in (across, -across):
            found |= neighbour(side) & (neighbour(side - along) ^ ones)
        return free & found

    def runs(direction: int, entered: int, stops: int) -> _Runs:
        marks = (entered + (entered & stops)).to_bytes(size, "little")
        return _measure(marks, direction, longest)

    def diagonal(horizontal: int, beside: _Runs, vertical: int, above: _Runs) -> _Runs:
        """A diagonal walk turns wherever a straight walk to one of its two sides would find a turn."""
        entered = free & neighbour(-horizontal) & neighbour(-vertical)
        stops = int.from_bytes(beside.ahead, "little") | int.from_bytes(above.ahead, "little")
        return runs(horizontal + vertical, entered, stops)

    east, west = runs(1, free, turns(1, stride)), runs(-1, free, turns(-1, stride))
    north, south = runs(stride, free, turns(stride, 1)), runs(-stride, free, turns(-stride, 1))
    measured = (
        *(east, north, west, south),
        diagonal(1, east, stride, north),
        diagonal(-1, west, stride, north),
        diagonal(-1, west, -stride, south),
        diagonal(1, east, -stride, south),
    )
    offsets = (1, stride, -1, -stride, 1 + stride, stride - 1, -1 - stride, 1 - stride)
    return JumpTables(tuple(run.distances for run in measured), offsets)


def _measure(marks: bytes, direction: int, longest: int) -> _Runs:
    """Measure all runs in one direction.

    ``marks`` has 0 where a walk is stopped, 1 where it runs on, 2 where it may turn. Cells that follow each
    other in the direction are first laid side by side; the frame of the map keeps lines apart.
    """
    step, size = abs(direction), len(marks)
    laid = b"".join(marks[first::step] for first in range(step))
    # cells right before a turn have distance 1, all others 0 unless a longer run says otherwise
    ahead = bytearray(laid.translate(_ONLY_TURNS))
    if direction > 0:
        ahead.append(0)
        del ahead[0]
    else:
        ahead.insert(0, 0)
        ahead.pop()
    wide = bytearray(2 * size)
    wide[(0 if sys.byteorder == "little" else 1) :: 2] = ahead
    distances = array("h", bytes(wide))
    sign = 1 if direction > 0 else -1
    to_turn = array("h", range(longest, 0, -1) if sign > 0 else range(1, longest + 1))
    to_wall = array("h", range(1 - longest, 1) if sign > 0 else range(0, -longest, -1))
    for match in _RUN.finditer(laid):
        start, end = match.span()
        if sign > 0:
            start, stop = start - 1, end
        else:
            stop, end = start - 1, end + 1
        length = end - start
        turn = laid[stop] == _TURN
        template = to_turn if turn else to_wall
        distances[start:end] = template[longest - length :] if sign > 0 else template[:length]
        if turn:
            ahead[start:end] = b"\x01" * length
    if step == 1:
        return _Runs(distances, bytes(ahead))
    unlaid, position = array("h", bytes(2 * size)), 0
    unlaid_ahead = bytearray(size)
    for first in range(step):
        count = len(range(first, size, step))
        unlaid[first::step] = distances[position : position + count]
        unlaid_ahead[first::step] = ahead[position : position + count]
        position += count
    return _Runs(unlaid, bytes(unlaid_ahead))

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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, cast

_RUN: Final = re.compile(rb"\x01+")
_TURN: Final = 2
_ONLY_TURNS: Final = bytes(int(value == _TURN) for value in range(256))


class Distances(Protocol):
    """Distances by index."""

    def __getitem__(self, position: int, /) -> int: ...


@dataclass(frozen=True, slots=True)
class JumpTables:
    """One table per direction, indexed like the padded map: east, north, west, south, NE, NW, SW, SE.

    An entry d > 0 means: the next cell where the walk may have to turn is d steps away. d <= 0: there is
    none, and -d steps are possible until the walk is stopped. ``offsets`` holds what one step adds to the
    index.
    """

    tables: tuple[Distances, ...]
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
    free = int.from_bytes(padded, "little")
    east, west = _straight(padded, stride, 1), _straight(padded, stride, -1)
    north, south = _straight(padded, stride, stride), _straight(padded, stride, -stride)

    def diagonal(horizontal: int, beside: _Runs, vertical: int, above: _Runs) -> array[int]:
        """A diagonal walk turns wherever a straight walk to one of its two sides would find a turn."""
        entered = free & _neighbour(free, -horizontal) & _neighbour(free, -vertical)
        stops = int.from_bytes(beside.ahead, "little") | int.from_bytes(above.ahead, "little")
        return _runs(entered, stops, len(padded), stride, horizontal + vertical).distances

    diagonals = (
        diagonal(1, east, stride, north),
        diagonal(-1, west, stride, north),
        diagonal(-1, west, -stride, south),
        diagonal(1, east, -stride, south),
    )
    straight = (east.distances, north.distances, west.distances, south.distances)
    return JumpTables((*straight, *diagonals), _offsets(stride))


def patch_jump_tables(
    tables: JumpTables, padded: bytes, stride: int, changed: Sequence[tuple[int, int, int, int]]
) -> JumpTables:
    """Build the tables of a map that differs in a few rectangles from the one ``tables`` was built for.

    ``padded`` is the changed map, ``changed`` the rectangles: first column, first row, last column, last
    row, counted in ``padded``. Straight runs are measured again near them; diagonal ones are measured when
    they are asked for.
    """
    east, north, west, south = (cast("array[int]", table)[:] for table in tables.tables[:4])
    rows = len(padded) // stride
    for low, high in _bands([(first, last) for _, first, _, last in changed], rows):
        # turns depend on the neighbouring lines: measure one more on each side than is written back
        start, end = max(0, low - 1), min(rows, high + 2)
        band = padded[start * stride : end * stride]
        kept = slice((low - start) * stride, (high + 1 - start) * stride)
        for table, direction in ((east, 1), (west, -1)):
            table[low * stride : (high + 1) * stride] = _straight(band, stride, direction).distances[kept]
    for low, high in _bands([(first, last) for first, _, last, _ in changed], stride):
        start, end = max(0, low - 1), min(stride, high + 2)
        band_stride = end - start
        band = b"".join(padded[row + start : row + end] for row in range(0, len(padded), stride))
        for table, direction in ((north, band_stride), (south, -band_stride)):
            measured = _straight(band, band_stride, direction).distances
            for column in range(low, high + 1):
                table[column::stride] = measured[column - start :: band_stride]
    diagonals = (
        _ScannedDiagonal(padded, 1, east, stride, north),
        _ScannedDiagonal(padded, -1, west, stride, north),
        _ScannedDiagonal(padded, -1, west, -stride, south),
        _ScannedDiagonal(padded, 1, east, -stride, south),
    )
    return JumpTables((east, north, west, south, *diagonals), _offsets(stride))


def _bands(spans: Iterable[tuple[int, int]], lines: int) -> list[tuple[int, int]]:
    """Join spans of lines, each with one line more on both sides, into bands that do not touch."""
    bands: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        low, high = max(0, first - 1), min(lines - 1, last + 1)
        if bands and low <= bands[-1][1] + 1:
            bands[-1] = (bands[-1][0], max(high, bands[-1][1]))
        else:
            bands.append((low, high))
    return bands


@dataclass(frozen=True, slots=True)
class _ScannedDiagonal:
    """A diagonal table that is not stored: each entry is found by walking the diagonal."""

    free: bytes
    horizontal: int
    beside: array[int]
    vertical: int
    above: array[int]

    def __getitem__(self, position: int) -> int:
        free, horizontal, vertical, length = self.free, self.horizontal, self.vertical, 0
        step = horizontal + vertical
        while free[position + horizontal] and free[position + vertical] and free[position + step]:
            position += step
            length += 1
            if self.beside[position] > 0 or self.above[position] > 0:
                return length
        return -length


def _offsets(stride: int) -> tuple[int, ...]:
    return (1, stride, -1, -stride, 1 + stride, stride - 1, -1 - stride, 1 - stride)


def _neighbour(cells: int, offset: int) -> int:
    """The map, a byte per cell, shifted so that each cell shows its neighbour at the offset."""
    return cells >> (8 * offset) if offset > 0 else cells << (-8 * offset)


def _straight(padded: bytes, stride: int, along: int) -> _Runs:
    """Measure straight runs. They may turn where a wall that was behind, to one side, has just ended."""
    free = int.from_bytes(padded, "little")
    ones = int.from_bytes(b"\x01" * len(padded), "little")
    across = stride if abs(along) == 1 else 1
    turns = 0
    for side in (across, -across):
        turns |= _neighbour(free, side) & (_neighbour(free, side - along) ^ ones)
    return _runs(free, turns, len(padded), stride, along)


def _runs(entered: int, stops: int, size: int, stride: int, direction: int) -> _Runs:
    marks = (entered + (entered & stops)).to_bytes(size, "little")
    return _measure(marks, direction, longest=max(stride, size // stride))


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

"""Maps of our own: the two that ship in ``conf/maps/lorestream_cache.dat`` for demo and tests, and a city
for measurements.

They are drawn by rule from fixed seeds, so anyone can rebuild them byte for byte::

    python -m adapters.rathena.synthetic_maps conf/maps/lorestream_cache.dat
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from adapters.rathena.map_cache import MapCells, encode_map_cache

OPEN, WALL, WATER, GAP = 0, 1, 3, 5
"""Cell types: walkable ground, wall, shallow water (walkable), and a gap that shots cross and walkers do
not.
"""


class _Canvas:
    """A map being drawn: cells are set in rectangles and discs, parts outside the map are cut off."""

    def __init__(self, width: int, height: int, ground: int) -> None:
        self.width, self.height = width, height
        self._cells = bytearray([ground]) * (width * height)

    def rectangle(self, x: int, y: int, width: int, height: int, kind: int) -> None:
        west, east = max(x, 0), min(x + width, self.width)
        for row in range(max(y, 0), min(y + height, self.height)):
            if west < east:
                start = row * self.width
                self._cells[start + west : start + east] = bytes([kind]) * (east - west)

    def frame(self, x: int, y: int, width: int, height: int, kind: int, thickness: int) -> None:
        self.rectangle(x, y, width, thickness, kind)
        self.rectangle(x, y + height - thickness, width, thickness, kind)
        self.rectangle(x, y, thickness, height, kind)
        self.rectangle(x + width - thickness, y, thickness, height, kind)

    def disc(self, x: int, y: int, radius: int, kind: int) -> None:
        for dy in range(-radius, radius + 1):
            half = int((radius * radius - dy * dy) ** 0.5)
            self.rectangle(x - half, y + dy, 2 * half + 1, 1, kind)

    def finished(self) -> MapCells:
        return MapCells(self.width, self.height, bytes(self._cells))


def _numbers(seed: int) -> Iterator[int]:
    """Numbers 0..32767 of a linear congruential generator: the same in every version of Python."""
    state = seed
    while True:
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield state >> 16


def town() -> MapCells:
    """120 x 120: walls with four gates, streets between houses, a river with one bridge and a ford, an
    island in a lake.
    """
    canvas = _Canvas(120, 120, OPEN)
    canvas.frame(0, 0, 120, 120, WALL, 2)
    canvas.frame(14, 14, 92, 92, WALL, 2)
    for x, y, width, height in ((57, 14, 6, 2), (57, 104, 6, 2), (14, 57, 2, 6), (104, 57, 2, 6)):
        canvas.rectangle(x, y, width, height, OPEN)
    numbers = _numbers(20260101)
    for row in range(18, 100, 12):
        for column in range(18, 100, 12):
            if abs(column + 4 - 60) > 10 or abs(row + 4 - 60) > 10:
                width, height = 6 + next(numbers) % 4, 6 + next(numbers) % 4
                canvas.rectangle(column, row, width, height, WALL)
                if next(numbers) % 3 == 0:
                    canvas.rectangle(column + 2, row + 2, width - 4, height - 2, OPEN)
    canvas.rectangle(16, 76, 88, 5, GAP)
    canvas.rectangle(57, 76, 6, 5, OPEN)
    canvas.rectangle(24, 76, 3, 5, WATER)
    canvas.disc(88, 40, 9, GAP)
    canvas.disc(88, 40, 4, OPEN)
    canvas.disc(60, 60, 3, WALL)
    return canvas.finished()


def field() -> MapCells:
    """140 x 100: open ground with trees, rocks, a stream crossed in three places, and a walled camp with
    one entrance.
    """
    canvas = _Canvas(140, 100, OPEN)
    canvas.frame(0, 0, 140, 100, WALL, 3)
    numbers = _numbers(20260102)
    for _ in range(140):
        canvas.disc(4 + next(numbers) % 132, 4 + next(numbers) % 92, next(numbers) % 3, WALL)
    for _ in range(12):
        canvas.rectangle(6 + next(numbers) % 120, 6 + next(numbers) % 84, 3 + next(numbers) % 10, 3, WALL)
    course = [40 + next(numbers) % 14 for _ in range(11)]
    for column, (south, north) in enumerate(pairwise(course)):
        for step in range(14):
            y = south + (north - south) * step // 14
            kind = WATER if column in (1, 5, 8) and 4 < step < 9 else GAP
            canvas.rectangle(column * 14 + step, y, 1, 5, kind)
    canvas.rectangle(100, 66, 24, 20, OPEN)
    canvas.frame(100, 66, 24, 20, WALL, 1)
    canvas.rectangle(110, 66, 3, 1, OPEN)
    canvas.frame(0, 0, 140, 100, WALL, 3)
    return canvas.finished()


def city(width: int = 312, height: int = 392, seed: int = 20260103) -> MapCells:
    """A large city for measurements: a wide wall with gates, blocks of houses with courtyards and alleys,
    squares, a canal with bridges, and clutter in the streets. About half of the cells are walkable."""
    canvas = _Canvas(width, height, OPEN)
    canvas.frame(0, 0, width, height, WALL, 12)
    canvas.frame(24, 24, width - 48, height - 48, WALL, 4)
    numbers = _numbers(seed)
    for y in range(32, height - 36, 20):
        for x in range(32, width - 36, 22):
            block_width, block_height = 14 + next(numbers) % 6, 13 + next(numbers) % 5
            canvas.rectangle(x, y, block_width, block_height, WALL)
            for _ in range(next(numbers) % 3):
                yard_x, yard_y = x + 1 + next(numbers) % 8, y + 1 + next(numbers) % 8
                canvas.rectangle(yard_x, yard_y, 4, 4, OPEN)
                canvas.rectangle(yard_x + 1, yard_y, 1 + next(numbers) % 2, 16, OPEN)
    canvas.rectangle(28, height // 3, width - 56, 7, GAP)
    for bridge in range(4):
        canvas.rectangle(40 + bridge * (width - 90) // 3, height // 3, 5, 7, OPEN)
    canvas.disc(width // 2, height // 2, 30, OPEN)
    canvas.disc(width // 2, height // 2, 5, WALL)
    canvas.rectangle(width // 2 - 5, 12, 10, height - 24, OPEN)
    canvas.rectangle(12, height // 2 - 5, width - 24, 10, OPEN)
    for _ in range(width * height // 160):
        canvas.disc(
            14 + next(numbers) % (width - 28), 14 + next(numbers) % (height - 28), next(numbers) % 2, WALL
        )
    canvas.frame(0, 0, width, height, WALL, 12)
    return canvas.finished()


def shipped_cache() -> bytes:
    """The content of ``conf/maps/lorestream_cache.dat``, not compressed: zlib builds differ in their
    output.
    """
    return encode_map_cache({"lore_town": town(), "lore_field": field()}, compress=False)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(shipped_cache())

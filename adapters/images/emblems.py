"""The emblems of cards, one for each kind of element, out of a few polygons. Coordinates run from -1 to 1."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PIL import ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Brush:
    """Draws in coordinates of the emblem: `ink` is its own colour, `ground` what lies behind, `accent` the third."""

    pen: ImageDraw.ImageDraw
    centre: Point
    scale: float
    ink: Colour
    ground: Colour
    accent: Colour

    def at(self, x: float, y: float) -> Point:
        return self.centre[0] + x * self.scale, self.centre[1] + y * self.scale

    def shape(self, points: Sequence[Point], colour: Colour | None = None) -> None:
        self.pen.polygon([self.at(*point) for point in points], fill=colour or self.ink)

    def stroke(self, points: Sequence[Point], width: float, colour: Colour | None = None) -> None:
        self.pen.line(
            [self.at(*point) for point in points],
            fill=colour or self.ink,
            width=max(2, round(width * self.scale)),
            joint="curve",
        )

    def disc(self, x: float, y: float, radius: float, colour: Colour | None = None) -> None:
        self.pen.circle(self.at(x, y), radius * self.scale, fill=colour or self.ink)

    def ring(self, x: float, y: float, radius: float, width: float, colour: Colour | None = None) -> None:
        self.pen.circle(
            self.at(x, y),
            radius * self.scale,
            outline=colour or self.ink,
            width=max(2, round(width * self.scale)),
        )


def emblem(
    pen: ImageDraw.ImageDraw,
    kind: str,
    centre: Point,
    scale: float,
    ink: Colour,
    ground: Colour,
    accent: Colour,
) -> None:
    """Draw the emblem of `kind`; a star for kinds that have none."""
    _EMBLEMS.get(kind, _star)(_Brush(pen, centre, scale, ink, ground, accent))


def _person(brush: _Brush) -> None:
    """A hooded figure."""
    hood = _arc(0, -0.2, 0.52, 0.62, 180, 360)
    brush.shape([*hood, (0.62, 0.34), (0.86, 0.9), (-0.86, 0.9), (-0.62, 0.34)])
    brush.shape(_arc(0, -0.14, 0.33, 0.42, 0, 360), brush.ground)
    brush.shape([(-0.30, 0.38), (0, 0.62), (0.30, 0.38), (0.12, 0.9), (-0.12, 0.9)], brush.ground)
    brush.disc(0, 0.62, 0.085, brush.accent)


def _hero(brush: _Brush) -> None:
    """A helmet with a plume."""
    brush.shape([(0.02, -0.78), (0.5, -0.98), (0.86, -0.6), (0.8, -0.05), (0.5, -0.42)], brush.accent)
    brush.shape([*_arc(0, -0.08, 0.6, 0.68, 180, 360), (0.6, 0.36), (0.3, 0.9), (-0.3, 0.9), (-0.6, 0.36)])
    half = [(0.46, -0.06), (0.46, 0.12), (0.1, 0.2), (0.06, 0.8)]
    brush.shape([*half, *_mirrored(half)], brush.ground)


def _place(brush: _Brush) -> None:
    """A tower before mountains, under a moon."""
    brush.disc(0.42, -0.52, 0.24, brush.accent)
    brush.disc(0.53, -0.58, 0.21, brush.ground)
    brush.shape([(-1, 0.72), (-0.46, -0.3), (-0.06, 0.34), (0.3, -0.12), (1, 0.72)])
    brush.shape([(-0.46, -0.3), (-0.6, -0.03), (-0.46, 0.06), (-0.36, -0.04), (-0.31, -0.06)], brush.accent)
    # Around x = 0: battlements, then the wall a little narrower than they are.
    outline = [
        (0.05, 0.0),
        (0.05, -0.1),
        (0.15, -0.1),
        (0.15, 0.0),
        (0.26, 0.0),
        (0.26, 0.13),
        (0.2, 0.13),
        (0.2, 0.74),
    ]
    tower = [*outline, *_mirrored(outline)]
    brush.shape([(0.39 + x * 1.22, y * 1.02 - 0.03) for x, y in tower], brush.ground)
    brush.shape([(0.39 + x, y) for x, y in tower])
    brush.shape([*_arc(0.39, 0.5, 0.08, 0.1, 180, 360), (0.47, 0.74), (0.31, 0.74)], brush.ground)


def _quest(brush: _Brush) -> None:
    """A compass rose."""
    brush.ring(0, 0, 0.72, 0.035, brush.accent)
    for step in range(32):
        angle = 2 * math.pi * step / 32
        near = 0.62 if step % 4 == 0 else 0.66
        brush.stroke([_polar(near, angle), _polar(0.72, angle)], 0.02, brush.accent)
    for turn, reach, width in ((math.pi / 4, 0.56, 0.13), (0.0, 0.98, 0.17)):
        for arm in range(4):
            angle = turn + arm * math.pi / 2
            brush.shape([(0, 0), _polar(width, angle + math.pi / 4), _polar(reach, angle)])
            brush.shape([(0, 0), _polar(width, angle - math.pi / 4), _polar(reach, angle)], brush.accent)
    brush.disc(0, 0, 0.06, brush.ground)


def _event(brush: _Brush) -> None:
    """An hourglass."""
    for y in (-0.86, 0.74):
        brush.shape([(-0.6, y), (0.6, y), (0.6, y + 0.12), (-0.6, y + 0.12)])
    for side in (-1, 1):
        brush.stroke([(0.5 * side, -0.74), (0.5 * side, 0.74)], 0.05)
    half = [(0.38, -0.74), (0.34, -0.34), (0.05, 0.0), (0.34, 0.34), (0.38, 0.74)]
    brush.stroke([*half, *_mirrored(half), half[0]], 0.045)
    brush.shape([(-0.29, -0.34), (0.29, -0.34), (0.02, -0.02), (-0.02, -0.02)], brush.accent)
    brush.shape([(-0.33, 0.72), (0.33, 0.72), (0, 0.36)], brush.accent)
    brush.stroke([(0, -0.02), (0, 0.4)], 0.03, brush.accent)


def _encounter(brush: _Brush) -> None:
    """Two crossed swords."""
    for side in (-1, 1):

        def at(along: float, across: float, side: int = side) -> Point:
            slope = math.pi / 4
            x = along * math.sin(slope) + across * math.cos(slope)
            return side * x, along * -math.cos(slope) + across * math.sin(slope)

        brush.shape(
            [at(-0.42, -0.1), at(0.95, -0.1), at(1.18, 0), at(0.95, 0.1), at(-0.42, 0.1)], brush.ground
        )
        brush.shape([at(-0.4, -0.065), at(0.95, -0.065), at(1.12, 0), at(0.95, 0.065), at(-0.4, 0.065)])
        brush.stroke([at(-0.36, 0), at(0.9, 0)], 0.014, brush.ground)
        brush.shape([at(-0.42, -0.27), at(-0.34, -0.27), at(-0.34, 0.27), at(-0.42, 0.27)], brush.accent)
        brush.shape([at(-0.78, -0.05), at(-0.42, -0.05), at(-0.42, 0.05), at(-0.78, 0.05)])
        x, y = at(-0.83, 0)
        brush.disc(x, y, 0.09, brush.accent)


def _note(brush: _Brush) -> None:
    """A sheet with a seal."""
    brush.shape([(-0.6, -0.84), (0.34, -0.84), (0.6, -0.58), (0.6, 0.84), (-0.6, 0.84)])
    brush.shape([(0.34, -0.84), (0.6, -0.58), (0.34, -0.58)], brush.accent)
    for number, y in enumerate((-0.44, -0.22, 0.0, 0.22, 0.44)):
        brush.stroke([(-0.42, y), (0.1 if number == 4 else 0.42, y)], 0.04, brush.ground)
    brush.shape([(0.22, 0.6), (0.18, 0.98), (0.32, 0.88), (0.46, 0.98), (0.42, 0.6)], brush.accent)
    brush.disc(0.32, 0.56, 0.2, brush.ground)
    brush.disc(0.32, 0.56, 0.165, brush.accent)


def _star(brush: _Brush) -> None:
    for turn, reach, colour in ((math.pi / 8, 0.8, brush.accent), (0.0, 0.95, brush.ink)):
        points = [
            _polar(reach if step % 2 == 0 else reach * 0.42, turn + step * math.pi / 8) for step in range(16)
        ]
        brush.shape(points, colour)
    brush.disc(0, 0, 0.12, brush.ground)


def _mirrored(points: Sequence[Point]) -> list[Point]:
    """The other half of something upright, from the end back to the beginning."""
    return [(-x, y) for x, y in reversed(points)]


def _arc(
    x: float, y: float, width: float, height: float, first: float, last: float, steps: int = 48
) -> list[Point]:
    angles = (math.radians(first + (last - first) * step / steps) for step in range(steps + 1))
    return [(x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles]


def _polar(radius: float, angle: float) -> Point:
    return radius * math.sin(angle), -radius * math.cos(angle)


_EMBLEMS: Mapping[str, Callable[[_Brush], None]] = {
    "npc": _person,
    "character": _hero,
    "location": _place,
    "quest": _quest,
    "event": _event,
    "encounter": _encounter,
    "note": _note,
}

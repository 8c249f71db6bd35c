"""What may be asked of a path: the options and the request of a script, as they arrive in JSON."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from commands.mind.grid import Cell

MAX_AVOID_AREAS: Final = 256
MAX_NEAREST_RADIUS: Final = 64
_MAX_COORDINATE: Final = 1 << 31

_Coordinate = Annotated[int, Field(ge=-_MAX_COORDINATE, le=_MAX_COORDINATE)]


class AvoidArea(BaseModel):
    """Cells not to be entered: a cell ``{x, y}`` or a rectangle ``{x1, y1, x2, y2}``, corners included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    x: _Coordinate | None = None
    y: _Coordinate | None = None
    x1: _Coordinate | None = None
    y1: _Coordinate | None = None
    x2: _Coordinate | None = None
    y2: _Coordinate | None = None

    @model_validator(mode="after")
    def _is_cell_or_rectangle(self) -> Self:
        if self.model_fields_set not in ({"x", "y"}, {"x1", "y1", "x2", "y2"}) or None in self._values():
            raise ValueError("give either x and y, or x1, y1, x2 and y2")
        return self

    def _values(self) -> tuple[int | None, ...]:
        return tuple(getattr(self, name) for name in sorted(self.model_fields_set))

    def corners(self) -> tuple[Cell, Cell]:
        """Two opposite corners of the area."""
        x1, y1 = self.x if self.x1 is None else self.x1, self.y if self.y1 is None else self.y1
        x2, y2 = self.x if self.x2 is None else self.x2, self.y if self.y2 is None else self.y2
        return Cell(x1 or 0, y1 or 0), Cell(x2 or 0, y2 or 0)


class PathOptions(BaseModel):
    """How to walk.

    ``avoid``: areas not to be entered (the start may lie inside one). ``max_length``: most steps the
    cheapest walk may have. ``nearest``: when the goal cannot be reached, walk to the reachable cell nearest
    to it, no further from it than ``nearest_radius`` cells. Unknown options are kept and named by
    ``unknown_fields``.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    avoid: tuple[AvoidArea, ...] = Field(default=(), max_length=MAX_AVOID_AREAS)
    max_length: int | None = Field(default=None, ge=1, le=1_000_000)
    nearest: bool = False
    nearest_radius: int = Field(default=32, ge=1, le=MAX_NEAREST_RADIUS)

    @property
    def unknown_fields(self) -> tuple[str, ...]:
        """Names of options that have no meaning here, sorted."""
        return tuple(sorted(self.model_extra or ()))


class PathRequest(BaseModel):
    """A path asked for by a script: from (x, y) to (destination_x, destination_y)."""

    model_config = ConfigDict(frozen=True)

    x: int
    y: int
    destination_x: int
    destination_y: int
    options: PathOptions = PathOptions()

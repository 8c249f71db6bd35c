"""The walkability grid and its components."""

from __future__ import annotations

import pytest
from hypothesis import given

from commands.mind.grid import MAX_SIDE, Cell, Grid
from tests.commands.mind.game_walks import costs_from, drawn, grids, grids_with_cells, steps_from


@given(grids_with_cells())
def test_two_cells_share_a_component_exactly_when_a_walk_joins_them(case: tuple[Grid, Cell, Cell]) -> None:
    grid, start, goal = case
    reachable = grid.is_walkable(goal) and (goal in costs_from(grid, start))
    if start != goal:
        assert (grid.component(goal) in grid.components_from(start)) == reachable


@given(grids_with_cells())
def test_a_step_is_allowed_exactly_when_the_rule_lists_it(case: tuple[Grid, Cell, Cell]) -> None:
    grid, origin, target = case
    assert grid.can_step(origin, target) == (target in {cell for cell, _ in steps_from(grid, origin)})


@given(grids())
def test_every_cell_survives_the_way_into_the_padded_grid_and_back(grid: Grid) -> None:
    for y in range(grid.height):
        for x in range(grid.width):
            index = grid.index(Cell(x, y))
            assert grid.cell(index) == Cell(x, y)
            assert grid.padded[index] == grid.walkable[x + y * grid.width]


def test_a_step_around_the_corner_of_a_wall_is_not_allowed() -> None:
    grid = drawn(
        """
        ..
        .#
        """
    )
    assert grid.can_step(Cell(0, 0), Cell(0, 1))
    assert not grid.can_step(Cell(0, 0), Cell(1, 1))


def test_closing_areas_leaves_the_original_grid_as_it_was() -> None:
    grid = drawn("... ... ...")
    closed = grid.closed([(Cell(2, 2), Cell(1, 1)), (Cell(-5, 0), Cell(0, -5)), (Cell(90, 90), Cell(99, 99))])
    assert closed == drawn(".## .## #..")
    assert grid == drawn("... ... ...")


@pytest.mark.parametrize(
    ("width", "height", "cells", "named"),
    [
        (0, 5, b"", "0 x 5"),
        (-3, -3, b"\x01" * 9, "-3 x -3"),
        (MAX_SIDE + 1, 1, b"\x01" * (MAX_SIDE + 1), "sides"),
        (2000, 2000, b"", "cells"),
        (2, 2, b"\x01", "width \\* height = 4"),
        (1, 2, b"\x01\x05", "0 and 1"),
    ],
)
def test_a_grid_of_impossible_size_or_content_is_refused(
    width: int, height: int, cells: bytes, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        Grid(width, height, cells)

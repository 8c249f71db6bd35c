"""Paths: cheapest under the game's rule, walkable by the server, and a reason for every refusal."""

from __future__ import annotations

from itertools import chain, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commands.mind.grid import Cell, Grid
from commands.mind.path_options import MAX_AVOID_AREAS, PathOptions
from commands.mind.pathfinding import Path, PathReason, find_path, find_requested_path
from commands.mind.waypoints import MAX_SEGMENT
from tests.commands.mind.game_walks import costs_from, drawn, grids_with_cells, server_walk

RIVER = drawn(
    """
    ..........
    ..........
    ####.#####
    ..........
    ..........
    """
)
ISLAND = drawn(
    """
    .......
    .#####.
    .#...#.
    .#.#.#.
    .#...#.
    .#####.
    .......
    """
)
HALL = Grid(80, 80, b"\x01" * 6400)


def cost_of(path: Path) -> int:
    cells = chain((path.corners[0],), path.cells())
    return sum(14 if one.x != other.x and one.y != other.y else 10 for one, other in pairwise(cells))


@given(grids_with_cells())
def test_every_path_is_as_cheap_as_dijkstras_and_none_is_missed(case: tuple[Grid, Cell, Cell]) -> None:
    grid, start, goal = case
    path = find_path(grid, start, goal)
    if start == goal:
        assert path.reason is PathReason.ALREADY_THERE
        return
    cheapest = costs_from(grid, start).get(goal)
    assert path.valid == (cheapest is not None)
    if cheapest is not None:
        assert (path.cost, cost_of(path)) == (cheapest, cheapest)
        cells = list(path.cells())
        assert all(grid.can_step(one, other) for one, other in pairwise((start, *cells)))
        assert (len(cells), cells[-1]) == (path.steps, goal)


@given(grids_with_cells(), st.lists(st.tuples(*[st.integers(-2, 13)] * 4), min_size=1, max_size=5))
def test_a_path_with_areas_to_avoid_is_the_cheapest_on_a_map_where_they_are_walls(
    case: tuple[Grid, Cell, Cell], areas: list[tuple[int, int, int, int]]
) -> None:
    grid, start, goal = case
    avoid = [dict(zip(("x1", "y1", "x2", "y2"), area, strict=True)) for area in areas]
    walls = {
        Cell(x, y)
        for x1, y1, x2, y2 in areas
        for x in range(min(x1, x2), max(x1, x2) + 1)
        for y in range(min(y1, y2), max(y1, y2) + 1)
    }
    open_cells = bytes(
        int(free and Cell(at % grid.width, at // grid.width) not in walls)
        for at, free in enumerate(grid.walkable)
    )
    cheapest = costs_from(Grid(grid.width, grid.height, open_cells), start).get(goal)
    path = find_path(grid, start, goal, PathOptions.model_validate({"avoid": avoid}))
    if start != goal:
        assert (path.cost if path.valid else None) == cheapest
        assert walls.isdisjoint(path.cells())


@given(grids_with_cells(longest_side=40))
def test_the_server_walks_from_each_way_point_to_the_next(case: tuple[Grid, Cell, Cell]) -> None:
    grid, start, goal = case
    path = find_path(grid, start, goal)
    for one, other in pairwise((start, *path.waypoints)):
        assert server_walk(grid, one, other) is not None


@given(grids_with_cells(longest_side=20), st.tuples(st.integers(0, 19), st.integers(0, 19)))
def test_the_server_keeps_off_avoided_cells_that_it_knows_nothing_about(
    case: tuple[Grid, Cell, Cell], avoided: tuple[int, int]
) -> None:
    grid, start, goal = case
    options = PathOptions.model_validate({"avoid": [dict(zip("xy", avoided, strict=True))]})
    path = find_path(grid, start, goal, options)
    walked = [
        cell
        for one, other in pairwise((start, *path.waypoints))
        for cell in server_walk(grid, one, other) or ()
    ]
    assert walked == list(path.cells())
    assert Cell(*avoided) not in walked


@given(grids_with_cells(longest_side=40))
@example((HALL, Cell(0, 0), Cell(79, 79)))
@example((HALL, Cell(79, 3), Cell(0, 3)))
def test_way_points_lie_on_the_walk_and_at_most_fourteen_steps_apart(case: tuple[Grid, Cell, Cell]) -> None:
    grid, start, goal = case
    path = find_path(grid, start, goal)
    cells = (start, *path.cells())
    places = [0, *(cells.index(point) for point in path.waypoints)]
    assert all(0 < later - earlier <= MAX_SEGMENT for earlier, later in pairwise(places))
    assert start not in path.waypoints
    if path.steps:
        assert path.waypoints[-1] == goal


@given(grids_with_cells())
def test_the_nearest_reachable_cell_is_as_near_as_any(case: tuple[Grid, Cell, Cell]) -> None:
    grid, start, goal = case
    path = find_path(grid, start, goal, PathOptions(nearest=True))
    if start == goal:
        return
    assert path.valid
    reachable = costs_from(grid, start)

    def distance(cell: Cell) -> int:
        return max(abs(cell.x - goal.x), abs(cell.y - goal.y))

    assert path.goal is not None
    assert distance(path.goal) == min(map(distance, reachable))
    assert (path.goal == goal) == (path.reason is PathReason.FOUND)


def test_a_guard_crosses_the_river_by_the_bridge() -> None:
    path = find_path(RIVER, Cell(0, 0), Cell(9, 4))
    assert path.valid
    assert Cell(4, 2) in set(path.cells())
    assert path.steps == 11


def test_a_bridge_to_be_avoided_leaves_no_way_across() -> None:
    options = PathOptions.model_validate({"avoid": [{"x": 4, "y": 2}]})
    path = find_path(RIVER, Cell(0, 0), Cell(9, 4), options)
    assert (path.valid, path.reason, path.waypoints) == (False, PathReason.UNREACHABLE, ())
    assert "without the cells to avoid" in path.explanation


def test_with_nearest_a_guard_stops_at_the_shore_of_a_river_it_must_not_cross() -> None:
    options = PathOptions.model_validate({"avoid": [{"x": 4, "y": 2}], "nearest": True})
    path = find_path(RIVER, Cell(0, 0), Cell(9, 4), options)
    assert (path.reason, path.goal) == (PathReason.FOUND_NEAREST, Cell(9, 1))


def test_an_unreachable_island_is_refused_before_any_search() -> None:
    path = find_path(ISLAND, Cell(0, 0), Cell(3, 2))
    assert path.reason is PathReason.UNREACHABLE
    assert "jumps" not in vars(ISLAND)


def test_an_npc_that_stands_inside_a_wall_can_leave_it() -> None:
    path = find_path(RIVER, Cell(3, 2), Cell(3, 4))
    assert (path.valid, path.cost) == (True, 20)


def test_the_cell_one_stands_on_needs_no_way_point_even_if_it_is_blocked() -> None:
    path = find_path(RIVER, Cell(3, 2), Cell(3, 2))
    assert (path.valid, path.waypoints, path.cost) == (True, (), 0)


@pytest.mark.parametrize(
    ("start", "goal", "reason"),
    [
        (Cell(-1, 0), Cell(1, 1), PathReason.START_OUTSIDE),
        (Cell(0, 0), Cell(10, 0), PathReason.GOAL_OUTSIDE),
        (Cell(0, 0), Cell(10**400, -(10**400)), PathReason.GOAL_OUTSIDE),
        (Cell(0, 0), Cell(0, 2), PathReason.GOAL_BLOCKED),
    ],
)
def test_cells_off_the_map_or_inside_walls_are_refused_with_the_reason(
    start: Cell, goal: Cell, reason: PathReason
) -> None:
    path = find_path(RIVER, start, goal)
    assert (path.valid, path.reason) == (False, reason)
    assert 0 < len(path.explanation) < 200


@pytest.mark.parametrize(("limit", "valid"), [(11, True), (10, False), (1, False)])
def test_a_walk_longer_than_allowed_is_refused(limit: int, valid: bool) -> None:
    path = find_path(RIVER, Cell(0, 0), Cell(9, 4), PathOptions(max_length=limit))
    assert path.valid is valid
    assert valid or path.reason is PathReason.TOO_LONG


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"x": "north"}, "x"),
        ({"destination_y": None}, "destination_y"),
        ({"destination_x": 1.5}, "destination_x"),
        ({"options": []}, "options"),
        ({"options": {"max_length": 0}}, "options.max_length"),
        ({"options": {"nearest": "perhaps"}}, "options.nearest"),
        ({"options": {"nearest_radius": 9999}}, "options.nearest_radius"),
        ({"options": {"avoid": {"x": 1, "y": 1}}}, "options.avoid"),
        ({"options": {"avoid": [{"x": 1}]}}, "options.avoid.0"),
        ({"options": {"avoid": [{"x": 1, "y": None}]}}, "options.avoid.0"),
        ({"options": {"avoid": [{"x1": 1, "y1": 1, "x2": 2, "y2": 10**30}]}}, "options.avoid.0.y2"),
        ({"options": {"avoid": [{"x": 1, "y": 1}] * (MAX_AVOID_AREAS + 1)}}, "options.avoid"),
    ],
)
def test_a_malformed_request_is_answered_with_the_field_at_fault(
    change: dict[str, object], field: str
) -> None:
    path = find_requested_path(RIVER, {"x": 0, "y": 0, "destination_x": 9, "destination_y": 4} | change)
    assert (path.valid, path.reason) == (False, PathReason.BAD_REQUEST)
    assert path.explanation.startswith(f"{field}: ")


@pytest.mark.parametrize("request_", [None, 7, "path", [], {}])
def test_something_that_is_no_request_is_answered_too(request_: object) -> None:
    assert find_requested_path(RIVER, request_).reason is PathReason.BAD_REQUEST


def test_a_request_finds_the_same_path_as_its_parts() -> None:
    asked = {"x": 0, "y": 0, "destination_x": 9, "destination_y": 4, "options": {"avoid": [{"x": 1, "y": 0}]}}
    options = PathOptions.model_validate(asked["options"])
    assert find_requested_path(RIVER, asked) == find_path(RIVER, Cell(0, 0), Cell(9, 4), options)


def test_options_nobody_knows_are_kept_and_named() -> None:
    options = PathOptions.model_validate({"stealth": True, "avoid": []})
    assert options.unknown_fields == ("stealth",)


def test_the_largest_list_of_areas_is_honoured() -> None:
    avoid = [{"x1": 3 * at % 79, "y1": 0, "x2": 3 * at % 79, "y2": 78} for at in range(MAX_AVOID_AREAS)]
    path = find_path(HALL, Cell(0, 79), Cell(79, 79), PathOptions.model_validate({"avoid": avoid}))
    assert (path.steps, {cell.y for cell in path.cells()}) == (79, {79})

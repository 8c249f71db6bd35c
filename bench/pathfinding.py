"""Paths on a city map of 312 x 392 cells, against a plain A* and, if installed, the ``pathfinding`` package.

    python -m bench.pathfinding [--json] [--pairs N] [--seed N] [--map FILE NAME]

Every method answers the same pairs in the same run, and every walk is checked: allowed by the game's rule,
and of the same cost as the others'.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path as FilePath

from adapters.rathena.map_cache import MapCache
from adapters.rathena.synthetic_maps import city
from bench.path_peers import Method, pathfinding_package, plain_a_star
from commands.mind.grid import DIAGONAL_COST, STRAIGHT_COST, Cell, Grid
from commands.mind.path_options import PathOptions
from commands.mind.pathfinding import find_path
from commands.mind.waypoints import MAX_SEGMENT
from events.errors import MapError

OWN = "lorestream"
WALKS = "walks of at most 14 steps"
LONG = "cells 8-250 apart"
_TRIES_PER_PAIR = 1000
_Pair = tuple[Cell, Cell]


@dataclass(frozen=True, slots=True)
class Row:
    """Times of one method on one kind of route, in milliseconds, and how often it was slower than ours
    (p50).
    """

    routes: str
    method: str
    pairs: int
    p50_ms: float
    p95_ms: float
    max_ms: float
    ratio: float
    all_walkable: bool
    all_cheapest: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A run: the map, what preparing it took, the rows, and notes about what could not be measured."""

    grid: str
    prepare_ms: float
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def run(grid: Grid, pairs: int = 200, seed: int = 1) -> Result:
    """Measure all methods on the grid; ``pairs`` random pairs for each kind of route."""
    prepared = time.perf_counter()
    grid.prepare()
    prepare_ms = (time.perf_counter() - prepared) * 1000
    methods: dict[str, Method] = {
        OWN: lambda start, goal: (start, *find_path(grid, start, goal).cells()),
        "heapq A*": lambda start, goal: plain_a_star(grid, start, goal),
    }
    notes = []
    package = pathfinding_package(grid)
    if package is None:
        notes.append("the pathfinding package is not installed: not compared")
    else:
        methods["pathfinding package"] = package
    numbers = random.Random(seed)
    walk = _walk_length(grid)
    kinds = {
        WALKS: _pairs(grid, numbers, pairs, 1, 14, lambda a, b: walk(a, b) <= 14),
        "cells at most 14 apart": _pairs(grid, numbers, pairs, 1, 14),
        LONG: _pairs(grid, numbers, pairs, 8, 250),
    }
    rows: list[Row] = []
    for kind, chosen in kinds.items():
        if chosen:
            rows += _measure(grid, kind, chosen, methods)
        else:
            notes.append(f"{kind}: the map has none")
    if kinds[LONG]:
        rows.append(_measure_avoiding(grid, kinds[LONG]))
    return Result(repr(grid), prepare_ms, tuple(rows), tuple(notes))


def _walk_length(grid: Grid) -> Callable[[Cell, Cell], int]:
    return lambda start, goal: find_path(grid, start, goal).steps


def _pairs(
    grid: Grid,
    numbers: random.Random,
    count: int,
    nearest: int,
    furthest: int,
    accept: Callable[[Cell, Cell], bool] | None = None,
) -> list[_Pair]:
    """Random pairs of cells of one component, at a king's distance between the two limits.

    Fewer than asked for, or none, on a map that hardly has any.
    """
    cells = [Cell(at % grid.width, at // grid.width) for at in range(len(grid.walkable)) if grid.walkable[at]]
    pairs: list[_Pair] = []
    for _ in range(_TRIES_PER_PAIR * count if cells else 0):
        if len(pairs) == count:
            break
        start = numbers.choice(cells)
        goal = Cell(
            start.x + numbers.randint(-furthest, furthest), start.y + numbers.randint(-furthest, furthest)
        )
        distance = max(abs(goal.x - start.x), abs(goal.y - start.y))
        if distance < nearest or grid.component(goal) != grid.component(start):
            continue
        if accept is None or accept(start, goal):
            pairs.append((start, goal))
    return pairs


def _measure(grid: Grid, kind: str, pairs: list[_Pair], methods: dict[str, Method]) -> list[Row]:
    rows: list[Row] = []
    cheapest: list[int] = []
    own_p50 = 0.0
    for name, method in methods.items():
        # the package is some hundred times slower: a part of the pairs says as much
        chosen = pairs if name in (OWN, "heapq A*") else pairs[:40]
        walks, times = _timed(method, chosen)
        costs = [_cost(walk) for walk in walks]
        if name == OWN:
            cheapest, own_p50 = costs, _quantile(times, 0.5)
        rows.append(
            Row(
                kind,
                name,
                len(chosen),
                _quantile(times, 0.5),
                _quantile(times, 0.95),
                _quantile(times, 1.0),
                ratio=_quantile(times, 0.5) / own_p50,
                all_walkable=all(
                    _is_walk(grid, pair, walk) for pair, walk in zip(chosen, walks, strict=True)
                ),
                all_cheapest=costs == cheapest[: len(costs)],
            )
        )
    return rows


def _measure_avoiding(grid: Grid, pairs: list[_Pair]) -> Row:
    """The same long routes with the middle of each cheapest walk closed, so that every one needs a detour."""
    kind, walkable, cheapest = "8-250 apart, a detour forced", True, True
    times: list[float] = []
    for start, goal in pairs:
        cells = list(find_path(grid, start, goal).cells())
        middle = cells[len(cells) // 2]
        if middle == goal:
            continue
        options = PathOptions.model_validate({"avoid": [{"x": middle.x, "y": middle.y}]})
        began = time.perf_counter()
        path = find_path(grid, start, goal, options)
        times.append((time.perf_counter() - began) * 1000)
        walk = (start, *path.cells())
        walkable = walkable and (
            not path.valid or (middle not in walk and _is_walk(grid, (start, goal), walk))
        )
        peer = plain_a_star(grid.closed([(middle, middle)]), start, goal)
        cheapest = cheapest and path.cost == _cost(peer)
    p50, p95, longest = (_quantile(times, part) for part in (0.5, 0.95, 1.0))
    return Row(kind, OWN, len(times), p50, p95, longest, 1.0, walkable, cheapest)


def _timed(method: Method, pairs: Iterable[_Pair]) -> tuple[list[Sequence[Cell]], list[float]]:
    walks, times = [], []
    for start, goal in pairs:
        began = time.perf_counter()
        walk = method(start, goal)
        times.append((time.perf_counter() - began) * 1000)
        walks.append(walk)
    return walks, times


def _quantile(times: Sequence[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def _cost(walk: Sequence[Cell]) -> int:
    return sum(
        DIAGONAL_COST if one.x != other.x and one.y != other.y else STRAIGHT_COST
        for one, other in pairwise(walk)
    )


def _is_walk(grid: Grid, ends: _Pair, walk: Sequence[Cell]) -> bool:
    steps_allowed = all(grid.can_step(one, other) for one, other in pairwise(walk))
    return steps_allowed and (walk[0], walk[-1]) == ends


def table(result: Result) -> str:
    """The result for people."""
    lines = [
        f"{result.grid}, prepared in {result.prepare_ms:.0f} ms; way points at most {MAX_SEGMENT} steps apart"
    ]
    lines.append(
        f"{'routes':<30} {'method':<20} {'n':>4} {'p50 ms':>9} {'p95 ms':>9} {'max ms':>9} {'ratio':>7} rule"
    )
    for row in result.rows:
        checks = ("walkable" if row.all_walkable else "NOT WALKABLE") + (
            ", cheapest" if row.all_cheapest else ", other costs"
        )
        lines.append(
            f"{row.routes:<30} {row.method:<20} {row.pairs:>4} {row.p50_ms:>9.3f} {row.p95_ms:>9.3f}"
            f" {row.max_ms:>9.3f} {row.ratio:>6.1f}x {checks}"
        )
    return "\n".join((*lines, *result.notes))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns 1 when a walk of ours broke the rule or was not the cheapest."""
    parser = argparse.ArgumentParser(description="measure path searches side by side")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--pairs", type=int, default=200, help="pairs of cells per kind of route")
    parser.add_argument("--seed", type=int, default=1, help="seed for choosing the pairs")
    parser.add_argument("--map", nargs=2, metavar=("FILE", "NAME"), help="a map of a map_cache.dat instead")
    asked = parser.parse_args(arguments)
    if asked.pairs < 1:
        parser.error("--pairs: give at least 1")
    if asked.map:
        file, name = asked.map
        try:
            grid = MapCache([FilePath(file)]).cells(name).grid()
        except MapError as error:
            parser.error(str(error))
    else:
        grid = city().grid()
    result = run(grid, asked.pairs, asked.seed)
    print(json.dumps(asdict(result)) if asked.json else table(result))
    return 0 if all(row.all_walkable and row.all_cheapest for row in result.rows) else 1


if __name__ == "__main__":
    sys.exit(main())

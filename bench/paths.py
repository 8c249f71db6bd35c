"""How fast is a path on a city of 312 x 392 cells, and is every one walkable under the game's rules?"""

from __future__ import annotations

from adapters.rathena.synthetic_maps import city
from bench.measure import Figure, Result
from bench.options import DEFAULT, Options
from bench.pathfinding import LONG, OWN, WALKS, Row
from bench.pathfinding import run as compare

PAIRS_PER_SECOND = 25
"""Pairs of cells for each second a load would last: the plain A* beside us takes most of the time."""
_TARGETS = {WALKS: (None, 0.2), LONG: (5.0, 15.0)}
"""Median and 95th percentile in ms."""


def run(options: Options = DEFAULT) -> Result:
    """Random routes of several kinds; the same pairs of cells for every method."""
    compared = compare(city().grid(), max(10, round(options.seconds * PAIRS_PER_SECOND)))
    figures = [figure for row in compared.rows for figure in _figures(row)]
    wrong = sum(not (row.all_walkable and row.all_cheapest) for row in compared.rows if row.method == OWN)
    figures.append(Figure("kinds of routes with a path that breaks a rule", wrong, "", at_most=0))
    return Result("paths", tuple(figures), (compared.grid, *compared.notes))


def _figures(row: Row) -> tuple[Figure, Figure]:
    middle, most = _TARGETS.get(row.routes, (None, None)) if row.method == OWN else (None, None)
    name = f"{row.routes}, {row.method}"
    return (
        Figure(f"{name}, p50", row.p50_ms, "ms", at_most=middle),
        Figure(f"{name}, p95", row.p95_ms, "ms", at_most=most),
    )

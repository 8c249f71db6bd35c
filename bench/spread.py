"""Several runs as one table: the smallest, the median and the largest value of each figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bench.measure import Figure, Result


class Spread(NamedTuple):
    """One figure over all runs; `median` carries the target."""

    smallest: float
    median: Figure
    largest: float


def spread(results: Iterable[Result]) -> dict[str, list[Spread]]:
    """All figures of all runs by question, in the order in which they were first measured."""
    found: dict[str, dict[str, list[Figure]]] = {}
    for result in results:
        for figure in result.figures:
            found.setdefault(result.question, {}).setdefault(figure.name, []).append(figure)
    return {question: [_spread(same) for same in figures.values()] for question, figures in found.items()}


def _spread(same: Sequence[Figure]) -> Spread:
    ordered = sorted(same, key=lambda figure: figure.value)
    return Spread(ordered[0].value, ordered[len(ordered) // 2], ordered[-1].value)


def table(question: str, spreads: Sequence[Spread]) -> str:
    """For reading; it is also Markdown."""
    lines = [
        f"| {question} | min | median | max | unit | target | |",
        "|---|---:|---:|---:|---|---|---|",
    ]
    for each in spreads:
        figure = each.median
        verdict = {None: "", True: "met", False: "missed"}[figure.met]
        values = " | ".join(_shown(value) for value in (each.smallest, figure.value, each.largest))
        lines.append(f"| {figure.name} | {values} | {figure.unit} | {figure.target} | {verdict} |")
    return "\n".join(lines)


def to_json(question: str, spreads: Sequence[Spread]) -> dict[str, Any]:
    return {
        "question": question,
        "figures": [
            {
                "name": each.median.name,
                "min": each.smallest,
                "median": each.median.value,
                "max": each.largest,
                "unit": each.median.unit,
                "target": each.median.target or None,
                "met": each.median.met,
            }
            for each in spreads
        ],
    }


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"

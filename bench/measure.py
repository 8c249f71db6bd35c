"""What a measurement says: figures with their targets, gathered into one result per question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `at_most` or `at_least` is the target in the same unit, where there is one."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least

    @property
    def target(self) -> str:
        if self.at_most is not None:
            return f"<= {self.at_most:,g}"
        return "" if self.at_least is None else f">= {self.at_least:,g}"


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one question (`commands`, `queries`, …) in one run."""

    question: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()

    def value(self, name: str) -> float | None:
        """The figure of that name, or None when this run did not measure it."""
        return next((figure.value for figure in self.figures if figure.name == name), None)

    def to_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "figures": [
                {
                    "name": figure.name,
                    "value": figure.value,
                    "unit": figure.unit,
                    "target": figure.target or None,
                    "met": figure.met,
                }
                for figure in self.figures
            ],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        lines = [self.question]
        for figure in self.figures:
            verdict = {None: "", True: "met", False: "MISSED"}[figure.met]
            shown = f"{figure.value:,.0f}" if figure.value >= 1000 else f"{figure.value:,.2f}"
            lines.append(
                f"  {figure.name:<58} {shown:>10} {figure.unit:<6} {figure.target:>9} {verdict}".rstrip()
            )
        return "\n".join(lines + [f"  ({note})" for note in self.notes])


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` (0–1) of the `ordered` samples lie; NaN without samples."""
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def latencies(
    name: str, samples_ms: Sequence[float], *, p50: float | None, p99: float | None
) -> list[Figure]:
    """Median and 99th percentile of samples in ms, with their targets."""
    ordered = sorted(samples_ms)
    return [
        Figure(f"{name}, p50", percentile(ordered, 0.5), "ms", at_most=p50),
        Figure(f"{name}, p99", percentile(ordered, 0.99), "ms", at_most=p99),
    ]

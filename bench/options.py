"""How thorough a measurement is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds` each load lasts; `npcs` and `commits` fill the log of the question about size."""

    seconds: float = 8.0
    npcs: int = 100_000
    commits: int = 1_000_000
    starts: int = 3


DEFAULT = Options()

QUICK = Options(seconds=2.0, npcs=5_000, commits=50_000, starts=1)
"""A look at everything in about a minute and a half; too short for figures worth quoting."""

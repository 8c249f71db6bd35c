"""The read models of this installation: those of the release, under its rule books."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from adapters.rulebooks import load
from projections import catalogue
from projections.projection import Projection


@lru_cache(maxsize=4)
def read_models(rules: Path | None = None) -> tuple[Projection, ...]:
    """All read models, with the rule books of the directory `rules` where it has some.

    Raises `ConfigurationError` when a rule book cannot be used.
    """
    return catalogue.read_models(load(rules))

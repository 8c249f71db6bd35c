"""Settings for folding a long log: how the interpreter behaves, how much is kept in memory, how often it is written."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_SECONDS = 0.001
"""How long the folding thread may keep the interpreter while the writing one waits for it (usually 5 ms)."""

COLLECT_AFTER = 200_000, 10, 1000
"""Allocations between collections: commits form no cycles, looking for some every 700 objects is in vain. And what has
been kept for a while is kept for good: to look through it, a few hundred thousand rows, is left for later."""

SETTLE_AFTER = 100_000
"""Commits folded before rows that change are written: what a killed rebuild has to do again, a few seconds' work."""

CACHED_ROWS = 16_000
"""Of each table; the largest (relations of minds) then take about 100 MB."""


@contextmanager
def bulk_work() -> Iterator[None]:
    """Tune the process for folding in bulk, and put everything back afterwards."""
    switch, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*COLLECT_AFTER)
    try:
        yield
    finally:
        sys.setswitchinterval(switch)
        gc.set_threshold(*thresholds)

"""How long until the platform is ready, and until the command line answers?"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from bench.measure import Figure, Result
from bench.options import DEFAULT, Options
from bench.places import ROOT, environment
from bench.platform import running

UP_SECONDS = 4.0
HELP_SECONDS = 0.3


def run(options: Options = DEFAULT) -> Result:
    """`lorestream up` on a new and on a used state directory, and `lorestream --help`, several times each."""
    new: list[float] = []
    used: list[float] = []
    for _ in range(options.starts):
        with tempfile.TemporaryDirectory(prefix="lorestream-") as folder:
            state = Path(folder) / "state"
            for times in (new, used):
                with running(state, http=True) as platform:
                    times.append(platform.started_in)
    helped = [_help_seconds() for _ in range(options.starts * 3)]
    return Result(
        "startup",
        (
            *_spread("up, new state directory", new, UP_SECONDS),
            *_spread("up, used state directory", used, UP_SECONDS),
            *_spread("--help", helped, HELP_SECONDS),
        ),
    )


def _help_seconds() -> float:
    began = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "adapters.cli", "--help"],
        env=environment(),
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return perf_counter() - began


def _spread(name: str, seconds: Sequence[float], target: float) -> list[Figure]:
    ordered = sorted(seconds)
    return [
        Figure(f"{name}, fastest", ordered[0], "s"),
        Figure(f"{name}, median", ordered[len(ordered) // 2], "s", at_most=target),
        Figure(f"{name}, slowest", ordered[-1], "s"),
    ]

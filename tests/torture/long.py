"""`python -m tests.torture.long --minutes N --seed S`: the long form; exit status 1 when a law was broken."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

from tests.torture.torture import torture


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.long", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long processes are killed")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: another one each time")
    parser.add_argument(
        "--keep", type=Path, help="a new directory in which state and log of the platform stay"
    )
    given = parser.parse_args()
    if given.keep is not None:
        given.keep.mkdir(parents=True)
    keep = given.keep.absolute() if given.keep else None
    report = asyncio.run(torture(given.minutes * 60, seed=given.seed, pause=(0.5, 3.0), keep=keep))
    print(report)
    sys.exit(1 if report.broken else 0)


if __name__ == "__main__":
    main()

"""`python -m bench [NAME]... [--quick] [--json]`: what `lorestream bench` does, from a checkout."""

from __future__ import annotations

import argparse
import json

from bench.options import QUICK, Options
from bench.suite import MODULES, measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(MODULES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="a look at everything, not worth quoting")
    parser.add_argument("--json", action="store_true", help="one result per line")
    given = parser.parse_args()
    if unknown := set(given.names) - set(MODULES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(MODULES)}")
    for result in measure(given.names or MODULES, QUICK if given.quick else Options()):
        print(json.dumps(result.to_json()) if given.json else f"{result}\n", flush=True)


if __name__ == "__main__":
    main()

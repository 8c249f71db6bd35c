"""`python -m bench [NAME]... [--runs N] [--quick] [--json]`: what `lorestream bench` does, several times over."""

from __future__ import annotations

import argparse
import json

from bench.options import QUICK, Options
from bench.spread import spread, table, to_json
from bench.suite import MODULES, measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(MODULES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="a look at everything, not worth quoting")
    parser.add_argument("--json", action="store_true", help="one result per line")
    parser.add_argument("--runs", type=int, default=1, help="more than one: print min, median and max")
    given = parser.parse_args()
    if unknown := set(given.names) - set(MODULES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(MODULES)}")
    options = QUICK if given.quick else Options()
    results = []
    # Run after run, not question after question: what disturbs the machine meanwhile then touches all of them.
    for _ in range(given.runs):
        for result in measure(given.names or MODULES, options):
            results.append(result)
            if given.runs == 1:
                print(json.dumps(result.to_json()) if given.json else f"{result}\n", flush=True)
    if given.runs > 1:
        for question, spreads in spread(results).items():
            shown = json.dumps(to_json(question, spreads)) if given.json else f"{table(question, spreads)}\n"
            print(shown, flush=True)


if __name__ == "__main__":
    main()

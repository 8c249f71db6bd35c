"""All questions in one run, and what our figures are as multiples of the floors and the peers."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from bench.generation import MODEL_MS
from bench.measure import Figure, Result
from bench.options import Options
from bench.packets import BY_HAND, CTYPES, OURS
from bench.pathfinding import LONG, OWN

MODULES = {
    "floors": "floors",
    "peers": "peers",
    "commands": "commands",
    "queries": "queries",
    "decisions": "decisions",
    "gateway": "gateway",
    "gamemaster": "gamemaster",
    "pages": "pages",
    "generation": "generation",
    "models": "models",
    "lag": "lag",
    "startup": "startup",
    "paths": "paths",
    "npc-memory": "npc_memory",
    "recall": "recall",
    "rebuild": "rebuilding",
    "replay": "replay",
    "packets": "packets",
    "plugin": "plugin",
    "chronicle": "chronicle",
    "scale": "scale",
    "feed": "feed_pages",
    "past": "past",
    "live": "live",
}
"""Each question with its module, in the order in which a whole run asks them."""


class Ratio(NamedTuple):
    """One of our figures over one of theirs."""

    name: str
    ours: tuple[str, str]
    theirs: tuple[str, str]


RATIOS = (
    Ratio(
        "command throughput, ours : bare JetStream publish",
        ("commands", "durable commands, 64 in flight"),
        ("floors", "JetStream publish, 64 in flight"),
    ),
    Ratio(
        "command throughput, ours : eventsourcing in process",
        ("commands", "durable commands, 64 in flight"),
        ("peers", "eventsourcing, in process, commands"),
    ),
    Ratio(
        "command throughput, ours : FastAPI + SQLite",
        ("commands", "durable commands, 64 in flight"),
        ("peers", "FastAPI + SQLite, commands, 64 in flight"),
    ),
    Ratio(
        "command p50 at 500/s, ours : FastAPI + SQLite",
        ("commands", "durable command at 500/s, p50"),
        ("peers", "FastAPI + SQLite, command at 500/s, p50"),
    ),
    Ratio(
        "command p50 at 500/s, ours : bare JetStream publish, 1 in flight",
        ("commands", "durable command at 500/s, p50"),
        ("floors", "JetStream publish, 1 in flight, p50"),
    ),
    Ratio(
        "state query p50, ours : ROUTER echo on asyncio",
        ("queries", "state query, 1 in flight, p50"),
        ("floors", "ROUTER echo, asyncio, 1 in flight, p50"),
    ),
    Ratio(
        "state query p50, ours : FastAPI + SQLite",
        ("queries", "state query, 1 in flight, p50"),
        ("peers", "FastAPI + SQLite, state query, 1 in flight, p50"),
    ),
    Ratio(
        "state queries, ours : ROUTER echo on asyncio",
        ("queries", "state queries, 64 in flight"),
        ("floors", "ROUTER echo, asyncio, 64 in flight"),
    ),
    Ratio(
        "state queries, ours : FastAPI + SQLite",
        ("queries", "state queries, 64 in flight"),
        ("peers", "FastAPI + SQLite, state queries, 64 in flight"),
    ),
    Ratio(
        "long path p50, ours : plain A*",
        ("paths", f"{LONG}, {OWN}, p50"),
        ("paths", f"{LONG}, heapq A*, p50"),
    ),
    Ratio(
        "four drafts by a model p50, ours : the bare model through the SDK",
        ("generation", f"4 drafts by a model of {MODEL_MS} ms, without it, p50"),
        ("generation", "bare model through the SDK, 4 drafts, without it, p50"),
    ),
    Ratio("packets, ours : struct by hand", ("packets", OURS), ("packets", BY_HAND)),
    Ratio("packets, ours : ctypes", ("packets", OURS), ("packets", CTYPES)),
)


def questions() -> dict[str, Callable[[Options], Result]]:
    """What can be measured, by name."""
    return {name: importlib.import_module(f"bench.{module}").run for name, module in MODULES.items()}


def measure(names: Iterable[str], options: Options) -> Iterator[Result]:
    """Ask the questions one after the other; last the ratios between what was asked. Raises `KeyError`."""
    known = questions()
    found: dict[str, Result] = {}
    for name in names:
        found[name] = known[name](options)
        yield found[name]
    between = ratios(found)
    if between.figures:
        yield between


def ratios(results: Mapping[str, Result]) -> Result:
    """Those of `RATIOS` for which both sides were measured in this run."""
    figures = []
    for name, ours, theirs in RATIOS:
        above, below = _value(results, ours), _value(results, theirs)
        if above is not None and below:
            figures.append(Figure(name, above / below, "x"))
    return Result("ratios", tuple(figures))


def _value(results: Mapping[str, Result], place: tuple[str, str]) -> float | None:
    question, name = place
    return results[question].value(name) if question in results else None

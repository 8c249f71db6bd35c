"""The scene: all acts in order, and what is to be said at the end."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from adapters.demo import edges, market, town
from adapters.demo.beats import Summary, Timing
from adapters.demo.cast import CAST
from adapters.demo.stage import Stage
from events import codec
from events.errors import CodecError
from events.log import Log

Act = Callable[[Stage], Awaitable[None]]

ACTS: tuple[tuple[str, Act], ...] = (
    ("Three NPCs wake up", market.registering),
    ("Small talk", market.talking),
    ("Bargaining", market.bargaining),
    ("A grudge", market.holding_a_grudge),
    ("What is remembered", market.remembering),
    ("Gossip", market.gossiping),
    ("The guard's round", town.patrolling),
    ("Danger", town.facing_danger),
    ("A gift for the sage", town.a_gift),
    ("A quest", town.a_quest),
    ("The world goes on", town.the_world_goes_on),
    ("Sent twice", edges.repeating),
    ("Second thoughts", edges.changing_ones_mind),
    ("Deadlines", edges.missing_deadlines),
    ("Coming and going", edges.leaving),
    ("Nonsense", edges.talking_nonsense),
    ("A crowd", edges.a_crowd),
)


async def play(stage: Stage, log: Log, more: Sequence[tuple[str, Act]] = ()) -> Summary:
    """Play all acts, then those of `more`, and sum up.

    Raises `GatewaySilent` when the platform goes away, `LogUnavailable`.
    """
    began, after = time.monotonic(), (await log.head()).position
    for title, act in (*ACTS, *more):
        await stage.act(title)
        await _act(stage, title, act)
    seconds = time.monotonic() - began
    commits = await _written(log, after, f"{stage.server.name}-")
    merchant = stage.id_of(CAST[0])
    return Summary(
        ok=not stage.failed,
        requests=stage.requests,
        checks=stage.checks,
        failed=tuple(stage.failed),
        seconds=round(seconds, 3),
        timings=tuple(
            Timing(operation, len(waits), _percentile(waits, 0.5), _percentile(waits, 0.95))
            for operation, waits in sorted(stage.waits.items())
        ),
        commits=dict(commits.most_common()),
        npcs=tuple(stage.id_of(npc) for npc in CAST),
        per_second=round(stage.per_second, 1),
        next=(
            *(f"lorestream why {which}" for which in stage.explained[1:3]),
            f"lorestream tail --stream 'npc/{merchant}'",
            f"lorestream state 'npc/{merchant}' --at {after + 3}",
            f"lorestream state 'npc/{merchant}' --diff {after + 3}",
            "lorestream verify",
        ),
    )


async def _act(stage: Stage, title: str, act: Act) -> None:
    """Play one act. When an answer that broke the contract stops it, the scene goes on with the next."""
    failed = len(stage.failed)
    try:
        await act(stage)
    except (KeyError, IndexError, TypeError) as error:
        if len(stage.failed) == failed:
            raise
        stage.check(f"“{title}” can be played to its end: {type(error).__name__} {error}", ok=False)


async def _written(log: Log, after: int, prefix: str) -> Counter[str]:
    """How many commits this run caused, by category of stream."""
    found: Counter[str] = Counter()
    async for page in log.read_all(after=after):
        for message in page:
            try:
                commit = codec.decode(message.body)
            except CodecError:
                continue
            if commit.correlation_id.startswith(prefix):
                found[commit.stream.partition("/")[0]] += 1
    return found


def _percentile(seconds: list[float], share: float) -> float:
    """Nearest rank, in milliseconds."""
    ranked = sorted(seconds)
    return round(ranked[max(math.ceil(share * len(ranked)) - 1, 0)] * 1000, 3)

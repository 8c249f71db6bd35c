"""Replaying decisions from the log: one pass, no model, no answer but the recorded ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from commands.agents.past import folded
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose
from commands.agents.rejudging import Court
from commands.agents.replay import Replay
from commands.agents.replay_findings import CauseWanted, Difference, StreamWanted, Tally
from events import codec
from events.commit import Commit, Recorded
from events.decision import DecisionMade, Prompt
from events.errors import CodecError, InvalidStreamName
from events.log import Log, RawMessage
from events.subjects import category_of
from projections.bulk import bulk_work

LOOK_BACK = 5000
"""Positions before the slice that are read along: what caused its first decisions stands there."""
LOOK_AHEAD = 50_000
"""Positions after the slice in which its consequences may stand."""

_BESIDE = frozenset({"allowance", "budget", "provider", "agent", "chronicle"})
"""Categories that nothing a decision leads to depends on."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which decisions: those at positions `first` to `last` (None: the end) that fit, at most `limit`."""

    first: int = 1
    last: int | None = None
    agent: str | None = None
    purpose: str | None = None
    npc: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found; `head` is where it stopped reading."""

    tally: Tally
    differences: tuple[Difference, ...]
    unreadable: tuple[tuple[int, str], ...]
    head: int

    @property
    def faithful(self) -> bool:
        """The log is what follows from its records, all of it."""
        return not self.differences and not self.unreadable


def templates(found: Iterable[PromptTemplate]) -> Callable[[Prompt], PromptTemplate | None]:
    """A look-up by what decisions record: name, version and hash."""
    known = {(one.name, one.version, one.hash): one for one in found}
    return lambda stamp: known.get((stamp.template, stamp.version, stamp.hash))


async def replay(
    log: Log,
    purposes: Mapping[str, Purpose],
    court: Court,
    chosen: Slice,
    *,
    template: Callable[[Prompt], PromptTemplate | None] = lambda _prompt: None,
    on_progress: Callable[[Tally], None] = lambda _tally: None,
) -> Replayed:
    """Go through the log once. Raises `LogUnavailable`; a commit that cannot be read is reported and skipped."""
    head = (await log.head()).position
    last = head if chosen.last is None else min(chosen.last, head)
    left = _Countdown(chosen, last)
    walk = Replay(purposes, court, template=template, selects=left.selects)
    unreadable: list[tuple[int, str]] = []
    position = after = max(0, chosen.first - 1 - LOOK_BACK)
    with bulk_work():
        async with aclosing(_ahead(log.read_all(after=after, up_to=min(head, last + LOOK_AHEAD)))) as pages:
            async for page in pages:
                for message in page:
                    if category_of(message.subject) not in _BESIDE:
                        await _take(log, walk, message, unreadable)
                position = page[-1].position
                on_progress(walk.tally)
                if (position >= last or left.done) and not walk.waiting:
                    break
    walk.finish()
    on_progress(walk.tally)
    return Replayed(walk.tally, tuple(walk.differences), tuple(unreadable), position)


async def _take(log: Log, walk: Replay, message: RawMessage, unreadable: list[tuple[int, str]]) -> None:
    try:
        recorded = Recorded(message.position, codec.decode(message.body))
    except CodecError as error:
        unreadable.append((message.position, str(error)))
        return
    steps = walk.take(recorded)
    wanted = next(steps, None)
    while wanted is not None:
        given = await _read(log, wanted, recorded.position)
        try:
            wanted = steps.send(given)
        except StopIteration:
            wanted = None


async def _ahead(pages: AsyncIterator[Sequence[RawMessage]]) -> AsyncGenerator[Sequence[RawMessage]]:
    """The same pages, the next one asked for while one is worked on."""
    coming = asyncio.ensure_future(_next(pages))
    try:
        while (page := await coming) is not None:
            coming = asyncio.ensure_future(_next(pages))
            # Let the request for it leave.
            await asyncio.sleep(0)
            yield page
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _next(pages: AsyncIterator[Sequence[RawMessage]]) -> Sequence[RawMessage] | None:
    return await anext(pages, None)


class _Countdown:
    """Which decisions a slice holds, as they come."""

    def __init__(self, chosen: Slice, last: int) -> None:
        self._chosen, self._last = chosen, last
        self._left = chosen.limit

    @property
    def done(self) -> bool:
        return self._left == 0

    def selects(self, recorded: Recorded, made: DecisionMade) -> bool:
        chosen = self._chosen
        fits = (
            not self.done
            and chosen.first <= recorded.position <= self._last
            and chosen.agent in {None, made.agent}
            and chosen.purpose in {None, made.purpose}
            and chosen.npc in {None, made.npc_id}
        )
        if fits and self._left is not None:
            self._left -= 1
        return fits


async def _read(log: Log, wanted: StreamWanted | CauseWanted, position: int) -> object:
    if isinstance(wanted, StreamWanted):
        commits = [one async for one in log.read(wanted.stream, up_to=position - 1)]
        return folded(wanted.stream, commits)
    return await cause_of(log, wanted.commit_id, wanted.request_id)


async def cause_of(log: Log, commit_id: str, request_id: str) -> Commit | None:
    """The commit of that id in the request's stream; None where the request did not set it in motion."""
    if not request_id:
        return None
    try:
        async for one in log.read(f"request/{request_id}"):
            if one.commit.id == commit_id:
                return one.commit
    except InvalidStreamName:
        return None
    return None

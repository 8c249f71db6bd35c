"""The agents of the world at work: bloodlines, syntheses and the world's own events. Part of the role `agents`.

They follow the log from a position that is kept in the KV bucket `snapshots` together with the `Watch` folded up to
it. A page of the log is done with when all it leads to has been decided; then the position moves. What is done twice
after a restart, or by two processes at once, changes nothing: the commands' ids come from the commit that caused them.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import structlog
from pydantic import TypeAdapter, ValidationError

from adapters.nats.client import PromptClient
from adapters.nats.reading import read_on
from adapters.nats.snapshots import KvSnapshots
from adapters.roles.advised import Advised
from adapters.roles.worldclock import WorldClock
from adapters.sql.reader import Reader
from commands.agents import (
    cross_class_synthesis,
    legend_bloodlines,
    legend_growth,
    world_evolution,
    world_options,
)
from commands.agents.deeds import QUEST_COMPLETED, Deed, deeds
from commands.agents.legend_growth import Kind
from commands.agents.purposes import PURPOSES
from commands.agents.watch import Firing, Watch, watched
from commands.bloodline import BLOODLINE
from commands.legend.book import LegendBook
from commands.legend.path import LegendState
from commands.loader import StreamLoader
from commands.mind.rulebooks import RuleBooks
from commands.registry import DECIDERS
from commands.synthesis import SYNTHESIS
from commands.world import WORLD
from events import codec
from events.commit import Commit, Recorded
from events.errors import CodecError, LogError, ProjectionError
from events.log import Log, RawMessage
from events.subjects import category_of, log_filter
from events.world import WorldFestivalStarted, WorldLooked, WorldWeatherChanged
from projections import npcs, world

logger = structlog.get_logger(__name__)

GRACE_SECONDS = 6.0
CONCURRENCY = 16
RESTING = 10_000
"""Deeds of characters that are remembered so that the same one does not lead to a command again at once."""
CERTAIN = 1_000_000

Job = Callable[[], Awaitable[None]]

_WORLD = re.compile(rb'"world\.(?:looked|weather_changed|festival_started)"')
_FACTION = re.compile(rb'"faction\.standing_changed"')


@dataclass(frozen=True, slots=True)
class _Stored:
    position: int
    watch: Watch


_stored: TypeAdapter[_Stored] = TypeAdapter(_Stored)


class WorldAgents:
    """The process manager. `run` serves until `stop` is set; the page in hand is finished first."""

    def __init__(
        self,
        client: PromptClient,
        realm: str,
        log: Log,
        loader: StreamLoader,
        reader: Reader,
        rules: RuleBooks,
        advised: Advised,
        clock: WorldClock,
        *,
        with_deeds: bool = True,
    ) -> None:
        self._client, self._realm, self._log = client, realm, log
        self._loader, self._reader, self._rules = loader, reader, rules
        self._advised, self._clock = advised, clock
        self._store = KvSnapshots(client)
        self._worth_reading = _patterns(rules, with_deeds=with_deeds)
        self._watch = Watch()
        self._position = 0
        self._resting: OrderedDict[tuple[str, str, str], int] = OrderedDict()
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def begin(self) -> None:
        """Settle where to go on; at first from now: what happened before there were agents sets nothing in motion.

        Raises `LogUnavailable`.
        """
        if self._position:
            return
        stored = await self._store.stored(self._key)
        if stored is not None:
            with suppress(ValidationError):
                known = _stored.validate_json(stored)
                self._position, self._watch = known.position, known.watch
                return
        self._position = (await self._log.head()).position
        await self._save(self._position)

    async def run(self, stop: asyncio.Event) -> None:
        """Raises `LogError` when the log is away; what was not finished is begun again with the next call."""
        await self.begin()
        await read_on(
            self._client,
            stop,
            filter_subject=log_filter(self._realm),
            name="world agents",
            place=lambda: self._position,
            work=lambda messages: self._finish(messages, stop),
            save=self._save,
        )

    def wants(self, message: RawMessage) -> bool:
        """Whether a message may lead to anything: told from its bytes, without decoding it."""
        pattern = self._worth_reading.get(category_of(message.subject))
        return pattern is not None and pattern.search(message.body) is not None

    async def _finish(self, messages: Sequence[RawMessage], stop: asyncio.Event) -> bool:
        """Whether a page was finished: when the process is told to end, it has a moment left for it."""
        before, work = self._watch, asyncio.ensure_future(self._work_on(messages))
        stopped = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
        if not work.done():
            await asyncio.wait({work}, timeout=GRACE_SECONDS)
        if work.done():
            work.result()
            self._position = messages[-1].position
            return True
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        self._watch = before
        return False

    async def _save(self, position: int) -> None:
        await self._store.put(self._key, _stored.dump_json(_Stored(position, self._watch)))

    @property
    def _key(self) -> str:
        return f"world-agents.{self._realm}"

    async def _work_on(self, messages: Sequence[RawMessage]) -> None:
        """Do all that a page leads to. When anything cannot be done now, the watch is as before it."""
        before = self._watch
        work = [job for message in messages if self.wants(message) for job in self._jobs(message)]
        done = await asyncio.gather(*(self._in_turn(job) for job in work), return_exceptions=True)
        failed = next((outcome for outcome in done if isinstance(outcome, BaseException)), None)
        if failed is not None:
            self._watch = before
            raise failed

    async def _in_turn(self, job: Job) -> None:
        async with self._slots:
            try:
                await job()
            except LogError:
                raise
            except Exception:
                # One commit that leads nowhere must not keep all others from it.
                logger.exception("an agent of the world could not do its work")

    def _jobs(self, message: RawMessage) -> list[Job]:
        try:
            commit = codec.decode(message.body)
        except CodecError:
            return []  # the projector keeps the dead letters
        recorded = Recorded(message.position, commit)
        jobs: list[Job] = []
        for event in commit.events:
            match event:
                case WorldLooked():
                    jobs.append(partial(self._evolve, recorded, None))
                case WorldWeatherChanged():
                    jobs.append(partial(self._clock.set_end, commit, "weather", event.map, event.until))
                case WorldFestivalStarted():
                    jobs.append(partial(self._clock.set_end, commit, "festival", event.festival, event.until))
        self._watch, firings = watched(self._watch, recorded, self._rules.world)
        # A decision belongs to a commit and a purpose, so only the first of a kind may ask a model.
        for number, firing in enumerate(firings):
            jobs.append(partial(self._evolve, recorded, firing, ask=number == 0))
        for kind, book in self._kinds():
            mine = [
                deed
                for deed in deeds(commit)
                if deed.char_id
                and deed.agent in {"", kind.agent}
                and deed.kind in book.by_deed
                and self._counts(kind, book, deed, commit.at)
            ]
            for number, deed in enumerate(mine):
                jobs.append(partial(self._grow, recorded, kind, book, deed, ask=number == 0))
        return jobs

    def _kinds(self) -> tuple[tuple[Kind, LegendBook], ...]:
        return (
            (legend_bloodlines.KIND, self._rules.bloodlines),
            (cross_class_synthesis.KIND, self._rules.syntheses),
        )

    def _counts(self, kind: Kind, book: LegendBook, deed: Deed, at: int) -> bool:
        """Whether the deed has rested: the decider refuses it otherwise, this only saves the way there."""
        key = (kind.purpose, deed.char_id, deed.kind)
        last = self._resting.get(key)
        if last is not None and 0 <= at - last < book.pause:
            return False
        self._resting[key] = at
        self._resting.move_to_end(key)
        if len(self._resting) > RESTING:
            self._resting.popitem(last=False)
        return True

    async def _grow(self, recorded: Recorded, kind: Kind, book: LegendBook, deed: Deed, *, ask: bool) -> None:
        commit, category = recorded.commit, kind.words.name
        decider = BLOODLINE if category == BLOODLINE.category else SYNTHESIS
        folded = await self._loader.current(decider, f"{category}/{deed.char_id}")
        state: LegendState = folded.state
        rule = legend_growth.chosen(state, deed, book, f"{commit.id}/{category}/{deed.index}")
        if rule is None:
            return
        plain = legend_growth.proposed(kind, commit, deed.char_id, deed.kind, deed.index, rule)
        entry = self._advised.agent(kind.agent) if ask else None
        why = legend_growth.way(entry.route, state, commit, rule) if entry else None
        if entry is None or why is None or not why.model:
            await self._advised.send(plain)
            return
        terms = self._advised.terms(entry)
        known = legend_growth.inputs(state, commit, deed, book, rule, why, terms)
        await self._advised.follow(commit, PURPOSES[kind.purpose], entry, known, otherwise=plain)

    async def _evolve(self, recorded: Recorded, firing: Firing | None, *, ask: bool = True) -> None:
        commit, book = recorded.commit, self._rules.world
        folded = await self._loader.current(DECIDERS[WORLD.category], f"world/{self._realm}")
        state = folded.state
        maps, standings, news = await self._surroundings(commit)
        if firing is None:
            known = tuple(world_options.options(state, book, commit.at, standings))
            chance = book.chance
        else:
            known = tuple(world_options.options_of(firing, state, book, commit.at, standings))
            maps, chance = [firing.map] if firing.map else maps, CERTAIN
        seed = f"{commit.id}/{firing.name if firing else ''}"
        rule = world_options.chosen(known, state, maps, commit.at, seed, chance=chance)
        plain = world_evolution.proposed(commit, world_evolution.plainly(known, commit, firing), rule)
        entry = self._advised.agent(world_evolution.AGENT) if ask else None
        why = world_evolution.way(entry.route, known, rule, firing) if entry else None
        if entry is None or why is None or not why.model:
            await self._advised.send(plain)
            return
        terms = self._advised.terms(entry)
        told = world_evolution.inputs(state, commit, known, maps, news, rule, firing, why, terms)
        await self._advised.follow(commit, world_evolution.WORLD_EVENT, entry, told, otherwise=plain)

    async def _surroundings(self, commit: Commit) -> tuple[list[str], list[tuple[str, str, int]], list[str]]:
        """Maps with weather, standings of factions, the latest news; without the read models what the book has."""
        book = self._rules.world
        try:
            maps = list(book.maps) or await self._reader.run(npcs.inhabited)
            standings = await self._reader.run(world.standings)
            state = await self._reader.run(world.world_state, book, commit.at)
        except ProjectionError as error:
            logger.info("the world is looked at without the read models", reason=str(error))
            return list(book.maps), [], []
        return maps, standings, [str(event["description"]) for event in state["events"]]


def _patterns(rules: RuleBooks, *, with_deeds: bool) -> dict[str, re.Pattern[bytes]]:
    """By category, what the bytes of a commit must hold for it to matter."""
    patterns = {"world": _WORLD}
    if not with_deeds:
        return patterns
    names = {*rules.bloodlines.by_deed, *rules.syntheses.by_deed}
    names |= {deed for trigger in rules.world.triggers for deed in trigger.deeds}
    if QUEST_COMPLETED in names:
        names.add("completed")
    if names:
        # Inside JSON, as a value of its own.
        words = b"|".join(sorted(re.escape(name.encode()) for name in names))
        patterns |= dict.fromkeys(("npc", "chronicle", "scriptevent"), re.compile(b'"(?:' + words + b')"'))
    if rules.world.faction_trigger is not None:
        patterns["faction"] = _FACTION
    return patterns

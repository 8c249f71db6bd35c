"""The handler loop: load, decide, append, retry on conflict, answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from commands.arguments import parse
from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.loader import StreamLoader
from commands.message import CommandMessage, Reply
from commands.mind.rulebooks import RuleBooks
from commands.ports import Census, Clock, Deadline, Deadlines, Grounds, Identities, Minds
from commands.registry import DECIDERS
from commands.rejection import Rejected
from commands.stream import Folded
from events import codec
from events.commit import Command, Commit, Event, Recorded, microseconds
from events.errors import (
    AppendOutcomeUnknown,
    CodecError,
    CommandIdReused,
    InvalidStreamName,
    LogError,
    ProjectionError,
    VersionConflict,
)
from events.log import Log
from events.subjects import log_subject, split_stream

CONTENTION_SECONDS = 10
"""How long a command fights for a stream that others write to at the same time."""

RETRY_AFTER_MS = 500


@dataclass(frozen=True, slots=True)
class _Decision:
    decider: Decider[Any]
    verb: Verb
    command: Any
    message: CommandMessage


class CommandHandler:
    """Decides commands. One instance per worker; any number of workers may share a log.

    Commands to one stream are serialised inside a worker; between workers, optimistic concurrency keeps them
    right. A retry of a command returns the first answer and changes nothing.
    """

    def __init__(
        self,
        log: Log,
        loader: StreamLoader,
        *,
        deadlines: Deadlines,
        census: Census,
        minds: Minds,
        grounds: Grounds,
        rules: RuleBooks,
        clock: Clock,
        identities: Identities,
        switches: frozenset[str] = frozenset(),
    ) -> None:
        self._log = log
        self._loader = loader
        self._deadlines = deadlines
        self._census = census
        self._minds = minds
        self._grounds = grounds
        self._rules = rules
        self._clock = clock
        self._identities = identities
        self._switches = switches
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, message: CommandMessage) -> Reply:
        """Decide one command. Never raises for what the platform can explain: the reply says it."""
        if message.deadline_us is not None and microseconds(self._clock()) > message.deadline_us:
            return Reply(Code.TIMEOUT, "The command waited longer than its caller; it was not decided.")
        try:
            decision = _understand(message, self._log.realm)
            lock = self._locks.setdefault(message.stream, asyncio.Lock())
            async with lock:
                return await self._decide(decision)
        except Rejected as no:
            return Reply(no.code, no.message, field=no.field, retry_after_ms=no.retry_after_ms)
        except InvalidStreamName as error:
            return Reply(Code.INVALID_PARAMETER, str(error))
        except CommandIdReused as error:
            return _reused(error)
        except AppendOutcomeUnknown as error:
            return Reply(
                Code.TIMEOUT, f"{error}. Repeat the command under the same id.", retry_after_ms=RETRY_AFTER_MS
            )
        except (LogError, ProjectionError) as error:
            return Reply(Code.SERVICE_UNAVAILABLE, f"{error}. Retry later.", retry_after_ms=RETRY_AFTER_MS)
        except CodecError as error:
            return Reply(Code.STATE_UNAVAILABLE, f"The stream holds a commit that cannot be read: {error}.")

    async def _decide(self, decision: _Decision) -> Reply:
        message, decider = decision.message, decision.decider
        folded = self._loader.cached(message.stream)
        fresh = folded is None and not decision.verb.creates
        if folded is None:
            folded = (
                Folded(decider.initial)
                if decision.verb.creates
                else await self._loader.current(decider, message.stream)
            )
        facts: dict[str, Any] | None = None
        give_up = self._clock() + timedelta(seconds=CONTENTION_SECONDS)
        while self._clock() < give_up:
            earlier = folded.commands.get(message.id)
            if earlier is not None:
                return await self._first_answer(decision, earlier)
            try:
                facts = facts or await self._facts(decision, folded)
                context = self._context(decision, folded, facts)
                events = decider.decide(folded.state, decision.command, context)
            except Rejected:
                # A cached state may be behind another worker's commits: never refuse on hearsay.
                if fresh:
                    raise
                events = None
            if events:
                try:
                    return await self._append(decision, folded, context, events)
                except VersionConflict:
                    events = None
            elif events is not None and fresh:
                data = decider.unchanged(folded.state, context)
                return Reply(data=data, position=folded.position)
            folded, facts, fresh = await self._loader.current(decider, message.stream), None, True
        return Reply(
            Code.SERVICE_UNAVAILABLE,
            f"{message.stream} is written to by too many at once. Retry later.",
            retry_after_ms=RETRY_AFTER_MS,
        )

    async def _append(
        self, decision: _Decision, folded: Folded[Any], context: Context, events: tuple[Event, ...]
    ) -> Reply:
        message, decider = decision.message, decision.decider
        commit = Commit(
            id=self._identities(),
            realm=self._log.realm,
            stream=message.stream,
            version=folded.version + 1,
            time=context.at,
            command=Command(message.id, message.name, decision.verb.kept(message.args)),
            actor=message.actor,
            correlation_id=message.correlation_id,
            causation_id=message.causation_id,
            events=events,
        )
        for event in events:
            due = decider.deadline(event)
            if due is not None:
                # Before the append: a deadline without a request is harmless, a request without one is not.
                await self._deadlines.set(Deadline(message.stream, due, commit.correlation_id, commit.id))
        appended = await self._log.append(commit, expected=folded.position)
        if appended.duplicate:
            return await self._first_answer(decision, appended.position)
        await self._loader.advance(decider, message.stream, folded, Recorded(appended.position, commit))
        return _success(decider, commit, appended.position)

    async def _first_answer(self, decision: _Decision, position: int) -> Reply:
        """The answer the command got when it was decided. Raises `CommandIdReused` for another body."""
        message = decision.message
        stored = await self._log.at(position)
        commit = codec.decode(stored.body) if stored else None
        if (
            commit is None
            or commit.stream != message.stream
            or commit.command.name != message.name
            # Whole where an earlier release kept it so.
            or commit.command.args not in (message.args, decision.verb.kept(message.args))
        ):
            raise CommandIdReused(message.id, position)
        return _success(decision.decider, commit, position)

    def _context(self, decision: _Decision, folded: Folded[Any], facts: dict[str, Any]) -> Context:
        # A stream's time never runs backwards, even when the machine's clock does.
        now = max(self._clock(), folded.last_time)
        entity = split_stream(decision.message.stream)[1]
        return Context(
            now, entity, decision.message.id, decision.message.actor, self._rules, facts, self._switches
        )

    async def _facts(self, decision: _Decision, folded: Folded[Any]) -> dict[str, Any]:
        entity = split_stream(decision.message.stream)[1]
        needs = decision.verb.needs(folded.state, decision.command, entity)
        facts = {need.kind: await self._look_up(need) for need in needs if need.kind != "past"}
        past = next((need for need in needs if need.kind == "past"), None)
        if past is not None:
            stream = decision.message.stream
            facts["past"] = await self._loader.around(decision.decider, stream, past.version)
        return facts

    async def _look_up(self, need: Need) -> Any:
        match need.kind:
            case "npc":
                return await self._state("npc", need.npc_id)
            case "campaign":
                return await self._state("campaign", need.campaign_id)
            case "elements":
                found = {each: await self._state("element", each) for each in need.among or ()}
                return {each: state for each, state in found.items() if state is not None}
            case "census":
                return await self._census.registered(faction=need.faction, among=need.among)
            case "residents":
                return await self._census.residents(need.among or ())
            case "mind":
                at = microseconds(self._clock())
                return await self._minds.view(need.npc_id, need.people, at_least=need.at_least, at_us=at)
            case "ground":
                return await self._grounds.grid(need.map)
        raise ValueError(f"nobody knows how to look up {need.kind!r}")

    async def _state(self, category: str, entity: str) -> Any:
        """The state of another stream, None if it has no commit."""
        folded = await self._loader.current(DECIDERS[category], f"{category}/{entity}")
        return folded.state if folded.version else None


def _understand(message: CommandMessage, realm: str) -> _Decision:
    category, _, name = message.name.partition(".")
    decider = DECIDERS.get(category)
    verb = decider.verbs.get(name) if decider else None
    if decider is None or verb is None:
        raise Rejected(Code.INVALID_PARAMETER, f"name: unknown command {message.name!r}", field="name")
    log_subject(realm, message.stream)
    if split_stream(message.stream)[0] != category:
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"stream: {message.name} cannot happen on {message.stream}",
            field="stream",
        )
    args = {"args": message.args} if verb.free else message.args
    return _Decision(decider, verb, parse(verb.arguments, args), message)


def _success(decider: Decider[Any], commit: Commit, position: int) -> Reply:
    return Reply(decider.code(commit), data=decider.reply(commit), position=position, commit_id=commit.id)


def _reused(error: CommandIdReused) -> Reply:
    return Reply(
        Code.INVALID_PARAMETER,
        f"correlation_id: {error}. Use a new one for a new command.",
        field="correlation_id",
    )

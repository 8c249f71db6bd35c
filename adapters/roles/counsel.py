"""Asking models on behalf of requests in hand: within their time, and only as long as somebody waits for the answer."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import structlog

from adapters.llm.adviser import Advice, Adviser, Cause
from adapters.llm.book import AgentEntry, ModelBook
from adapters.llm.prompts import PromptBook
from commands.agents.ask import Ask
from commands.agents.portrait import Terms
from commands.agents.purpose import Purpose
from commands.agents.safety.leaks import fingerprints
from commands.loader import StreamLoader
from commands.message import CommandMessage, Reply
from commands.rejection import Rejected
from commands.request import REQUEST
from events.commit import Commit, Json
from events.log import Log
from events.request import RequestOpened
from events.subjects import log_filter, parse_log_subject

logger = structlog.get_logger(__name__)

FINISHING_SECONDS = 0.3
"""What is kept of a request's time for recording the decision and its outcome."""
MOST_FINISHING = 0.25
"""Of a short time no more than this share."""
MAX_SECRETS = 16
REMEMBERED_ENDS = 8192
"""Requests that are known to have ended: an end may arrive before its beginning is worked on."""
CLOCKS_DIFFER = timedelta(seconds=10)
_OPENING = b'"type":"request.opened"'
_SECRET_NAMES = ("KEY", "TOKEN", "SECRET")


class Ended(Exception):
    """The request is over: cancelled, or ended by somebody else. There is nothing left to do."""


class Released(Exception):
    """This process ends: another one shall take the request up."""


class Counsel:
    """The models as the agents' requests see them. `watch` follows the ends of requests; `release` lets go of all."""

    def __init__(
        self,
        adviser: Adviser,
        book: ModelBook,
        prompts: PromptBook,
        loader: StreamLoader,
        log: Log,
        *,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._adviser = adviser
        self._book = book
        self._prompts = prompts
        self._loader = loader
        self._log = log
        self._secrets = tuple(fingerprints(_secrets(book, environment))[:MAX_SECRETS])
        self._in_hand: dict[str, asyncio.Task[Advice]] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._watching_since: datetime | None = None
        self._released = False

    @property
    def secrets(self) -> tuple[Json, ...]:
        """Fingerprints of the keys that no answer may hold."""
        return self._secrets

    def agent(self, name: str) -> AgentEntry | None:
        """The agent's settings, if a model may be asked for it now; None: everything works without."""
        entry = self._book.agents.get(name)
        if entry is None or entry.route == "template" or self._released or not self._adviser.enabled(name):
            return None
        return entry

    def configured(self, name: str) -> AgentEntry:
        """The agent's settings, whether a model may be asked or not. Raises `LookupError`."""
        return self._book.agents[name]

    def question(self, purpose: Purpose, entry: AgentEntry, inputs: Json) -> Ask:
        """The question from `inputs` of somebody who knows neither the agent's parameters nor what must not leave."""
        terms = self.terms(entry)
        guard = {**inputs.get("guard", {}), "secrets": list(terms.secrets)}
        told = {**inputs, "guard": guard, "parameters": terms.parameters()}
        return purpose.render(told, self._prompts.of(entry.prompt, purpose.name))

    def terms(self, entry: AgentEntry) -> Terms:
        return Terms(
            context_tokens=entry.context_tokens,
            max_memory_age=entry.max_memory_age,
            memory_prefix=entry.memory_prefix,
            max_tokens=entry.max_tokens,
            temperature=entry.temperature,
            secrets=self._secrets,
        )

    async def advise(
        self,
        commit: Commit,
        opened: RequestOpened,
        purpose: Purpose,
        entry: AgentEntry,
        inputs: Json,
        *,
        fresh: bool,
    ) -> Advice | None:
        """The decision for a request; None when the question cannot be put at all. `fresh` says that no agent had the
        request in hand before.

        A decision without a proposal is no failure of this method: its `made` says why. Raises `Ended`, `Released`,
        and `LogError` when the decision could not be recorded.
        """
        ask = purpose.render(inputs, self._prompts.of(entry.prompt, purpose.name))
        deadline = asyncio.get_running_loop().time() + _seconds(opened, entry)
        asking = asyncio.create_task(
            self._adviser.advise(
                Cause.of(commit),
                ask,
                purpose.read,
                deadline=deadline,
                fresh=fresh,
                over=lambda: commit.stream in self._ended,
            ),
            name=f"asking for {commit.stream}",
        )
        self._in_hand[commit.stream] = asking
        try:
            if await self._is_over(commit):
                self._end(commit.stream)
                raise Ended
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            if commit.stream in self._ended:
                raise Ended from None
            if self._released:
                raise Released from None
            raise
        except Rejected as refused:
            logger.warning("a question was not put", request=commit.entity, reason=refused.message)
            return None
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            self._in_hand.pop(commit.stream, None)

    async def judge(self, advice: Advice, command: CommandMessage, reply: Reply) -> None:
        """Record what a decider said to a command that a proposal led to."""
        if advice.made.proposal is not None:
            await self._adviser.judge(advice, command, reply)

    async def watch(self) -> None:
        """Cancel the call of every request that ends meanwhile, for ever. Raises `LogError`."""
        after = (await self._log.head()).position
        self._watching_since = datetime.now(UTC)
        filter_subject = log_filter(self._log.realm, "request")
        try:
            async for page in self._log.follow(after=after, filter_subject=filter_subject):
                for message in page:
                    # On a request's stream everything that does not open it ends it.
                    if _OPENING not in message.body:
                        self._end(parse_log_subject(message.subject)[1])
        finally:
            self._watching_since = None

    def _end(self, stream: str) -> None:
        self._ended[stream] = None
        if len(self._ended) > REMEMBERED_ENDS:
            self._ended.popitem(last=False)
        if stream in self._in_hand:
            self._in_hand[stream].cancel()

    async def _is_over(self, commit: Commit) -> bool:
        """Whether the request ended before it was in hand: of those opened while we watch, we know."""
        since = self._watching_since
        if since is not None and commit.time > since + CLOCKS_DIFFER:
            return commit.stream in self._ended
        return (await self._loader.current(REQUEST, commit.stream)).state.outcome is not None

    def release(self) -> None:
        """Ask no more, and cancel what is being asked."""
        self._released = True
        for asking in self._in_hand.values():
            asking.cancel()


def _seconds(opened: RequestOpened, entry: AgentEntry) -> float:
    """How long a model may take: what the request has left, at most the agent's own time, less what finishing needs."""
    left = (opened.deadline - datetime.now(UTC)).total_seconds()
    finishing = min(FINISHING_SECONDS, MOST_FINISHING * max(left, 0))
    return min(left - finishing, entry.response_timeout / 1000)


def _secrets(book: ModelBook, environment: Mapping[str, str]) -> list[str]:
    """The keys of providers first, then whatever the environment calls a key."""
    keys = [entry.secret(environment) for entry in book.providers.values()]
    named = [value for name, value in environment.items() if any(mark in name for mark in _SECRET_NAMES)]
    return list(dict.fromkeys((*keys, *named)))

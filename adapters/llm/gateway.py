"""The gateway in front of all models: cache, then providers by priority, within time, limits and budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from adapters.llm.allowance import Allowances
from adapters.llm.answer import Answer, Read, reading_of
from adapters.llm.book import AgentEntry
from adapters.llm.cache import AnswerCache, CachedAnswer
from adapters.llm.clock import Clock
from adapters.llm.inquiry import Inquiry
from adapters.llm.line import Line
from adapters.llm.roster import Roster
from adapters.llm.spending import Spending
from adapters.llm.streaming import OnText, Speech
from commands.agents.ask import Ask
from commands.codes import Code
from events.decision import DecisionMade, Usage

logger = structlog.get_logger(__name__)

OnContent = Callable[[bytes], Awaitable[None]]

SHARE = 0.7
"""How much of the time that is left a provider may use while others could answer in its place."""
MAX_PROBLEM = 500
CLOSE_SECONDS = 5.0


class Gateway:
    """Asks models. Knows nothing of NATS but the ports of its cache and its spending."""

    def __init__(
        self,
        roster: Roster,
        lines: Mapping[str, Line],
        *,
        cache: AnswerCache,
        spending: Spending,
        clock: Clock,
        allowances: Allowances | None = None,
    ) -> None:
        self._roster = roster
        self._lines = lines
        self._cache = cache
        self._spending = spending
        self._clock = clock
        self._allowances = allowances
        self._storing: set[asyncio.Task[None]] = set()

    def available(self, agent: str, *, pictures: bool = False) -> bool:
        """Whether a model could be asked for `agent` now: it is on, and so is a provider that can be asked (and
        makes pictures, where `pictures` are wanted)."""
        entry = self._roster.book.agents.get(agent)
        if entry is None or not self._roster.agent_on(agent):
            return False
        return any(line.condition().usable for line in self._candidates(entry, pictures))

    async def ask(
        self,
        ask: Ask,
        read: Read,
        *,
        deadline: float,
        on_text: OnText | None = None,
        decision: str = "",
        on_cancel: Callable[[DecisionMade], None] | None = None,
        on_content: OnContent | None = None,
    ) -> DecisionMade:
        """Put the question to a model, and read its answer.

        `deadline` is a moment of the event loop's time; `read` must be total. `on_text` gets the answer while it is
        written (`adapters.llm.streaming.Speech`); `decision` is the id that a cached answer will name as its source.
        An ask that brings tools is answered by JSON with `content` and `tool_calls`; of a picture `on_content` is
        given the bytes before this returns, and only its receipt is an answer.

        Never raises for what a model or provider does: then the route is `none`, there is no proposal, `problem` says
        why and `code` is -502 (the models failed), -501 (no time was left) or -503 (budget or limits are used up). An
        answer that `read` cannot use is a failed attempt. Cancelling cancels the model's call; when one
        had begun, `on_cancel` is told what had been tried and what it may cost (-501, no proposal).
        """
        began, key = self._clock.monotonic(), ask.key()
        agent = self._roster.book.agents.get(ask.agent)
        if agent is None or not self._roster.agent_on(ask.agent):
            told = "is switched off" if agent else "is not configured"
            return self._nobody(ask, key, began, None, f"agent {ask.agent!r} {told}")
        cacheable = agent.cache_seconds > 0 and not ask.tools and ask.canvas is None
        if cacheable and (made := await self._cached(ask, key, agent, read, began, on_text)) is not None:
            return made
        inquiry = Inquiry(
            ask,
            agent,
            read,
            book=self._roster.book,
            spending=self._spending,
            clock=self._clock,
            on_text=on_text,
            allowances=self._allowances,
        )
        candidates = self._candidates(agent, ask.canvas is not None)
        for place, line in enumerate(candidates):
            others = any(_able(other) for other in candidates[place + 1 :])
            now = self._clock.monotonic()
            until = now + (deadline - now) * SHARE if others else deadline
            try:
                answer = await inquiry.put_to(line, until=until)
            except asyncio.CancelledError:
                if on_cancel is not None and inquiry.begun:
                    on_cancel(self._nobody(ask, key, began, inquiry, "nobody waited for the answer any more"))
                raise
            if answer is not None:
                if on_content is not None:
                    await on_content(answer.completion.content)
                if cacheable and answer.completion.finish == "stop":
                    self._store(key, answer, agent.cache_seconds, decision)
                first = line is candidates[0]
                return self._made(ask, key, began, inquiry, answer, first=first)
            if inquiry.spoken:
                break
        problem = "; ".join(dict.fromkeys(inquiry.problems)) or _nobody_able(ask)
        return self._nobody(ask, key, began, inquiry, problem)

    async def close(self) -> None:
        """Finish what is being stored."""
        if self._storing:
            await asyncio.wait(self._storing, timeout=CLOSE_SECONDS)

    def _candidates(self, agent: AgentEntry, pictures: bool) -> list[Line]:
        entries = self._roster.candidates(agent)
        return [
            self._lines[entry.key]
            for entry in entries
            if entry.key in self._lines and (entry.draws or not pictures)
        ]

    async def _cached(
        self, ask: Ask, key: str, agent: AgentEntry, read: Read, began: float, on_text: OnText | None
    ) -> DecisionMade | None:
        found = await self._cache.get(key)
        if found is None or self._clock.microseconds() - found.at > agent.cache_seconds * 1_000_000:
            return None
        reading = reading_of(read, ask, found.answer)
        if reading.proposal is None:
            return None
        if on_text is not None:
            await Speech(on_text, structured=ask.schema is not None).hear(found.answer)
        return DecisionMade(
            **_of_ask(ask, key),
            route="cache",
            provider=found.provider,
            model=found.model,
            answer=found.answer,
            proposal=reading.proposal,
            code=Code.SUCCESS_CACHED,
            latency=self._since(began),
            finish=found.finish,
            source=found.decision,
        )

    def _store(self, key: str, answer: Answer, seconds: int, decision: str) -> None:
        kept = CachedAnswer(
            answer.text,
            answer.provider,
            answer.model,
            answer.completion.finish,
            self._clock.microseconds(),
            decision,
        )
        # Nobody waits for it, and a lost one only costs a call.
        task = asyncio.create_task(self._cache.put(key, kept, seconds=seconds), name="cache an answer")
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)

    def _made(
        self, ask: Ask, key: str, began: float, inquiry: Inquiry, answer: Answer, *, first: bool
    ) -> DecisionMade:
        return DecisionMade(
            **_of_ask(ask, key),
            route="model" if first else "fallback",
            provider=answer.provider,
            model=answer.model,
            answer=answer.text,
            proposal=answer.reading.proposal,
            code=Code.SUCCESS if first else Code.SUCCESS_WITH_FALLBACK,
            attempts=tuple(inquiry.attempts),
            usage=inquiry.usage,
            cost=inquiry.cost,
            latency=self._since(began),
            finish=answer.completion.finish,
        )

    def _nobody(
        self, ask: Ask, key: str, began: float, inquiry: Inquiry | None, problem: str
    ) -> DecisionMade:
        """No usable answer. The last unusable one is kept, with the reason why it is."""
        unusable = inquiry.unusable if inquiry else None
        made = DecisionMade(
            **_of_ask(ask, key),
            route="none",
            provider=unusable.provider if unusable else "",
            model=unusable.model if unusable else "",
            answer=unusable.text if unusable else "",
            proposal=None,
            problem=unusable.reading.problem if unusable else problem[:MAX_PROBLEM],
            code=_code(inquiry.kinds) if inquiry else Code.LLM_ERROR,
            attempts=tuple(inquiry.attempts) if inquiry else (),
            usage=inquiry.usage if inquiry else Usage(),
            cost=inquiry.cost if inquiry else 0,
            latency=self._since(began),
            finish=unusable.completion.finish if unusable else "",
        )
        logger.info(
            "no model answered", agent=ask.agent, purpose=ask.purpose, code=made.code, problem=made.problem
        )
        return made

    def _since(self, began: float) -> int:
        return round((self._clock.monotonic() - began) * 1_000_000)


def _of_ask(ask: Ask, key: str) -> dict[str, Any]:
    """The fields of a decision that repeat the question."""
    return {
        "agent": ask.agent,
        "purpose": ask.purpose,
        "key": key,
        "ask": ask.sent(),
        "prompt": ask.prompt,
        "inputs": ask.inputs,
        "memories": ask.memories,
        "npc_id": ask.npc_id,
        "player_id": ask.player_id,
        "request_id": ask.request_id,
    }


def _nobody_able(ask: Ask) -> str:
    return "no provider is switched on" + (" that makes pictures" if ask.canvas is not None else "")


def _able(line: Line) -> bool:
    return line.condition().usable and line.breaker.state != "open"


def _code(kinds: set[str]) -> Code:
    """What to tell the caller, from how the tries ended: the models' failure first, for that is what must be mended."""
    if "failed" in kinds:
        return Code.LLM_ERROR
    if "timeout" in kinds:
        return Code.TIMEOUT
    return Code.RATE_LIMITED if kinds & {"limits", "budget"} else Code.LLM_ERROR

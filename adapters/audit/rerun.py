"""Asking another model, or with another prompt, what was asked before. The world is never changed by it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from adapters.audit.replay import cause_of
from adapters.explanation import Related
from adapters.llm.book import AgentEntry, ModelBook, ProviderEntry
from adapters.llm.clock import Clock
from adapters.llm.inquiry import Inquiry
from adapters.llm.line import Line
from adapters.llm.request import model_call, most_cost, most_usage
from adapters.llm.spending import Spending
from commands.agents.ask import Ask
from commands.agents.divergence import Divergence, first_divergence
from commands.agents.past import Unread, folded
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose
from commands.agents.rejudging import Court
from commands.agents.rereading import question_of, read_answer
from commands.agents.sentencing import Sentence, sentence
from commands.decision import decision_id
from commands.stream import Folded
from events import codec
from events.commit import Commit, Json, Recorded
from events.decision import DecisionMade, DecisionRerun
from events.errors import CodecError
from events.log import Log

AUDIT = "audit"
"""The agent of `conf/agents.toml` that pays for reruns."""
LEAST_SECONDS = 30.0
MAX_DIVERGENCE = 300
MAX_PROBLEM = 500


@dataclass(frozen=True, slots=True)
class Question:
    """A recorded decision and what is asked instead."""

    recorded: Recorded
    made: DecisionMade
    purpose: Purpose
    ask: Ask

    @property
    def decision_id(self) -> str:
        return self.recorded.commit.entity


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rerun and what the original would be judged as now; `divergence` is None when the proposals agree."""

    question: Question
    rerun: DecisionRerun
    original: Sentence
    divergence: Divergence | None


def worded(
    recorded: Recorded, made: DecisionMade, purpose: Purpose, template: PromptTemplate | None
) -> Question:
    """The question again: as it was sent, or as `template` makes it of the same facts.

    Raises pydantic's `ValidationError` for a record that holds no question, and whatever `render` raises.
    """
    ask = question_of(made) if template is None else purpose.render(made.inputs, template)
    return Question(recorded, made, purpose, ask)


def payer(book: ModelBook, agent: AgentEntry) -> AgentEntry:
    """`agent` with its sampling and limits, but with the purse of the agent `audit` where there is one."""
    audit = book.agents.get(AUDIT)
    if audit is None:
        return agent
    return agent.model_copy(update={"key": AUDIT, "dollars_per_day": audit.dollars_per_day})


def at_most(question: Question, book: ModelBook, agent: AgentEntry, entry: ProviderEntry) -> int:
    """What asking it once may cost, in billionths of a dollar."""
    call = model_call(question.ask, agent, entry)
    return most_cost(most_usage(call), book.price(call.model, entry, asked=call.model))


class Rerunner:
    """Asks one provider, within its limits and the budget; any number of questions at a time."""

    def __init__(
        self,
        log: Log,
        court: Court,
        book: ModelBook,
        line: Line,
        spending: Spending,
        clock: Clock,
        related: Related,
    ) -> None:
        """`related` finds the commits that share a correlation id (`adapters.explanation.related_in`)."""
        self._related = related
        self._log, self._court, self._book = log, court, book
        self._line, self._spending, self._clock = line, spending, clock

    async def rerun(self, question: Question, agent: AgentEntry) -> Outcome:
        """Ask, read, judge and compare. A model that fails is an outcome, too; raises `LogError` only."""
        ask, made = question.ask, question.made
        inquiry = Inquiry(
            ask,
            payer(self._book, agent),
            lambda asked, answer: read_answer(question.purpose, asked, answer),
            book=self._book,
            spending=self._spending,
            clock=self._clock,
            on_text=None,
        )
        began = self._clock.monotonic()
        patience = max(LEAST_SECONDS, agent.response_timeout / 1000)
        answer = await inquiry.put_to(self._line, until=began + patience)
        found = answer or inquiry.unusable
        proposal = None if answer is None else answer.reading.proposal
        problem = (
            "" if answer else found.reading.problem if found else "; ".join(dict.fromkeys(inquiry.problems))
        )
        judged, original = await self._judge(question, proposal)
        divergence = first_divergence(made.proposal, proposal)
        rerun = DecisionRerun(
            provider=self._line.entry.key,
            model=found.model if found else self._line.entry.model,
            key=ask.key(),
            answer=found.text if found else "",
            proposal=proposal,
            problem=problem[:MAX_PROBLEM],
            prompt=ask.prompt,
            usage=inquiry.usage,
            cost=inquiry.cost,
            latency=round((self._clock.monotonic() - began) * 1_000_000),
            verdict=judged.verdict,
            message=judged.message[:MAX_PROBLEM],
            divergence=told(divergence),
        )
        return Outcome(question, rerun, original, divergence)

    async def _judge(self, question: Question, proposal: Json | None) -> tuple[Sentence, Sentence]:
        """What the deciders would have said then, to the new proposal and to the recorded one."""
        recorded, made = question.recorded, question.made
        cause = await self._cause(recorded, made)
        streams: dict[str, Folded[Any]] = {}
        judged = []
        for each in (proposal, made.proposal):
            while True:
                try:
                    judged.append(
                        sentence(self._court, question.purpose, cause, recorded, made, each, streams)
                    )
                    break
                except Unread as unread:
                    streams[unread.stream] = await self._as_of(unread.stream, recorded.position)
        return judged[0], judged[1]

    async def _cause(self, recorded: Recorded, made: DecisionMade) -> Commit | None:
        """The commit the decision was made for, where it was made for one."""
        wanted = recorded.commit.causation_id
        if wanted is None or decision_id(wanted, made.purpose) != recorded.commit.entity:
            return None
        cause = await cause_of(self._log, wanted, made.request_id)
        if cause is not None:
            return cause
        for position in await self._related(recorded.commit.correlation_id):
            stored = await self._log.at(position)
            with suppress(CodecError):
                commit = None if stored is None else codec.decode(stored.body)
                if commit is not None and commit.id == wanted:
                    return commit
        return None

    async def _as_of(self, stream: str, position: int) -> Folded[Any]:
        return folded(stream, [one async for one in self._log.read(stream, up_to=position)])


def told(divergence: Divergence | None) -> str:
    """A divergence in one bounded line; empty for none."""
    if divergence is None:
        return ""
    line = f"{divergence.path or 'the proposal'}: {divergence.expected!r} -> {divergence.found!r}"
    return line if len(line) <= MAX_DIVERGENCE else line[: MAX_DIVERGENCE - 1] + "…"


async def recorded_decision(log: Log, decision_id: str) -> tuple[Recorded, DecisionMade] | None:
    """The commit that recorded a decision. Raises `LogError`, `CodecError`, `InvalidStreamName`."""
    async for recorded in log.read(f"decision/{decision_id}"):
        event = recorded.commit.events[0]
        if isinstance(event, DecisionMade):
            return recorded, event
    return None


def provider_for(
    book: ModelBook, made: DecisionMade, provider: str | None, model: str | None
) -> ProviderEntry | None:
    """Who is asked: the provider named, else the one whose model it is, else the one that answered; with that model."""
    if provider is not None:
        entry = book.providers.get(provider)
    else:
        serving = (each for each in book.by_priority() if each.model == model)
        entry = next(serving, None) or book.providers.get(made.provider)
    if entry is None or model is None:
        return entry
    return entry.model_copy(update={"model": model})


async def in_turn(tasks: Mapping[str, Any], most: int) -> None:
    """Await coroutine functions, at most so many at a time."""
    gate = asyncio.Semaphore(most)

    async def one(work: Any) -> None:
        async with gate:
            await work()

    async with asyncio.TaskGroup() as group:
        for name, work in tasks.items():
            group.create_task(one(work), name=name)

"""One question on its way through the providers: what was tried, what it cost, and what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from adapters.llm.allowance import Allowances, Allowed
from adapters.llm.answer import Answer, Read, answer_text, reading_of
from adapters.llm.book import AgentEntry, ModelBook, Price
from adapters.llm.calling import call_model
from adapters.llm.clock import Clock
from adapters.llm.hedging import first_to_succeed
from adapters.llm.limits import Permit
from adapters.llm.line import Line
from adapters.llm.port import Completion, ModelCall
from adapters.llm.request import model_call, most_cost, most_usage, total
from adapters.llm.spending import Hold, Spending
from adapters.llm.streaming import OnText, Speech
from commands.agents.ask import Ask
from events.decision import Attempt, Usage
from events.errors import (
    BudgetExhausted,
    ModelAnswerBroken,
    ModelError,
    ModelLost,
    ModelRateLimited,
    ModelRefused,
    ModelTimeout,
)

BACKOFF_SECONDS = 0.25
LONGEST_BACKOFF_SECONDS = 8.0
LEAST_SECONDS = 0.02
"""With less time than this nobody is asked any more."""
FAIR_SECONDS = 1.0
"""Who got less time than this may be slow without being counted as broken."""
MAX_ERROR = 300
"""Characters of an error that are recorded."""
HOPELESS = frozenset({401, 403, 404})
"""No key, no permission, no such model: no other question will fare better."""


@dataclass(frozen=True, slots=True)
class _Flight:
    """A call under way: its place, its money and its campaign's, its cost at `worst`, when it began, whether it has a
    `fair` time."""

    line: Line
    call: ModelCall
    permit: Permit
    hold: Hold
    allowed: Allowed
    worst: int
    at: int
    began: float
    fair: bool


class Skipped(ModelError):
    """The provider was not asked at all."""


class Unusable(ModelAnswerBroken):
    """The provider answered, but nothing can be made of it."""


class Inquiry:
    """One question. `attempts`, `usage` and `cost` are those of all tries so far; `kinds` how tries ended."""

    def __init__(
        self,
        ask: Ask,
        agent: AgentEntry,
        read: Read,
        *,
        book: ModelBook,
        spending: Spending,
        clock: Clock,
        on_text: OnText | None,
        allowances: Allowances | None = None,
    ) -> None:
        """`allowances` bound what campaigns pay for their questions; without them no campaign's limit is asked."""
        self.ask = ask
        self.attempts: list[Attempt] = []
        self.usage = Usage()
        self.cost = 0
        self.kinds: set[str] = set()
        self.problems: list[str] = []
        self.unusable: Answer | None = None
        self._agent = agent
        self._read = read
        self._book = book
        self._spending = spending
        self._clock = clock
        self._allowances = allowances
        self._speech = Speech(on_text, structured=ask.schema is not None) if on_text else None

    @property
    def spoken(self) -> bool:
        """Whether a part of an answer was passed on already."""
        return self._speech is not None and self._speech.begun

    @property
    def begun(self) -> bool:
        """Whether any provider was really asked."""
        return any(attempt.outcome != "skipped" for attempt in self.attempts)

    async def put_to(self, line: Line, *, until: float) -> Answer | None:
        """Ask one provider, again where that may help, until the moment `until`. None: it gave no usable answer."""
        for number in range(line.entry.attempts):
            left = until - self._clock.monotonic()
            if left < LEAST_SECONDS:
                self._skip(line, "timeout", "no time was left")
                return None
            try:
                return await self._ask(line, until)
            except ModelError as error:
                again = not isinstance(error, Skipped) and error.retryable and not self.spoken
                if not again or number + 1 == line.entry.attempts:
                    return None
                wait = self._pause(error, number)
                if self._clock.monotonic() + wait + LEAST_SECONDS > until:
                    return None
                await self._clock.sleep(wait)
        return None

    def _pause(self, error: ModelError, number: int) -> float:
        """Seconds before the next try: none after an unusable answer, else full jitter, or what was asked for."""
        if isinstance(error, Unusable):
            return 0.0
        wait = self._clock.jitter(min(LONGEST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2**number))
        asked_for = error.retry_after if isinstance(error, ModelRateLimited) else None
        return max(wait, asked_for or 0.0)

    async def _ask(self, line: Line, until: float) -> Answer:
        """One try, or two at once where the first one takes longer than the provider's `hedge_after_ms`."""
        hedge = line.entry.hedge_after_ms / 1000
        if not hedge or self._speech is not None or self.ask.canvas is not None:
            return await self._try(line, until)
        tries = [asyncio.create_task(self._try(line, until))]
        try:
            await asyncio.wait(tries, timeout=hedge)
            if not tries[0].done():
                tries.append(asyncio.create_task(self._try(line, until)))
            return await first_to_succeed(tries)
        finally:
            for each in tries:
                each.cancel()
            await asyncio.gather(*tries, return_exceptions=True)

    async def _try(self, line: Line, until: float) -> Answer:
        """One try. Raises `ModelError`; what came of it is noted in any case."""
        provider = await line.open(patience=until - self._clock.monotonic())
        if provider is None:
            found = line.condition()
            if found.usable:
                raise self._skip(line, "timeout", "it was still being opened")
            raise self._skip(line, "condition", found.why)
        if not line.breaker.admit():
            rest = line.breaker.retry_in
            raise self._skip(line, "breaker", f"it failed too often and is tried again in {rest:.1f} s")
        flight = await self._take_off(line, until)
        try:
            left = max(until - self._clock.monotonic(), LEAST_SECONDS)
            completion = await call_model(provider, flight.call, self._speech, timeout=left)
        except ModelError as error:
            self._failed(flight, error)
            raise
        except BaseException:
            self._land(flight, Usage(), flight.worst, "cancelled", "")
            self.kinds.add("timeout")
            raise
        line.breaker.succeeded()
        return self._answered(flight, completion)

    async def _take_off(self, line: Line, until: float) -> _Flight:
        """Get a place and the money for one call. Raises `Skipped` when there is none in time."""
        call = model_call(self.ask, self._agent, line.entry)
        most = most_usage(call)
        worst = most_cost(most, self._book.price(call.model, line.entry, asked=call.model))
        permit: Permit | None = None
        hold: Hold | None = None
        allowed: Allowed | None = None
        try:
            permit = await line.limits.enter(
                most.input + most.output, patience=until - self._clock.monotonic()
            )
            hold = await self._spending.reserve(self._agent, worst)
            allowed = await self._allow(worst)
        except ModelRateLimited as error:
            raise self._skip(line, "limits", error.problem) from None
        except BudgetExhausted as error:
            raise self._skip(line, "budget", str(error)) from None
        finally:
            if allowed is None:
                if hold is not None:
                    hold.settle(0)
                line.breaker.abandoned()
                if permit is not None:
                    line.limits.leave(permit, 0)
        return _Flight(
            line,
            call,
            permit,
            hold,
            allowed,
            worst,
            self._clock.microseconds(),
            self._clock.monotonic(),
            until - self._clock.monotonic() >= FAIR_SECONDS,
        )

    async def _allow(self, worst: int) -> Allowed:
        """Leave of the campaign that pays for the question, if there is one. Raises `BudgetExhausted`."""
        campaign_id = self.ask.inputs.get("campaign_id")
        if self._allowances is None or not isinstance(campaign_id, str):
            return Allowed(None, "", "")
        return await self._allowances.reserve(campaign_id, worst)

    def _answered(self, flight: _Flight, completion: Completion) -> Answer:
        """Read what came. Raises `Unusable`."""
        usage = completion.usage
        model = completion.model or flight.call.model
        # Some servers do not count when they stream: what nobody counted costs what it may have cost.
        cost = flight.worst if usage == Usage() else self._price(flight, model).of(usage)
        text = answer_text(self.ask, completion)
        reading = reading_of(self._read, self.ask, text)
        answer = Answer(completion, text, reading, flight.line.entry.key, model)
        if reading.proposal is not None:
            self._land(flight, usage, cost, "answered", "", model=model)
            return answer
        self.unusable = answer
        unusable = Unusable(flight.line.entry.key, f"unusable answer: {reading.problem}")
        self._land(flight, usage, cost, "failed", unusable.problem, model=model)
        self._note("failed", unusable)
        raise unusable

    def _price(self, flight: _Flight, model: str) -> Price:
        return self._book.price(model, flight.line.entry, asked=flight.call.model)

    def _failed(self, flight: _Flight, error: ModelError) -> None:
        line, breaker = flight.line, flight.line.breaker
        timeout = isinstance(error, ModelTimeout)
        match error:
            case ModelRefused():
                # It is alive, and either this question or the key is wrong.
                breaker.failed(hopeless=True) if error.status in HOPELESS else breaker.succeeded()
            case ModelRateLimited():
                breaker.abandoned()
                if error.retry_after:
                    line.limits.pause(error.retry_after)
            case _ if timeout and not flight.fair:
                breaker.abandoned()
            case _:
                breaker.failed()
        # Whoever got the question and did not refuse it may charge for it.
        charged = timeout or isinstance(error, ModelAnswerBroken | ModelLost) or self.spoken
        cost = flight.worst if charged else 0
        self._land(flight, Usage(), cost, "failed", error.problem, status=error.status)
        kind = "timeout" if timeout else "limits" if isinstance(error, ModelRateLimited) else "failed"
        self._note(kind, error)

    def _land(
        self,
        flight: _Flight,
        usage: Usage,
        cost: int,
        outcome: str,
        error: str,
        *,
        status: int | None = None,
        model: str = "",
    ) -> None:
        """Give place and money back, and write the attempt down."""
        entry = flight.line.entry
        known = usage != Usage() or not cost
        flight.line.limits.leave(flight.permit, usage.input + usage.output if known else None)
        flight.hold.settle(cost)
        flight.allowed.settle(cost)
        if outcome == "cancelled":
            flight.line.breaker.abandoned()
        self.usage = total(self.usage, usage)
        self.cost += cost
        latency = round((self._clock.monotonic() - flight.began) * 1_000_000)
        self.attempts.append(
            Attempt(
                entry.key, model or flight.call.model, flight.at, latency, outcome, status, error[:MAX_ERROR]
            )
        )

    def _skip(self, line: Line, kind: str, problem: str) -> Skipped:
        """Note that a provider was not asked."""
        skipped = Skipped(line.entry.key, problem)
        at = self._clock.microseconds()
        self.attempts.append(
            Attempt(line.entry.key, line.entry.model, at, 0, "skipped", None, problem[:MAX_ERROR])
        )
        self._note(kind, skipped)
        return skipped

    def _note(self, kind: str, error: ModelError) -> None:
        self.kinds.add(kind)
        self.problems.append(str(error)[:MAX_ERROR])

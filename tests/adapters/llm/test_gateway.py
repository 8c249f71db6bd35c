"""The gateway: who is asked, how often, for how long, and what is said when nobody answers."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from adapters.llm.answer import answer_text
from adapters.llm.book import ProviderEntry
from adapters.llm.clock import SystemClock
from adapters.llm.line import Line
from adapters.llm.port import Completion
from commands.agents.ask import Ask, Parameters
from commands.agents.purpose import Reading
from commands.codes import Code
from events.decision import DecisionMade, Usage
from events.errors import (
    ModelAnswerBroken,
    ModelError,
    ModelLost,
    ModelRateLimited,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)
from tests.adapters.llm.scene import (
    MemoryCache,
    Scripted,
    TurnedClock,
    agent,
    ask,
    book,
    entry,
    fails,
    held,
    read,
    says,
    scene,
    waits,
)

ONE = book([entry("one", 1)])
TWO = book([entry("one", 1), entry("two", 2)])


def unavailable(name: str) -> Exception:
    return ModelUnavailable(name, "500 overloaded", status=500)


def outcomes(made: DecisionMade) -> list[tuple[str, str]]:
    return [(attempt.provider, attempt.outcome) for attempt in made.attempts]


async def test_an_answer_is_a_decision_with_everything_an_auditor_needs() -> None:
    provider = Scripted("one", [says("I am John.", model="one-1-2026")])
    on = scene(ONE, provider)
    question = ask(inputs={"npc": "John"}, memories=(7, 9), npc_id="John", player_id="150001")
    made = await on.gateway.ask(question, read, deadline=on.deadline())
    assert (made.route, made.code, made.provider, made.model) == ("model", 0, "one", "one-1-2026")
    assert (made.answer, made.proposal, made.problem) == ("I am John.", {"response": "I am John."}, "")
    assert (made.key, made.ask) == (question.key(), question.sent())
    assert (made.inputs, made.memories, made.npc_id) == ({"npc": "John"}, (7, 9), "John")
    assert (made.usage, made.cost) == (Usage(100, 10), 100 * 1000 + 10 * 2000)
    assert outcomes(made) == [("one", "answered")]


async def test_what_a_question_leaves_open_is_settled_by_agent_and_provider_and_bounded_by_both() -> None:
    provider = Scripted("one", [says("yes")])
    models = book([entry("one", 1, temperature=0.7, top_p=0.9, max_tokens=80)], agent(temperature=0.2))
    on = scene(models, provider)
    question = ask(parameters=Parameters(max_tokens=5000, seed=3))
    await on.gateway.ask(question, read, deadline=on.deadline())
    settled = provider.calls[0].parameters
    assert (settled.max_tokens, settled.temperature, settled.top_p, settled.seed) == (80, 0.2, 0.9, 3)


async def test_what_may_help_is_tried_again_after_a_random_pause() -> None:
    provider = Scripted("one", [fails(unavailable), fails(unavailable), says("late but well")])
    clock = TurnedClock()
    on = scene(book([entry("one", 1, attempts=3)]), provider, clock=clock)
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(5))
    assert (made.route, made.code) == ("model", 0)
    assert outcomes(made) == [("one", "failed"), ("one", "failed"), ("one", "answered")]
    assert clock.slept == [0.125, 0.25]


async def test_a_refusal_is_not_repeated_and_the_next_provider_answers() -> None:
    one = Scripted("one", [fails(lambda name: ModelRefused(name, "400 bad parameter", status=400))])
    on = scene(TWO, one, Scripted("two", [says("here")]))
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.route, made.code, made.provider) == ("fallback", Code.SUCCESS_WITH_FALLBACK, "two")
    assert outcomes(made) == [("one", "failed"), ("two", "answered")]
    assert made.attempts[0].status == 400


async def test_the_provider_of_the_agent_is_asked_before_those_of_higher_priority() -> None:
    models = book([entry("one", 1), entry("two", 2)], agent(provider="two"))
    on = scene(models, Scripted("one", [says("one")]), Scripted("two", [says("two")]))
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.provider, made.route) == ("two", "model")


async def test_a_provider_that_asks_for_a_pause_gets_it_when_time_allows() -> None:
    clock = TurnedClock()
    limited = fails(lambda name: ModelRateLimited(name, "429", retry_after=1.5))
    on = scene(ONE, Scripted("one", [limited, says("now")]), clock=clock)
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(5))
    assert made.answer == "now"
    assert clock.passed >= 1.5
    hasty = scene(ONE, Scripted("one", [limited, says("never said")]))
    made = await hasty.gateway.ask(ask(), read, deadline=hasty.deadline(1))
    assert (made.route, made.code) == ("none", Code.RATE_LIMITED)


async def test_an_unusable_answer_is_a_failed_attempt_and_is_asked_for_again() -> None:
    provider = Scripted("one", [says("bad json"), says("good")])
    on = scene(ONE, provider)
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.answer, made.route) == ("good", "model")
    assert outcomes(made) == [("one", "failed"), ("one", "answered")]
    assert (made.usage, made.cost) == (Usage(200, 20), 2 * 120_000)


async def test_when_nothing_usable_comes_the_last_answer_is_kept_with_what_is_wrong_with_it() -> None:
    on = scene(ONE, Scripted("one", [says("bad one"), says("bad two")]))
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.route, made.proposal, made.code) == ("none", None, Code.LLM_ERROR)
    assert Reading(made.proposal, made.problem) == read(ask(), made.answer)
    assert made.answer == "bad two"


async def test_a_reader_that_breaks_makes_the_answer_unusable_not_the_agent() -> None:
    def broken(_ask: Ask, _answer: str) -> Reading:
        raise KeyError("response")

    def unheard_of(_ask: Ask, _answer: str) -> Reading:
        return Reading({"response": "\ud83d"})

    for reader, told in ((broken, "KeyError"), (unheard_of, "PydanticSerializationError")):
        on = scene(ONE, Scripted("one", [says("fine")]))
        made = await on.gateway.ask(ask(), reader, deadline=on.deadline())
        assert (made.route, made.code) == ("none", Code.LLM_ERROR)
        assert told in made.problem


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (unavailable, Code.LLM_ERROR),
        (lambda name: ModelRefused(name, "401 wrong key", status=401), Code.LLM_ERROR),
        (lambda name: ModelAnswerBroken(name, "cut off"), Code.LLM_ERROR),
        (lambda name: ModelTimeout(name, "no answer within 3 s"), Code.TIMEOUT),
        (lambda name: ModelRateLimited(name, "429 too many"), Code.RATE_LIMITED),
        (lambda name: ValueError("sk-secret-key in a library's message"), Code.LLM_ERROR),
    ],
)
async def test_whatever_a_provider_does_becomes_a_code_and_a_problem_without_secrets(
    error: object, code: Code
) -> None:
    on = scene(ONE, Scripted("one", [fails(error)]))  # type: ignore[arg-type]
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.route, made.code, made.proposal) == ("none", code, None)
    assert made.problem
    assert "sk-secret" not in str(made)


@pytest.mark.parametrize("ending", [ModelTimeout, ModelLost])
async def test_a_call_that_ended_without_a_word_is_charged_at_its_worst(ending: type[ModelError]) -> None:
    on = scene(ONE, Scripted("one", [fails(lambda name: ending(name, "no answer"))]))
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert made.cost >= 100 * 2000


async def test_a_refusal_costs_nothing() -> None:
    refused = scene(ONE, Scripted("one", [fails(lambda name: ModelRefused(name, "no", status=400))]))
    assert (await refused.gateway.ask(ask(), read, deadline=refused.deadline())).cost == 0


async def test_a_slow_first_provider_leaves_time_for_the_second() -> None:
    clock = TurnedClock()
    given: list[float] = []

    async def hangs(self: Scripted, _call: object, timeout: float) -> Completion:
        given.append(timeout)
        await clock.sleep(timeout)
        raise ModelTimeout(self.name, "no answer")

    on = scene(TWO, Scripted("one", [hangs]), Scripted("two", [says("in time")]), clock=clock)
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(3))
    assert (made.provider, made.route) == ("two", "fallback")
    assert given == [pytest.approx(2.1)]


async def test_without_time_nobody_is_asked() -> None:
    provider = Scripted("one", [says("too late")])
    on = scene(ONE, provider)
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(0))
    assert (made.code, provider.calls) == (Code.TIMEOUT, [])
    assert outcomes(made) == [("one", "skipped")]


async def test_a_provider_that_keeps_failing_is_left_alone_and_tried_again_later() -> None:
    clock = TurnedClock()
    one = Scripted("one", [fails(unavailable)] * 6 + [says("well again")])
    on = scene(
        book([entry("one", 1, attempts=1), entry("two", 2)]), one, Scripted("two", [says("two")]), clock=clock
    )
    for _ in range(8):
        assert (await on.gateway.ask(ask(), read, deadline=on.deadline())).provider == "two"
    assert len(one.calls) == 5
    clock.passed += 6
    assert (await on.gateway.ask(ask(), read, deadline=on.deadline())).provider == "two"
    clock.passed += 11
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.provider, made.route) == ("one", "model")


async def test_a_wrong_key_cuts_the_provider_off_at_once() -> None:
    one = Scripted("one", [fails(lambda name: ModelRefused(name, "401 invalid key", status=401))])
    on = scene(TWO, one, Scripted("two", [says("two")]))
    for _ in range(3):
        assert (await on.gateway.ask(ask(), read, deadline=on.deadline())).provider == "two"
    assert len(one.calls) == 1


async def test_a_provider_without_its_key_is_skipped_and_said_to_be() -> None:
    models = book([entry("one", 1, type="openai", key_variable="NOBODYS_KEY")])
    on = scene(models, Scripted("one", [says("never")]))
    assert not on.gateway.available("npc_intelligence")
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.route, made.code) == ("none", Code.LLM_ERROR)
    assert made.problem == "one: NOBODYS_KEY is not set"


async def test_a_provider_that_takes_long_to_open_does_not_take_the_time_of_the_question() -> None:
    opened = threading.Event()

    def opening(_entry: ProviderEntry) -> Scripted:
        opened.wait(30)
        return Scripted("one", [says("at last")])

    on = scene(ONE, clock=SystemClock())
    on.lines["one"] = Line(ONE.providers["one"], on.clock, opening=opening, environment={})
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(0.05))
    assert (made.route, made.code) == ("none", Code.TIMEOUT)
    opened.set()
    assert (await on.gateway.ask(ask(), read, deadline=on.deadline(30))).answer == "at last"
    await on.lines["one"].close()


async def test_with_no_provider_on_there_is_nobody_to_ask() -> None:
    on = scene(book([entry("one", 1, enabled=False)]))
    assert not on.gateway.available("npc_intelligence")
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.route, made.problem, made.attempts) == ("none", "no provider is switched on", ())
    stranger = await on.gateway.ask(replace(ask(), agent="nobody"), read, deadline=on.deadline())
    assert "not configured" in stranger.problem


async def test_an_equal_question_is_answered_from_the_cache_which_says_where_it_is_from() -> None:
    cache, provider = MemoryCache(), Scripted("one", [says("I am John."), says("I am Jack.")])
    on = scene(book([entry("one", 1)], agent(cache_seconds=60)), provider, cache=cache)
    await on.gateway.ask(ask(), read, deadline=on.deadline(), decision="dec_1")
    await on.gateway.close()
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(), decision="dec_2")
    assert (made.route, made.code, made.answer) == ("cache", Code.SUCCESS_CACHED, "I am John.")
    assert (made.source, made.cost, made.usage, made.attempts) == ("dec_1", 0, Usage(), ())
    other = await on.gateway.ask(ask("Another question"), read, deadline=on.deadline())
    assert (other.route, other.answer) == ("model", "I am Jack.")


async def test_a_cached_answer_is_too_old_when_the_agent_says_so() -> None:
    clock, cache = TurnedClock(), MemoryCache()
    provider = Scripted("one", [says("first"), says("second")])
    on = scene(book([entry("one", 1)], agent(cache_seconds=60)), provider, cache=cache, clock=clock)
    await on.gateway.ask(ask(), read, deadline=on.deadline())
    await on.gateway.close()
    clock.passed += 61
    assert (await on.gateway.ask(ask(), read, deadline=on.deadline())).answer == "second"


@pytest.mark.parametrize(
    ("question", "act", "seconds"),
    [
        (ask(), says("bad"), 60),
        (ask(), fails(unavailable), 60),
        (ask(), says("cut o", finish="length"), 60),
        (ask(tools=({"type": "function"},)), says("calls a tool"), 60),
        (ask(), says("good"), 0),
    ],
)
async def test_failures_unusable_and_cut_answers_and_anything_with_tools_are_never_cached(
    question: Ask, act: object, seconds: int
) -> None:
    cache = MemoryCache()
    on = scene(book([entry("one", 1)], agent(cache_seconds=seconds)), Scripted("one", [act]), cache=cache)  # type: ignore[list-item]
    await on.gateway.ask(question, read, deadline=on.deadline())
    await on.gateway.close()
    assert cache.kept == {}


async def test_a_plain_answer_is_passed_on_as_it_comes() -> None:
    heard: list[str] = []

    async def hear(text: str) -> None:
        heard.append(text)

    on = scene(ONE, Scripted("one", [says("Well met, traveller.")]))
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(), on_text=hear)
    assert "".join(heard) == made.answer == "Well met, traveller."
    assert len(heard) > 1


async def test_of_a_structured_answer_only_what_is_said_is_passed_on() -> None:
    heard: list[str] = []

    async def hear(text: str) -> None:
        heard.append(text)

    answer = '{"thought": "greet \\"them\\"", "response": "Hail \\u00e9t\\u00e9, friend!", "mood": "happy"}'
    on = scene(ONE, Scripted("one", [says(answer)]))
    await on.gateway.ask(ask(schema={"type": "object"}), read, deadline=on.deadline(), on_text=hear)
    assert "".join(heard) == "Hail été, friend!"


async def test_once_something_was_said_no_other_provider_takes_the_word() -> None:
    heard: list[str] = []

    async def hear(text: str) -> None:
        heard.append(text)

    two = Scripted("two", [says("something else")])
    on = scene(TWO, Scripted("one", [says("Once upon a time", finish="broken off")]), two)
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(), on_text=hear)
    assert (made.route, made.code) == ("none", Code.LLM_ERROR)
    assert (heard, two.calls) == (["Once ", "upon ", "a tim", "e"], [])
    assert made.cost > 0


async def test_a_provider_that_cannot_stream_says_all_at_once() -> None:
    heard: list[str] = []

    async def hear(text: str) -> None:
        heard.append(text)

    on = scene(ONE, Scripted("one", [says("All of it.")], streams=False))
    await on.gateway.ask(ask(), read, deadline=on.deadline(), on_text=hear)
    assert heard == ["All of it."]


async def test_a_listener_that_fails_is_not_blamed_on_the_model() -> None:
    async def gone(text: str) -> None:
        raise ConnectionResetError("the reader went away")

    on = scene(ONE, Scripted("one", [says("Well met, traveller.")]))
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(), on_text=gone)
    assert (made.route, made.answer) == ("model", "Well met, traveller.")
    assert on.lines["one"].breaker.state == "closed"


def test_an_answer_with_tools_is_recorded_with_the_calls_it_makes() -> None:
    question = ask(tools=({"type": "function"},))
    completion = Completion(
        "", "one-1", "tool_calls", tool_calls=({"id": "1", "function": {"name": "look"}},)
    )
    assert (
        answer_text(question, completion)
        == '{"content":"","tool_calls":[{"id":"1","function":{"name":"look"}}]}'
    )


async def test_cancelling_cancels_the_call_and_gives_the_place_back() -> None:
    provider = Scripted("one", [waits(60, says("never")), says("next")])
    on = scene(book([entry("one", 1, max_concurrent=1)]), provider, clock=SystemClock())
    asking = asyncio.create_task(on.gateway.ask(ask(), read, deadline=on.deadline(60)))
    await provider.asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert provider.cancelled == 1
    assert (await on.gateway.ask(ask(), read, deadline=on.deadline(5))).answer == "next"


async def test_a_hedge_takes_the_faster_of_two_and_cancels_the_other() -> None:
    provider = Scripted("one", [waits(60, says("slow")), says("fast")])
    on = scene(book([entry("one", 1, hedge_after_ms=10)]), provider, clock=SystemClock())
    made = await on.gateway.ask(ask(), read, deadline=on.deadline(30))
    assert (made.answer, made.route) == ("fast", "model")
    assert provider.cancelled == 1
    assert sorted(outcomes(made)) == [("one", "answered"), ("one", "cancelled")]
    assert made.cost > 120_000


async def test_without_a_hedge_nobody_is_asked_twice() -> None:
    provider = Scripted("one", [waits(0.05, says("in my own time"))])
    on = scene(ONE, provider, clock=SystemClock())
    assert (await on.gateway.ask(ask(), read, deadline=on.deadline(30))).answer == "in my own time"
    assert len(provider.calls) == 1


async def test_more_than_may_be_in_flight_stand_in_line_until_their_deadline() -> None:
    provider = Scripted("one", [waits(0.05, says("done"))])
    on = scene(book([entry("one", 1, max_concurrent=2)]), provider, clock=SystemClock())
    patient = [on.gateway.ask(ask(str(n)), read, deadline=on.deadline(30)) for n in range(6)]
    assert [made.answer for made in await asyncio.gather(*patient)] == ["done"] * 6
    holding = Scripted("one", [held(released := asyncio.Event(), says("done"))])
    full = scene(book([entry("one", 1, max_concurrent=1)]), holding, clock=SystemClock())
    first = asyncio.create_task(full.gateway.ask(ask(), read, deadline=full.deadline(30)))
    await holding.asked.wait()
    late = await full.gateway.ask(ask(), read, deadline=full.deadline(0.2))
    assert (late.route, late.code) == ("none", Code.RATE_LIMITED)
    released.set()
    assert (await first).answer == "done"
    assert len(holding.calls) == 1

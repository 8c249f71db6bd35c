"""A model's decision told in sentences: what was asked of whom, what was put before it, what became of its proposal."""

from __future__ import annotations

from typing import Any, NamedTuple

from commands.agents.context import tokens
from events.commit import Event, Json
from events.decision import Attempt, DecisionJudged, DecisionMade, DecisionRerun

MAX_ERROR = 120


class Shown(NamedTuple):
    """A memory as it was put before a model. `position` is None where the record does not say where it comes from."""

    content: str
    position: int | None


def told(event: Event) -> str:
    """An event of a decision's stream in one sentence; empty for any other event."""
    match event:
        case DecisionMade():
            return asked(event)
        case DecisionJudged():
            return verdict(event)
        case DecisionRerun():
            return f"asked again: {event.model} of {event.provider} ({event.verdict})"
        case _:
            return ""


def asked(made: DecisionMade) -> str:
    """Who answered what."""
    what = f"{made.agent} asked for {made.purpose}"
    if made.route == "cache":
        return f"{what}: answered from the cache, as {made.model} of {made.provider} did before"
    if made.proposal is None:
        return f"{what}: no usable answer ({made.code}: {made.problem})"
    first = "" if made.route == "model" else ", in place of another"
    return f"{what}: {made.model} of {made.provider} answered{first}"


def circumstances(made: DecisionMade) -> Json:
    """Prompt, route, attempts, tokens, money and time of a decision, and what it proposed."""
    prompt = made.prompt
    return {
        "prompt": None if prompt is None else f"{prompt.template} v{prompt.version}",
        "prompt_hash": None if prompt is None else prompt.hash,
        "model": made.model or None,
        "provider": made.provider or None,
        "route": made.route,
        "code": made.code,
        "attempts": len(made.attempts),
        "tokens": f"{made.usage.input} in, {made.usage.output} out",
        "dollars": f"{made.cost / 1e9:.6f}",
        "ms": made.latency // 1000,
        "why_a_model": made.inputs.get("special_case_reasons"),
        "proposal": made.proposal,
        "question": made.key,
        "source": made.source or None,
    }


def question(made: DecisionMade, decision_id: str) -> tuple[str, Json]:
    """How much stood in the question, by message; the words themselves are in the record: how to see them."""
    messages = [each for each in made.ask.get("messages", ()) if isinstance(each, dict)]
    sizes = {
        f"{number} {each.get('role')}": tokens(str(each.get("content", "")))
        for number, each in enumerate(messages, start=1)
    }
    return f"the question, about {sum(sizes.values())} tokens: lorestream llm show {decision_id}", sizes


def shown(made: DecisionMade) -> list[Shown]:
    """The memories put before the model, as they were worded, each with where it stands in the log."""
    places: dict[Any, int] = {}
    for place in made.inputs.get("memories", ()):
        if isinstance(place, dict) and isinstance(place.get("position"), int):
            places[place.get("n")] = place["position"]
    facts = made.inputs.get("facts")
    blocks = facts if isinstance(facts, dict) else {}
    found = [
        Shown(str(entry.get("what", "")), places.get(entry.get("n")))
        for name in ("memories", "conversation")
        for entry in blocks.get(name, ())
        if isinstance(entry, dict)
    ]
    told = {each.position for each in found}
    return found + [Shown("", position) for position in made.memories if position not in told]


def attempt(tried: Attempt) -> str:
    """A try that brought nothing."""
    status = "" if tried.status is None else f" {tried.status}"
    return f"{tried.model} of {tried.provider} {tried.outcome}{status}: {tried.error[:MAX_ERROR]}"


def verdict(event: DecisionJudged) -> str:
    """What a decider said."""
    if event.verdict == "accepted":
        return f"the deciders accepted {event.command}"
    return f"the deciders {event.verdict} {event.command} ({event.code}): {event.message}"

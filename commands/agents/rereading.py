"""A decision's record read again: is the question what its facts make, the proposal what its answer says? Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from commands.agents.ask import Ask, asked
from commands.agents.divergence import NOTHING, Divergence, first_divergence
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose, Reading
from commands.decision import sha256
from events.commit import Json
from events.decision import DecisionMade

_RECORDED = ("key", "answer", "proposal", "problem", "route", "code", "ask", "inputs")


@dataclass(frozen=True, slots=True)
class Reread:
    """What a record says when it is read again: the `proposal`, and where that differs from what it claims, each with
    what it concerns (`record`, `question`, `prompt`, `answer`, `proposal`). Not `readable`: no question at all.
    """

    proposal: Json | None = None
    readable: bool = True
    differences: tuple[tuple[str, Divergence], ...] = ()


def reread(
    args: Json, made: DecisionMade, purpose: Purpose | None, template: PromptTemplate | None
) -> Reread:
    """Read the decision `made`, recorded by a command with `args`, again.

    Without `template` the question is not rendered again, without `purpose` the answer is not read.
    """
    found = _as_commanded(args, made)
    try:
        ask = question_of(made)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        return Reread(
            None, False, (*found, ("question", Divergence(f"ask.{where}", problem["msg"], made.ask)))
        )
    key = ask.key()
    if key != made.key:
        told = f"a recorded answer to the question {key}"
        found.append(("question", Divergence("key", told, f"the answer to {made.key}")))
    if purpose is None:
        return Reread(None, True, tuple(found))
    if template is not None:
        found += _rendered(made, purpose, template)
    proposal, differences = _proposed(made, purpose, ask)
    return Reread(proposal, True, (*found, *differences))


def question_of(made: DecisionMade) -> Ask:
    """The question of a decision, with all that was recorded beside it. Raises pydantic's `ValidationError`."""
    return replace(
        asked(made.agent, made.purpose, made.ask),
        prompt=made.prompt,
        inputs=made.inputs,
        memories=made.memories,
        npc_id=made.npc_id,
        player_id=made.player_id,
        request_id=made.request_id,
    )


def read_answer(purpose: Purpose, ask: Ask, answer: str) -> Reading:
    """The answer as the gateway would read it, mistakes of ours included."""
    try:
        return purpose.read(ask, answer)
    except Exception as error:
        return Reading(None, f"the answer cannot be read: {type(error).__name__}")


def _as_commanded(args: Json, made: DecisionMade) -> list[tuple[str, Divergence]]:
    """The event says what the command that recorded it said."""
    found = []
    for name in _RECORDED:
        if name in args and args[name] != getattr(made, name):
            different = first_divergence(args[name], getattr(made, name), name)
            if different is not None:
                found.append(("record", different))
    for name, digest in args.get("sha256", {}).items():
        value = getattr(made, name, None)
        if sha256(value) != digest:
            found.append(("record", Divergence(name, f"what has the SHA-256 {digest}", value)))
    return found


def _rendered(made: DecisionMade, purpose: Purpose, template: PromptTemplate) -> list[tuple[str, Divergence]]:
    """The question is what the recorded facts and the recorded prompt make."""
    try:
        sent: Any = purpose.render(made.inputs, template).sent()
    except Exception as error:
        return [("prompt", Divergence("inputs", f"{type(error).__name__}: {error}", made.inputs))]
    different = None if sent == made.ask else first_divergence(sent, made.ask, "ask")
    return [] if different is None else [("prompt", different)]


def _proposed(
    made: DecisionMade, purpose: Purpose, ask: Ask
) -> tuple[Json | None, list[tuple[str, Divergence]]]:
    """What the recorded answer says, which is None when nobody answered."""
    if not made.provider and not made.answer:
        told = f"a recorded answer to the question {made.key}"
        missing = made.proposal is not None
        return None, [("answer", Divergence("answer", told, NOTHING))] if missing else []
    reading = read_answer(purpose, ask, made.answer)
    if reading.proposal != made.proposal:
        different = first_divergence(reading.proposal, made.proposal, "proposal")
        if different is not None:
            what = "answer" if not made.answer and made.proposal is not None else "proposal"
            return reading.proposal, [(what, different)]
    elif reading.proposal is None and reading.problem != made.problem:
        return None, [("proposal", Divergence("problem", reading.problem, made.problem))]
    return reading.proposal, []

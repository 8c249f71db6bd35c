"""The purposes `decide_action` and `complex_decision`: a model thinks over what a formula decided. Pure.

The decision by utility is a fact before the model is asked, with its whole score table. The model may only point at
one of the choices near the best, by number; `npc.reconsider` checks that again against the NPC's own stream. Whatever
it says, and if it says nothing, the NPC has decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from commands.agents.answer import Proposal, Unusable, proposal_of, schema_of
from commands.agents.ask import Ask
from commands.agents.context import Part, fit
from commands.agents.decision import decision_args
from commands.agents.dialogue import Situation, follow_up, player_of
from commands.agents.portrait import MAX_FIELD, MAX_NAME, Terms, character, fields, memories
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose, Reading
from commands.agents.rendering import question
from commands.agents.routing import Route, flat
from commands.agents.safety.foreign import foreign
from commands.agents.safety.leaks import leak
from commands.agents.safety.privacy import gives_away, marks
from commands.agents.safety.speech import harmless
from commands.codes import Code
from commands.decision import decision_id
from commands.message import CommandMessage, Reply
from commands.mind.decide import Choice
from commands.mind.situation import read_situation
from commands.mind.wire import LABELS, mood_label
from commands.rejection import Rejected
from events.commit import Actor, Commit, Json
from events.decision import DecisionMade
from events.request import RequestOpened

AGENT = "npc_intelligence"
ACTOR = Actor("agent", AGENT)
DECIDES = "npc.decide_action"
RECONSIDERS = "npc.reconsider"
MAX_REASON = 200
MAX_PEOPLE = 8

BLOCKS = ("character", "feelings", "situation", "memories", "choices")
_CHOSEN = frozenset({"action", "activity", "target", "target_x", "target_y", "target_id", "reason"})


class Verdict(Proposal):
    """Which choice, and why, as a model proposes it."""

    choice: int
    reason: str = Field("")


SCHEMA = schema_of(Verdict)


def inputs(
    found: Situation,
    opened: RequestOpened,
    commit: Commit,
    choices: Sequence[Choice],
    way: Route,
    terms: Terms,
) -> Json:
    """The inputs of both purposes: plain JSON. `choices` are those of the decision by utility, the best first."""
    numbered = memories(found.memories, (), commit.at, terms)
    parts = (
        *character(found.npc, opened.npc_id.replace("_", " ")),
        *_feelings(found),
        *_situation(opened),
        *numbered.parts,
        *_choices(choices),
    )
    fitted = fit(parts, BLOCKS, terms.context_tokens)
    return {
        "facts": fitted.blocks,
        "memories": numbered.shown(fitted.blocks),
        "left_out": [*numbered.too_old, *fitted.left_out],
        "special_case_reasons": list(way.reasons),
        "choices": [{"n": number, "activity": choice.activity} for number, choice in enumerate(choices, 1)],
        "guard": {
            "secrets": list(terms.secrets),
            "marks": marks(found.withheld, found.memories),
        },
        "parameters": terms.parameters(),
        "npc_id": opened.npc_id,
        "player_id": player_of(opened, commit),
        "request_id": commit.entity,
    }


def _render(purpose: str, inputs: Json, prompt: PromptTemplate) -> Ask:
    system = prompt.fill({"max_reason": str(MAX_REASON), "canary": prompt.canary})
    return question(AGENT, purpose, system, BLOCKS, SCHEMA, inputs, prompt)


def read(ask: Ask, answer: str) -> Reading:
    """The choice as one of the numbers that were offered, or what is wrong with it. Total."""
    try:
        proposed = proposal_of(Verdict, answer)
    except Unusable as problem:
        return Reading(None, str(problem))
    if proposed.choice not in {choice["n"] for choice in ask.inputs["choices"]}:
        return Reading(None, "choice: it is none of the numbers that were offered")
    system = "\n".join(message.content for message in ask.messages if message.role == "system")
    found = leak(proposed.reason, system, ask.inputs["guard"]["secrets"])
    # A reason is kept, not said: a choice need not fail for it.
    told = "" if found or gives_away(proposed.reason, ask.inputs["guard"]["marks"]) else proposed.reason
    return Reading({"choice": proposed.choice, "reason": harmless(told, MAX_REASON)})


def commands(cause: Commit, made: DecisionMade) -> tuple[CommandMessage, ...]:
    """Reconsidering, when the model chose another than the first; else nothing: the decision stands."""
    opened, proposal = cause.events[0], made.proposal
    if not isinstance(opened, RequestOpened) or proposal is None:
        return ()
    chosen = next(choice for choice in made.inputs["choices"] if choice["n"] == proposal["choice"])
    if chosen is made.inputs["choices"][0]:
        return ()
    args: Json = {
        "decision": follow_up(cause, DECIDES, "", {}).id,
        "choice": chosen["activity"],
        "reason": proposal["reason"],
        "advice": decision_id(cause.id, made.purpose),
    }
    return (replace(reconsidering(cause), args=args, stream=f"npc/{opened.npc_id}"),)


def reconsidering(cause: Commit) -> CommandMessage:
    """The command that carries another choice, still without it: its id is known before a model has answered."""
    return follow_up(cause, RECONSIDERS, "", {}, actor=ACTOR)


def question_of(opened: RequestOpened) -> str:
    """What of the situation the NPC's memory is asked about."""
    words = [value for value in flat(_told(opened)).values() if isinstance(value, str)]
    return " ".join(foreign(word, MAX_FIELD) for word in words[:12])


def people_of(opened: RequestOpened) -> tuple[str, ...]:
    """Who is in the situation, as far as the deciders understand it."""
    try:
        beings = read_situation(decision_args(opened.data)["situation"]).beings
    except Rejected:
        return ()
    return tuple(dict.fromkeys(being.id for being in beings if being.id))[:MAX_PEOPLE]


def outcome(commit: Commit, decided: Json, made: DecisionMade, reply: Reply | None) -> CommandMessage:
    """The command that ends the request. `decided` is the answer of the decision by utility, `reply` what the decider
    said to the model's choice, None when there was nothing to say."""
    accepted = made.proposal is not None and (reply is None or reply.success)
    result = dict(decided)
    if accepted and reply is not None:
        result = {name: value for name, value in decided.items() if name not in _CHOSEN} | reply.data
    if not accepted:
        result["method"], code = "fallback", int(Code.SUCCESS_WITH_FALLBACK)
    else:
        result["method"], code = "cached" if made.route == "cache" else "llm", max(made.code, 0)
    args: Json = {"result": result, "code": code} if code else {"result": result}
    return follow_up(commit, "request.complete", commit.stream, args)


def _feelings(found: Situation) -> list[Part]:
    if found.mind is None:
        return []
    feelings = found.mind.feelings()
    mood = mood_label(feelings) if feelings.primary is None else LABELS[feelings.primary]
    parts = [Part("feelings", "mood", mood, 1, "mood")]
    toward = {
        foreign(person, MAX_NAME): found.mind.level(person).replace("_", " ")
        for person in list(found.mind.relations)[:8]
    }
    return [*parts, Part("feelings", "toward", toward, 2, "relationships")] if toward else parts


def _situation(opened: RequestOpened) -> list[Part]:
    return list(fields("situation", _told(opened), 2, "situation field"))


def _told(opened: RequestOpened) -> Json:
    args = decision_args(opened.data)["situation"]
    return args if isinstance(args, dict) else {"told": args}


def _choices(choices: Sequence[Choice]) -> list[Part]:
    return [
        Part(
            "choices",
            "",
            {
                "n": number,
                "do": foreign(choice.activity, MAX_NAME).replace("_", " "),
                "why": foreign(choice.reason, MAX_FIELD),
                "score": round(choice.score / 1_000_000, 3),
            },
            0,
            f"choice {number}",
        )
        for number, choice in enumerate(choices, 1)
    ]


def _purpose(name: str) -> Purpose:
    return Purpose(
        name=name,
        agent=AGENT,
        places=frozenset({"max_reason", "canary"}),
        verbs=frozenset({RECONSIDERS}),
        render=lambda inputs, prompt: _render(name, inputs, prompt),
        read=read,
        commands=commands,
    )


DECIDE_ACTION = _purpose("decide_action")
COMPLEX_DECISION = _purpose("complex_decision")

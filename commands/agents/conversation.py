"""The purpose `dialogue`: a model finds the words of an NPC. Pure.

What the player wants is still recognised by rules, so goals, quests and memory work as with templates; the model only
chooses words, a face, a gesture, and says which memories it drew on.
"""

from __future__ import annotations

from pydantic import Field

from commands.agents.answer import Proposal, Unusable, proposal_of, schema_of
from commands.agents.ask import Ask
from commands.agents.briefing import BLOCKS, fallback_of
from commands.agents.dialogue import Spoken, completion, remembrance
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose, Reading
from commands.agents.rendering import question
from commands.agents.safety.leaks import leak
from commands.agents.safety.privacy import gives_away
from commands.agents.safety.speech import harmless
from commands.codes import Code
from commands.message import CommandMessage
from commands.mind.dialogue.gesture import ACTIONS, EMOTIONS
from events.commit import Commit, Json
from events.decision import DecisionMade
from events.request import RequestOpened

NAME = "dialogue"
AGENT = "npc_intelligence"
MAX_USED = 16


class Reply(Proposal):
    """What an NPC says, as a model proposes it."""

    response: str = Field(min_length=1)
    emotion: str = ""
    action: str = ""
    memories: list[int] = Field(default_factory=list)


SCHEMA = schema_of(Reply, emotion=EMOTIONS, action=ACTIONS)


def render(inputs: Json, prompt: PromptTemplate) -> Ask:
    """The question: our instructions, then one data block for each kind of fact."""
    limits = inputs["limits"]
    system = prompt.fill(
        {
            "max_bytes": str(limits["max_bytes"]),
            "emotions": ", ".join(limits["emotions"]),
            "actions": ", ".join(limits["actions"]),
            "canary": prompt.canary,
        }
    )
    return question(AGENT, NAME, system, BLOCKS, SCHEMA, inputs, prompt)


def read(ask: Ask, answer: str) -> Reading:
    """The words as they may be said, or what is wrong with them. Total."""
    limits, guard, fallback = ask.inputs["limits"], ask.inputs["guard"], ask.inputs["fallback"]
    try:
        proposed = proposal_of(Reply, answer)
    except Unusable as problem:
        return Reading(None, str(problem))
    system = "\n".join(message.content for message in ask.messages if message.role == "system")
    found = leak(proposed.response, system, guard["secrets"])
    if found:
        return Reading(None, f"leak: {found}")
    if gives_away(proposed.response, guard["marks"]):
        return Reading(None, "leak: it repeats what another player said in private")
    words = harmless(proposed.response, limits["max_bytes"])
    if not any(map(str.isalnum, words)):
        return Reading(None, "response: nothing that can be said is left of it")
    known = {place["n"] for place in ask.inputs["memories"]}
    return Reading(
        {
            "response": words,
            "emotion": proposed.emotion if proposed.emotion in limits["emotions"] else fallback["emotion"],
            "action": proposed.action if proposed.action in limits["actions"] else fallback["action"],
            "memories": [number for number in dict.fromkeys(proposed.memories) if number in known][:MAX_USED],
        }
    )


def commands(cause: Commit, made: DecisionMade) -> tuple[CommandMessage, ...]:
    """The answer, and what the NPC remembers of it; without a proposal those of the template."""
    opened = cause.events[0]
    if not isinstance(opened, RequestOpened):
        return ()
    said, code = _words(made)
    return completion(cause, said, code), remembrance(cause, opened, said)


def _words(made: DecisionMade) -> tuple[Spoken, int]:
    fallback, proposal = fallback_of(made.inputs), made.proposal
    if proposal is None:
        return fallback, Code.SUCCESS_WITH_FALLBACK
    places = {place["n"]: place["position"] for place in made.inputs["memories"]}
    said = Spoken(
        proposal["response"],
        proposal["emotion"],
        proposal["action"],
        "cached" if made.route == "cache" else "llm",
        fallback.intent,
        None,
        tuple(sorted({places[number] for number in proposal["memories"]})),
        fallback.basis,
    )
    return said, max(made.code, 0)


DIALOGUE = Purpose(
    name=NAME,
    agent=AGENT,
    places=frozenset({"max_bytes", "emotions", "actions", "canary"}),
    verbs=frozenset({"request.complete", "npc.speak"}),
    render=render,
    read=read,
    commands=commands,
)

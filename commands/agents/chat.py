"""The purpose `chat`: a conversation of somebody else's, passed to a model as it is (the compatible endpoint). Pure.

The caller brings its own instructions, tools and schema, and gets the answer back: no command ever follows. Only our
own secrets are kept from leaving.
"""

from __future__ import annotations

from pydantic import TypeAdapter
from pydantic_core import from_json

from commands.agents.ask import Ask, Message, Parameters
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose, Reading
from commands.agents.safety.leaks import leak
from commands.message import CommandMessage
from events.commit import Commit, Json
from events.decision import DecisionMade

NAME = "chat"
AGENT = "chat"

_messages: TypeAdapter[tuple[Message, ...]] = TypeAdapter(tuple[Message, ...])
_parameters: TypeAdapter[Parameters] = TypeAdapter(Parameters)


def question(inputs: Json) -> Ask:
    """The question that a caller's body stands for; see `adapters.http.completions` for the shape of `inputs`."""
    return Ask(
        agent=AGENT,
        purpose=NAME,
        messages=_messages.validate_python(inputs["messages"]),
        parameters=_parameters.validate_python(inputs["parameters"]),
        schema=inputs.get("schema"),
        tools=tuple(inputs.get("tools", ())),
        tool_choice=inputs.get("tool_choice"),
        inputs={name: inputs[name] for name in ("caller", "secrets", "json") if name in inputs},
        player_id=str(inputs.get("caller", "")),
    )


def render(inputs: Json, _prompt: PromptTemplate) -> Ask:
    """The caller's own words: there is no template of ours to put another version of."""
    return question(inputs)


def read(ask: Ask, answer: str) -> Reading:
    """The answer as the caller gets it: `{"content", "tool_calls"}`. Total."""
    content, calls = answer, []
    if ask.tools:
        both = _json(answer)
        if not isinstance(both, dict):
            return Reading(None, "the answer is no JSON")
        content, calls = str(both.get("content") or ""), list(both.get("tool_calls") or ())
    if not content.strip() and not calls:
        return Reading(None, "the answer is empty")
    found = leak(content, "", ask.inputs.get("secrets", ()))
    if found:
        return Reading(None, f"leak: {found}")
    if not calls and (ask.schema is not None or ask.inputs.get("json")) and _json(content) is None:
        return Reading(None, "the answer is no JSON, which the caller asked for")
    return Reading({"content": content, "tool_calls": calls})


def commands(_cause: Commit, _made: DecisionMade) -> tuple[CommandMessage, ...]:
    """None: what a caller makes of an answer is its own affair."""
    return ()


def _json(text: str) -> object:
    try:
        return from_json(text)
    except ValueError:
        return None


CHAT = Purpose(
    name=NAME,
    agent=AGENT,
    places=frozenset(),
    verbs=frozenset(),
    render=render,
    read=read,
    commands=commands,
)

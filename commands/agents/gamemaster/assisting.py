"""The purpose `assist`: an answer to somebody at the table, with what it rests on and what could be made of it. Pure.

A game master's assistant sees the whole campaign and may propose new elements and changes; a player's sees what the
player sees and proposes nothing. No command follows an answer: the gateway records it, and makes proposals of what is
proposed, which become elements only when a game master accepts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from commands.agents.answer import Proposal, Unusable, proposal_of, schema_of
from commands.agents.ask import Ask, Message, Parameters
from commands.agents.gamemaster.drafting import AGENT, LANGUAGES
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose, Reading
from commands.agents.safety.blocks import data_block
from commands.agents.safety.leaks import leak
from commands.agents.safety.prose import prose
from commands.forms.field import FieldError, clean
from commands.forms.kinds import BY_NAME
from commands.message import CommandMessage
from commands.proposal import ELEMENT_OF
from events.commit import Commit, Json
from events.decision import DecisionMade

NAME = "assist"
BLOCKS = ("campaign", "reference", "elements", "characters", "history", "conversation", "question")
"""In the order they are sent: what seldom changes first, which providers charge less for."""

MAX_RESPONSE = 8_000
MAX_PROPOSED = 3
MAX_CITED = 24
WRITTEN = ("name", "summary", "description", "secrets")
"""The fields that a proposal of the assistant fills; the rest is for the game master, or for a draft."""

ROLES = {
    "master": (
        "You answer a game master, who may know everything. Help to prepare and to run the game: fast, useful, fair."
    ),
    "player": (
        "You are the game master for a player and speak to the player's character: tell what it perceives and what "
        "follows from what it does, and end with what it could do next. You know only what the player may know; never "
        "decide what the character thinks, says or does."
    ),
}
_PROPOSALS = {
    "master": (
        'up to three things worth keeping, [] if there are none. Each has a "kind" (location, npc, quest, event or '
        'description), "element": the number of the element it would change or 0 for a new one, and "name", '
        '"summary", "description", "secrets" with what is new; leave empty what stays as it is.'
    ),
    "player": "always [].",
}
_LINK = re.compile(r"\[\[\s*#?(\w{1,64})\s*(?:\|[^\[\]]{0,120})?\]\]")


class Proposed(Proposal):
    """Something worth keeping: `element` is the number of what it changes, 0 for something new."""

    kind: str
    element: int = 0
    name: str = ""
    summary: str = ""
    description: str = ""
    secrets: str = ""


class Answer(Proposal):
    """What the model gives."""

    response: str
    elements: list[int] = []  # noqa: RUF012 - pydantic copies it
    reference: list[str] = []  # noqa: RUF012
    proposals: list[Proposed] = []  # noqa: RUF012


def _schema() -> Json:
    plain = schema_of(Answer)
    kind = schema_of(Proposed, kind=tuple(ELEMENT_OF))
    plain["properties"]["proposals"] = {"type": "array", "items": kind}
    return plain


SCHEMA = _schema()


def render(inputs: Json, prompt: PromptTemplate) -> Ask:
    """The question. `inputs["role"]` is `master` or `player`, `inputs["facts"]` the data blocks."""
    system = prompt.fill(
        {
            "role": ROLES[inputs["role"]],
            "proposals": _PROPOSALS[inputs["role"]],
            "language": LANGUAGES[inputs["language"]],
            "ruleset": "SRD 5.2 (2024)" if inputs["ruleset"] == "2024" else "SRD 5.1 (2014)",
            "canary": prompt.canary,
        }
    )
    blocks = [data_block(name, inputs["facts"][name]) for name in BLOCKS if name in inputs["facts"]]
    return Ask(
        agent=AGENT,
        purpose=NAME,
        messages=(Message("system", system), Message("user", "\n".join(blocks))),
        parameters=Parameters(**inputs["parameters"]),
        schema=SCHEMA,
        prompt=prompt.stamp,
        inputs=inputs,
        player_id=inputs["account_id"],
    )


def read(ask: Ask, answer: str) -> Reading:
    """`{"response", "cites", "proposals"}`, or what makes the answer unusable. Total.

    Numbers and names of what was not shown are dropped: an answer can cite, and change, nothing else. A proposal that
    says nothing, or that its kind cannot hold, is dropped too.
    """
    try:
        found = proposal_of(Answer, answer)
    except Unusable as problem:
        return Reading(None, str(problem))
    known = {place["n"]: place for place in ask.inputs["known"]}
    response, named = _linked(prose(found.response, MAX_RESPONSE), known)
    if not response.strip():
        return Reading(None, "response: it is empty")
    proposals = list(_proposals(found, known)) if ask.inputs["role"] == "master" else []
    told = [response, *(str(value) for each in proposals for value in each["fields"].values())]
    system = "\n".join(message.content for message in ask.messages if message.role == "system")
    given_away = leak("\n".join(told), system, ask.inputs["guard"]["secrets"])
    if given_away:
        return Reading(None, f"leak: {given_away}")
    numbers = dict.fromkeys((*named, *(number for number in found.elements if number in known)))
    cites = [
        {"kind": "element", "id": known[number]["id"], "name": known[number]["name"]} for number in numbers
    ]
    shown = {name.casefold(): name for name in ask.inputs["entries"]}
    entries = dict.fromkeys(shown[name.casefold()] for name in found.reference if name.casefold() in shown)
    cites += [{"kind": "refdata", "id": ask.inputs["entries"][name], "name": name} for name in entries]
    return Reading({"response": response, "cites": cites[:MAX_CITED], "proposals": proposals})


def commands(_cause: Commit, _made: DecisionMade) -> tuple[CommandMessage, ...]:
    """None: an answer changes nothing."""
    return ()


def _linked(text: str, known: Mapping[int, Json]) -> tuple[str, list[int]]:
    """Links to numbered elements as links to the elements, and which they were; of any other the brackets go."""
    numbers: list[int] = []

    def told(found: re.Match[str]) -> str:
        place = known.get(int(found[1])) if found[1].isdecimal() and len(found[1]) < 6 else None
        if place is None:
            return found[1]
        numbers.append(place["n"])
        return f"[[{place['id']}]]"

    return _LINK.sub(told, text), numbers


def _proposals(found: Answer, known: Mapping[int, Json]) -> Iterator[Json]:
    kept = 0
    for each in found.proposals:
        target = known.get(each.element) if each.element else None
        if kept >= MAX_PROPOSED or each.kind not in ELEMENT_OF or (each.element and target is None):
            continue
        if target is not None and target["kind"] != ELEMENT_OF[each.kind]:
            continue
        fields = dict(_written(each, known))
        if not fields or (target is None and "name" not in fields):
            continue
        kept += 1
        yield {"kind": each.kind, "target": target["id"] if target else "", "fields": fields}


def _written(each: Proposed, known: Mapping[int, Json]) -> Iterator[tuple[str, Any]]:
    form = BY_NAME[ELEMENT_OF[each.kind]]
    for name in WRITTEN:
        if name not in form:
            continue
        length = form[name].length if form[name].form == "line" else MAX_RESPONSE
        text, _ = _linked(prose(getattr(each, name), length), known)
        try:
            value = clean(form[name], text)
        except FieldError:
            continue
        if value is not None:
            yield name, value


ASSIST = Purpose(
    name=NAME,
    agent=AGENT,
    places=frozenset({"role", "proposals", "language", "ruleset", "canary"}),
    verbs=frozenset(),
    render=render,
    read=read,
    commands=commands,
)

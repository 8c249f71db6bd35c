"""The purposes `generate_location`, `generate_npc` …: a model writes one draft. Pure.

The answer fills the fields of one kind of element; references are numbers of the elements that were shown, so that no
answer can name what the game master did not put before the model. No command follows: what was drafted becomes part of
a proposal (`proposal.make`), and an element only when a game master accepts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from commands.agents.answer import Unusable, object_of
from commands.agents.ask import Ask, Message, Parameters
from commands.agents.gamemaster.kinds import KINDS, SCHEMAS, Draftable
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose, Reading
from commands.agents.safety.blocks import data_block
from commands.agents.safety.leaks import leak
from commands.agents.safety.prose import clipped, prose
from commands.forms.field import ABILITIES, MAX_LINE_OF_LIST, MAX_LINES, MAX_TAGS, Field, FieldError, clean
from commands.forms.text import line
from commands.message import CommandMessage
from commands.rules.verdict import shown
from events.commit import Commit, Json
from events.decision import DecisionMade

AGENT = "game_master"
BLOCKS = ("campaign", "reference", "elements", "characters", "history", "brief")
"""The data blocks in the order they are sent: what seldom changes first, which providers charge less for."""

PLACES = frozenset({"language", "ruleset", "canary"})
LANGUAGES = {"en": "English", "fr": "French"}
MAX_PROSE = 4000
MAX_CLAIMED = 16
MAX_COUNT = 100
WORDY = 100
"""Lines that may be so long hold sentences."""

_LINK = re.compile(r"\[\[\s*#?(\w{1,64})\s*(?:\|[^\[\]]{0,120})?\]\]")


def name_of(kind: str) -> str:
    """The purpose that drafts a kind."""
    return f"generate_{kind}"


def render(kind: str, inputs: Json, prompt: PromptTemplate) -> Ask:
    """The question: our instructions, then one data block for each kind of fact."""
    system = prompt.fill(
        {
            "language": LANGUAGES[inputs["language"]],
            "ruleset": "SRD 5.2 (2024)" if inputs["ruleset"] == "2024" else "SRD 5.1 (2014)",
            "canary": prompt.canary,
        }
    )
    blocks = [data_block(name, inputs["facts"][name]) for name in BLOCKS if name in inputs["facts"]]
    return Ask(
        agent=AGENT,
        purpose=name_of(kind),
        messages=(Message("system", system), Message("user", "\n".join(blocks))),
        parameters=Parameters(**inputs["parameters"]),
        schema=SCHEMAS[kind],
        prompt=prompt.stamp,
        inputs=inputs,
        player_id=inputs["account_id"],
    )


def read(kind: str, ask: Ask, answer: str) -> Reading:
    """The draft as `{"fields", "claims", "problems"}`, or what makes all of it unusable. Total.

    A field that cannot hold what was written is left out, and `problems` says so: `[{"field", "message"}]`.
    """
    draftable = KINDS[kind]
    try:
        found = object_of(answer)
    except Unusable as problem:
        return Reading(None, str(problem))
    known = {place["n"]: place for place in ask.inputs["known"]}
    fields, problems = _fields(draftable, found, known)
    for name in ("name", "description"):
        if name not in fields:
            told = next((each["message"] for each in problems if each["field"] == name), "it is missing")
            return Reading(None, f"{name}: {told}")
    claims = {name: value for name in draftable.claims if (value := _claim(name, found.get(name), problems))}
    system = "\n".join(message.content for message in ask.messages if message.role == "system")
    given_away = leak("\n".join(_texts([fields, claims])), system, ask.inputs["guard"]["secrets"])
    if given_away:
        return Reading(None, f"leak: {given_away}")
    return Reading({"fields": {**draftable.started, **fields}, "claims": claims, "problems": problems})


def commands(_cause: Commit, _made: DecisionMade) -> tuple[CommandMessage, ...]:
    """None: a draft becomes an element only when a game master accepts it."""
    return ()


def purpose(kind: str) -> Purpose:
    return Purpose(
        name=name_of(kind),
        agent=AGENT,
        places=PLACES,
        verbs=frozenset(),
        render=partial(render, kind),
        read=partial(read, kind),
        commands=commands,
    )


DRAFTING: tuple[Purpose, ...] = tuple(purpose(kind) for kind in KINDS)


def _fields(draftable: Draftable, found: Json, known: Mapping[int, Json]) -> tuple[Json, list[Json]]:
    fields: Json = {}
    problems: list[Json] = []
    for name, field in draftable.form.items():
        if name not in found:
            problems.append({"field": name, "message": "the answer leaves it out"})
            continue
        try:
            value = clean(field, _shaped(field, found[name], known, problems))
        except FieldError as error:
            problems.append({"field": name, "message": f"{error}: {shown(found[name])!r} cannot be kept"})
            continue
        if value is not None:
            fields[name] = value
    return fields, problems


def _shaped(field: Field, value: Any, known: Mapping[int, Json], problems: list[Json]) -> Any:
    """A model's value as `clean` takes it. Raises `FieldError`."""
    match field.form:
        case "line" | "choice":
            text = line(prose(_text(value), MAX_PROSE))
            # Of a sentence the beginning is good; of a number or a word only all of it.
            return clipped(text, field.length) if field.length >= WORDY else text
        case "text":
            return _linked(prose(_text(value), MAX_PROSE), known)
        case "lines" | "tags":
            most, length = (MAX_LINES, MAX_LINE_OF_LIST) if field.form == "lines" else (MAX_TAGS, 40)
            if not isinstance(value, list):
                raise FieldError("must be a list")
            return [clipped(line(prose(_text(each), length)), length) for each in value[:most]]
        case "reference":
            return _referred(field, value, known, problems) if value else None
        case "references":
            if not isinstance(value, list):
                raise FieldError("must be a list")
            return [
                one for each in value[:MAX_LINES] if each and (one := _referred(field, each, known, problems))
            ]
        case "abilities":
            return value
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise FieldError("must be text")
    return value


def _referred(field: Field, number: Any, known: Mapping[int, Json], problems: list[Json]) -> str | None:
    place = known.get(number) if isinstance(number, int) and not isinstance(number, bool) else None
    if place is None or (field.kinds and place["kind"] not in field.kinds):
        told = f"{shown(number)!r} is the number of no {' or '.join(field.kinds) or 'element'} that was shown"
        problems.append({"field": field.name, "message": told})
        return None
    return str(place["id"])


def _linked(text: str, known: Mapping[int, Json]) -> str:
    """Links to numbered elements as links to the elements; of any other the brackets go."""

    def told(found: re.Match[str]) -> str:
        place = known.get(int(found[1])) if found[1].isdecimal() and len(found[1]) < 6 else None
        return f"[[{place['id']}]]" if place else found[1]

    return _LINK.sub(told, text)


def _claim(name: str, value: Any, problems: list[Json]) -> Any:
    """A claim as it is recorded; None for what is none."""
    if value in (None, "", 0, []):
        return None
    match name:
        case "creatures" | "items" | "spells" if isinstance(value, list):
            named = [_named(each) for each in value[:MAX_CLAIMED]]
            kept = [each for each in named if each is not None]
            return kept if name == "creatures" else [each["name"] for each in kept]
        case "save_dc" if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100:
            return value
        case "casting_ability" if value in ABILITIES:
            return value
    problems.append({"field": name, "message": f"{shown(value)!r} cannot be kept"})
    return None


def _named(value: Any) -> Json | None:
    given = {"name": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        return None
    name, count = line(prose(given["name"], 120)), given.get("count", 1)
    if isinstance(count, bool) or not isinstance(count, int):
        count = 1
    return {"name": name, "count": max(1, min(count, MAX_COUNT))} if name else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)

"""The purpose `world_event`: whether something happens to the world by itself, and what. Pure.

It is asked at every look at the world (`world.looked`) and when a trigger is pulled (`commands.agents.watch`). What
could happen is worked out first, as numbered choices within the book's bounds (``conf/world.toml``). Without a model
one of them, or none, is drawn by the identity of the commit; a model may choose better. The decider holds both to the
book.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from pydantic import Field

from commands.agents.answer import Proposal, Unusable, proposal_of, schema_of
from commands.agents.ask import Ask, Message, Parameters
from commands.agents.context import Part, fit
from commands.agents.dialogue import follow_up
from commands.agents.portrait import MAX_NAME, Terms
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose, Reading
from commands.agents.routing import Route
from commands.agents.safety.blocks import data_block
from commands.agents.safety.foreign import foreign
from commands.agents.safety.leaks import leak
from commands.agents.safety.speech import harmless
from commands.agents.watch import Firing
from commands.agents.world_options import MAX_MAPS, Option
from commands.legend.book import MAX_DESCRIPTION_BYTES
from commands.message import CommandMessage
from commands.world_state import WorldState
from events.commit import Actor, Commit, Json
from events.decision import DecisionMade
from events.world import WorldLooked

NAME = "world_event"
AGENT = "world_evolution"
ACTOR = Actor("agent", AGENT)
BLOCKS = ("world", "news", "maps", "choices")

WORTH_ASKING = 300_000
"""Importance of what a rule has drawn, from which on a model is worth asking."""


class Happening(Proposal):
    """What a model proposes: one of the numbered choices (0: nothing), and how it goes."""

    choice: int
    map: str = ""
    intensity: int = 50
    seconds: int = 0
    change: int = 0
    narrative: str = Field("")


SCHEMA = schema_of(Happening)


def way(setting: str, known: Sequence[Option], rule: Json | None, firing: Firing | None) -> Route:
    """Whether a model is worth asking: by rule for what matters, or when a trigger was pulled; not for a shower."""
    if setting == "template" or not known:
        return Route(False)
    reasons = []
    if firing is not None:
        reasons.append(f"trigger:{firing.name}")
    if rule is not None and known[rule["choice"] - 1].theme.importance >= WORTH_ASKING:
        reasons.append("high_importance")
    if setting == "model":
        return Route(True, tuple(reasons) or ("always",))
    return Route(bool(reasons), tuple(reasons))


def inputs(
    state: WorldState,
    cause: Commit,
    known: Sequence[Option],
    maps: Sequence[str],
    news: Iterable[str],
    rule: Json | None,
    firing: Firing | None,
    why: Route,
    terms: Terms,
) -> Json:
    """What the decision records: the facts a model is shown, the choices it has, and what happens without one."""
    places = [firing.map] if firing is not None and firing.map else list(maps)[:MAX_MAPS]
    parts = (*_world(state, cause, firing), *_news(news), *_places(places), *_choices(known))
    fitted = fit(parts, BLOCKS, terms.context_tokens)
    return {
        "facts": fitted.blocks,
        "left_out": list(fitted.left_out),
        "special_case_reasons": list(why.reasons),
        "choices": _plain(known),
        "maps": places,
        "guard": {"secrets": list(terms.secrets)},
        "parameters": terms.parameters(),
        "fallback": rule,
        **started(cause, firing),
    }


def started(cause: Commit, firing: Firing | None) -> Json:
    """At which look, or by which trigger."""
    looked = next((event for event in cause.events if isinstance(event, WorldLooked)), None)
    return {"tick": looked.tick if looked else None, "trigger": asdict(firing) if firing else None}


def render(inputs: Json, prompt: PromptTemplate) -> Ask:
    system = prompt.fill({"max_bytes": str(MAX_DESCRIPTION_BYTES), "canary": prompt.canary})
    blocks = [data_block(name, inputs["facts"][name]) for name in BLOCKS if name in inputs["facts"]]
    return Ask(
        agent=AGENT,
        purpose=NAME,
        messages=(Message("system", system), Message("user", "\n".join(blocks))),
        parameters=Parameters(**inputs["parameters"]),
        schema=SCHEMA,
        prompt=prompt.stamp,
        inputs=inputs,
    )


def read(ask: Ask, answer: str) -> Reading:
    """One of the choices with a line that can be told, or what is wrong with it. Total. Bounds, seasons and limits are
    for the decider to say."""
    try:
        found = proposal_of(Happening, answer)
    except Unusable as problem:
        return Reading(None, str(problem))
    if not 0 <= found.choice <= len(ask.inputs["choices"]):
        return Reading(None, "choice: it is none of the numbers that were offered")
    if found.choice == 0:
        return Reading({"choice": 0})
    if found.map and found.map not in ask.inputs["maps"]:
        return Reading(None, "map: it is none of those that were offered")
    numbers = (found.intensity, found.seconds, found.change)
    if not all(abs(number) < 2**31 for number in numbers):
        return Reading(None, "intensity, seconds, change: too large")
    system = "\n".join(message.content for message in ask.messages if message.role == "system")
    given_away = leak(found.narrative, system, ask.inputs["guard"]["secrets"])
    if given_away:
        return Reading(None, f"leak: {given_away}")
    line = harmless(found.narrative, MAX_DESCRIPTION_BYTES)
    return Reading({**found.model_dump(), "narrative": line})


def commands(cause: Commit, made: DecisionMade) -> tuple[CommandMessage, ...]:
    """The change of the world, and a faction's move; without a proposal those of the rule."""
    proposal = made.proposal if made.proposal is not None else made.inputs["fallback"]
    return proposed(cause, made.inputs, proposal)


def proposed(cause: Commit, known: Json, proposal: Json | None) -> tuple[CommandMessage, ...]:
    """The commands of a proposal, a model's or the rule's. `known` holds `choices`, and what `started` gives."""
    if proposal is None or not proposal["choice"]:
        return ()
    choice, trigger = known["choices"][proposal["choice"] - 1], known["trigger"] or {}
    args: Json = {
        "kind": choice["kind"],
        "name": choice["name"],
        "maps": [proposal["map"]] if proposal["map"] else [],
        "intensity": proposal["intensity"],
        "duration": proposal["seconds"],
        "narrative": proposal["narrative"],
        "tick": known["tick"],
        "trigger": trigger.get("name", ""),
    }
    place = trigger.get("map") or trigger.get("faction") or ""
    mark = f"world/{trigger['name']}/{place}" if trigger else "world"
    if choice["kind"] != "faction_move":
        return (_command(cause, mark, "world.evolve", f"world/{cause.realm}", args),)
    move: Json = {
        "name": choice["name"],
        "other": choice["other"],
        "change": proposal["change"],
        "narrative": proposal["narrative"],
    }
    args |= {"faction": choice["faction"], "other": choice["other"], "change": proposal["change"]}
    return (
        _command(cause, mark, "world.evolve", f"world/{cause.realm}", args),
        _command(cause, mark, "faction.move", f"faction/{choice['faction']}", move),
    )


def plainly(known: Sequence[Option], cause: Commit, firing: Firing | None) -> Json:
    """What `proposed` needs to know, when no model is asked."""
    return {"choices": _plain(known), **started(cause, firing)}


def _command(cause: Commit, mark: str, name: str, stream: str, args: Json) -> CommandMessage:
    return replace(follow_up(cause, name, stream, args, actor=ACTOR), id=f"agents/{cause.id}/{mark}/{name}")


def _plain(known: Sequence[Option]) -> list[Json]:
    return [
        {"kind": one.theme.kind, "name": one.theme.key, "faction": one.faction, "other": one.other}
        for one in known
    ]


def _world(state: WorldState, cause: Commit, firing: Firing | None) -> Iterator[Part]:
    if state.season:
        yield Part("world", "season", state.season, 0, "season")
    skies = {foreign(name, MAX_NAME): sky.weather for name, sky in list(state.weather.items())[:MAX_MAPS]}
    if skies:
        yield Part("world", "weather", skies, 2, "weather")
    if state.festivals:
        yield Part("world", "festivals", sorted(state.festivals), 1, "festivals")
    if firing is not None:
        told: dict[str, Any] = {"why": firing.name, "on the map": firing.map, "faction": firing.faction}
        shown = {key: foreign(value, MAX_NAME) for key, value in told.items() if value}
        yield Part("world", "set in motion by", shown, 0, "trigger")
    yield Part("world", "time", cause.time.strftime("%H:%M"), 3, "time")


def _news(news: Iterable[str]) -> Iterator[Part]:
    for line in news:
        yield Part("news", "", foreign(line, 160), 4, "news")


def _places(places: Sequence[str]) -> Iterator[Part]:
    for name in places:
        yield Part("maps", "", foreign(name, 128), 1, f"map {name[:MAX_NAME]}")


def _choices(known: Sequence[Option]) -> Iterator[Part]:
    for number, option in enumerate(known, 1):
        theme = option.theme
        told: Json = {
            "n": number,
            "kind": theme.kind.replace("_", " "),
            "what": theme.name,
            "like": theme.lines[0],
            "seconds": list(theme.duration),
            "intensity": list(theme.intensity),
        }
        if option.faction:
            told |= {
                "faction": foreign(option.faction, MAX_NAME),
                "towards": foreign(option.other, MAX_NAME),
                "change": list(theme.change),
            }
        yield Part("choices", "", told, 0, f"choice {number}")


WORLD_EVENT = Purpose(
    name=NAME,
    agent=AGENT,
    places=frozenset({"max_bytes", "canary"}),
    verbs=frozenset({"world.evolve", "faction.move"}),
    render=render,
    read=read,
    commands=commands,
)

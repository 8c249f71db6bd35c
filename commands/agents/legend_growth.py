"""What the agents of bloodlines and of syntheses have in common: how a deed becomes an award or an awakening. Pure.

Without a model a rule answers: the legend is drawn from those the deed serves, the worth within the book's range, the
line from the book's lines. A model may choose better within the same bounds; the deciders hold both to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import Field

from commands.agents.answer import Proposal, Unusable, proposal_of, schema_of
from commands.agents.ask import Ask, Message, Parameters
from commands.agents.context import Part, fit
from commands.agents.deeds import Deed
from commands.agents.dialogue import follow_up
from commands.agents.lot import one_of, within
from commands.agents.portrait import MAX_NAME, Terms
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose, Reading
from commands.agents.routing import Moment, Route, route
from commands.agents.safety.blocks import data_block
from commands.agents.safety.foreign import foreign, foreign_value
from commands.agents.safety.leaks import leak
from commands.agents.safety.speech import harmless
from commands.legend.book import MAX_DESCRIPTION_BYTES, Legend, LegendBook
from commands.legend.path import LegendState, Standing, Words
from commands.message import CommandMessage
from events.commit import Actor, Commit, Json
from events.decision import DecisionMade

BLOCKS = ("character", "deed", "legends")
MAX_FIELD = 160
AWARD, AWAKENING, NOTHING = "award", "awakening", "none"


class Growth(Proposal):
    """What a model proposes: nothing, experience for one legend, or its awakening; and the line that is told."""

    kind: str
    id: int = 0
    exp: int = 0
    narrative: str = Field("")


SCHEMA = schema_of(Growth, kind=(AWARD, AWAKENING, NOTHING))


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two: its purpose and agent, and the decider's vocabulary."""

    purpose: str
    agent: str
    words: Words


def candidates(state: LegendState, deed: Deed, book: LegendBook) -> Iterator[Legend]:
    """The legends a deed can do something for: those it serves that are not full, nor locked behind others."""
    for legend in book.by_deed.get(deed.kind, ()):
        standing = state.paths.get(legend.id, Standing())
        if standing.level and standing.total >= legend.most:
            continue
        if not standing.level and any(
            state.level(needed) < level for needed, level in legend.requires.items()
        ):
            continue
        yield legend


def chosen(state: LegendState, deed: Deed, book: LegendBook, seed: str) -> Json | None:
    """The rule's proposal, drawn by `seed`; None when the deed serves nothing (any more)."""
    known = tuple(candidates(state, deed, book))
    if not known:
        return None
    legend = one_of(f"{seed}/legend", known)
    exp = within(f"{seed}/exp", legend.deeds[deed.kind])
    standing = state.paths.get(legend.id, Standing())
    if not standing.level and standing.stirred + exp >= legend.awakens_at:
        told = one_of(f"{seed}/line", legend.awakening)
        return {"kind": AWAKENING, "id": legend.id, "exp": 0, "narrative": told}
    return {"kind": AWARD, "id": legend.id, "exp": exp, "narrative": one_of(f"{seed}/line", legend.award)}


def way(setting: str, state: LegendState, commit: Commit, rule: Json) -> Route:
    """Whether a model is worth asking: for an awakening, for the first of all, or when the game says it matters."""
    data = commit.command.args.get("event_data") or commit.command.args.get("data")
    found = route(setting, Moment(data if isinstance(data, dict) else {}))
    if setting != "rule":
        return found
    reasons = [*found.reasons]
    if rule["kind"] == AWAKENING:
        reasons.append("awakening")
    if not state.paths:
        reasons.append("first_time_event")
    return Route(bool(reasons), tuple(reasons))


def inputs(
    state: LegendState, commit: Commit, deed: Deed, book: LegendBook, rule: Json, why: Route, terms: Terms
) -> Json:
    """What the decision records: the facts a model is shown, and what happens without one (`fallback`)."""
    known = tuple(candidates(state, deed, book))
    fitted = fit((*_parts(state, commit, deed), *_legends(state, deed, known)), BLOCKS, terms.context_tokens)
    return {
        "facts": fitted.blocks,
        "left_out": list(fitted.left_out),
        "special_case_reasons": list(why.reasons),
        "offered": [legend.id for legend in known],
        "char_id": deed.char_id,
        "deed": deed.kind,
        "index": deed.index,
        "guard": {"secrets": list(terms.secrets)},
        "parameters": terms.parameters(),
        "fallback": rule,
    }


def proposed(
    kind: Kind, cause: Commit, char_id: str, deed: str, index: int, proposal: Json
) -> tuple[CommandMessage, ...]:
    """The command of a proposal, a model's or the rule's; none when nothing is to happen."""
    if proposal["kind"] == NOTHING:
        return ()
    awakening = proposal["kind"] == AWAKENING
    args: Json = {kind.words.field: proposal["id"], "deed": deed, "narrative": proposal["narrative"]}
    if not awakening:
        args["exp"] = proposal["exp"]
    name = f"{kind.words.name}.{'awaken' if awakening else 'award'}"
    stream = f"{kind.words.name}/{char_id}"
    command = follow_up(cause, name, stream, args, actor=Actor("agent", kind.agent))
    # One commit may hold several deeds, but each leads to one thing, whatever that is.
    return (replace(command, id=f"agents/{cause.id}/{kind.words.name}/{index}"),)


def purpose(kind: Kind) -> Purpose:
    """The purpose of one of the two."""

    def render(inputs: Json, prompt: PromptTemplate) -> Ask:
        system = prompt.fill({"max_bytes": str(MAX_DESCRIPTION_BYTES), "canary": prompt.canary})
        blocks = [data_block(name, inputs["facts"][name]) for name in BLOCKS if name in inputs["facts"]]
        return Ask(
            agent=kind.agent,
            purpose=kind.purpose,
            messages=(Message("system", system), Message("user", "\n".join(blocks))),
            parameters=Parameters(**inputs["parameters"]),
            schema=SCHEMA,
            prompt=prompt.stamp,
            inputs=inputs,
            player_id=inputs["char_id"],
        )

    def commands(cause: Commit, made: DecisionMade) -> tuple[CommandMessage, ...]:
        known, proposal = made.inputs, made.proposal or made.inputs["fallback"]
        return proposed(kind, cause, known["char_id"], known["deed"], known["index"], proposal)

    verbs = frozenset({f"{kind.words.name}.award", f"{kind.words.name}.awaken"})
    places = frozenset({"max_bytes", "canary"})
    return Purpose(kind.purpose, kind.agent, places, verbs, render, read, commands)


def read(ask: Ask, answer: str) -> Reading:
    """The proposal with a line that can be told, or what is wrong with it. Total. How much the deed is worth, and
    whether the legend may wake, is for the decider to say."""
    try:
        found = proposal_of(Growth, answer)
    except Unusable as problem:
        return Reading(None, str(problem))
    if found.kind not in (AWARD, AWAKENING, NOTHING):
        return Reading(None, f"kind: must be {AWARD}, {AWAKENING} or {NOTHING}")
    if found.kind == NOTHING:
        return Reading({"kind": NOTHING, "id": 0, "exp": 0, "narrative": ""})
    if not 0 <= found.id < 2**31 or not 0 <= found.exp < 2**31:
        return Reading(None, "id, exp: must be whole numbers from 0 on")
    system = "\n".join(message.content for message in ask.messages if message.role == "system")
    given_away = leak(found.narrative, system, ask.inputs["guard"]["secrets"])
    if given_away:
        return Reading(None, f"leak: {given_away}")
    line = harmless(found.narrative, MAX_DESCRIPTION_BYTES)
    return Reading({"kind": found.kind, "id": found.id, "exp": found.exp, "narrative": line})


def _parts(state: LegendState, commit: Commit, deed: Deed) -> Iterator[Part]:
    name, level = commit.actor.details.get("name"), commit.actor.details.get("level")
    if isinstance(name, str):
        yield Part("character", "name", foreign(name, MAX_NAME), 1, "name")
    if isinstance(level, int):
        yield Part("character", "level", level, 2, "level")
    awake = sum(1 for standing in state.paths.values() if standing.level)
    yield Part("character", "legends that are awake", awake, 1, "how many are awake")
    yield Part("deed", "what", foreign(deed.kind, MAX_NAME).replace("_", " "), 0, "deed")
    if deed.map:
        yield Part("deed", "where", foreign(deed.map, MAX_NAME), 2, "place")
    if deed.witness:
        yield Part("deed", "seen by", foreign(deed.witness, MAX_NAME), 3, "witness")
    args = commit.command.args
    told = foreign_value(args.get("event_data") or args.get("data"), MAX_FIELD)
    if told:
        yield Part("deed", "details", told, 3, "details of the deed")


def _legends(state: LegendState, deed: Deed, known: tuple[Legend, ...]) -> Iterator[Part]:
    for legend in known:
        standing = state.paths.get(legend.id, Standing())
        least, most = legend.deeds[deed.kind]
        told: Json = {"id": legend.id, "name": legend.name, "about": legend.description, "exp": [least, most]}
        if standing.level:
            told["level"] = standing.level
        else:
            told["gathered"] = f"{standing.stirred} of {legend.awakens_at}"
            told["may awaken"] = standing.stirred + most >= legend.awakens_at
        yield Part("legends", "", told, 0, f"legend {legend.id}")

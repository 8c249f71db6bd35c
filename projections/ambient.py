"""News of the world and of factions, felt by each NPC when its turn comes.

An event that concerns a hundred thousand NPCs must not touch a hundred thousand rows. It is kept once, among the
last `MOST_TIDINGS`, and an NPC feels what it has not felt yet, in order, when something happens to it or when
somebody asks. Both ways use `felt_so_far`, so a question and a later event see the same feelings.

Bounds: an NPC to which nothing happened for more than `MOST_TIDINGS` tidings feels the last ones only (tidings the
appraisal table does not know are not counted). A tiding keeps the simple values of its data, at most `MOST_BYTES`
of them. How the NPC stands to persons in a tiding is not looked up: they are taken as strangers would be; what the
tiding does to the relationship waits (at most `MOST_UNTOLD` pieces) until that relationship is next at hand. Members
feel what happened to their faction; that it happened to another one is no news to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from commands.mind.affect import AffectState
from commands.mind.appraisal import Appraisal
from commands.mind.emotion import Felt
from commands.mind.happening import GameEvent
from commands.mind.outlook import Outlook
from commands.mind.reaction import react
from commands.mind.relationship import RelationState, affected
from commands.mind.rules import AppraisalRules
from projections.schema import SAFE_INTEGER, from_text, to_text

MOST_TIDINGS = 256
MOST_BYTES = 600
MOST_UNTOLD = 16
MOST_FACTIONS = 2000
_MOST_KEYS = 64
_MOST_LETTERS = 128

ALL = ""
"""The scope of a tiding that reaches every NPC; any other scope is a faction's id."""

Standings = Mapping[str, Mapping[str, int]]
"""Faction → other faction → −100 … 100."""


class Tiding(NamedTuple):
    """One event of the world or a faction, as far as minds need it."""

    position: int
    at: int
    scope: str
    kind: str
    data: Mapping[str, Any]


class Untold(NamedTuple):
    """What a tiding means for the relationship to `target`, to be added to it later."""

    target: str
    at: int
    position: int
    appraisal: Appraisal


class Inner(NamedTuple):
    """The part of a mind that tidings change: feelings, how far they are felt, what waits for relationships."""

    affect: AffectState
    felt: int
    untold: tuple[Untold, ...]


def felt_so_far(
    rules: AppraisalRules,
    outlook: Outlook,
    factions: tuple[str, ...],
    inner: Inner,
    tidings: tuple[Tiding, ...],
) -> Inner:
    """`inner` after all `tidings` it has not felt yet; the same object when there are none.

    `factions` are those the NPC belongs to now, which is since before the oldest tiding it has not felt.
    """
    if not tidings or tidings[-1].position <= inner.felt:
        return inner
    affect, felt, untold = inner
    for tiding in _since(tidings, felt):
        scope = tiding.scope
        if scope == ALL or scope in factions:
            own = outlook if scope in (ALL, outlook.faction) else replace(outlook, faction=scope)
            event = GameEvent(tiding.kind, tiding.at, tiding.position, tiding.data)
            affect, relations, appraisal = react(rules, own, affect, {}, event)
            if relations:
                untold = _remembered(untold, relations, appraisal, event)
    return Inner(affect, tidings[-1].position, untold)


def told(untold: Iterable[Untold], target: str, state: RelationState) -> RelationState:
    """`state` towards `target` with everything that waited for it, in order."""
    for piece in untold:
        if piece.target == target:
            state = affected(state, piece.appraisal, target, piece.at, piece.position)
    return state


def heard(tidings: tuple[Tiding, ...], tiding: Tiding) -> tuple[Tiding, ...]:
    """`tidings` with one more, of which the oldest may be forgotten."""
    kept = (*tidings, tiding)
    if tidings and tidings[-1].position > tiding.position:
        # A dead letter that is delivered late takes its place.
        kept = tuple(sorted(kept, key=lambda each: each.position))
    return kept[-MOST_TIDINGS:]


def tiding_of(rules: AppraisalRules, event: GameEvent, scope: str) -> Tiding | None:
    """What to keep of an event; None when it leaves everybody cold.

    What happened to a faction is told under the name the table has for that: `attacked` as `faction_attacked`.
    """
    kind, data = event.kind, event.data
    if scope != ALL:
        data = {"faction": scope, **{key: value for key, value in data.items() if key != "faction"}}
        rule = rules.row(kind, data)
        if rule is None or rule.scope != "faction":
            kind = f"faction_{kind}" if f"faction_{kind}" in rules.events else kind
    spare = _spare(data)
    if rules.row(kind, spare) is None:
        return None
    return Tiding(event.position, event.at, scope, kind, spare)


def with_standing(standings: Standings, faction: str, towards: Mapping[str, int]) -> Standings:
    """`standings` after `faction` made up its mind about some others; 0 is indifference and not kept."""
    own = {other: value for other, value in {**standings.get(faction, {}), **towards}.items() if value}
    kept = {name: value for name, value in standings.items() if name != faction}
    if len(kept) >= MOST_FACTIONS:
        del kept[next(iter(kept))]
    return {**kept, faction: own}


@lru_cache(maxsize=8)
def load_tidings(text: str) -> tuple[Tiding, ...]:
    """The inverse of `to_text`. Cached: every question about a mind reads the same row."""
    return tuple(Tiding(*tiding) for tiding in from_text(text))


@lru_cache(maxsize=8)
def load_standings(text: str) -> Standings:
    """The inverse of `to_text`; cached as `load_tidings`."""
    standings: Standings = from_text(text)
    return standings


def load_untold(text: str) -> tuple[Untold, ...]:
    """The inverse of `to_text`."""
    if text == "[]":
        return ()
    return tuple(
        Untold(target, at, position, Appraisal(kind, agent, tuple(Felt(*f) for f in felt), (), *rest))
        for target, at, position, (kind, agent, felt, _, *rest) in from_text(text)
    )


def _since(tidings: tuple[Tiding, ...], felt: int) -> tuple[Tiding, ...]:
    first = len(tidings)
    while first and tidings[first - 1].position > felt:
        first -= 1
    return tidings[first:]


def _remembered(
    untold: tuple[Untold, ...], targets: Iterable[str], appraisal: Appraisal, event: GameEvent
) -> tuple[Untold, ...]:
    pieces = tuple(
        Untold(
            target,
            event.at,
            event.position,
            # To hear of somebody is no meeting, and a present to the town is none to the NPC.
            appraisal._replace(
                felt=tuple(felt for felt in appraisal.felt if felt.target == target),
                beliefs=(),
                contact=False,
                gift="",
            ),
        )
        for target in sorted(targets)
    )
    return (*untold, *pieces)[-MOST_UNTOLD:]


def _spare(data: Mapping[str, Any]) -> dict[str, Any]:
    """The simple values of event data, as many as fit: nothing else is appraised."""
    kept: dict[str, Any] = {}
    size = 0
    for key, value in list(data.items())[:_MOST_KEYS]:
        if len(key) > _MOST_LETTERS:
            continue
        if isinstance(value, str):
            value = value[:_MOST_LETTERS]
        elif not isinstance(value, bool | int | float) or not abs(value) <= SAFE_INTEGER:
            continue  # not a number (NaN) is left out, too
        size += len(to_text([key, value]).encode())
        if size > MOST_BYTES:
            break
        kept[key] = value
    return kept

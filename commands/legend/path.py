"""How a character grows into its legends: the rules that bloodlines and syntheses share. Pure.

A legend sleeps until the game server unlocks it, or until deeds have stirred it enough. From then on experience
only ever grows, and so does the level. Each kind says which events these facts become (`Words`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from commands.codes import Code
from commands.legend.book import MAX_DESCRIPTION_BYTES, MAX_EXP, MAX_ID, Legend, LegendBook
from commands.rejection import Rejected
from events.bloodline import BloodlineExpAdded, BloodlineStirred, BloodlineUnlocked
from events.commit import Event, Json, Recorded
from events.legend import Growth
from events.synthesis import SynthesisExpAdded, SynthesisStirred, SynthesisUnlocked

MAX_DEEDS = 64
"""Deeds whose last time a character's stream remembers."""


def _number(value: Any) -> Any:
    # Scripts hand numbers around as text.
    if isinstance(value, str) and len(value) <= 18 and value.lstrip("-").isdecimal():
        return int(value)
    return value


Id = Annotated[int, BeforeValidator(_number), Field(ge=1, le=MAX_ID, strict=True)]
ClassId = Annotated[int, BeforeValidator(_number), Field(ge=0, le=MAX_ID, strict=True)]
Exp = Annotated[int, BeforeValidator(_number), Field(ge=1, le=MAX_EXP, strict=True)]
Deed = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Narrative = Annotated[str, StringConstraints(max_length=MAX_DESCRIPTION_BYTES)]


@dataclass(frozen=True, slots=True)
class Standing:
    """One legend of a character. While it sleeps `level` is 0 and `stirred` is what has gathered."""

    level: int = 0
    total: int = 0
    stirred: int = 0


@dataclass(frozen=True, slots=True)
class LegendState:
    """`paths` by id; `deeds` says when (µs) each deed last counted."""

    paths: Mapping[int, Standing] = field(default_factory=dict)
    deeds: Mapping[str, int] = field(default_factory=dict)

    def level(self, legend_id: int) -> int:
        return self.paths.get(legend_id, Standing()).level


@dataclass(frozen=True, slots=True)
class Words:
    """A kind's vocabulary: its `name`, the name of its ids, and the events its facts become."""

    name: str
    field: str
    stirred: Callable[[Legend, str, int, int, str], Event]
    unlocked: Callable[[Legend, Growth, str, str], Event]
    exp_added: Callable[[Legend, int, Growth, str, str], Event]
    level_raised: Callable[[Legend, int, Growth], Event]


def known(book: LegendBook, legend_id: int, words: Words) -> Legend:
    """The legend of that id. Raises `Rejected` -101 naming those there are."""
    legend = book.entries.get(legend_id)
    if legend is None:
        listed = ", ".join(f"{entry.id} {entry.name}" for entry in list(book.entries.values())[:12])
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"{words.field}: there is no {words.name} {legend_id}; known are {listed or 'none'}",
            field=words.field,
        )
    return legend


def unlock(
    state: LegendState, legend: Legend, words: Words, deed: str = "", narrative: str = ""
) -> tuple[Event, ...]:
    """Wake a legend. Raises `Rejected`: -203 when it is awake, -202 when one it requires is not far enough."""
    if state.level(legend.id):
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"{words.field}: the character has the {words.name} {legend.name} already",
            field=words.field,
        )
    lacking = next((need for need in legend.requires.items() if state.level(need[0]) < need[1]), None)
    if lacking is not None:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            f"{words.field}: {legend.name} requires {words.name} {lacking[0]} at level {lacking[1]}",
            field=words.field,
        )
    return (words.unlocked(legend, legend.growth(0), deed, narrative),)


def add_exp(
    state: LegendState, legend: Legend, exp: int, book: LegendBook, words: Words
) -> tuple[Event, ...]:
    """Give experience. Raises `Rejected`: -105 for more than one command may give, -203 while it sleeps."""
    if exp > book.max_exp:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, f"exp: one command may give at most {book.max_exp}", field="exp"
        )
    if not state.level(legend.id):
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"{words.field}: the character has no {words.name} {legend.name}; unlock it first",
            field=words.field,
        )
    return _grown(state, legend, exp, "", "", words)


def award(
    state: LegendState,
    legend: Legend,
    deed: str,
    exp: int,
    narrative: str,
    at: int,
    book: LegendBook,
    words: Words,
) -> tuple[Event, ...]:
    """A deed strengthens a legend: experience when it is awake, else it stirs, and wakes when enough has gathered.

    Raises `Rejected`: -101 for a deed that does not serve it, -105 for more or less than the deed is worth, -203
    when the same deed counted a moment ago.
    """
    _worth(legend, deed, exp)
    _rested(state, deed, at, book)
    if state.level(legend.id):
        return _grown(state, legend, exp, deed, narrative, words)
    gathered = state.paths.get(legend.id, Standing()).stirred
    total = min(gathered + exp, legend.awakens_at)
    if total == gathered:
        return ()
    return (words.stirred(legend, deed, total - gathered, total, narrative),)


def awaken(
    state: LegendState, legend: Legend, deed: str, narrative: str, at: int, book: LegendBook, words: Words
) -> tuple[Event, ...]:
    """A deed wakes a legend that is nearly ready: what has gathered and the most this deed is worth must suffice.

    Raises `Rejected`: -101 for a deed that does not serve it, -202 when too little has gathered, else as `unlock`.
    """
    _worth(legend, deed, None)
    gathered = state.paths.get(legend.id, Standing()).stirred
    if not state.level(legend.id) and gathered + legend.deeds[deed][1] < legend.awakens_at:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            f"{words.field}: {legend.name} sleeps too deep: {gathered} of {legend.awakens_at} have gathered",
            field=words.field,
        )
    woken = unlock(state, legend, words, deed, narrative)
    _rested(state, deed, at, book)
    return woken


def _worth(legend: Legend, deed: str, exp: int | None) -> None:
    worth = legend.deeds.get(deed)
    if worth is None:
        raise Rejected(
            Code.INVALID_PARAMETER, f"deed: {deed[:64]!r} does not serve {legend.name}", field="deed"
        )
    if exp is not None and not worth[0] <= exp <= worth[1]:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"exp: {deed} is worth {worth[0]} to {worth[1]} to {legend.name}, not {exp}",
            field="exp",
        )


def _rested(state: LegendState, deed: str, at: int, book: LegendBook) -> None:
    last = state.deeds.get(deed)
    if last is not None and at - last < book.pause:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"deed: {deed} of this character counted a moment ago",
            field="deed",
        )


def _grown(
    state: LegendState, legend: Legend, exp: int, deed: str, narrative: str, words: Words
) -> tuple[Event, ...]:
    """What experience leads to: nothing at the top, else the gain and perhaps a level."""
    standing = state.paths[legend.id]
    total = max(standing.total, min(standing.total + exp, legend.most))
    if total == standing.total:
        return ()
    growth = legend.growth(total, standing.level)
    gained = words.exp_added(legend, total - standing.total, growth, deed, narrative)
    if growth.level <= standing.level:
        return (gained,)
    return gained, words.level_raised(legend, standing.level, growth)


def evolve(state: LegendState, event: Event, recorded: Recorded) -> LegendState:
    """The state after one event of a character's bloodlines or syntheses: nothing ever goes back."""
    match event:
        case (
            BloodlineStirred(bloodline_id=legend_id, total=total, deed=deed)
            | SynthesisStirred(synthesis_id=legend_id, total=total, deed=deed)
        ):
            standing = replace(state.paths.get(legend_id, Standing()), stirred=total)
        case (
            BloodlineUnlocked(bloodline_id=legend_id, growth=growth, deed=deed)
            | BloodlineExpAdded(bloodline_id=legend_id, growth=growth, deed=deed)
            | SynthesisUnlocked(synthesis_id=legend_id, growth=growth, deed=deed)
            | SynthesisExpAdded(synthesis_id=legend_id, growth=growth, deed=deed)
        ):
            before = state.paths.get(legend_id, Standing())
            standing = Standing(
                max(before.level, growth.level), max(before.total, growth.total), before.stirred
            )
        case _:  # that a level was raised says the growth before it, too
            return state
    return LegendState({**state.paths, legend_id: standing}, _counted(state, deed, recorded.commit.at))


def _counted(state: LegendState, deed: str, at: int) -> Mapping[str, int]:
    """When each deed last counted; the oldest is forgotten beyond `MAX_DEEDS`."""
    if not deed:
        return state.deeds
    deeds = {name: when for name, when in state.deeds.items() if name != deed}
    deeds[deed] = at
    while len(deeds) > MAX_DEEDS:
        del deeds[next(iter(deeds))]
    return deeds


def shown(legend_id: int, growth: Growth, words: Words) -> Json:
    """What a script is told of a legend."""
    return {
        words.field: legend_id,
        "level": growth.level,
        "exp": growth.exp,
        "max_exp": growth.max_exp,
        "total_exp": growth.total,
    }

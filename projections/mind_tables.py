"""How minds are stored: narrow rows whose states are objects in memory and compact JSON arrays on disk.

The arrays follow the order of the fields in `commands.mind`; a change of those is a new version of the read model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from commands.mind.affect import AffectState, Belief, Feeling
from commands.mind.emotion import Pad
from commands.mind.gifts import Helping
from commands.mind.mood import Stir
from commands.mind.relationship import Evidence, Ledger, RelationState
from projections.ambient import load_standings, load_tidings, load_untold
from projections.schema import INTEGER, TEXT, Codec, LongText, from_text, name, required, table, to_text

_FEELING = '[%d,%d,%d,"%s",%d,"%s","%s"]'
_EVIDENCE = '[%d,%d,%d,"%s",%d,%d,%d]'


def _arrays(form: str, rows: Sequence[tuple[Any, ...]], texts: Iterable[str]) -> str:
    """`to_text(rows)` for rows of one `form`, in half the time; `texts` are those players may have chosen."""
    said = "".join(texts)
    if not said.isprintable() or '"' in said or "\\" in said:
        return to_text(rows)
    return f"[{','.join([form] * len(rows))}]" % tuple(chain.from_iterable(rows))


def _dump_affect(state: AffectState) -> str:
    feelings = _arrays(
        _FEELING, state.feelings, (text for f in state.feelings for text in (f.event, f.target))
    )
    # Mostly the same beliefs: said once.
    before = None if state.beliefs_before == state.beliefs else state.beliefs_before
    rest = to_text((state.rest, state.mood, state.at, state.stir, state.beliefs, before))
    return f"[{feelings},{rest[1:]}"


def _load_affect(text: str) -> AffectState:
    feelings, rest, mood, at, stir, beliefs, before = from_text(text)
    held = tuple(Belief(*belief) for belief in beliefs)
    return AffectState(
        Pad(*rest),
        Pad(*mood),
        at,
        Stir(*stir),
        tuple(Feeling(*feeling) for feeling in feelings),
        held,
        held if before is None else tuple(Belief(*belief) for belief in before),
    )


def _dump_relation(state: RelationState) -> str:
    best = _arrays(_EVIDENCE, state.strongest, (piece.event for piece in state.strongest))
    last = "null"
    if state.latest != state.strongest:
        last = _arrays(_EVIDENCE, state.latest, (piece.event for piece in state.latest))
    rest = to_text(
        (
            state.liked,
            state.trusted,
            state.at,
            state.ledger,
            state.before,
            state.rank,
            state.interactions,
            state.last_contact,
            state.larder,
        )
    )
    return f"[{best},{last},{rest[1:]}"


def _load_relation(text: str) -> RelationState:
    strongest, latest, liked, trusted, at, ledger, before, rank, interactions, last, larder = from_text(text)
    best = tuple(Evidence(*piece) for piece in strongest)
    return RelationState(
        liked,
        trusted,
        at,
        Ledger(*ledger),
        Ledger(*before),
        rank,
        interactions,
        last,
        tuple(Helping(*helping) for helping in larder),
        best,
        best if latest is None else tuple(Evidence(*piece) for piece in latest),
    )


AFFECT = Codec(_dump_affect, _load_affect)
RELATION = Codec(_dump_relation, _load_relation)
_UNTOLD = Codec(to_text, load_untold)
_NAMES = Codec(to_text, lambda text: tuple(from_text(text)))


MINDS = table(
    "minds",
    required("npc_id", name(), key=True),
    required("felt", INTEGER),
    required("position", INTEGER),
    required("affect", LongText, codec=AFFECT),
    required("untold", LongText, codec=_UNTOLD),
)
"""`felt`: up to which position news of the world and the factions have been felt; `untold`: what they did to
relationships whose rows were not at hand."""

OUTLOOKS = table(
    "mind_outlooks",
    required("npc_id", name(), key=True),
    required("life", INTEGER),
    required("profile", TEXT),
    required("factions", TEXT, codec=_NAMES),
)
"""What a mind is made from and rarely changes. `life` is the position of the registration."""

RELATIONS = table(
    "mind_relations",
    required("npc_id", name(), key=True),
    required("target_id", name(), key=True),
    required("life", INTEGER),
    required("position", INTEGER),
    required("state", LongText, codec=RELATION),
)
"""A row of another `life` than the NPC's is as good as none."""

TIDINGS = table(
    "mind_tidings",
    required("realm", name(), key=True),
    required("position", INTEGER),
    required("tidings", LongText, codec=Codec(to_text, load_tidings)),
)
"""One row: the last news that everybody, or all members of a faction, will feel sooner or later."""

STANDINGS = table(
    "mind_standings",
    required("realm", name(), key=True),
    required("position", INTEGER),
    required("standings", LongText, codec=Codec(to_text, load_standings)),
)
"""One row: how the factions stand to each other."""

THE_WORLD = ("*",)
"""The key of the only row of `TIDINGS` and of `STANDINGS`."""

"""How minds are stored: narrow rows whose states are objects in memory and compact JSON arrays on disk.

The arrays follow the order of the fields in `commands.mind`; a change of those is a new version of the read model.
"""

from __future__ import annotations

from commands.mind.affect import AffectState, Belief, Feeling
from commands.mind.emotion import Pad
from commands.mind.gifts import Helping
from commands.mind.mood import Stir
from commands.mind.relationship import Evidence, Ledger, RelationState
from projections.ambient import load_standings, load_tidings, load_untold
from projections.schema import INTEGER, TEXT, Codec, LongText, from_text, name, required, table, to_text


def _dump_affect(state: AffectState) -> str:
    return to_text(
        (
            state.rest,
            state.mood,
            state.at,
            state.stir,
            state.feelings,
            state.beliefs,
            # Mostly the same beliefs: said once.
            None if state.beliefs_before == state.beliefs else state.beliefs_before,
        )
    )


def _load_affect(text: str) -> AffectState:
    rest, mood, at, stir, feelings, beliefs, before = from_text(text)
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
    return to_text(
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
            state.strongest,
            None if state.latest == state.strongest else state.latest,
        )
    )


def _load_relation(text: str) -> RelationState:
    liked, trusted, at, ledger, before, rank, interactions, last, larder, strongest, latest = from_text(text)
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
    clustered=True,
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
    clustered=True,
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

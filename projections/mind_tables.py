"""How minds are stored: narrow rows whose states are objects in memory and compact JSON arrays on disk.

The arrays follow the order of the fields in `commands.mind`; a change of those is a new version of the read model.
"""

from __future__ import annotations

from msgspec.json import Decoder, Encoder

from commands.mind.affect import AffectState, Belief, Feeling
from commands.mind.emotion import Pad
from commands.mind.gifts import Larder
from commands.mind.mood import Stir
from commands.mind.relationship import Evidence, Ledger, RelationState
from projections.ambient import load_standings, load_tidings, load_untold
from projections.schema import INTEGER, TEXT, Codec, LongText, from_text, name, required, table, to_text

Beliefs = tuple[Belief, ...]
Pieces = tuple[Evidence, ...]

# Affect and relations are nearly all of what is stored, and are whole numbers and words: msgspec writes the same text
# for those as `to_text`, in a third of the time, and reads them into the classes they are of.
_write = Encoder().encode
_read_affect = Decoder(tuple[tuple[Feeling, ...], Pad, Pad, int, Stir, Beliefs, Beliefs | None]).decode
_read_relation = Decoder(
    tuple[Pieces, Pieces | None, int, int, int, Ledger, Ledger, int, int, int, Larder]
).decode


def affect_text(state: AffectState, feelings: tuple[Feeling, ...]) -> str:
    """The text of `state` with other feelings."""
    rest, mood, at, stir, _, beliefs, before = state
    # Mostly the same beliefs: said once.
    other = None if before == beliefs else before
    return _write((feelings, rest, mood, at, stir, beliefs, other)).decode()


def _dump_affect(state: AffectState) -> str:
    return affect_text(state, state.feelings)


def _load_affect(text: str) -> AffectState:
    feelings, rest, mood, at, stir, beliefs, before = _read_affect(text)
    return AffectState(rest, mood, at, stir, feelings, beliefs, beliefs if before is None else before)


def _dump_relation(state: RelationState) -> str:
    liked, trusted, at, ledger, before, rank, interactions, contact, larder, best, latest = state
    last = None if latest == best else latest
    text = best, last, liked, trusted, at, ledger, before, rank, interactions, contact, larder
    return _write(text).decode()


def _load_relation(text: str) -> RelationState:
    best, latest, liked, trusted, at, ledger, before, rank, interactions, contact, larder = _read_relation(
        text
    )
    last = best if latest is None else latest
    return RelationState(liked, trusted, at, ledger, before, rank, interactions, contact, larder, best, last)


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

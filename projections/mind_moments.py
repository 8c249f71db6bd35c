"""How the history of minds is stored: one narrow row for each commit that moved a mind, a relationship or an outlook.

A row holds as much of the state as any later reading can depend on, and no more: emotions that have faded for good,
and what explains a relationship rather than makes it, are left out. What is read from the last row before a position
is therefore exactly what the fold held there (a test compares the two).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress
from operator import itemgetter
from typing import Final

from msgspec.json import Decoder, Encoder
from sqlalchemy import Index

from commands.mind.affect import EMOTION_HALF_LIFE, AffectState, Feeling, kept
from commands.mind.emotion import Pad
from commands.mind.relationship import BLANK, Ledger, RelationState
from projections.mind_tables import AFFECT, affect_text
from projections.schema import INTEGER, TEXT, Codec, LongText, from_text, name, required, table, to_text

MIND_HISTORY = table(
    "mind_history",
    required("position", INTEGER, key=True),
    required("npc_id", name(), key=True),
    required("whole", INTEGER),
    required("felt", INTEGER),
    required("affect", LongText),
    required("untold", LongText),
    clustered=True,
)
"""What an NPC felt after the commit at `position`; columns as in `minds`. Of its emotions only those are there that
came with the commit, or since the row before, unless the row is `whole`: see `moved` and `joined`."""
Index("ix_mind_history_npc", MIND_HISTORY.c.npc_id, MIND_HISTORY.c.position)

RELATION_HISTORY = table(
    "mind_relation_history",
    required("position", INTEGER, key=True),
    required("npc_id", name(), key=True),
    required("target_id", name(), key=True),
    required("life", INTEGER),
    required("state", TEXT),
    clustered=True,
)
"""How an NPC stood to somebody after the commit at `position`; columns as in `mind_relations`."""
Index(
    "ix_mind_relation_history_pair",
    RELATION_HISTORY.c.npc_id,
    RELATION_HISTORY.c.target_id,
    RELATION_HISTORY.c.position,
)

OUTLOOK_HISTORY = table(
    "mind_outlook_history",
    required("npc_id", name(), key=True),
    required("position", INTEGER, key=True),
    required("life", INTEGER),
    required("profile", TEXT),
    required("factions", TEXT),
    clustered=True,
)
"""Who an NPC was to itself from `position` on; columns as in `mind_outlooks`. A `life` of 0: it was no more."""

TIDING_HISTORY = table(
    "mind_tiding_history",
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    required("tiding", LongText),
    clustered=True,
)
"""Every piece of news that was ever told, as in `mind_tidings`."""

STANDING_HISTORY = table(
    "mind_standing_history",
    required("faction_id", name(), key=True),
    required("position", INTEGER, key=True),
    required("towards", LongText),
    clustered=True,
)
"""How a faction stood to all others from `position` on."""

HISTORIES: Final = (MIND_HISTORY, RELATION_HISTORY, OUTLOOK_HISTORY, TIDING_HISTORY, STANDING_HISTORY)

# From a twentieth, the least that is felt, to a millionth, where a feeling ends, it halves 15.6 times.
NOWHERE: Final = Pad(0, 0, 0)
_FADED: Final = 15 * EMOTION_HALF_LIFE

_WHOLE: Final = 15
"""One commit in sixteen, by its position, writes all that is felt."""

_position = itemgetter(Feeling._fields.index("position"))
_write = Encoder().encode
_read_relation = Decoder(tuple[int, int, int, Ledger, int, int, int]).decode


def moved(state: AffectState, before: int, position: int) -> tuple[int, str]:
    """`whole` and `affect` of the row at `position`, when the row before it is at `before` (0: there is none).

    Most emotions are still felt when the next one comes; to write them again each time would be most of the history.
    """
    feelings = state.feelings
    whole = not (before and position & _WHOLE)
    if whole:
        if feelings and feelings[0].ends - state.at <= _FADED:
            least = state.at + _FADED
            felt = tuple([feeling for feeling in feelings if feeling.ends > least])
            # That it ever felt anything tells it from one that just has its mood.
            feelings = felt or feelings[-1:]
    elif position > before:
        feelings = tuple(compress(feelings, map(before.__lt__, map(_position, feelings))))
    else:
        # A dead letter that was delivered late.
        feelings = tuple([f for f in feelings if f.position > before or f.position == position])
    return int(whole), affect_text(state, feelings)


def is_whole(position: int) -> bool:
    """Whether every row at this position is whole; some others are, too."""
    return not position & _WHOLE


def added(held: AffectState | None, text: str) -> AffectState:
    """The state at a row, given the state at the row before; None where the row is whole."""
    state: AffectState = AFFECT.load(text)
    if held is None:
        return state
    return state._replace(feelings=kept(sorted({*held.feelings, *state.feelings})))


def joined(texts: Iterable[str]) -> AffectState:
    """The state at the last of these rows, oldest first and the first one whole, as far as it can be read or felt upon.

    Which emotions are kept depends on their set alone (see `commands.mind.affect`), so they may be added row by row.
    """
    state, feelings = AffectState(NOWHERE, NOWHERE), set[Feeling]()
    for text in texts:
        state = AFFECT.load(text)
        feelings.update(state.feelings)
    return state._replace(feelings=kept(sorted(feelings)))


def _dump_relation(state: RelationState) -> str:
    liked, trusted, at, ledger, _, rank, interactions, contact, _, _, _ = state
    return _write((liked, trusted, at, ledger, rank, interactions, contact)).decode()


def _load_relation(text: str) -> RelationState:
    liked, trusted, at, ledger, rank, interactions, contact = _read_relation(text)
    return RelationState(liked, trusted, at, ledger, BLANK, rank, interactions, contact)


RELATION_MOMENT = Codec(_dump_relation, _load_relation)
"""A relationship as far as it can be read: without the evidence, the gifts and the instant before."""

NAMES = Codec(to_text, lambda text: tuple(from_text(text)))

"""How minds are stored: narrow rows whose states are objects in memory and compact JSON arrays on disk.

The arrays follow the order of the fields in `commands.mind`; a change of those is a new version of the read model.
"""

from __future__ import annotations

from collections.abc import Sequence

from commands.mind.affect import AffectState, Belief, Feeling
from commands.mind.emotion import Pad
from commands.mind.gifts import Helping
from commands.mind.mood import Stir
from commands.mind.relationship import Evidence, Ledger, RelationState
from projections.ambient import load_standings, load_tidings, load_untold
from projections.schema import INTEGER, TEXT, Codec, LongText, from_text, name, required, table, to_text

# Written out by hand, rows of numbers and plain words take half the time `to_text` takes, and they are most of what is
# stored. Words that players chose may need escapes: then `to_text` does it.
_ESCAPED = bytes(range(32)) + b'"\\'


def _plain(text: str, quotes: int) -> bool:
    """Whether JSON with `quotes` quotation marks around words is right as it is: no word needs an escape."""
    raw = text.encode()
    return len(raw) - len(raw.translate(None, _ESCAPED)) == quotes


def _dump_affect(state: AffectState) -> str:
    rest, mood, at, stir, feelings, beliefs, before = state
    felt = [
        f'[{ends},{intensity},{position},"{emotion}",{since},"{event}","{target}"]'
        for ends, intensity, position, emotion, since, event, target in feelings
    ]
    # Mostly the same beliefs: said once.
    other = None if before == beliefs else before
    text = (
        f"[[{','.join(felt)}],[{rest[0]},{rest[1]},{rest[2]}],[{mood[0]},{mood[1]},{mood[2]}],{at},"
        f"[{stir[0]},{stir[1]},{stir[2]},{stir[3]}],{_held(beliefs)},{'null' if other is None else _held(other)}]"
    )
    if _plain(text, 6 * len(feelings) + 2 * len(beliefs) + 2 * len(other or ())):
        return text
    return to_text((feelings, rest, mood, at, stir, beliefs, other))


def _held(beliefs: Sequence[Belief]) -> str:
    rows = [f'[{at},"{outcome}",{likelihood}]' for at, outcome, likelihood in beliefs]
    return f"[{','.join(rows)}]"


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
    liked, trusted, at, ledger, before, rank, interactions, contact, larder, best, latest = state
    last = None if latest == best else latest
    text = (
        f"[{_evidence(best)},{'null' if last is None else _evidence(last)},{liked},{trusted},{at},"
        f"{_ledger(ledger)},{_ledger(before)},{rank},{interactions},{contact},"
        f"{to_text(larder) if larder else '[]'}]"
    )
    if _plain(text, 2 * len(best) + 2 * len(last or ()) + 2 * len(larder)):
        return text
    return to_text((best, last, liked, trusted, at, ledger, before, rank, interactions, contact, larder))


def _evidence(pieces: Sequence[Evidence]) -> str:
    rows = [
        f'[{weight},{position},{at},"{event}",{affection},{trust},{respect}]'
        for weight, position, at, event, affection, trust, respect in pieces
    ]
    return f"[{','.join(rows)}]"


def _ledger(ledger: Ledger) -> str:
    liking, dislike, kept, broken, esteem, disdain, dread = ledger
    return f"[{liking},{dislike},{kept},{broken},{esteem},{disdain},{dread}]"


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

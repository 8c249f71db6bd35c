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


def _plain(text: str, quotes: int) -> bool:
    """Whether JSON with `quotes` quotation marks around words is right as it is: no word needs an escape."""
    return text.isprintable() and text.count('"') == quotes and "\\" not in text


def _feelings(feelings: Sequence[Feeling]) -> str:
    rows = [
        f'[{ends},{intensity},{position},"{emotion}",{at},"{event}","{target}"]'
        for ends, intensity, position, emotion, at, event, target in feelings
    ]
    text = f"[{','.join(rows)}]"
    return text if _plain(text, 6 * len(rows)) else to_text(feelings)


def _evidence(pieces: Sequence[Evidence]) -> str:
    rows = [
        f'[{weight},{position},{at},"{event}",{affection},{trust},{respect}]'
        for weight, position, at, event, affection, trust, respect in pieces
    ]
    text = f"[{','.join(rows)}]"
    return text if _plain(text, 2 * len(rows)) else to_text(pieces)


def _dump_affect(state: AffectState) -> str:
    (p, a, d), (now_p, now_a, now_d), at, (weight, by_p, by_a, by_d), felt, beliefs, beliefs_before = state
    held = to_text(beliefs) if beliefs else "[]"
    # Mostly the same beliefs: said once.
    before = "null" if beliefs_before == beliefs else to_text(beliefs_before)
    return (
        f"[{_feelings(felt)},[{p},{a},{d}],[{now_p},{now_a},{now_d}],{at},"
        f"[{weight},{by_p},{by_a},{by_d}],{held},{before}]"
    )


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
    liked, trusted, at, ledger, before, rank, interactions, last_contact, larder, strongest, latest = state
    last = "null" if latest == strongest else _evidence(latest)
    helpings = to_text(larder) if larder else "[]"
    return (
        f"[{_evidence(strongest)},{last},{liked},{trusted},{at},{_ledger(ledger)},{_ledger(before)},"
        f"{rank},{interactions},{last_contact},{helpings}]"
    )


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

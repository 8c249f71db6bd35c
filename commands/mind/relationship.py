"""The relationship of an NPC to one other person: a player, another NPC, or a faction.

Three things are kept as evidence for and against: affection (liking against dislike), trust (expectations
kept against broken, the mean of a Beta distribution) and respect (esteem against disdain); dread has only
one side. Evidence fades towards the first impression, bad evidence half as fast as good. Sums are
commutative, so events of one instant may come in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Final, Literal, NamedTuple

from commands.mind.appraisal import Appraisal, Regard
from commands.mind.emotion import Emotion
from commands.mind.fixed import ONE, clamp, faded, half_power, scaled, share
from commands.mind.gifts import Larder, stocked
from commands.mind.outlook import Outlook

DAY: Final = 24 * 3600 * 1_000_000
GOOD_HALF_LIFE: Final = 30 * DAY
BAD_HALF_LIFE: Final = 60 * DAY
DREAD_HALF_LIFE: Final = 3 * DAY
LOSS_WEIGHT: Final = 2_500_000
"""A broken expectation weighs as much as two and a half kept ones."""
PRIOR_TRUST: Final = 2
PRIOR_LIKING: Final = 3
PRIOR_ESTEEM: Final = 2
PRIOR_DREAD: Final = 1
"""How much evidence the first impression is worth."""
MOST_EVIDENCE: Final = 50 * ONE
FAMILIAR: Final = 10
"""After ten meetings somebody is half familiar."""
STRONGEST: Final = 6
LATEST: Final = 6

Level = Literal["hostile", "unfriendly", "neutral", "acquaintance", "friendly", "close", "devoted"]
LEVELS: Final[tuple[Level, ...]] = (
    "hostile",
    "unfriendly",
    "neutral",
    "acquaintance",
    "friendly",
    "close",
    "devoted",
)
_STEPS: Final = (-500_000, -150_000, 80_000, 250_000, 500_000, 750_000)
_MARGIN: Final = 40_000
_new: Final = tuple.__new__
"""As in `affect`."""

# What an emotion directed at somebody adds: (liking, dislike, esteem, disdain, dread) at full intensity.
_EFFECT: Final[dict[Emotion, tuple[int, int, int, int, int]]] = {
    "gratitude": (400_000, 0, 100_000, 0, 0),
    "admiration": (200_000, 0, 500_000, 0, 0),
    "happy_for": (100_000, 0, 0, 0, 0),
    "pity": (150_000, 0, 0, 0, 0),
    "relief": (50_000, 0, 0, 0, 0),
    "satisfaction": (50_000, 0, 0, 0, 0),
    "anger": (0, 1_200_000, 0, 0, 0),
    "reproach": (0, 400_000, 0, 500_000, 0),
    "resentment": (0, 200_000, 0, 0, 0),
    "gloating": (0, 100_000, 0, 100_000, 0),
    "disappointment": (0, 150_000, 0, 100_000, 0),
    "fear": (0, 200_000, 0, 0, 1_000_000),
}


class Ledger(NamedTuple):
    """Evidence sums, each 0 … `MOST_EVIDENCE` in millionths."""

    liking: int
    dislike: int
    kept: int
    broken: int
    esteem: int
    disdain: int
    dread: int


BLANK: Final = Ledger(0, 0, 0, 0, 0, 0, 0)


class Evidence(NamedTuple):
    """What one commit contributed, in millionths of evidence (positive for the good side).

    ``weight``, the sum of the amounts, comes first: it is the order of importance.
    """

    weight: int
    position: int
    at: int
    event: str
    affection: int
    trust: int
    respect: int


class RelationState(NamedTuple):
    """An NPC's relationship to one target. Serialisable by pydantic, bounded, about a kilobyte at most.

    ``ledger`` is as of ``at``, the last event's time; ``before`` and ``rank`` (index of `LEVELS`) describe
    the relationship just before that instant. ``liked`` and ``trusted`` are the first impression (±ONE, 0 …
    ONE).
    """

    liked: int = 0
    trusted: int = ONE // 2
    at: int = 0
    ledger: Ledger = BLANK
    before: Ledger = BLANK
    rank: int = LEVELS.index("neutral")
    interactions: int = 0
    last_contact: int = 0
    larder: Larder = ()
    strongest: tuple[Evidence, ...] = ()
    latest: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class RelationReading:
    """A relationship at a moment: affection and respect ±ONE, trust, dread and familiarity 0 … ONE,
    ``score`` ±ONE.
    """

    affection: int
    trust: int
    respect: int
    dread: int
    familiarity: int
    score: int
    level: Level
    interactions: int
    last_contact: int
    evidence: tuple[Evidence, ...]


def first_impression(outlook: Outlook, faction: str = "") -> RelationState:
    """The relationship to somebody never met: coloured by the standing of their faction and the NPC's
    good nature.
    """
    return _impression(outlook.standing(faction), outlook.traits.agreeableness)


@lru_cache(maxsize=1024)
def _impression(standing: int, agreeableness: int) -> RelationState:
    nature = 2 * agreeableness - ONE
    liked = clamp(scaled(standing, 400_000) + scaled(nature, 80_000), -ONE, ONE)
    trusted = clamp(ONE // 2 + scaled(standing, 250_000) + scaled(nature, 60_000), 50_000, 950_000)
    return RelationState(liked=liked, trusted=trusted)


def come_to(state: RelationState, at: int) -> RelationState:
    """``state`` just before the instant ``at``: faded until then, with the level it had; as it is when ``at`` is past.

    `regard_at` and `affected` begin with it, so whoever needs both takes this step once.
    """
    if at <= state.at:
        return state
    liked, trusted, since, ledger, _, _, interactions, last_contact, larder, strongest, latest = state
    before = _faded(ledger, at - since)
    rank = _rank(state)
    return _new(
        RelationState,
        (liked, trusted, at, before, before, rank, interactions, last_contact, larder, strongest, latest),
    )


def affected(
    state: RelationState, appraisal: Appraisal, target: str, at: int, position: int
) -> RelationState:
    """``state`` towards ``target`` after an appraised event at ``at``; the same state when it does not
    concern them.

    Events of one ``at`` may come in any order. A late one counts as if it happened at the state's time.
    """
    liking = dislike = esteem = disdain = dread = 0
    touched = False
    for emotion, intensity, _, _, toward in appraisal.felt:
        if toward == target and (effect := _EFFECT.get(emotion)) is not None:
            touched = True
            like, hurt, admire, despise, scare = effect
            liking += like * intensity // ONE
            dislike += hurt * intensity // ONE
            esteem += admire * intensity // ONE
            disdain += despise * intensity // ONE
            dread += scare * intensity // ONE
    kept, broken, contact, gift = 0, 0, False, ""
    if appraisal.agent == target:
        kept, broken = appraisal.kept, scaled(appraisal.broken, LOSS_WEIGHT)
        contact, gift = appraisal.contact, appraisal.gift
    if not (touched or kept or broken or contact or gift):
        return state
    (
        liked,
        trusted,
        now,
        (a, b, c, d, e, f, g),
        before,
        rank,
        interactions,
        last_contact,
        larder,
        strongest,
        latest,
    ) = come_to(state, at)
    ledger = _new(Ledger, (a + liking, b + dislike, c + kept, d + broken, e + esteem, f + disdain, g + dread))
    if max(ledger) > MOST_EVIDENCE:
        ledger = Ledger(*(min(evidence, MOST_EVIDENCE) for evidence in ledger))
    weight = liking + dislike + kept + broken + esteem + disdain + dread
    if weight:
        parts = weight, position, at, appraisal.kind, liking - dislike, kept - broken, esteem - disdain
        piece = _new(Evidence, parts)
        if len(strongest) < STRONGEST or _importance(piece) > _importance(strongest[-1]):
            importance, place = _importance(piece), len(strongest)
            while place and importance >= _importance(strongest[place - 1]):
                place -= 1
            strongest = (*strongest[:place], piece, *strongest[place:])[:STRONGEST]
        if not latest or position > latest[0].position:
            latest = (piece, *latest[: LATEST - 1])
        else:
            latest = tuple(sorted((piece, *latest), key=_recency, reverse=True)[:LATEST])
    if contact:
        interactions, last_contact = interactions + 1, max(last_contact, at)
    if gift:
        larder = stocked(larder, gift, at)
    return _new(
        RelationState,
        (liked, trusted, now, ledger, before, rank, interactions, last_contact, larder, strongest, latest),
    )


def reading_at(state: RelationState, at: int) -> RelationReading:
    """The relationship at ``at``. Reading changes nothing."""
    ledger = _faded(state.ledger, at - state.at) if at > state.at else state.ledger
    affection, trust = _affection(state, ledger), _trust(state, ledger)
    score = _score(affection, trust)
    level = LEVELS[_stepped(_rank(state), score, state.interactions)]
    good, bad = ledger.esteem, ledger.disdain
    familiarity = share(state.interactions, state.interactions + FAMILIAR)
    evidence = sorted({*state.strongest, *state.latest}, key=_recency, reverse=True)
    return RelationReading(
        affection,
        trust,
        share(good - bad, good + bad + PRIOR_ESTEEM * ONE),
        share(ledger.dread, ledger.dread + PRIOR_DREAD * ONE),
        familiarity,
        score,
        level,
        state.interactions,
        state.last_contact,
        tuple(evidence),
    )


def regard_at(state: RelationState, at: int) -> Regard:
    """How the NPC stands to the target just before the instant ``at``, for appraising an event of that
    instant.
    """
    ledger = _faded(state.ledger, at - state.at) if at > state.at else state.before
    dread = share(ledger.dread, ledger.dread + PRIOR_DREAD * ONE) if ledger.dread else 0
    return _new(Regard, (_affection(state, ledger), _trust(state, ledger), dread, state.larder))


_recency = itemgetter(1, 0)  # position, then weight


def _importance(piece: Evidence) -> tuple[int, int]:
    return piece[0], -piece[1]  # of two equal ones the earlier stays: it made the difference


def _faded(ledger: Ledger, elapsed: int) -> Ledger:
    if ledger == BLANK:
        return ledger
    liking, dislike, kept, broken, esteem, disdain, dread = ledger
    mantissa, shift = half_power(elapsed, GOOD_HALF_LIFE)
    liking, kept, esteem = liking * mantissa >> shift, kept * mantissa >> shift, esteem * mantissa >> shift
    if dislike or broken or disdain:
        mantissa, shift = half_power(elapsed, BAD_HALF_LIFE)
        dislike, broken = dislike * mantissa >> shift, broken * mantissa >> shift
        disdain = disdain * mantissa >> shift
    if dread:
        dread = faded(dread, elapsed, DREAD_HALF_LIFE)
    return _new(Ledger, (liking, dislike, kept, broken, esteem, disdain, dread))


def _affection(state: RelationState, ledger: Ledger) -> int:
    good, bad = ledger.liking, ledger.dislike
    return share(good - bad + PRIOR_LIKING * state.liked, good + bad + PRIOR_LIKING * ONE)


def _trust(state: RelationState, ledger: Ledger) -> int:
    kept, broken = ledger.kept, ledger.broken
    return share(kept + PRIOR_TRUST * state.trusted, kept + broken + PRIOR_TRUST * ONE)


def _score(affection: int, trust: int) -> int:
    return (6 * affection + 4 * (2 * trust - ONE)) // 10


def _rank(state: RelationState) -> int:
    """The level at the end of the state's last instant."""
    score = _score(_affection(state, state.ledger), _trust(state, state.ledger))
    return _stepped(state.rank, score, state.interactions)


def _stepped(rank: int, score: int, interactions: int) -> int:
    """The level for ``score``, left only when the score is `_MARGIN` beyond its edge (hysteresis).

    Good will alone makes nobody an acquaintance: the levels above neutral need a first meeting.
    """
    while rank < len(_STEPS) and score >= _STEPS[rank] + _MARGIN:
        rank += 1
    while rank > 0 and score < _STEPS[rank - 1] - _MARGIN:
        rank -= 1
    return rank if interactions else min(rank, 2)

"""Questions about minds: what an NPC feels, how it stands to somebody, and the whole view for a decider.

Every answer is for a moment the caller names, feels what the world brought since the NPC's last own event, and
writes nothing. Reading needs the same rules as folding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from commands.mind import wire
from commands.mind.affect import read
from commands.mind.outlook import Outlook
from commands.mind.relationship import RelationState, reading_at
from commands.mind.view import MindView
from events.commit import moment
from projections import relationships
from projections.ambient import (
    Inner,
    Standings,
    Tiding,
    felt_so_far,
    load_standings,
    load_tidings,
    load_untold,
    told,
)
from projections.checkpoints import CHECKPOINTS
from projections.mind_fold import NAME, MindRules
from projections.mind_outlook import NO_STANDINGS, Same, impression, outlook
from projections.mind_tables import AFFECT, MINDS, OUTLOOKS, RELATION, RELATIONS, STANDINGS, TIDINGS
from projections.prepared import Prepared, PreparedList
from projections.projection import reads
from projections.schema import from_text

NEUTRAL = "neutral"
CACHED_INNER = 1024
CACHED_OUTLOOKS = 2048
MAX_OTHERS = 256
MAX_PAGE = 500

_MIND = Prepared(
    select(
        MINDS.c.npc_id,
        MINDS.c.felt,
        MINDS.c.affect,
        MINDS.c.untold,
        OUTLOOKS.c.life,
        OUTLOOKS.c.profile,
        OUTLOOKS.c.factions,
        select(TIDINGS.c.position).scalar_subquery(),
        select(CHECKPOINTS.c.position).where(CHECKPOINTS.c.name == NAME).scalar_subquery(),
    )
    .join_from(MINDS, OUTLOOKS, MINDS.c.npc_id == OUTLOOKS.c.npc_id)
    .where(MINDS.c.npc_id == bindparam("npc_id"))
)
_TIDINGS = Prepared(select(TIDINGS.c.tidings))
_STANDINGS = Prepared(select(STANDINGS.c.standings))
_SOME = PreparedList(
    lambda targets: select(RELATIONS.c.target_id, RELATIONS.c.state).where(
        RELATIONS.c.npc_id == bindparam("npc_id"),
        RELATIONS.c.life == bindparam("life"),
        RELATIONS.c.target_id.in_(targets),
    ),
    RELATIONS.c.target_id.type,
)
_FACTIONS = PreparedList(
    lambda names: select(OUTLOOKS.c.npc_id, OUTLOOKS.c.factions).where(OUTLOOKS.c.npc_id.in_(names)),
    OUTLOOKS.c.npc_id.type,
)
_PAGE = (
    select(RELATIONS.c.target_id, RELATIONS.c.state)
    .where(
        RELATIONS.c.npc_id == bindparam("npc_id"),
        RELATIONS.c.life == bindparam("life"),
        RELATIONS.c.target_id > bindparam("cursor"),
    )
    .order_by(RELATIONS.c.target_id)
    .limit(bindparam("count"))
)


class Stored(NamedTuple):
    """The row of `_MIND`: `latest` is the position of the latest tidings, `position` the read model's."""

    npc_id: str
    felt: int
    affect: str
    untold: str
    life: int
    profile: str
    factions: str
    latest: int | None
    position: int | None


@dataclass(slots=True)
class Known:
    """A mind as it is stored; what only some questions need is read when they ask for it."""

    connection: Connection
    rules: MindRules
    row: Stored
    own: Outlook | None = None
    now: Inner | None = None

    def standings(self) -> Standings:
        if self.row.factions == "[]":
            return NO_STANDINGS
        row = _STANDINGS.first(self.connection, {})
        return load_standings(row[0]) if row else NO_STANDINGS

    def tidings(self) -> tuple[Tiding, ...]:
        return load_tidings(_TIDINGS.all(self.connection, {})[0][0])

    def met(self, others: Sequence[str]) -> dict[str, RelationState]:
        """What is stored of those of `others` the NPC has had to do with."""
        values = {"npc_id": self.row.npc_id, "life": self.row.life}
        return {target: RELATION.load(text) for target, text in _SOME.all(self.connection, others, values)}

    def outlook(self) -> Outlook:
        if self.own is None:
            about = self.row.npc_id, self.row.profile, self.row.factions
            self.own = _outlook(*about, Same(self.standings()), Same(self.rules))
        return self.own

    def inner(self) -> Inner:
        """What it feels once it has heard the news."""
        if self.now is None:
            row = self.row
            if row.latest is None or row.latest <= row.felt:
                self.now = Inner(AFFECT.load(row.affect), row.felt, load_untold(row.untold))
            else:
                self.now = self.caught_up(self.tidings())
        return self.now

    def caught_up(self, tidings: tuple[Tiding, ...]) -> Inner:
        row = self.row
        about = row.npc_id, row.profile, row.factions, row.felt, row.affect, row.untold
        return _caught_up(*about, Same(tidings), Same(self.standings()), Same(self.rules))

    def relations(self, others: Sequence[str]) -> dict[str, RelationState]:
        """What the NPC knows of `others`; who is missing is a stranger of no faction."""
        found = self.met(others)
        strangers = [other for other in others if other not in found]
        factions: dict[str, str] = dict(_FACTIONS.all(self.connection, strangers))
        untold = self.inner().untold
        for other in others:
            state = found.get(other)
            if state is None:
                faction = next(iter(from_text(factions.get(other, "[]"))), "")
                heard = any(piece.target == other for piece in untold)
                if not (heard or faction or other.startswith("faction/")):
                    continue
                state = impression(self.outlook(), other, faction)
            found[other] = told(untold, other, state)
        return found

    def mood_word(self) -> str:
        word = from_text(self.row.profile)["personality"]["mood"]
        return word if isinstance(word, str) else ""

    def relation(self, other: str) -> RelationState:
        known = self.relations([other]).get(other)
        return impression(self.outlook(), other, "") if known is None else known


@reads(NAME)
def emotion(connection: Connection, npc_id: str, at_us: int, rules: MindRules) -> dict[str, Any] | None:
    """`get_emotion` at the moment `at_us` (see `commands.mind.wire.emotion_answer`); None without a mind.

    An NPC that feels nothing and whose mood has not moved is in the mood its profile names.
    """
    known = _known(connection, npc_id, rules)
    return None if known is None else feeling(known, at_us)


def feeling(known: Known, at_us: int) -> dict[str, Any]:
    """`emotion` of a mind that was read."""
    affect = known.inner().affect
    answer = wire.emotion_answer(read(affect, at_us))
    if not answer["causes"] and (answer["mood"]["label"] == NEUTRAL or not affect.feelings):
        word = known.mood_word()
        if word:
            answer["primary"] = answer["mood"]["label"] = word
    return answer


@reads(NAME)
def summary(connection: Connection, npc_id: str, at_us: int, rules: MindRules) -> dict[str, Any] | None:
    """`{"emotion": word, "intensity" 0–1, "mood": word}` for overviews; None without a mind."""
    answer = emotion(connection, npc_id, at_us, rules)
    if answer is None:
        return None
    return {
        "emotion": answer["primary"],
        "intensity": answer["intensity"],
        "mood": answer["mood"]["label"],
    }


@reads(NAME, "relationships")
def relationship(
    connection: Connection, npc_id: str, target_id: str, at_us: int, rules: MindRules
) -> dict[str, Any] | None:
    """`get_relationship` at the moment `at_us`; None when no such NPC is registered.

    What `commands.mind.wire.relationship_answer` says, with `last_contact` and, after a first contact,
    `first_contact` and the counts by kind. Somebody never met is seen with the first impression.
    """
    known = _known(connection, npc_id, rules)
    if known is None:
        return None
    state = known.relation(target_id)
    return _shown(target_id, state, at_us, relationships.contact(connection, npc_id, target_id))


@reads(NAME, "relationships")
def relations(
    connection: Connection,
    npc_id: str,
    at_us: int,
    rules: MindRules,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any] | None:
    """A page of those an NPC has feelings about, by id: `{"relationships", "next"}`; `limit` at most 500."""
    known = _known(connection, npc_id, rules)
    if known is None:
        return None
    limit = max(1, min(limit, MAX_PAGE))
    values = {"npc_id": npc_id, "life": known.row.life, "cursor": cursor or "", "count": limit + 1}
    found = connection.execute(_PAGE, values).all()
    untold = known.inner().untold
    shown = [
        _shown(
            target,
            told(untold, target, RELATION.load(text)),
            at_us,
            relationships.contact(connection, npc_id, target),
        )
        for target, text in found[:limit]
    ]
    return {"relationships": shown, "next": shown[-1]["target_id"] if len(found) > limit else None}


@reads(NAME)
def view(
    connection: Connection, npc_id: str, others: Sequence[str], at_us: int, rules: MindRules
) -> MindView | None:
    """The mind of an NPC for a decider, with its relations to at most 256 `others`; None without a mind."""
    known = _known(connection, npc_id, rules)
    if known is None:
        return None
    asked = list(dict.fromkeys(others))[:MAX_OTHERS]
    return MindView(
        npc_id,
        known.row.position or 0,
        at_us,
        known.outlook(),
        known.inner().affect,
        known.relations(asked),
    )


@lru_cache(CACHED_INNER)
def _caught_up(
    npc_id: str,
    profile: str,
    factions: str,
    felt: int,
    affect: str,
    untold: str,
    tidings: Same[tuple[Tiding, ...]],
    standings: Same[Standings],
    rules: Same[MindRules],
) -> Inner:
    """`felt_so_far` from stored texts. Cached: an NPC that is only asked, never touched, hears the news once."""
    own = _outlook(npc_id, profile, factions, standings, rules)
    members = tuple(from_text(factions))
    inner = Inner(AFFECT.load(affect), felt, load_untold(untold))
    return felt_so_far(rules.value.appraisal, own, members, inner, tidings.value)


@lru_cache(CACHED_OUTLOOKS)
def _outlook(
    npc_id: str, profile: str, factions: str, standings: Same[Standings], rules: Same[MindRules]
) -> Outlook:
    """`mind_outlook.outlook` from stored texts: an NPC is asked far more often than it changes."""
    return outlook(rules.value.archetypes, npc_id, profile, tuple(from_text(factions)), standings.value)


def _known(connection: Connection, npc_id: str, rules: MindRules) -> Known | None:
    row = _MIND.first(connection, {"npc_id": npc_id})
    return None if row is None else Known(connection, rules, Stored._make(row))


def _shown(target_id: str, state: RelationState, at_us: int, contact: dict[str, Any]) -> dict[str, Any]:
    reading = reading_at(state, at_us)
    last = moment(reading.last_contact).isoformat() if reading.last_contact else None
    return {**wire.relationship_answer(target_id, reading), "last_contact": last, **contact}

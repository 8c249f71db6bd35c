"""The read model of minds: what each NPC feels, how it stands to everybody it met, and what it heard of the world.

The fold is `commands.mind.reaction.react` applied to every event that means something. What a mind is made of
depends on the rule books, too, so the version of this read model contains their fingerprint: with another
appraisal table it is built anew beside the old one, like any change of a fold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from commands.mind.affect import at_rest, with_rest
from commands.mind.appraisal import concerned
from commands.mind.happening import GameEvent
from commands.mind.outlook import Outlook
from commands.mind.personality import Archetypes
from commands.mind.reaction import react
from commands.mind.relationship import RelationState
from commands.mind.rules import AppraisalRules
from commands.mind.temper import in_mood
from events.commit import Event
from events.faction import FactionEventOccurred, FactionFounded, FactionStandingChanged
from events.npc import (
    NpcFactionJoined,
    NpcFactionLeft,
    NpcGoalsChanged,
    NpcProfileUpdated,
    NpcRegistered,
    NpcUnregistered,
)
from events.world import WorldEventOccurred
from projections.ambient import ALL, Inner, Tiding, felt_so_far, heard, tiding_of, told, with_standing
from projections.happenings import happenings
from projections.mind_moments import (
    HISTORIES,
    MIND_HISTORY,
    NAMES,
    OUTLOOK_HISTORY,
    RELATION_HISTORY,
    RELATION_MOMENT,
    STANDING_HISTORY,
    TIDING_HISTORY,
    moved,
)
from projections.mind_outlook import NO_STANDINGS, Outlooks, claimed_faction, impression
from projections.mind_profile import essence, with_goals
from projections.mind_tables import MINDS, OUTLOOKS, RELATIONS, STANDINGS, THE_WORLD, TIDINGS
from projections.projection import Address, Entry, Projection
from projections.rows import Row, Rows
from projections.schema import to_text

NAME = "minds"
VERSION = 2
CACHED_COMMITS = 8192

_NEWS: Address = (TIDINGS, THE_WORLD)
_STANDING: Address = (STANDINGS, THE_WORLD)

_new: Final = tuple.__new__
"""As in `commands.mind.affect`."""

_Means = list[tuple[GameEvent, frozenset[str]]]
_Read = list[tuple[Event, _Means]]


class MindRules(Protocol):
    """The books a mind is folded with; `commands.mind.rulebooks.RuleBooks` is one."""

    @property
    def appraisal(self) -> AppraisalRules: ...
    @property
    def archetypes(self) -> Archetypes: ...
    def fingerprint(self, *books: str) -> str: ...


def projection(rules: MindRules) -> Projection:
    """The read model under these rules."""
    fold = _Fold(rules)
    tables = (MINDS, OUTLOOKS, RELATIONS, TIDINGS, STANDINGS, *HISTORIES)
    categories = frozenset({"npc", "world", "faction"})
    return Projection(NAME, version_of(rules), tables, fold.keys, fold.fold, categories, apart=True)


def version_of(rules: MindRules) -> int:
    """`VERSION` followed by ten digits of the rule books' fingerprint."""
    return VERSION * 10**10 + int(rules.fingerprint("appraisal", "archetypes"), 16) % 10**10


class _Fold:
    """The fold under given rules. All it keeps from one commit to the next are caches of pure functions."""

    def __init__(self, rules: MindRules) -> None:
        # What the commit at hand moved, each name once: minds with where they were moved before, relationships,
        # outlooks (and whether there still is one), news, and whether a faction changed its mind.
        self._minds: dict[str, int] = {}
        self._pairs: dict[tuple[str, str], None] = {}
        self._others: dict[str, bool] = {}
        self._news: list[Tiding] = []
        self._stood = False
        self._rules = rules.appraisal
        self._outlooks = Outlooks(rules.archetypes)
        self._read: dict[tuple[int, str], _Read] = {}

    def keys(self, entry: Entry) -> list[Address]:
        if entry.category == "npc":
            return self._keys_of(entry.entity, entry)
        if entry.category == "faction":
            return [_NEWS, _STANDING]
        return [_NEWS, *(address for npc_id in _listed(entry) for address in self._keys_of(npc_id, entry))]

    def fold(self, rows: Rows, entry: Entry) -> None:
        for event, means in self._meaning(entry):
            if entry.category == "npc":
                if type(event) in _LIFE:
                    self._live(rows, entry.entity, event, entry, means)
                elif means:
                    self._react(rows, entry.entity, means)
            elif isinstance(event, WorldEventOccurred) and event.affected_npcs is not None:
                for npc_id in dict.fromkeys(event.affected_npcs):
                    self._react(rows, npc_id, means)
            else:
                self._ambient(rows, event, entry)
        self._read.pop((entry.position, entry.commit.id), None)
        if self._minds or self._pairs:
            self._remember(rows, entry.position)
        if self._others or self._news or self._stood:
            self._remember_seldom(rows, entry)

    def _meaning(self, entry: Entry) -> _Read:
        """What the events of a commit are to a mind, and whom they concern: worked out once for keys and fold."""
        place = entry.position, entry.commit.id
        found = self._read.get(place)
        if found is None:
            if len(self._read) >= CACHED_COMMITS:
                self._read.clear()
            rules = self._rules
            found = self._read[place] = [
                (event, [(what, concerned(rules, what)) for what in happenings(rules, event, entry)])
                for event in entry.commit.events
            ]
        return found

    def _keys_of(self, npc_id: str, entry: Entry) -> list[Address]:
        people: frozenset[str] = frozenset()
        matters = False
        for event, means in self._meaning(entry):
            for _, concerns in means:
                matters = True
                people = people | concerns if people else concerns
            matters = matters or type(event) in _LIFE
        if not matters:
            return []
        own = (npc_id,)
        addresses: list[Address] = [(MINDS, own), (OUTLOOKS, own), _NEWS, _STANDING]
        for person in people:
            if person != npc_id:
                addresses += (RELATIONS, (npc_id, person)), (OUTLOOKS, (person,))
        return addresses

    def _react(self, rows: Rows, npc_id: str, means: _Means) -> None:
        for event, people in means:
            self._feel(rows, npc_id, event, people)

    def _feel(self, rows: Rows, npc_id: str, event: GameEvent, people: frozenset[str]) -> None:
        place = (npc_id,)
        mind, known = rows.get(MINDS, place), rows.get(OUTLOOKS, place)
        if mind is None or known is None:
            return
        life, own = known["life"], self._outlook(rows, known)
        inner = self._felt(rows, mind, known, own)
        relations: dict[str, RelationState] = {}
        _, felt, untold = inner

        def faction_of(person: str) -> str:
            return _faction_of(rows, person, event) if person in people else ""

        for person in people:
            row = rows.get(RELATIONS, (npc_id, person)) if person != npc_id else None
            if row is not None and row["life"] == life:
                relations[person] = row["state"]
            if untold and any(piece.target == person for piece in untold):
                state = relations.get(person) or impression(own, person, faction_of(person))
                relations[person] = told(untold, person, state)
                untold = tuple(piece for piece in untold if piece.target != person)
                self._relate(rows, npc_id, person, life, event.position, relations[person])
        affect, changed, _ = react(self._rules, own, inner.affect, relations, event, faction_of)
        for person, state in changed.items():
            self._relate(rows, npc_id, person, life, event.position, state)
        if affect is not mind["affect"] or felt != mind["felt"] or untold is not inner.untold:
            self._keep(rows, npc_id, _new(Inner, (affect, felt, untold)), event.position)

    def _live(self, rows: Rows, npc_id: str, event: Event, entry: Entry, means: _Means) -> None:
        mind, known = rows.get(MINDS, (npc_id,)), rows.get(OUTLOOKS, (npc_id,))
        if isinstance(event, NpcRegistered):
            self._begin(rows, npc_id, event, entry)
            return
        if mind is None or known is None:
            return
        if isinstance(event, NpcUnregistered):
            rows.delete(MINDS, (npc_id,))
            rows.delete(OUTLOOKS, (npc_id,))
            rows.sweep(RELATIONS, {"npc_id": npc_id, "life": known["life"]})
            self._others[npc_id] = False
            return
        # What was heard before is felt as the one the NPC was then.
        inner = self._felt(rows, mind, known, self._outlook(rows, known))
        affect, factions, profile = inner.affect, known["factions"], known["profile"]
        if isinstance(event, NpcFactionJoined):
            factions = factions if event.faction_id in factions else (*factions, event.faction_id)
        elif isinstance(event, NpcFactionLeft):
            factions = tuple(name for name in factions if name != event.faction_id)
        elif isinstance(event, NpcGoalsChanged):
            # Feeling about it compares with the goals before, so that comes first.
            self._react(rows, npc_id, means)
            self._others[npc_id] = True
            rows.put(OUTLOOKS, (npc_id,), {**known, "profile": with_goals(profile, event.goals)})
            return
        elif isinstance(event, NpcProfileUpdated):
            profile = essence(event.profile)
        now = {**known, "factions": factions, "profile": profile}
        self._others[npc_id] = True
        rows.put(OUTLOOKS, (npc_id,), now)
        if isinstance(event, NpcProfileUpdated):
            affect = with_rest(affect, self._outlook(rows, now).rest, entry.at)
            if "mood" in event.changed:
                affect = in_mood(affect, event.profile.mood, entry.at)
        self._keep(rows, npc_id, Inner(affect, inner.felt, inner.untold), entry.position)

    def _begin(self, rows: Rows, npc_id: str, event: NpcRegistered, entry: Entry) -> None:
        known = {
            "npc_id": npc_id,
            "life": entry.position,
            "profile": essence(event.profile),
            "factions": (),
        }
        self._others[npc_id] = True
        rows.put(OUTLOOKS, (npc_id,), known)
        rest = self._outlook(rows, known).rest
        affect = in_mood(at_rest(rest, entry.at), event.profile.mood, entry.at)
        self._minds[npc_id] = 0  # whatever it felt in another life
        # What happened to the world before its time is history.
        self._keep(rows, npc_id, Inner(affect, entry.position, ()), entry.position)

    def _ambient(self, rows: Rows, event: Event, entry: Entry) -> None:
        if isinstance(event, WorldEventOccurred | FactionEventOccurred):
            scope = ALL if entry.category == "world" else entry.entity
            happening = GameEvent(event.event_type, entry.at, entry.position, event.event_data)
            tiding = tiding_of(self._rules, happening, scope)
            if tiding is not None:
                self._news.append(tiding)
                row = rows.get(TIDINGS, THE_WORLD)
                tidings = heard(row["tidings"] if row else (), tiding)
                made = {"realm": THE_WORLD[0], "position": tidings[-1].position, "tidings": tidings}
                rows.put(TIDINGS, THE_WORLD, made)
        elif isinstance(event, FactionFounded):
            self._stand(rows, entry, event.standing)
        elif isinstance(event, FactionStandingChanged):
            self._stand(rows, entry, {event.other: event.standing})

    def _stand(self, rows: Rows, entry: Entry, towards: dict[str, int]) -> None:
        self._stood = True
        row = rows.get(STANDINGS, THE_WORLD)
        standings = with_standing(row["standings"] if row else {}, entry.entity, towards)
        rows.put(
            STANDINGS,
            THE_WORLD,
            {"realm": THE_WORLD[0], "position": entry.position, "standings": standings},
        )

    def _felt(self, rows: Rows, mind: Row, known: Row, own: Outlook) -> Inner:
        inner: Inner = _new(Inner, (mind["affect"], mind["felt"], mind["untold"]))
        row = rows.get(TIDINGS, THE_WORLD)
        if row is None or row["position"] <= inner.felt:
            return inner
        return felt_so_far(self._rules, own, known["factions"], inner, row["tidings"])

    def _outlook(self, rows: Rows, known: Row) -> Outlook:
        row = rows.get(STANDINGS, THE_WORLD) if known["factions"] else None
        standings = row["standings"] if row else NO_STANDINGS
        return self._outlooks.of(known["npc_id"], known["profile"], known["factions"], standings)

    def _relate(
        self, rows: Rows, npc_id: str, person: str, life: int, position: int, state: RelationState
    ) -> None:
        self._pairs[npc_id, person] = None
        rows.put(
            RELATIONS,
            (npc_id, person),
            {"npc_id": npc_id, "target_id": person, "life": life, "position": position, "state": state},
        )

    def _keep(self, rows: Rows, npc_id: str, inner: Inner, position: int) -> None:
        affect, felt, untold = inner
        if npc_id not in self._minds:
            before = rows.get(MINDS, (npc_id,))
            self._minds[npc_id] = 0 if before is None else before["position"]
        rows.put(
            MINDS,
            (npc_id,),
            {"npc_id": npc_id, "felt": felt, "position": position, "affect": affect, "untold": untold},
        )

    def _remember(self, rows: Rows, position: int) -> None:
        """Add what a commit moved to the history, once for each mind whatever its events were."""
        for npc_id, before in self._minds.items():
            mind = rows.get(MINDS, (npc_id,))
            if mind is not None:
                untold = to_text(mind["untold"]) if mind["untold"] else "[]"
                whole, affect = moved(mind["affect"], before, position)
                rows.insert(MIND_HISTORY, (position, npc_id, whole, mind["felt"], affect, untold))
        self._minds.clear()
        for pair in self._pairs:
            relation = rows.get(RELATIONS, pair)
            if relation is not None:
                state = RELATION_MOMENT.dump(relation["state"])
                rows.insert(RELATION_HISTORY, (position, *pair, relation["life"], state))
        self._pairs.clear()

    def _remember_seldom(self, rows: Rows, entry: Entry) -> None:
        """The rest, which few commits move."""
        position = entry.position
        for npc_id in self._others:
            known = rows.get(OUTLOOKS, (npc_id,))
            if known is None:
                rows.insert(OUTLOOK_HISTORY, (npc_id, position, 0, "", "[]"))
            else:
                factions = NAMES.dump(known["factions"])
                rows.insert(OUTLOOK_HISTORY, (npc_id, position, known["life"], known["profile"], factions))
        for ordinal, tiding in enumerate(self._news):
            rows.insert(TIDING_HISTORY, (position, ordinal, to_text(tiding)))
        if self._stood:
            row = rows.get(STANDINGS, THE_WORLD)
            towards = {} if row is None else row["standings"].get(entry.entity, {})
            rows.insert(STANDING_HISTORY, (entry.entity, position, to_text(towards)))
        self._others, self._news, self._stood = {}, [], False


def _faction_of(rows: Rows, person: str, event: GameEvent) -> str:
    known = rows.get(OUTLOOKS, (person,))
    if known is not None:
        return known["factions"][0] if known["factions"] else ""
    return claimed_faction(event)


def _listed(entry: Entry) -> Iterable[str]:
    for event in entry.commit.events:
        if isinstance(event, WorldEventOccurred) and event.affected_npcs is not None:
            yield from dict.fromkeys(event.affected_npcs)


_LIFE = frozenset(
    {NpcRegistered, NpcUnregistered, NpcProfileUpdated, NpcFactionJoined, NpcFactionLeft, NpcGoalsChanged}
)

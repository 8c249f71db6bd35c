"""What a decider may know of an NPC's mind: a value read from the read models before it decides.

Everything here is pure. The view is true as of one log position and one moment; what a decision rests on is
named by the positions of commits, so that it can be explained and checked later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from commands.mind.affect import AffectReading, AffectState, mood_at, read
from commands.mind.character import Mood, Standing
from commands.mind.emotion import Pad
from commands.mind.fixed import ONE
from commands.mind.outlook import Outlook
from commands.mind.relationship import RelationReading, RelationState, first_impression, reading_at

MOST_COMMITS = 12
"""Positions that `basis` names at most: the strongest causes first, then the newest evidence."""


@dataclass(frozen=True, slots=True)
class MindView:
    """The mind of `npc_id` as it was at log position `position`, read at the moment `at` (µs).

    `affect` has felt everything up to `position`, world and faction events included. `relations` holds those of
    the asked others whom the NPC knows something about; anybody else is a stranger, seen by `outlook` (traits,
    likings, goals, own faction and its standings).
    """

    npc_id: str
    position: int
    at: int
    outlook: Outlook
    affect: AffectState
    relations: Mapping[str, RelationState] = field(default_factory=dict)

    def mood(self) -> Pad:
        """Pleasure, arousal and dominance now, ±1 in millionths."""
        return mood_at(self.affect, self.at)

    def feelings(self) -> AffectReading:
        """What it feels now, with the commits that caused it."""
        return read(self.affect, self.at)

    def toward(self, person: str) -> RelationReading:
        """How it stands to a person (or `faction/<id>`) now; a stranger gets the first impression."""
        state = self.relations.get(person)
        return reading_at(first_impression(self.outlook) if state is None else state, self.at)

    def trust(self, person: str) -> int:
        """0 … 1 in millionths; about half for a stranger."""
        return self.toward(person).trust

    def affection(self, person: str) -> int:
        """±1 in millionths; about 0 for a stranger."""
        return self.toward(person).affection

    def level(self, person: str) -> str:
        """One of `relationship.LEVELS`."""
        return self.toward(person).level

    def character_mood(self) -> Mood:
        """The mood as `character_of` takes it."""
        return Mood(*self.mood())

    def standing(self, person: str) -> Standing:
        """How it stands to a person in the deciders' scale: 0 … 1 in millionths, half is indifference."""
        reading = self.toward(person)
        return Standing(reading.trust, (reading.affection + ONE) // 2, reading.familiarity)

    def standings(self) -> dict[str, Standing]:
        """`standing` of everybody in `relations`, as `character_of` takes it."""
        return {person: self.standing(person) for person in self.relations}

    def basis(self, *persons: str) -> tuple[int, ...]:
        """Positions of the commits that colour the NPC now, ascending, at most `MOST_COMMITS`.

        Those behind its feelings and the evidence about `persons` (everybody in `relations` when none is named).
        """
        felt = [cause.position for cause in self.feelings().causes]
        about = persons or tuple(sorted(self.relations))
        pieces = [piece for person in about for piece in self.toward(person).evidence]
        pieces.sort(key=lambda piece: (-piece.weight, -piece.position))
        named = dict.fromkeys((*felt[: MOST_COMMITS // 2], *(piece.position for piece in pieces)))
        return tuple(sorted(list(named)[:MOST_COMMITS]))

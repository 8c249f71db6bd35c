"""Who an NPC is to itself: its profile compiled for appraisal, with the standings of its factions."""

from __future__ import annotations

from typing import Any, Final, Generic, TypeVar

from commands.mind.happening import GameEvent
from commands.mind.outlook import Outlook, outlook_of
from commands.mind.personality import Archetypes
from commands.mind.relationship import RelationState, first_impression
from projections.ambient import Standings
from projections.schema import from_text

T = TypeVar("T")

CACHED_OUTLOOKS = 8192
HUNDREDTH = 10_000
"""A standing of 1 of 100, in millionths."""

NO_STANDINGS: Final[Standings] = {}


def outlook(
    archetypes: Archetypes, npc_id: str, profile: str, factions: tuple[str, ...], standings: Standings
) -> Outlook:
    """Who an NPC is, from the text `essence` made. The faction it joined first speaks for it; standings of the
    others fill the gaps.
    """
    towards: dict[str, int] = {}
    for faction in reversed(factions):
        towards |= {other: value * HUNDREDTH for other, value in standings.get(faction, {}).items()}
    towards |= dict.fromkeys(factions, 100 * HUNDREDTH)
    made = {**from_text(profile), "faction": factions[0] if factions else ""}
    return outlook_of(npc_id, made, archetypes, towards)


class Outlooks:
    """`outlook` under given archetypes, remembered for the NPCs of late."""

    def __init__(self, archetypes: Archetypes) -> None:
        self._archetypes = archetypes
        self._made: dict[str, tuple[str, tuple[str, ...], Standings, Outlook]] = {}

    def of(self, npc_id: str, profile: str, factions: tuple[str, ...], standings: Standings) -> Outlook:
        """As `outlook`; `standings` must not be changed in place afterwards."""
        made = self._made.get(npc_id)
        # Standings are large and immutable: told apart by identity, for comparing would take long.
        if made is not None and made[0] == profile and made[1] == factions and made[2] is standings:
            return made[3]
        if len(self._made) >= CACHED_OUTLOOKS:
            self._made.clear()
        compiled = outlook(self._archetypes, npc_id, profile, factions, standings)
        self._made[npc_id] = profile, factions, standings, compiled
        return compiled


class Same(Generic[T]):
    """A large immutable value as part of a key: told apart by identity, for comparing would take long."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        # Kept alive by the key itself, so nothing else can have the same identity meanwhile.
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value


def impression(own: Outlook, target: str, faction: str) -> RelationState:
    """The first impression of a person of `faction` ("" for none), or of the faction `target` names."""
    return first_impression(
        own, target.removeprefix("faction/") if target.startswith("faction/") else faction
    )


def claimed_faction(event: GameEvent) -> str:
    """The faction of a person who is no NPC, as the event data tell it."""
    for key in ("player_faction", "actor_faction", "guild"):
        value: Any = event.data.get(key)
        if isinstance(value, str) and value:
            return value[:128]
    return ""

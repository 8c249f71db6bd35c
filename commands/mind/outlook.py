"""An NPC's profile compiled for appraisal: what it wants, what it holds to be right, how strongly it
feels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from commands.mind.emotion import Pad
from commands.mind.fixed import ONE, clamp, millionths
from commands.mind.mood import rest_of
from commands.mind.personality import Archetypes, BigFive, liking_of_gifts, traits_of

_MOST_GOALS = 32


@dataclass(frozen=True, slots=True)
class Goal:
    """How much an NPC wants something (0 … 1) and how far it has come (0 … 1), in millionths."""

    weight: int
    progress: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything about an NPC an appraisal reads that is not its changing state. Numbers in millionths.

    ``wants`` gives the weight of each word that occurs in a goal's name; ``gain`` and ``loss`` scale
    pleasant and unpleasant emotions; ``standings`` is how the NPC's faction stands to others (±ONE, its own
    is ONE).
    """

    npc_id: str
    archetype: str
    traits: BigFive
    rest: Pad
    standards: Mapping[str, int]
    gifts: Mapping[str, int]
    goals: Mapping[str, Goal]
    wants: Mapping[str, int]
    faction: str
    standings: Mapping[str, int]
    gain: int
    loss: int

    def standing(self, faction: str) -> int:
        """How the NPC's side stands to ``faction``, ±ONE; 0 when nothing is known."""
        if not faction:
            return 0
        return ONE if faction == self.faction else clamp(self.standings.get(faction, 0), -ONE, ONE)


def outlook_of(
    npc_id: str,
    profile: Mapping[str, object],
    archetypes: Archetypes,
    standings: Mapping[str, int] | None = None,
) -> Outlook:
    """The outlook of the NPC registered with ``profile`` (see the profile contract in ``design.md``).

    ``standings`` maps faction ids to -ONE … ONE as seen by the NPC's own faction. Anything in the profile
    that has an unexpected shape is read as absent; the profile itself is validated where it is registered.
    """
    raw = profile.get("personality")
    personality: Mapping[str, object] = raw if isinstance(raw, Mapping) else {}
    named = profile.get("archetype") or personality.get("archetype")
    archetype = archetypes.named(named if isinstance(named, str) else "default")
    traits = traits_of(archetype, archetypes.words, personality)
    goals = _goals(profile.get("goals"))
    wants: dict[str, int] = {}
    for name, goal in goals.items():
        for word in name.casefold().replace("-", "_").replace(" ", "_").split("_"):
            if word:
                wants[word] = max(wants.get(word, 0), goal.weight)
    faction = profile.get("faction")
    return Outlook(
        npc_id=npc_id,
        archetype=archetype.name,
        traits=traits,
        rest=rest_of(traits),
        standards=archetype.standards,
        gifts=liking_of_gifts(archetype, personality),
        goals=goals,
        wants=wants,
        faction=faction if isinstance(faction, str) else "",
        standings=dict(standings or {}),
        # Extraverts feel the pleasant more strongly, neurotics the unpleasant (Costa & McCrae 1980).
        gain=700_000 + 6 * traits.extraversion // 10,
        loss=600_000 + 8 * traits.neuroticism // 10,
    )


def _goals(listed: object) -> dict[str, Goal]:
    goals: dict[str, Goal] = {}
    if not isinstance(listed, list | tuple):
        return goals
    for rank, item in enumerate(listed[:_MOST_GOALS], start=1):
        if isinstance(item, str):
            name, priority, progress = item, rank, 0
        elif isinstance(item, Mapping) and isinstance(item.get("goal"), str):
            name = item["goal"]
            priority = millionths(item.get("priority", rank), rank * ONE) // ONE
            progress = item.get("progress", 0) if isinstance(item.get("progress", 0), int) else 0
        else:
            continue
        # Priority 1 is the most important goal: weights 1, 2/3, 1/2, 2/5 …
        goals[name[:128]] = Goal(2 * ONE // (max(1, priority) + 1), clamp(progress, 0, ONE))
    return goals

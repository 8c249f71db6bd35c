"""`evaluate_situation`: how dangerous it is, what it is good for, and what the NPC would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from commands.mind.actions import Catalogue
from commands.mind.character import Character
from commands.mind.curves import UNIT
from commands.mind.decide import Decision, decide
from commands.mind.fields import warnings_of
from commands.mind.goals import GoalRules
from commands.mind.routine import Walkable
from commands.mind.situation import Situation

WORTH_IT = 200_000
"""An action counts as an opportunity from this utility on (millionths)."""
MAX_OPPORTUNITIES = 8


@dataclass(frozen=True, slots=True)
class Evaluation:
    """opportunities: best first. decision: what `decide_action` would answer in the same situation."""

    opportunities: tuple[str, ...]
    decision: Decision

    @property
    def threat_level(self) -> str:
        """none, low, medium, high or extreme."""
        return self.decision.threat.level

    def answer(self) -> dict[str, Any]:
        """The answer of `evaluate_situation`."""
        return {
            "threat_level": self.threat_level,
            "threat": self.decision.threat.score / UNIT,
            "opportunities": list(self.opportunities),
            "recommended_action": self.decision.action,
            "reasons": [*self.decision.threat.reasons, self.decision.reason],
        } | warnings_of(self.decision.notices)

    def record(self) -> dict[str, Any]:
        """What goes into the log: plain JSON, integers only."""
        return {"opportunities": list(self.opportunities), "decision": self.decision.record()}


def evaluate(
    character: Character,
    situation: Situation,
    catalogue: Catalogue,
    rules: GoalRules,
    seed: str,
    walkable: Walkable | None = None,
) -> Evaluation:
    """Assess `situation` with the very decision that `decide` would take in it; parameters as there."""
    decision = decide(character, situation, catalogue, rules, seed, walkable)
    chances = (
        catalogue.actions[row.candidate].opportunity
        for row in decision.ranking.rows
        if row.score >= WORTH_IT and row.candidate in catalogue.actions
    )
    return Evaluation(tuple(dict.fromkeys(filter(None, chances)))[:MAX_OPPORTUNITIES], decision)

"""Events of one character's cross-class syntheses, `synthesis/<char_id>` (`rathena-server-side.md` §2.2, §5.2)."""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event
from events.legend import Growth


@event("synthesis.stirred")
@dataclass(frozen=True, slots=True)
class SynthesisStirred(Event):
    """A deed brought the character closer to a synthesis: `strength` was added, `total` is what has gathered."""

    synthesis_id: int
    deed: str
    strength: int
    total: int
    narrative: str = ""


@event("synthesis.unlocked")
@dataclass(frozen=True, slots=True)
class SynthesisUnlocked(Event):
    """The character joins two classes from now on; `deed` is what led to it, empty when the game server did."""

    synthesis_id: int
    class1_id: int
    class2_id: int
    growth: Growth
    deed: str = ""
    narrative: str = ""


@event("synthesis.exp_added")
@dataclass(frozen=True, slots=True)
class SynthesisExpAdded(Event):
    """`exp` was gained, which may be less than was given: nothing counts beyond the highest level."""

    synthesis_id: int
    exp: int
    growth: Growth
    deed: str = ""
    narrative: str = ""


@event("synthesis.level_raised")
@dataclass(frozen=True, slots=True)
class SynthesisLevelRaised(Event):
    """Follows the experience that raised it; `before` is the level until then."""

    synthesis_id: int
    before: int
    growth: Growth

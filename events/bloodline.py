"""Events of one character's bloodlines, `bloodline/<char_id>` (`rathena-server-side.md` §2.2, §5.2)."""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event
from events.legend import Growth


@event("bloodline.stirred")
@dataclass(frozen=True, slots=True)
class BloodlineStirred(Event):
    """A deed stirred a bloodline that still sleeps: `strength` was added, `total` is what has gathered."""

    bloodline_id: int
    deed: str
    strength: int
    total: int
    narrative: str = ""


@event("bloodline.unlocked")
@dataclass(frozen=True, slots=True)
class BloodlineUnlocked(Event):
    """The character has the bloodline from now on. `deed` is what woke it, empty when the game server did."""

    bloodline_id: int
    growth: Growth
    deed: str = ""
    narrative: str = ""


@event("bloodline.exp_added")
@dataclass(frozen=True, slots=True)
class BloodlineExpAdded(Event):
    """`exp` was gained, which may be less than was given: nothing counts beyond the highest level."""

    bloodline_id: int
    exp: int
    growth: Growth
    deed: str = ""
    narrative: str = ""


@event("bloodline.level_raised")
@dataclass(frozen=True, slots=True)
class BloodlineLevelRaised(Event):
    """Follows the experience that raised it; `before` is the level until then."""

    bloodline_id: int
    before: int
    growth: Growth

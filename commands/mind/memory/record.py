"""One memory: an event as one NPC perceived it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MILLION = 1_000_000


class Source(StrEnum):
    """How the NPC came to know: by its own eyes, ears, from somebody, by doing it, or by thinking it over."""

    SAW = "saw"
    HEARD = "heard"
    TOLD = "told"
    SELF = "self"
    REFLECTION = "reflection"


class Author(StrEnum):
    """Whose words a memory holds. None of them is ever an instruction; those of a player or a model are doubted."""

    GM = "gm"
    """The game's own scripts, and those who run it."""
    PLAYER = "player"
    MODEL = "model"
    """A language model's, alone or beside a player's."""
    IMPORT = "import"
    """Texts brought in from elsewhere."""


DOUBT = (Author.GM, Author.IMPORT, Author.PLAYER, Author.MODEL)
"""Authors, the least doubtful first: what is made of several memories is as doubtful as the worst of them."""


class Tier(StrEnum):
    """The three tiers of the companion engine's memory (companion-engine.md §7)."""

    SHORT = "short"
    LONG = "long"
    SEMANTIC = "semantic"


@dataclass(frozen=True, slots=True)
class Memory:
    """What one NPC keeps of one event. Times are µs since the epoch, fractions are millionths.

    `position` and `index` name the event (log position of the commit that made the memory, event inside it).
    For hearsay they name the telling; `origin` names the event told about. Nothing of a memory ever changes
    except `superseded_by`, which is itself the position of a later commit, so that any past state can be
    rebuilt.
    """

    owner: str
    position: int
    index: int
    at: int
    content: str
    kind: str
    importance: int = 500_000
    emotion: str = "neutral"
    actor: str = ""
    players: tuple[str, ...] = ()
    npcs: tuple[str, ...] = ()
    place: str = ""
    source: Source = Source.SAW
    told_by: tuple[str, ...] = ()
    """The chain of tellers, the first witness first; the last one told the owner. Empty unless `source` is
    told."""
    origin: tuple[int, int] | None = None
    reliability: int = MILLION
    scene: str = ""
    causes: tuple[int, ...] = ()
    """Positions of the commits that caused this event, if known."""
    subject: str = ""
    predicate: str = ""
    value: str = ""
    valid_from: int | None = None
    """When a stated fact began to hold in the world; `at` if unknown."""
    superseded_by: int | None = None
    """Position of the statement that replaced this one, if any."""
    cites: tuple[int, ...] = ()
    """Positions a reflection was built from."""
    channel: str = ""
    """How it reached the log: event, interaction, speech, world, faction, hearsay or reflection."""
    author: Author = Author.GM
    private: bool = False
    """Whoever reported it said that it is between the NPC and the players in it."""

    @property
    def id(self) -> tuple[int, int]:
        """The event the memory was made by: (position, index). Unique per owner."""
        return self.position, self.index

    @property
    def event(self) -> tuple[int, int]:
        """The event the memory is about: that of the first witness for hearsay, its own otherwise."""
        return self.origin or self.id

    @property
    def is_fact(self) -> bool:
        """True if the memory states a value of a subject's predicate."""
        return bool(self.subject and self.predicate)

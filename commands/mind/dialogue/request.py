"""What the speaker needs to know, and what it answers. Values only."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LINE_BYTES = 255
"""The default bound of a response: rAthena's `npctalk` cuts at 255 bytes, even inside a character."""


@dataclass(frozen=True, slots=True)
class Good:
    """Something the NPC sells; `price` in the game's currency, None when unknown."""

    name: str
    price: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the NPC knows: `kind` is place, person, event or thing; `text` a sentence about `name`.

    `position` is the log position it was learnt at, None for what the NPC's profile says.
    """

    name: str
    kind: str
    text: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class MemoryNote:
    """A memory offered to the speaker, most relevant first: `about` is the id or name it concerns, or ''."""

    position: int
    content: str
    at: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class DialogueRequest:
    """One message to one NPC and everything that may colour the answer.

    `message` is hostile text of any length (empty: the player just came up). PAD axes are millionths;
    `trust` and `affection` 0–100; `at` microseconds since the epoch. `recent` are the template ids last
    used between this NPC and this player, newest last (keeping eight gives good variety). `seed` decides
    among equally fitting lines: use the command's id, so that a replay says the same. `language` may be
    empty.
    """

    npc_id: str
    message: str
    seed: str
    npc_name: str = ""
    archetype: str = ""
    language: str = ""
    mood: str = ""
    pleasure: int = 0
    arousal: int = 0
    dominance: int = 0
    relationship_level: str = ""
    trust: int = 50
    affection: int = 50
    interactions: int = 0
    player_id: str = ""
    player_name: str = ""
    location: str = ""
    time_of_day: str = ""
    at: int = 0
    memories: tuple[MemoryNote, ...] = ()
    goods: tuple[Good, ...] = ()
    facts: tuple[Fact, ...] = ()
    recent: tuple[str, ...] = ()
    max_bytes: int = MAX_LINE_BYTES


@dataclass(frozen=True, slots=True)
class Remembrance:
    """What the NPC should remember of this exchange; `importance` in millionths, `about` the player's id."""

    content: str
    importance: int
    about: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the NPC says and does, and why.

    `response` is one line of at most `max_bytes` UTF-8 bytes, free of control characters and client codes.
    `template` is the line used, `memories` and `facts` the log positions it drew on, `evidence` the patterns
    and keywords that decided the intent; `tone` and `band` the mood and relationship the line was chosen for.
    """

    response: str
    emotion: str
    action: str
    intent: str
    confidence: int
    template: str
    language: str
    tone: str
    band: str
    topic: str | None = None
    memories: tuple[int, ...] = ()
    facts: tuple[int, ...] = ()
    evidence: tuple[str, ...] = ()
    remember: Remembrance | None = None
    method: str = "template"

    def answer(self) -> dict[str, str]:
        """Return the `data` of the `dialogue` operation's reply."""
        return {
            "response": self.response,
            "emotion": self.emotion,
            "action": self.action,
            "method": self.method,
        }

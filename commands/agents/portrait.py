"""An NPC as a model is shown it: parts of a question about who it is, how it feels and what it remembers. Pure.

Every text is foreign (`commands.agents.safety.foreign`): profiles come from game servers, memories hold players' words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from commands.agents.context import Part
from commands.agents.safety.foreign import foreign, foreign_value
from commands.mind.dialogue.persona import age_of
from commands.mind.memory.record import Memory, Source
from commands.npc.state import NpcState
from events.commit import Json

MAX_NAME = 40
MAX_FIELD = 240
MAX_MEMORY = 400
MAX_FIELDS = 12

_HIDDEN = frozenset({"name", "stock", "gold", "zeny", "purse", "health", "language"})
_AGES = {"moment": "just now", "day": "today", "week": "this week", "long": "long ago"}
_SOURCES = {
    Source.SAW: "lived through",
    Source.HEARD: "heard",
    Source.SELF: "did it",
    Source.REFLECTION: "looking back",
}
_NOTHING: tuple[Any, ...] = (None, "", {}, [])


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agent may use (`conf/agents.toml`): tokens of context, how old a memory may be (seconds, 0: any age),
    under which name memories are kept, and how the model samples; `secrets` are fingerprints of what must not leave.
    """

    context_tokens: int = 1500
    max_memory_age: int = 0
    memory_prefix: str = ""
    max_tokens: int | None = None
    temperature: float | None = None
    secrets: tuple[Json, ...] = ()

    def parameters(self) -> Json:
        return {"max_tokens": self.max_tokens, "temperature": self.temperature}


@dataclass(frozen=True, slots=True)
class Numbered:
    """Memories as they are put before a model: the parts, and where each number leads."""

    parts: tuple[Part, ...]
    places: tuple[Json, ...]
    too_old: tuple[str, ...]

    def shown(self, blocks: Json) -> list[Json]:
        """The places of those that are in the fitted `blocks`."""
        numbers = {entry["n"] for name in ("memories", "conversation") for entry in blocks.get(name, ())}
        return [place for place in self.places if place["n"] in numbers]


def character(npc: NpcState, name: str) -> Iterable[Part]:
    """Who the NPC is and what it wants, in the block `character`."""
    profile = npc.profile
    who = {"name": foreign(name, MAX_NAME), "kind": foreign(profile.archetype, MAX_NAME)}
    yield Part("character", "is", who, 0, "who the character is")
    personality = foreign_value(profile.personality, MAX_FIELD)
    if personality not in _NOTHING:
        yield Part("character", "personality", personality, 3, "personality")
    told = {key: value for key, value in profile.extra.items() if key not in _HIDDEN}
    yield from fields("character", told, 4, "profile field")
    goals = sorted(profile.goals, key=lambda goal: goal.priority)[:5]
    if goals:
        wants = [foreign(goal.goal, MAX_NAME) for goal in goals]
        yield Part("character", "wants", wants, 5, "goals")
    if npc.factions:
        factions = [foreign(faction, MAX_NAME) for faction in npc.factions[:5]]
        yield Part("character", "belongs to", factions, 6, "factions")


def fields(block: str, table: Json, rank: int, note: str) -> Iterable[Part]:
    """The fields of a foreign table, at most `MAX_FIELDS`, each a part of its own."""
    for key, value in list(table.items())[:MAX_FIELDS]:
        plain, name = foreign_value(value, MAX_FIELD), foreign(str(key)[: 4 * MAX_NAME], MAX_NAME)
        if name and plain not in _NOTHING:
            yield Part(block, name, plain, rank, f"{note} {name}")


def memories(recalled: Sequence[Memory], lines: Sequence[Memory], now: int, terms: Terms) -> Numbered:
    """Memories by relevance, then the conversation (`lines`, newest first), numbered through, so that an answer can
    name what it used; `now` in µs."""
    parts: list[Part] = []
    places: list[Json] = []
    too_old: list[str] = []
    spoken = {memory.id for memory in lines}
    other = [memory for memory in recalled if memory.id not in spoken]
    ranked = [("memories", memory, 2 if place < 3 else 5) for place, memory in enumerate(other)]
    # Newest first: with little room the end of a conversation matters more than its beginning.
    ranked += [("conversation", memory, 2 if place < 2 else 6) for place, memory in enumerate(lines)]
    for number, (block, memory, rank) in enumerate(ranked, start=1):
        note = f"{'memory' if block == 'memories' else 'line'} @{memory.position}"
        if terms.max_memory_age and now - memory.at > terms.max_memory_age * 1_000_000:
            too_old.append(f"{note} (older than {terms.max_memory_age} s)")
            continue
        parts.append(Part(block, "", _told(number, memory, now), rank, note))
        key = f"{terms.memory_prefix}/{memory.position}" if terms.memory_prefix else str(memory.position)
        places.append({"n": number, "position": memory.position, "key": key, "author": str(memory.author)})
    conversation = [part for part in parts if part.block == "conversation"]
    parts = [part for part in parts if part.block != "conversation"] + conversation[::-1]
    return Numbered(tuple(parts), tuple(places), tuple(too_old))


def _told(number: int, memory: Memory, now: int) -> Json:
    told: Json = {
        "n": number,
        "what": foreign(memory.content, MAX_MEMORY),
        "when": _AGES[age_of(memory.at, now)],
        "how": _how(memory),
        "words of": str(memory.author),
    }
    if memory.emotion and memory.emotion != "neutral":
        told["felt"] = foreign(memory.emotion, MAX_NAME)
    return told


def _how(memory: Memory) -> str:
    if memory.source is Source.TOLD:
        return f"told by {foreign(memory.told_by[-1], MAX_NAME)}" if memory.told_by else "told"
    return _SOURCES[memory.source]

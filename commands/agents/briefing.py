"""What a model is told before it speaks for an NPC: everything the decision records as its inputs. Pure.

`facts` are the data blocks as they are sent, cut to the agent's budget; the rest says how the answer is read and
what is done with it, so that a decision needs nothing but itself to be replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from commands.agents.context import Part, fit, shortened
from commands.agents.dialogue import (
    MESSAGE_FIELDS,
    Situation,
    Spoken,
    grounds,
    player_of,
    request_of,
    spoken,
)
from commands.agents.routing import Route
from commands.agents.safety.foreign import foreign, foreign_value
from commands.agents.safety.privacy import marks
from commands.mind.dialogue.gesture import ACTIONS, EMOTIONS
from commands.mind.dialogue.persona import age_of, band_of
from commands.mind.dialogue.request import MAX_LINE_BYTES, DialogueRequest, Utterance
from commands.mind.memory.record import Memory, Source
from events.commit import Commit, Json
from events.request import RequestOpened

BLOCKS = ("character", "feelings", "situation", "goods", "quests", "memories", "conversation", "player")
"""The data blocks in the order they are sent: what seldom changes first, which providers charge less for."""

MAX_NAME = 40
MAX_FIELD = 240
MAX_MEMORY = 400
MAX_SAID = 800
MAX_RESPONSE_BYTES = 2000

_HIDDEN = frozenset({"name", "stock", "gold", "zeny", "purse", "health", "language"})
_AGES = {"moment": "just now", "day": "today", "week": "this week", "long": "long ago"}
_SOURCES = {
    Source.SAW: "lived through",
    Source.HEARD: "heard",
    Source.SELF: "did it",
    Source.REFLECTION: "looking back",
}
_SHOWN_APART = frozenset(
    {"language", "location", "time_of_day", "player_name", "player_id", "npc_id", "max_bytes", "maxBytes"}
)
_HIGH, _LOW = 65, 35


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
class _Numbered:
    """Memories as they are put before a model: the parts, and where each number leads."""

    parts: tuple[Part, ...]
    places: tuple[Json, ...]
    too_old: tuple[str, ...]


def briefing(
    found: Situation, opened: RequestOpened, commit: Commit, utterance: Utterance, way: Route, terms: Terms
) -> Json:
    """The inputs of the purpose `dialogue`: plain JSON. `utterance` is what a template would say, and will, if the
    model has nothing usable to say."""
    request, player = request_of(found, opened, commit), player_of(opened, commit)
    met = bool(
        request.interactions or found.lines or any(player in memory.players for memory in found.memories)
    )
    numbered = _memories(found, request, terms)
    said = foreign(shortened(request.message, terms.context_tokens // 2), MAX_SAID)
    parts = (
        *_character(found, request),
        *_feelings(request, met),
        *_surroundings(opened, request),
        *_business(found, request, utterance.intent, player),
        *numbered.parts,
        Part("player", "says", said or "(comes up and says nothing)", 0, "what the player said"),
        *_player(request, player, met),
    )
    fitted = fit(parts, BLOCKS, terms.context_tokens)
    shown = {entry["n"] for block in ("memories", "conversation") for entry in fitted.blocks.get(block, ())}
    places = [place for place in numbered.places if place["n"] in shown]
    known = [memory.content for memory in (*found.memories, *found.lines)]
    return {
        "facts": fitted.blocks,
        "memories": places,
        "left_out": [*numbered.too_old, *fitted.left_out],
        "special_case_reasons": list(way.reasons),
        "limits": {
            "max_bytes": _max_bytes(opened.data),
            "emotions": list(EMOTIONS),
            "actions": list(ACTIONS),
        },
        "guard": {
            "secrets": list(terms.secrets),
            "marks": marks((memory.content for memory in found.withheld), [*known, request.message]),
        },
        "parameters": terms.parameters(),
        "fallback": asdict(spoken(utterance, grounds(found, player), "fallback")),
        "npc_id": opened.npc_id,
        "player_id": player,
        "request_id": commit.entity,
    }


def fallback_of(inputs: Json) -> Spoken:
    """What `briefing` kept for the case that the model has nothing usable to say."""
    kept = inputs["fallback"]
    return Spoken(**{**kept, "memories": tuple(kept["memories"])})


def _character(found: Situation, request: DialogueRequest) -> Iterable[Part]:
    profile = found.npc.profile
    who = {"name": foreign(request.npc_name, MAX_NAME), "kind": foreign(request.archetype, MAX_NAME)}
    yield Part("character", "is", who, 0, "who the character is")
    personality = foreign_value(profile.personality, MAX_FIELD)
    if personality:
        yield Part("character", "personality", personality, 3, "personality")
    for key, value in list(profile.extra.items())[:12]:
        told = foreign_value(value, MAX_FIELD) if key not in _HIDDEN else None
        if told not in (None, "", {}, []):
            yield Part(
                "character", foreign(key, MAX_NAME), told, 4, f"profile field {foreign(key, MAX_NAME)}"
            )
    goals = [
        foreign(goal.goal, MAX_NAME) for goal in sorted(profile.goals, key=lambda goal: goal.priority)[:5]
    ]
    if goals:
        yield Part("character", "wants", goals, 5, "goals")
    if found.npc.factions:
        factions = [foreign(faction, MAX_NAME) for faction in found.npc.factions[:5]]
        yield Part("character", "belongs to", factions, 6, "factions")


def _feelings(request: DialogueRequest, met: bool) -> Iterable[Part]:
    yield Part("feelings", "mood", foreign(request.mood, MAX_NAME) or "neutral", 1, "mood")
    level = request.relationship_level or band_of("", request.trust, request.affection, request.interactions)
    toward: Json = {"relationship": level.replace("_", " ") if met else "stranger"}
    if met:
        toward |= {"trust": _degree(request.trust), "liking": _degree(request.affection)}
    yield Part("feelings", "toward the player", toward, 1, "relationship")


def _surroundings(opened: RequestOpened, request: DialogueRequest) -> Iterable[Part]:
    if request.location:
        yield Part("situation", "place", foreign(request.location, MAX_NAME), 3, "place")
    if request.time_of_day:
        yield Part("situation", "time of day", foreign(request.time_of_day, MAX_NAME), 5, "time of day")
    data = opened.data
    inner = data["context"] if isinstance(data.get("context"), dict) else {}
    hidden = {"context", *MESSAGE_FIELDS, *_SHOWN_APART}
    told = {key: value for key, value in {**inner, **data}.items() if key not in hidden}
    for key, value in list(told.items())[:12]:
        plain = foreign_value(value, MAX_FIELD)
        if plain not in (None, "", {}, []):
            name = foreign(str(key), MAX_NAME)
            yield Part("situation", name, plain, 3, f"situation field {name}")


def _business(found: Situation, request: DialogueRequest, intent: str, player: str) -> Iterable[Part]:
    if request.goods:
        goods = [
            foreign(good.name, MAX_NAME) + ("" if good.price is None else f" ({good.price} gold)")
            for good in request.goods
        ]
        yield Part("goods", "sells", goods, 2 if intent in ("ask_goods", "trade") else 5, "goods")
    for quest in found.npc.quests.get(player, ())[-5:]:
        told = {"quest": foreign(quest.name, MAX_NAME * 2), "status": quest.status}
        yield Part("quests", "", told, 2 if quest.is_open else 6, f"quest {quest.quest_id}")


def _memories(found: Situation, request: DialogueRequest, terms: Terms) -> _Numbered:
    """Memories by relevance, then the conversation; numbered through, so that an answer can name what it used."""
    parts: list[Part] = []
    places: list[Json] = []
    too_old: list[str] = []
    lines = {memory.id for memory in found.lines}
    recalled = [memory for memory in found.memories if memory.id not in lines]
    ranked = [("memories", memory, 2 if place < 3 else 5) for place, memory in enumerate(recalled)]
    # Newest first: with little room the end of a conversation matters more than its beginning.
    ranked += [("conversation", memory, 2 if place < 2 else 6) for place, memory in enumerate(found.lines)]
    for number, (block, memory, rank) in enumerate(ranked, start=1):
        note = f"{'memory' if block == 'memories' else 'line'} @{memory.position}"
        if terms.max_memory_age and request.at - memory.at > terms.max_memory_age * 1_000_000:
            too_old.append(f"{note} (older than {terms.max_memory_age} s)")
            continue
        parts.append(Part(block, "", _told(number, memory, request.at), rank, note))
        key = f"{terms.memory_prefix}/{memory.position}" if terms.memory_prefix else str(memory.position)
        places.append({"n": number, "position": memory.position, "key": key, "author": str(memory.author)})
    conversation = [part for part in parts if part.block == "conversation"]
    parts = [part for part in parts if part.block != "conversation"] + conversation[::-1]
    return _Numbered(tuple(parts), tuple(places), tuple(too_old))


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


def _player(request: DialogueRequest, player: str, met: bool) -> Iterable[Part]:
    # A stranger has no name for the NPC: and so strangers' equal questions are one question, asked once.
    if met:
        yield Part("player", "id", foreign(player, MAX_NAME), 1, "the player's id")
        if request.player_name:
            yield Part("player", "name", foreign(request.player_name, MAX_NAME), 1, "the player's name")
    if request.language:
        yield Part("player", "language", foreign(request.language, 20), 1, "language")


def _degree(percent: int) -> str:
    return "high" if percent >= _HIGH else "low" if percent <= _LOW else "fair"


def _max_bytes(data: Json) -> int:
    """How long an answer may be: what the edge says it takes, else what `npctalk` does."""
    inner: Any = data.get("context")
    tables: Sequence[Any] = (data, inner) if isinstance(inner, dict) else (data,)
    for table in tables:
        for name in ("max_bytes", "maxBytes"):
            value = table.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return max(16, min(value, MAX_RESPONSE_BYTES))
    return MAX_LINE_BYTES

"""What a model is told before it speaks for an NPC: everything the decision records as its inputs. Pure.

`facts` are the data blocks as they are sent, cut to the agent's budget; the rest says how the answer is read and
what is done with it, so that a decision needs nothing but itself to be replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from commands.agents.context import Part, fit, shortened
from commands.agents.dialogue import (
    Situation,
    Spoken,
    as_fallback,
)
from commands.agents.portrait import MAX_NAME, Terms, character, fields, memories
from commands.agents.routing import Route
from commands.agents.safety.foreign import foreign
from commands.agents.safety.privacy import marks
from commands.mind.dialogue.gesture import ACTIONS, EMOTIONS
from commands.mind.dialogue.message import MESSAGE_FIELDS
from commands.mind.dialogue.persona import band_of
from commands.mind.dialogue.request import MAX_LINE_BYTES, DialogueRequest
from events.commit import Commit, Json
from events.request import RequestOpened

BLOCKS = ("character", "feelings", "situation", "goods", "quests", "memories", "conversation", "player")
"""The data blocks in the order they are sent: what seldom changes first, which providers charge less for."""

MAX_SAID = 800
MAX_RESPONSE_BYTES = 2000

_SHOWN_APART = frozenset(
    {"language", "location", "time_of_day", "player_name", "player_id", "npc_id", "max_bytes", "maxBytes"}
)
_HIGH, _LOW = 65, 35


def briefing(
    found: Situation,
    opened: RequestOpened,
    commit: Commit,
    request: DialogueRequest,
    said: Spoken,
    way: Route,
    terms: Terms,
) -> Json:
    """The inputs of the purpose `dialogue`: plain JSON. `said` is what a template would say to `request`, and will, if
    the model has nothing usable to say."""
    player = request.player_id
    met = bool(
        request.interactions or found.lines or any(player in memory.players for memory in found.memories)
    )
    numbered = memories(found.memories, found.lines, request.at, terms)
    heard = foreign(shortened(request.message, terms.context_tokens // 2), MAX_SAID)
    parts = (
        *character(found.npc, request.npc_name),
        *_feelings(request, met),
        *_surroundings(opened, request),
        *_business(found, request, said.intent, player),
        *numbered.parts,
        Part("player", "says", heard or "(comes up and says nothing)", 0, "what the player said"),
        *_player(request, player, met),
    )
    fitted = fit(parts, BLOCKS, terms.context_tokens)
    return {
        "facts": fitted.blocks,
        "memories": numbered.shown(fitted.blocks),
        "left_out": [*numbered.too_old, *fitted.left_out],
        "special_case_reasons": list(way.reasons),
        "limits": {
            "max_bytes": _max_bytes(opened.data),
            "emotions": list(EMOTIONS),
            "actions": list(ACTIONS),
        },
        "guard": {
            "secrets": list(terms.secrets),
            "marks": marks(found.withheld, (*found.memories, *found.lines), request.message),
        },
        "parameters": terms.parameters(),
        "fallback": asdict(as_fallback(said)),
        "npc_id": opened.npc_id,
        "player_id": player,
        "request_id": commit.entity,
    }


def fallback_of(inputs: Json) -> Spoken:
    """What `briefing` kept for the case that the model has nothing usable to say."""
    kept = inputs["fallback"]
    return Spoken(**{**kept, "memories": tuple(kept["memories"])})


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
    yield from fields("situation", told, 3, "situation field")


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

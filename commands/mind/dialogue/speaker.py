"""The answer of an NPC without a language model: understand, choose a line, fill it in."""

from __future__ import annotations

from collections.abc import Sequence

from commands.mind.dialogue import persona
from commands.mind.dialogue.gesture import expression, gesture
from commands.mind.dialogue.grammar import VALUES, Reference, Scene, expand, weighted
from commands.mind.dialogue.intent import Recognition, recognise
from commands.mind.dialogue.knowledge import (
    goods_shown,
    known_fact,
    personal_memory,
    recollection,
    wanted_good,
)
from commands.mind.dialogue.library import DialogueLibrary, LanguagePack, Line
from commands.mind.dialogue.request import DialogueRequest, Fact, MemoryNote, Remembrance, Utterance
from commands.mind.dialogue.text import clean, clip

MAX_RECENT = 32
_NAME_CHARS = 24
_LEAST_BYTES = 16
_IMPORTANCE = {
    "threaten": 800_000, "insult": 650_000, "quest": 500_000, "trade": 400_000, "thank": 350_000,
    "ask_person": 300_000, "ask_event": 300_000, "ask_place": 250_000, "ask_goods": 250_000,
    "ask_self": 250_000,
}  # fmt: skip
_TRIVIAL = 100_000


def speak(request: DialogueRequest, library: DialogueLibrary) -> Utterance:
    """Return what the NPC answers; total, pure and bounded for every request.

    The same request and library give the same utterance. The template differs from the last of
    `request.recent`, and from earlier ones as long as others fit. The player's words occur in it only as a
    topic of at most forty harmless characters. An NPC that is hostile to the player keeps what it knows to
    itself.
    """
    pack = library.pack(request.language)
    heard = recognise(request.message, pack.lexicon)
    archetype = persona.archetype_of(request.archetype)
    band = persona.band_of(request.relationship_level, request.trust, request.affection, request.interactions)
    mood = persona.mood_of(request.mood, request.pleasure, request.arousal, request.dominance)
    tone = persona.tone_of(mood, heard.intent, archetype, band)
    willing = band != "hostile"
    fact = known_fact(request, heard.intent, heard.topic) if willing else None
    recalled = recollection(request, heard.intent, heard.topic) if willing else None
    note = personal_memory(request, heard.intent)
    values = _values(request, heard, pack, fact=fact, recalled=recalled, note=note)
    scene = Scene(
        archetype=archetype,
        mood=tone,
        band=band,
        time=persona.time_of(request.time_of_day),
        age=persona.age_of(note.at, request.at) if note is not None else None,
        values=values,
    )
    line = _choose(pack.lines[heard.intent], scene, request)
    used = _named(line)
    text = expand(line.rule, pack.grammar, scene, request.seed, line.id)
    informed = bool(used & {"fact", "recollection"})
    return Utterance(
        response=clip(text[:1].upper() + text[1:], max(_LEAST_BYTES, request.max_bytes)),
        emotion=line.emotion or expression(heard.intent, tone, archetype, informed=informed),
        action=line.action
        or gesture(heard.intent, tone, archetype, has_goods=bool(request.goods), informed=informed),
        intent=heard.intent,
        confidence=heard.confidence,
        template=line.id,
        language=pack.language,
        tone=tone,
        band=band,
        topic=heard.topic,
        memories=tuple(
            memory.position
            for name, memory in (("memory", note), ("recollection", recalled))
            if memory is not None and name in used
        ),
        facts=(fact.position,) if fact is not None and fact.position is not None and "fact" in used else (),
        evidence=heard.evidence,
        remember=_remembrance(request, heard, pack, scene),
    )


def _values(
    request: DialogueRequest,
    heard: Recognition,
    pack: LanguagePack,
    *,
    fact: Fact | None,
    recalled: MemoryNote | None,
    note: MemoryNote | None,
) -> dict[str, str]:
    values = {
        "player": clean(request.player_name, _NAME_CHARS),
        "npc": clean(request.npc_name, _NAME_CHARS),
        "location": clean(request.location, _NAME_CHARS),
        "topic": heard.topic or "",
        "memory": "" if note is None else _sentence(note.content),
        "recollection": "" if recalled is None else _sentence(recalled.content),
    }
    if fact is not None:
        values["subject"], values["fact"] = clean(fact.name, 30), _sentence(fact.text)
    shown = goods_shown(request, VALUES["goods"], pack.joiner)
    if shown is not None:
        values["goods"], values["good"] = shown
        wanted = wanted_good(request, heard.topic)
        if wanted is not None:
            values["wanted"] = clean(wanted.name, 30)
            if wanted.price is not None and 0 <= wanted.price < 10**15:
                values["price"] = str(wanted.price)
    if not values.get("subject") or not values.get("fact"):
        values["subject"] = values["fact"] = ""
    return {name: clip(value, VALUES[name]) for name, value in values.items() if value}


def _sentence(text: str) -> str:
    """Return a remembered text as the inside of a sentence: lines add their own full stop."""
    return clean(text, 200).rstrip(" .!;,")


def _choose(lines: Sequence[Line], scene: Scene, request: DialogueRequest) -> Line:
    """Return one of the eligible lines that answer most, avoiding what was said last."""
    eligible = [line for line in lines if line.rule.eligible(scene)]
    highest = max(line.rank for line in eligible)
    eligible = [line for line in eligible if line.rank == highest]
    recent = request.recent[-MAX_RECENT:]
    fresh = eligible
    for forget in range(len(recent)):
        avoided = set(recent[forget:])
        remaining = [line for line in eligible if line.id not in avoided]
        if remaining:
            fresh = remaining
            break
    return fresh[weighted([line.rule for line in fresh], request.seed, f"{scene.archetype}/{request.npc_id}")]


def _named(line: Line) -> set[str]:
    return {part.name for part in line.rule.parts if isinstance(part, Reference) and part.name in VALUES}


def _remembrance(
    request: DialogueRequest, heard: Recognition, pack: LanguagePack, scene: Scene
) -> Remembrance | None:
    """Return the first remembrance of the intent whose values are present."""
    who = scene.values.get("player") or clean(request.player_id, _NAME_CHARS)
    if not who:
        return None
    values = {**scene.values, "player": who}
    situated = Scene(scene.archetype, scene.mood, scene.band, scene.time, scene.age, values)
    for rule in pack.remember.get(heard.intent, ()):
        if rule.eligible(situated):
            content = clip(expand(rule, pack.grammar, situated, request.seed, "remember"), VALUES["memory"])
            importance = _IMPORTANCE.get(heard.intent, _TRIVIAL)
            return Remembrance(content, importance, request.player_id or who)
    return None

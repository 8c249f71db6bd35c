"""Which of the things an NPC has, knows or remembers a question is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from commands.mind.dialogue.grammar import roll
from commands.mind.dialogue.intent import words_of
from commands.mind.dialogue.request import DialogueRequest, Fact, Good, MemoryNote
from commands.mind.dialogue.text import clean, distance_within, fold

MAX_GOODS, MAX_FACTS, MAX_MEMORIES = 64, 256, 32
_TOPIC_KINDS = {"ask_place": "place", "ask_person": "person", "ask_event": "event"}
_PERSONAL = ("greet", "farewell", "thank", "insult", "threaten", "smalltalk", "quest")
_MIN_WORD = 4
_LONG = 8
_MAX_DIFFERENCE = 3
_CHOICE = 3
_NAME_CHARS = 60
_DOUBLED = re.compile(r"(.)\1")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > _MIN_WORD and word.endswith("s") else word


def _alike(left: str, right: str) -> bool:
    """Tell whether two folded words are one, plurals and typing errors allowed; cheapest first."""
    if left == right:
        return True
    if left[0] != right[0] or abs(len(left) - len(right)) > _MAX_DIFFERENCE:
        return False
    left, right = _singular(left), _singular(right)
    if left == right or _DOUBLED.sub(r"\1", left) == _DOUBLED.sub(r"\1", right):
        return True
    shorter = min(len(left), len(right))
    return shorter >= _MIN_WORD and distance_within(left, right, 2 if shorter >= _LONG else 1)


def _may_match(name: str, initials: set[str]) -> bool:
    """Tell cheaply whether a word of `name` can be like one that begins with one of `initials`."""
    return any(word[0] in initials or not word[0].isalnum() for word in fold(name[:_NAME_CHARS]).split())


def best_match(topic: str | None, named: Sequence[N]) -> N | None:
    """Return the thing whose name says what `topic` says, typing errors and plurals allowed, or None.

    A name matches when all its words are in the topic or all the topic's words are in it (`potions` finds
    `Red Potion`). More shared words win, then the shorter name, then the earlier.
    """
    asked = words_of(topic) if topic else []
    best: tuple[int, int] | None = None
    found: N | None = None
    initials = {word[0] for word in asked}
    alike: dict[str, frozenset[int]] = {}
    for candidate in named if asked else ():
        if not _may_match(candidate.name, initials):
            continue
        name = words_of(candidate.name[:_NAME_CHARS])
        if not name:
            continue
        for word in name:
            if word not in alike:
                alike[word] = frozenset(index for index, other in enumerate(asked) if _alike(word, other))
        shared = len(frozenset().union(*(alike[word] for word in name)))
        covered = sum(bool(alike[word]) for word in name)
        if shared and (shared == len(asked) or covered == len(name)):
            score = (shared, -len(name))
            if best is None or score > best:
                best, found = score, candidate
    return found


def wanted_good(request: DialogueRequest, topic: str | None) -> Good | None:
    """Return the good that the player asked for by name, or None."""
    return best_match(topic, request.goods[:MAX_GOODS]) if topic else None


def known_fact(request: DialogueRequest, intent: str, topic: str | None) -> Fact | None:
    """Return what the NPC knows about the topic; for news without a topic, one of the events it knows of."""
    facts = request.facts[:MAX_FACTS]
    kind = _TOPIC_KINDS.get(intent)
    if kind is None:
        return None
    same_kind = [fact for fact in facts if fact.kind == kind]
    if topic is None:
        return (
            same_kind[roll(request.seed, "event", len(same_kind))] if same_kind and kind == "event" else None
        )
    return best_match(topic, same_kind) or best_match(topic, [fact for fact in facts if fact.kind != kind])


def recollection(request: DialogueRequest, intent: str, topic: str | None) -> MemoryNote | None:
    """Return the most relevant memory that mentions the topic, for questions only."""
    asked = (
        [word for word in words_of(topic or "") if len(word) >= _MIN_WORD] if intent in _TOPIC_KINDS else []
    )
    if not asked:
        return None
    for note in request.memories[:MAX_MEMORIES]:
        said = set(words_of(note.content))
        if all(word in said or any(_alike(word, other) for other in said) for word in asked):
            return note
    return None


def personal_memory(request: DialogueRequest, intent: str) -> MemoryNote | None:
    """Return one of the three most relevant memories about the player, if the intent is a personal one."""
    if intent not in _PERSONAL:
        return None
    who = {name for name in (request.player_id, request.player_name) if name}
    about = [note for note in request.memories[:MAX_MEMORIES] if note.about in who and clean(note.content, 8)]
    return about[roll(request.seed, "memory", min(_CHOICE, len(about)))] if about else None


def goods_shown(request: DialogueRequest, room: int, joiner: str) -> tuple[str, str] | None:
    """Return up to four goods in at most `room` bytes, and one of them alone; None without goods."""
    names = [name for good in request.goods[:MAX_GOODS] if (name := clean(good.name, 30))]
    if not names:
        return None
    start = roll(request.seed, "goods", len(names))
    turned = list(dict.fromkeys(names[start:] + names[:start]))[:4]
    while len(turned) > 1 and len((", ".join(turned) + joiner).encode()) > room:
        turned.pop()
    listed = turned[0] if len(turned) == 1 else ", ".join(turned[:-1]) + joiner + turned[-1]
    return listed, turned[0]

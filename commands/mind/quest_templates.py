"""Quest templates: who gives which quest to whom, with which objectives, words and rewards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, NamedTuple

from commands.mind.tables import TableError, decimal, join, known, span, table, tables, whole, word, words

KINDS = frozenset({"fetch", "kill", "escort", "delivery", "explore", "dialogue", "craft", "investigate"})
HOUR = 3_600_000_000
MAX_LEVEL = 1000
MAX_NUMBER = 2_000_000
GIVEN = 1000
BUILT_IN_SLOTS = frozenset({"npc", "place", "count"})


class RewardRules(NamedTuple):
    """exp, gold: per player level for a quest of difficulty 1. max_exp, max_gold: caps per player level,
    never exceeded.

    Item rewards count with their value against `max_gold`.
    """

    exp: int
    gold: int
    max_exp: int
    max_gold: int


@dataclass(frozen=True, slots=True)
class ObjectiveTemplate:
    """count: range [from, to]; the lower end for low levels, the upper for high ones, drawn in between."""

    kind: str
    target: str
    count: tuple[int, int]


class ItemReward(NamedTuple):
    """value: gold one is worth."""

    item_id: str
    amount: tuple[int, int]
    value: int


@dataclass(frozen=True, slots=True)
class QuestTemplate:
    """A quest before it is given to anyone.

    archetypes: who gives it (empty: anyone). goals: kinds of goals it serves. affection, trust: least
    standing in millionths. difficulty: millionths, scales the rewards. cooldown, offer, allowed:
    microseconds until it may be offered again, until the offer lapses, and the time to finish it. titles,
    descriptions: sentences with slots. number: what older script functions call it, 1..`MAX_NUMBER`.
    """

    name: str
    kind: str
    archetypes: frozenset[str]
    goals: frozenset[str]
    levels: tuple[int, int]
    affection: int
    trust: int
    difficulty: int
    cooldown: int
    offer: int
    allowed: int
    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]
    objectives: tuple[ObjectiveTemplate, ...]
    items: tuple[ItemReward, ...]
    number: int = 0


class QuestBook(NamedTuple):
    """All templates and how they pay. most_open: open quests a player may have from one NPC."""

    templates: tuple[QuestTemplate, ...]
    rewards: RewardRules
    most_open: int

    def called(self, name: str) -> QuestTemplate | None:
        """The template of that name."""
        return next((template for template in self.templates if template.name == name), None)

    def numbered(self, number: int) -> QuestTemplate | None:
        """The template with that number."""
        return next((template for template in self.templates if template.number == number), None)


def parse_quests(mapping: Mapping[str, Any]) -> QuestBook:
    """The book of a parsed `quests.toml`; raises `TableError` with the key and the remedy."""
    rules = table(mapping, "rewards")
    known(rules, frozenset(RewardRules._fields), "rewards")
    rewards = RewardRules(*(whole(rules, name, "rewards", 0, 1_000_000) for name in RewardRules._fields))
    entries = list(tables(mapping, "quests"))
    numbers = [
        whole(entry, "number", path, 1, MAX_NUMBER, n) for n, (_, entry, path) in enumerate(entries, 1)
    ]
    if len(set(numbers)) < len(numbers):
        twice = next(number for number in numbers if numbers.count(number) > 1)
        raise TableError(
            "quests",
            f"has the number {twice} twice; without one a quest is numbered by its place in the file",
        )
    templates = tuple(
        _template(name, entry, path, number)
        for (name, entry, path), number in zip(entries, numbers, strict=True)
    )
    if not templates:
        raise TableError("quests", "is empty; add at least one quest, such as [quests.gather_herbs]")
    return QuestBook(templates, rewards, whole(mapping, "most_open", "", 1, 20, 3))


def _template(name: str, entry: Mapping[str, Any], path: str, number: int) -> QuestTemplate:
    allowed = {
        *("type", "archetypes", "goals", "levels", "affection", "trust", "difficulty", "cooldown_hours"),
        *("offer_hours", "hours", "title", "description", "slots", "objectives", "items"),
        "number",
    }
    known(entry, frozenset(allowed), path)
    kind = word(entry, "type", path)
    if kind not in KINDS:
        raise TableError(f"{path}.type", f"must be one of {', '.join(sorted(KINDS))}")
    slots = {
        key: words(table(entry, "slots", path), key, f"{path}.slots") for key in table(entry, "slots", path)
    }
    for key, options in slots.items():
        if not options:
            raise TableError(f"{path}.slots.{key}", "is empty; give at least one word")
    objectives = tuple(
        ObjectiveTemplate(
            word(objective, "kind", where),
            _slotted(word(objective, "target", where), f"{where}.target", slots),
            span(objective, "count", where, 1, 1000),
        )
        for objective, where in _list_of_tables(entry, "objectives", path)
    )
    if not objectives:
        raise TableError(
            f"{path}.objectives", 'is empty; add { kind = "collect", target = "…", count = [1, 3] }'
        )
    items = tuple(
        ItemReward(
            str(item.get("item_id", "")),
            span(item, "amount", where, 1, 30),
            whole(item, "value", where, 0, 10**6),
        )
        for item, where in _list_of_tables(entry, "items", path)
    )
    return QuestTemplate(
        name,
        kind,
        frozenset(words(entry, "archetypes", path)),
        frozenset(words(entry, "goals", path)),
        span(entry, "levels", path, 1, MAX_LEVEL),
        decimal(entry, "affection", path, 0, 1, 0.35),
        decimal(entry, "trust", path, 0, 1, 0.35),
        decimal(entry, "difficulty", path, 0.1, 5, 1.0),
        whole(entry, "cooldown_hours", path, 0, 24 * 365, 20) * HOUR,
        whole(entry, "offer_hours", path, 1, 24 * 30, 24) * HOUR,
        whole(entry, "hours", path, 1, 24 * 90, 72) * HOUR,
        _sentences(entry, "title", path, slots),
        _sentences(entry, "description", path, slots),
        slots,
        objectives,
        items,
        number,
    )


def quest_number(quest_id: str, book: QuestBook) -> int:
    """The whole number by which scripts know a quest: its template's number and which of that player's it is; 0 for a
    quest that is not of this book."""
    name, _, given = quest_id.rpartition("_")
    template = book.called(name)
    known = template is not None and given.isdecimal() and 1 <= int(given) < GIVEN
    return template.number * GIVEN + int(given) if template is not None and known else 0


def quest_of(number: int, book: QuestBook) -> str:
    """The quest's id by its `quest_number`; empty when there is no such template."""
    template = book.numbered(number // GIVEN)
    return f"{template.name}_{number % GIVEN:02d}" if template is not None else ""


def _sentences(
    entry: Mapping[str, Any], name: str, path: str, slots: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    sentences = words(entry, name, path)
    if not sentences:
        raise TableError(join(path, name), "is missing; give one text or a list of them")
    return tuple(_slotted(sentence, join(path, name), slots) for sentence in sentences)


def _slotted(sentence: str, path: str, slots: Mapping[str, tuple[str, ...]]) -> str:
    """`sentence` when all its slots can be filled."""
    try:
        used = {slot for _, slot, _, _ in Formatter().parse(sentence) if slot is not None}
    except ValueError as error:
        raise TableError(path, f"is not a template ({error})") from error
    for slot in used - slots.keys() - BUILT_IN_SLOTS:
        raise TableError(path, f"uses the slot {{{slot}}}; add it to slots")
    return sentence


def _list_of_tables(entry: Mapping[str, Any], name: str, path: str) -> list[tuple[Mapping[str, Any], str]]:
    listed = entry.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(item, Mapping) for item in listed):
        raise TableError(join(path, name), "must be a list of tables")
    return [(item, f"{join(path, name)}[{n}]") for n, item in enumerate(listed)]

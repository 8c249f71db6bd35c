"""Drafts without a model: composed from tables by a recorded seed, out of what the campaign holds. Pure.

Equal tables, seed and circumstances give equal drafts. A brief is honoured by the words it shares with an archetype, by
a name it gives and by the gender it speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from commands.agents.gamemaster.briefing import Circumstances, Order, Relative
from commands.agents.gamemaster.coherence import Entry
from commands.agents.gamemaster.grammar import tidy
from commands.agents.gamemaster.kinds import KINDS, Draftable
from commands.agents.gamemaster.statistics import statistics
from commands.agents.gamemaster.tables import PLACE, Archetype, Tables
from commands.agents.lot import drawn, one_of, within
from commands.agents.safety.foreign import foreign
from commands.agents.safety.prose import clipped
from commands.forms.field import Field, clean
from commands.forms.text import searchable
from commands.rules.encounter import DIFFICULTIES, Difficulty, EncounterError
from commands.rules.spell import Ruleset
from commands.rules.suggestion import Creature, Suggestion, suggest
from commands.rules.treasure import FIRST_LEVEL
from commands.rules.verdict import name_key
from events.commit import Json

MAX_TRIES = 24
PARTY = 4
"""Characters of a campaign that has none yet."""
_WORDS = re.compile(r"[^\W_]+")
_GONE = frozenset({"dead", "missing"})
_NAMED = re.compile(
    r"(?:\b(?:named|called|nommée?|appelée?|baptisée?)\s+|[\"«“]\s*)"
    r"([A-ZÀ-ÖØ-Þ][\w'’-]*(?:\s+(?:of|the|de|du|des|la|le|d'|[A-ZÀ-ÖØ-Þ][\w'’-]*)){0,5})"
)


@dataclass(frozen=True, slots=True)
class Stock:
    """What of the ruleset may be drawn: `creatures`, `spells` and `items`, by name."""

    creatures: tuple[Creature, ...] = ()
    spells: tuple[Entry, ...] = ()
    items: tuple[Entry, ...] = ()


@dataclass(slots=True)
class _Draft:
    """One draft while it is written: what was drawn already is neither drawn again nor changed."""

    order: Order
    found: Circumstances
    tables: Tables
    stock: Stock
    base: str
    number: int
    taken: frozenset[str]
    gender: str = "m"
    name: str = ""
    values: dict[str, str] = field(default_factory=dict)
    linked: dict[str, Relative] = field(default_factory=dict)
    used: dict[str, set[int]] = field(default_factory=dict)
    claims: Json = field(default_factory=dict)

    @property
    def seed(self) -> str:
        return f"{self.base}/{self.number}"

    @property
    def levels(self) -> tuple[int, ...]:
        found = tuple(each["level"] for each in self.found.characters if isinstance(each.get("level"), int))
        return (
            tuple(level for level in found if 1 <= level <= 20)
            or (max(1, self.found.campaign.level),) * PARTY
        )


def compose(
    order: Order,
    found: Circumstances,
    tables: Tables,
    stock: Stock,
    seed: str,
    number: int = 0,
    taken: Iterable[str] = (),
) -> tuple[Json, Json]:
    """The fields and claims of draft `number` of a proposal with that seed; `taken` are names of its other drafts."""
    draftable = KINDS[order.kind]
    draft = _Draft(order, found, tables, stock, seed, number, frozenset(map(name_key, taken)))
    draft.gender = _gender(draft)
    archetype = _archetype(draft)
    draft.name = _name(draft, archetype, draftable.form["name"])
    draft.values["name"] = draft.name
    fields: Json = dict(draftable.started)
    for name, where in draftable.form.items():
        texts = archetype.fields.get(name) or tables.common[order.kind].get(name, ())
        value = draft.name if name == "name" else _value(draft, where, texts)
        if value not in (None, "", []):
            fields[name] = clean(where, value)
    if order.kind == "npc":
        level, ruleset = max(draft.levels), _ruleset(draft)
        numbers, claims = statistics(
            archetype.stats or "civilian",
            archetype.casts,
            level,
            draft.seed,
            stock.spells,
            ruleset,
            [str(each.get("name", "")) for each in found.reference if each.get("kind") == "spell"],
        )
        fields |= {name: value for name, value in numbers.items() if name in draftable.form}
        draft.claims |= claims
    if order.kind == "quest":
        fields["required_level"] = min(draft.levels)
    fields |= {name: value for name, value in _references(draft, draftable).items() if name not in fields}
    return fields, draft.claims


def direction(tables: Tables, seed: str, draft: int) -> str:
    """What sets a model's draft apart from the others of the same brief; none for a single one."""
    if not tables.directions:
        return ""
    start = drawn(f"{seed}/direction", len(tables.directions))
    return tables.directions[(start + draft) % len(tables.directions)]


def _ruleset(draft: _Draft) -> Ruleset:
    return "2014" if draft.found.campaign.ruleset == "2014" else "2024"


def _gender(draft: _Draft) -> str:
    words = set(searchable(draft.order.brief).split())
    for gender, known in draft.tables.genders.items():
        whole = {searchable(word) for word in known if not word.startswith("-")}
        endings = tuple(searchable(word[1:]) for word in known if word.startswith("-"))
        if words & whole or (endings and any(word.endswith(endings) for word in words)):
            return gender
    return one_of(f"{draft.seed}/gender", ("f", "m"))


def _archetype(draft: _Draft) -> Archetype:
    """One that the brief calls for, else any; drafts of one brief differ as long as there are others."""
    known = draft.tables.archetypes[draft.order.kind]
    text = _spoken(draft.order.brief)
    places = [
        (min((at for word in each.words if (at := text.find(_spoken(word))) >= 0), default=-1), each)
        for each in known
    ]
    # What is named first is meant: a tavern by the sea is a tavern.
    first = min((at for at, _ in places if at >= 0), default=-1)
    called = [each for at, each in places if at == first]
    return called[(drawn(f"{draft.base}/archetype", len(called)) + draft.number) % len(called)]


def _spoken(text: str) -> str:
    """The words of a text, each between spaces."""
    return f" {' '.join(_WORDS.findall(searchable(text)))} "


def _name(draft: _Draft, archetype: Archetype, where: Field) -> str:
    """The name the brief gives, else a new one."""
    given = _NAMED.search(draft.order.brief)
    if given:
        return clipped(foreign(given[1], where.length), where.length)
    texts = archetype.fields.get("name") or draft.tables.common[draft.order.kind].get("name", ())
    taken = draft.taken | {name_key(each.name) for each in draft.found.elements}
    taken |= {name_key(str(each.get("name", ""))) for each in draft.found.characters}
    name = ""
    for number in range(MAX_TRIES):
        name = clipped(_say(draft, texts, f"name/{number}", plain=True), where.length)
        if name_key(name) not in taken:
            break
    return name


def _value(draft: _Draft, where: Field, texts: Sequence[str]) -> Any:
    if not texts:
        return None
    if where.form == "number":
        return int(one_of(f"{draft.seed}/{where.name}", texts))
    if where.form not in {"lines", "tags"}:
        text = _say(draft, texts, where.name, plain=where.form != "text")
        return clipped(text, where.length) if where.form == "line" else text
    bounds = (3, 5) if where.form == "lines" else (2, 4)
    # Objectives follow from one another: none of them is left out.
    count = len(texts) if where.name == "objectives" else within(f"{draft.seed}/{where.name}/count", bounds)
    order = sorted(range(len(texts)), key=lambda number: drawn(f"{draft.seed}/{where.name}/{number}", 2**60))
    return [
        _say(draft, (texts[number],), f"{where.name}/{number}", plain=True)
        for number in sorted(order[:count])
    ]


def _say(draft: _Draft, texts: Sequence[str], path: str, *, plain: bool) -> str:
    """One of `texts` with every place filled. `plain`: elements by name; else as links to them."""
    spoken = _filled(draft, one_of(f"{draft.seed}/{path}", texts), path, plain, 0)
    return tidy(spoken, draft.tables.language)


def _filled(draft: _Draft, text: str, path: str, plain: bool, depth: int) -> str:
    count = iter(range(1000))

    def fill(match: re.Match[str]) -> str:
        if match[2] is None:
            found = str(match[3] if draft.gender == "f" else match[4])
        else:
            found = _place(draft, match[2], f"{path}/{next(count)}", plain, depth)
        return found[:1].upper() + found[1:] if match[1] and not found.startswith("[[") else found

    return PLACE.sub(fill, text)


def _place(draft: _Draft, name: str, path: str, plain: bool, depth: int) -> str:
    if name in _VALUES:
        value = draft.values.get(name)
        if value is None:
            value = draft.values[name] = _VALUES[name](draft)
        if not value:
            return _place(draft, f"some_{name}", f"some/{name}", plain, depth + 1)
        relative = draft.linked.get(name)
        return f"[[{relative.element_id}]]" if relative and not plain else value
    if name in draft.values:
        return draft.values[name]
    texts = draft.tables.phrases.get(name) or draft.tables.phrases[f"{name}_{draft.gender}"]
    if name.startswith("some_"):
        # Whoever was spoken of once is spoken of in the same words.
        draft.values[name] = _filled(draft, one_of(f"{draft.seed}/{name}", texts), name, plain, depth + 1)
        return draft.values[name]
    if name in draft.tables.steady:
        return _filled(draft, one_of(f"{draft.seed}/{name}", texts), name, plain, depth + 1)
    left = [number for number in range(len(texts)) if number not in draft.used.get(name, ())]
    chosen = one_of(f"{draft.seed}/{path}/{name}", left or range(len(texts)))
    draft.used.setdefault(name, set()).add(chosen)
    return _filled(draft, texts[chosen], f"{path}/{name}", plain, depth + 1)


def _hero(draft: _Draft, number: int) -> str:
    named = [foreign(str(each.get("name", "")), 60) for each in draft.found.characters]
    named = [each for each in named if each]
    if number >= len(named):
        return ""
    start = drawn(f"{draft.seed}/hero", len(named))
    return named[(start + number) % len(named)]


def _relative(draft: _Draft, value: str, kind: str) -> str:
    """An element of the campaign: one that was asked for, else one of the most relevant that is not taken yet."""
    taken = {each.element_id for each in draft.linked.values()} | {
        str(draft.order.target.get("element_id", ""))
    }
    fitting = [
        each
        for each in draft.found.elements
        if each.kind == kind and each.fields.get("status") not in _GONE and each.element_id not in taken
    ]
    if not fitting:
        return ""
    best = min(each.rank for each in fitting)
    near = [each for each in fitting if each.rank == best] if best <= 1 else fitting[:8]
    chosen = draft.linked[value] = one_of(f"{draft.seed}/{value}", near)
    return foreign(chosen.name, 120)


def _foes(draft: _Draft) -> str:
    wanted: Difficulty = next(
        (d for d in DIFFICULTIES if d == draft.order.options.get("difficulty")), "moderate"
    )
    try:
        found: tuple[Suggestion, ...] = suggest(
            draft.levels, wanted, draft.stock.creatures, seed=draft.seed, most=1
        )
    except EncounterError:
        return ""
    if not found:
        return ""
    draft.claims["creatures"] = [{"name": each.name, "count": count} for each, count in found[0].creatures]
    return ", ".join(
        f"{count} × {each.name}" if count > 1 else each.name for each, count in found[0].creatures
    )


def _item(draft: _Draft) -> str:
    level = max(draft.levels)
    fitting = [each for each in draft.stock.items if FIRST_LEVEL.get(each.rarity, 99) <= level]
    if not fitting:
        return ""
    # The best the level allows is the most of a reward.
    best = max(FIRST_LEVEL[each.rarity] for each in fitting)
    chosen = one_of(f"{draft.seed}/item", [each for each in fitting if FIRST_LEVEL[each.rarity] == best])
    draft.claims["items"] = [chosen.name]
    return chosen.name


def _gold(draft: _Draft) -> str:
    level = max(draft.levels)
    return str(5 * level * within(f"{draft.seed}/gold", (4, 9)))


_VALUES: dict[str, Callable[[_Draft], str]] = {
    "hero": lambda draft: _hero(draft, 0),
    "other_hero": lambda draft: _hero(draft, 1),
    "place": lambda draft: _relative(draft, "place", "location"),
    "person": lambda draft: _relative(draft, "person", "npc"),
    "other_person": lambda draft: _relative(draft, "other_person", "npc"),
    "quest": lambda draft: _relative(draft, "quest", "quest"),
    "foes": _foes,
    "item": _item,
    "gold": _gold,
    "level": lambda draft: str(max(draft.levels)),
}


def _references(draft: _Draft, draftable: Draftable) -> Json:
    """The fields of references that follow from what the texts speak of."""
    linked = {value: each.element_id for value, each in draft.linked.items()}
    people = [linked[value] for value in ("person", "other_person") if value in linked]
    found: Json = {
        "location_id": linked.get("place"),
        "quest_giver_id": linked.get("person"),
        "quest_id": linked.get("quest"),
        "participants": people,
        "about": list(linked.values()),
    }
    return {name: value for name, value in found.items() if value and name in draftable.form}

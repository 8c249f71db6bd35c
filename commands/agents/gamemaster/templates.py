"""Drafts without a model: composed from tables by a recorded seed, out of what the campaign holds. Pure.

Equal tables, seed and circumstances give equal drafts. A brief is honoured by the words it shares with an archetype, by
a name it gives and by the gender it speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from commands.agents.gamemaster.briefing import Circumstances, Order
from commands.agents.gamemaster.grammar import tidy
from commands.agents.gamemaster.kinds import KINDS, Draftable
from commands.agents.gamemaster.sketch import VALUES, Sketch, Stock
from commands.agents.gamemaster.statistics import statistics
from commands.agents.gamemaster.tables import PLACE, Archetype, Tables
from commands.agents.lot import drawn, one_of, within
from commands.agents.safety.foreign import foreign
from commands.agents.safety.prose import clipped
from commands.forms.field import Field, clean
from commands.forms.text import searchable
from commands.rules.spell import Ruleset
from commands.rules.verdict import name_key
from events.commit import Json

MAX_TRIES = 24

_WORDS = re.compile(r"[^\W_]+")

_NAMED = re.compile(
    r"(?:\b(?:named|called|nommée?|appelée?|baptisée?)\s+|[\"«“]\s*)"
    r"([A-ZÀ-ÖØ-Þ][\w'’-]*(?:\s+(?:of|the|de|du|des|la|le|d'|[A-ZÀ-ÖØ-Þ][\w'’-]*)){0,5})"
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
    draft = Sketch(order, found, tables, stock, seed, number, frozenset(map(name_key, taken)))
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


def _ruleset(draft: Sketch) -> Ruleset:
    return "2014" if draft.found.campaign.ruleset == "2014" else "2024"


def _gender(draft: Sketch) -> str:
    words = set(searchable(draft.order.brief).split())
    for gender, known in draft.tables.genders.items():
        whole = {searchable(word) for word in known if not word.startswith("-")}
        endings = tuple(searchable(word[1:]) for word in known if word.startswith("-"))
        if words & whole or (endings and any(word.endswith(endings) for word in words)):
            return gender
    return one_of(f"{draft.seed}/gender", ("f", "m"))


def _archetype(draft: Sketch) -> Archetype:
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


def _name(draft: Sketch, archetype: Archetype, where: Field) -> str:
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


def _value(draft: Sketch, where: Field, texts: Sequence[str]) -> Any:
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


def _say(draft: Sketch, texts: Sequence[str], path: str, *, plain: bool) -> str:
    """One of `texts` with every place filled. `plain`: elements by name; else as links to them."""
    spoken = _filled(draft, one_of(f"{draft.seed}/{path}", texts), path, plain, 0)
    return tidy(spoken, draft.tables.language)


def _filled(draft: Sketch, text: str, path: str, plain: bool, depth: int) -> str:
    count = iter(range(1000))

    def fill(match: re.Match[str]) -> str:
        if match[2] is None:
            found = str(match[3] if draft.gender == "f" else match[4])
        else:
            found = _place(draft, match[2], f"{path}/{next(count)}", plain, depth)
        return found[:1].upper() + found[1:] if match[1] and not found.startswith("[[") else found

    return PLACE.sub(fill, text)


def _place(draft: Sketch, name: str, path: str, plain: bool, depth: int) -> str:
    if name in VALUES:
        value = draft.values.get(name)
        if value is None:
            value = draft.values[name] = VALUES[name](draft)
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


def _references(draft: Sketch, draftable: Draftable) -> Json:
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

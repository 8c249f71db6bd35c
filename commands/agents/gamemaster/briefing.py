"""What a model is told before it drafts: the campaign as far as the budget goes, and what reading its answer needs.
Pure.

Every text is foreign (`commands.agents.safety.foreign`): campaigns are written by many, and imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from commands.agents.context import Fitted, Part, fit
from commands.agents.gamemaster.drafting import BLOCKS
from commands.agents.safety.foreign import foreign, foreign_value
from commands.agents.safety.speech import unlinked
from events.commit import Json

MAX_BRIEF = 2000
MAX_NAME = 120
MAX_SUMMARY = 300
MAX_DETAIL = 700
MAX_ELEMENTS = 60
MAX_CHARACTERS = 12
MAX_HISTORY = 24
MAX_REFERENCE = 12

_TOLD = (
    "type",
    "race",
    "class",
    "level",
    "status",
    "faction",
    "alignment",
    "terrain",
    "objectives",
    "outcome",
    "motivation",
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """`levels` are the characters'; `session` what is going on: number, title, recap."""

    campaign_id: str
    name: str
    description: str = ""
    theme: str = ""
    ruleset: str = "2024"
    language: str = "en"
    level: int = 1
    session: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relative:
    """An element that may matter. `rank` says how much, 0 most: 1 for one the game master named, more for others;
    `why` how it was found (asked for, named in the brief, linked, recent)."""

    element_id: str
    kind: str
    name: str
    fields: Json
    rank: int = 4
    why: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything that was gathered for a brief, most relevant first in each part."""

    campaign: Campaign
    characters: tuple[Json, ...] = ()
    elements: tuple[Relative, ...] = ()
    history: tuple[str, ...] = ()
    reference: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What the game master wants: `options` are his own choices (difficulty, tone …), `target` an element to change."""

    kind: str
    brief: str
    account_id: str
    options: Json = field(default_factory=dict)
    target: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Briefing:
    """The `inputs` of the purpose, and what of the circumstances they hold."""

    inputs: Json
    fitted: Fitted


def briefing(order: Order, found: Circumstances, *, budget: int, draft: int, direction: str = "") -> Briefing:
    """The inputs of the purpose `generate_<kind>` for draft number `draft`, within `budget` tokens.

    `direction` sets it apart from the other drafts of the same brief.
    """
    campaign = found.campaign
    elements = numbered(found)
    parts = (*told(found, elements), *_brief(order, draft, direction))
    fitted = fit(parts, BLOCKS, budget)
    numbers = {each["n"] for each in fitted.blocks.get("elements", ())}
    known = [
        {"n": number, "id": each.element_id, "kind": each.kind, "name": each.name}
        for number, each in elements
        if number in numbers
    ]
    inputs: Json = {
        "campaign_id": campaign.campaign_id,
        "account_id": order.account_id,
        "language": campaign.language if campaign.language in {"en", "fr"} else "en",
        "ruleset": campaign.ruleset,
        "draft": draft,
        "facts": fitted.blocks,
        "known": known,
        "budget": [{"block": block, "note": note, "tokens": tokens} for block, note, tokens in fitted.taken],
        "left_out": list(fitted.left_out),
    }
    return Briefing(inputs, fitted)


def numbered(found: Circumstances) -> list[tuple[int, Relative]]:
    """The elements with the numbers that a model calls them by."""
    return list(enumerate(found.elements[:MAX_ELEMENTS], start=1))


def told(found: Circumstances, elements: Sequence[tuple[int, Relative]]) -> Iterator[Part]:
    """The circumstances as parts, `elements` under their numbers; what is asked is not among them."""
    yield from _campaign(found.campaign)
    yield from _characters(found.characters)
    yield from _elements(elements)
    yield from _history(found.history)
    yield from (_entry(each) for each in found.reference[:MAX_REFERENCE])


def _campaign(campaign: Campaign) -> Iterator[Part]:
    told = {
        "name": foreign(campaign.name, MAX_NAME),
        "rules": campaign.ruleset,
        "level of the party": campaign.level,
        "language": campaign.language,
    }
    yield Part("campaign", "is", told, 0, "the campaign")
    if campaign.theme:
        yield Part("campaign", "theme", foreign(campaign.theme, MAX_SUMMARY), 1, "theme")
    if campaign.description:
        text = foreign(unlinked(campaign.description[: 4 * MAX_DETAIL]), MAX_DETAIL)
        yield Part("campaign", "description", text, 2, "description of the campaign")
    if campaign.session:
        yield Part("campaign", "this evening", foreign_value(campaign.session, MAX_SUMMARY), 2, "session")


def _characters(characters: Sequence[Json]) -> Iterator[Part]:
    for each in characters[:MAX_CHARACTERS]:
        told = {
            name: foreign_value(each[name], MAX_NAME)
            for name in ("name", "species", "class", "level", "background", "alignment")
            if each.get(name) not in (None, "")
        }
        note = f"character {foreign(str(each.get('name', '')), 40)}"
        yield Part("characters", "", told, 2, note)


def _elements(numbered: Iterable[tuple[int, Relative]]) -> Iterator[Part]:
    names = {each.element_id: each.name for _, each in numbered}
    for number, each in numbered:
        told: Json = {"n": number, "kind": each.kind, "name": foreign(each.name, MAX_NAME)}
        summary = each.fields.get("summary") or each.fields.get("description") or ""
        if summary:
            # Whoever was asked for is told at length.
            told["what"] = foreign(
                unlinked(str(summary)[: 4 * MAX_DETAIL]), MAX_DETAIL if each.rank <= 1 else MAX_SUMMARY
            )
        for name in _TOLD:
            value = each.fields.get(name)
            if value not in (None, "", []):
                told[name] = foreign_value(value, MAX_NAME)
        where = names.get(each.fields.get("location_id") or each.fields.get("parent_location_id") or "")
        if where:
            told["where"] = foreign(where, MAX_NAME)
        yield Part(
            "elements",
            "",
            told,
            each.rank,
            f"{each.kind} {foreign(each.name, 40)} ({each.why or 'campaign'})",
        )


def _history(lines: Sequence[str]) -> Iterator[Part]:
    for each in lines[:MAX_HISTORY]:
        yield Part("history", "", foreign(each, MAX_SUMMARY), 5, f"history: {foreign(each, 40)}")


def _entry(entry: Json) -> Part:
    told = {
        name: foreign_value(value, MAX_SUMMARY)
        for name, value in entry.items()
        if value not in (None, "", [])
    }
    return Part(
        "reference", "", told, 3, f"{entry.get('kind', 'entry')} {foreign(str(entry.get('name', '')), 40)}"
    )


def _brief(order: Order, draft: int, direction: str) -> Iterator[Part]:
    wanted = foreign(order.brief, MAX_BRIEF) or "(nothing in particular: surprise the game master)"
    yield Part("brief", "text", wanted, 0, "the brief")
    options: dict[str, Any] = foreign_value(order.options, MAX_NAME) or {}
    if options:
        yield Part("brief", "options", options, 0, "options")
    if order.target:
        target = {name: foreign_value(value, MAX_DETAIL) for name, value in order.target.items()}
        yield Part("brief", "rewrite", target, 1, "the element to change")
    yield Part("brief", "draft", draft + 1, 0, "number of the draft")
    if direction:
        yield Part("brief", "direction", foreign(direction, MAX_SUMMARY), 0, "direction")

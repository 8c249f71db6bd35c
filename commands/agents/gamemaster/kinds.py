"""What is drafted for each kind of proposal, as a JSON schema for models: a selection of the fields of its element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commands.forms.field import ABILITIES, Field
from commands.forms.kinds import BY_NAME
from events.commit import Json

CLAIMS = ("creatures", "spells", "items", "save_dc", "casting_ability")
"""What a draft says of the rules beside its fields, so that code can check it."""


@dataclass(frozen=True, slots=True)
class Draftable:
    """`element` is the kind of element a draft becomes, `fields` what is written of it, `claims` a part of `CLAIMS`;
    `started` are fields that every new one has."""

    kind: str
    element: str
    fields: tuple[str, ...]
    claims: tuple[str, ...]
    started: Mapping[str, Any]

    @property
    def form(self) -> dict[str, Field]:
        """The fields that are written, by name."""
        return {name: BY_NAME[self.element][name] for name in self.fields}


_ALL = (
    Draftable(
        "location",
        "location",
        (
            "name", "type", "summary", "description", "atmosphere", "points_of_interest", "climate", "terrain",
            "population", "parent_location_id", "secrets", "tags",
        ),
        ("creatures", "items"),
        {},
    ),
    Draftable(
        "npc",
        "npc",
        (
            "name", "type", "summary", "description", "appearance", "personality", "voice", "motivation", "secrets",
            "race", "class", "level", "challenge_rating", "proficiency_bonus", "hit_dice", "hit_points", "armor_class",
            "abilities", "skills", "spells", "actions", "alignment", "gender", "age", "location_id", "tags",
        ),
        ("items", "save_dc", "casting_ability"),
        {"status": "active"},
    ),
    Draftable(
        "quest",
        "quest",
        (
            "name", "type", "summary", "description", "objectives", "reward", "required_level", "difficulty",
            "location_id", "quest_giver_id", "participants", "complications", "secrets", "tags",
        ),
        ("creatures", "items"),
        {"status": "available"},
    ),
    Draftable(
        "event",
        "event",
        (
            "name", "type", "summary", "description", "game_time", "importance", "outcome", "location_id", "quest_id",
            "participants", "secrets", "tags",
        ),
        ("creatures", "items"),
        {"status": "planned"},
    ),
    Draftable("description", "note", ("name", "summary", "description", "about", "secrets", "tags"), (), {}),
)  # fmt: skip
KINDS: Mapping[str, Draftable] = {each.kind: each for each in _ALL}

_HINTS: Mapping[str, str] = {
    "name": "A name that fits the campaign and that nothing in it has yet.",
    "summary": "One sentence of at most 200 characters.",
    "description": "Two to four short paragraphs that can be read aloud or told; no rules, no secrets.",
    "secrets": "What only the game master knows.",
    "tags": "Two to five words.",
    "points_of_interest": "Three to six, a sentence each.",
    "objectives": "Two to five steps, a sentence each.",
    "challenge_rating": "0, 1/8, 1/4, 1/2 or 1 to 30, as text.",
    "proficiency_bonus": "+2 up to challenge rating 4, one more for every four above.",
    "hit_dice": "An expression of dice such as 3d8+6.",
    "hit_points": "The average of the hit dice, rounded down.",
    "spells": "Names of spells of the ruleset, in English; [] for whoever casts none.",
    "class": "A class of the ruleset, or empty.",
    "level": "The class level, or 0.",
    "importance": "1 to 10.",
    "required_level": "1 to 20.",
    "creatures": "The creatures of one fight in it, by their English names in the ruleset; [] when there is none.",
    "items": "The magic items in it, by their English names in the ruleset; [] when there are none.",
    "save_dc": "The DC of its spells and effects, or 0: 8 + proficiency bonus + modifier of casting_ability.",
    "casting_ability": "The ability it casts with.",
}


def schema(draftable: Draftable) -> Json:
    """The answer a model gives: every field, references as the numbers of the block `elements`.

    Written in what all providers take in strict mode (see `commands.agents.answer.schema_of`).
    """
    properties = {name: _described(name, _shape(field)) for name, field in draftable.form.items()}
    properties |= {name: _described(name, _CLAIMED[name]) for name in draftable.claims}
    return _object(properties)


def _described(name: str, shape: Json) -> Json:
    hint = " ".join(filter(None, (_HINTS.get(name, ""), shape.get("description", ""))))
    return {**shape, "description": hint} if hint else shape


def _object(properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _shape(field: Field) -> Json:
    match field.form:
        case "number":
            return {"type": "integer"}
        case "flag":
            return {"type": "boolean"}
        case "choice":
            return {"type": "string", "enum": list(field.choices)}
        case "tags" | "lines":
            return {"type": "array", "items": {"type": "string"}}
        case "reference":
            return {
                "type": "integer",
                "description": f"The number of {_one(field)} in the block elements, or 0.",
            }
        case "references":
            told = f"The numbers of {_one(field)} each in the block elements, or []."
            return {"type": "array", "items": {"type": "integer"}, "description": told}
        case "abilities":
            return _object({name: {"type": "integer"} for name in ABILITIES})
    return {"type": "string"}


def _one(field: Field) -> str:
    return " or ".join(field.kinds) if field.kinds else "an element"


_NAMED = {"name": {"type": "string"}, "count": {"type": "integer"}}
_NAMES: Json = {"type": "array", "items": {"type": "string"}}
_CLAIMED: Mapping[str, Json] = {
    "creatures": {"type": "array", "items": _object(_NAMED)},
    "spells": _NAMES,
    "items": _NAMES,
    "save_dc": {"type": "integer"},
    "casting_ability": {"type": "string", "enum": ["", *ABILITIES]},
}

SCHEMAS: Mapping[str, Json] = {kind: schema(draftable) for kind, draftable in KINDS.items()}

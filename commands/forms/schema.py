"""JSON Schemas of forms, for whoever fills them in: web pages, models, importers."""

from __future__ import annotations

from typing import Any, Literal

from commands.forms import field as forms
from commands.forms.field import ABILITIES, Field
from commands.forms.kinds import BY_NAME, KIND_TITLES, SECTIONS

Language = Literal["en", "fr"]
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_WIDGETS = {"line": "text", "text": "markdown", "references": "reference"}

_VALUES: dict[str, tuple[str, str]] = {
    "active": ("Active", "Actif"),
    "dead": ("Dead", "Mort"),
    "missing": ("Missing", "Disparu"),
    "captured": ("Captured", "Captif"),
    "fled": ("Fled", "En fuite"),
    "main": ("Main", "Principale"),
    "side": ("Side", "Secondaire"),
    "optional": ("Optional", "Facultative"),
    "personal": ("Personal", "Personnelle"),
    "faction": ("Faction", "Faction"),
    "available": ("Available", "Disponible"),
    "discovered": ("Discovered", "Découverte"),
    "in_progress": ("In progress", "En cours"),
    "completed": ("Completed", "Accomplie"),
    "failed": ("Failed", "Échouée"),
    "abandoned": ("Abandoned", "Abandonnée"),
    "planned": ("Planned", "Prévu"),
    "happened": ("Happened", "Arrivé"),
    "cancelled": ("Cancelled", "Annulé"),
    "running": ("Running", "En cours"),
    "won": ("Won", "Gagnée"),
    "lost": ("Lost", "Perdue"),
    "avoided": ("Avoided", "Évitée"),
    "low": ("Low", "Faible"),
    "moderate": ("Moderate", "Modérée"),
    "high": ("High", "Élevée"),
}
_ABILITIES_FR = dict(
    zip(ABILITIES, ("Force", "Dextérité", "Constitution", "Intelligence", "Sagesse", "Charisme"), strict=True)
)


def schema(kind: str, language: Language = "en") -> dict[str, Any]:
    """The JSON Schema of a kind's fields, titled in a language. Raises `KeyError` for an unknown kind.

    Beside the standard's words: `x-widget` (text, markdown, number, flag, choice, tags, lines, reference, relations,
    abilities, monsters, levels), `x-reference` (kinds it may name; all when empty), `x-section` and its title,
    `x-secret`, `x-order`, and `x-choices` with a title for each value of a choice.
    """
    fields = BY_NAME[kind]
    return {
        "$schema": DIALECT,
        "$id": f"/api/schemas/{kind}",
        "title": _said(KIND_TITLES[kind], language),
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields.values() if field.required],
        "properties": {
            field.name: {**_shape(field, language), **_about(field, order, language)}
            for order, field in enumerate(fields.values())
        },
    }


def _said(titles: tuple[str, str], language: Language) -> str:
    return titles[1] if language == "fr" else titles[0]


def _about(field: Field, order: int, language: Language) -> dict[str, Any]:
    about: dict[str, Any] = {
        "title": _said((field.en, field.fr), language),
        "x-widget": _WIDGETS.get(field.form, field.form),
        "x-section": field.section,
        "x-section-title": _said(SECTIONS[field.section], language),
        "x-order": order,
        "x-secret": field.secret,
    }
    if field.refers:
        about["x-reference"] = list(field.kinds)
    if field.form == "choice":
        about["x-choices"] = [
            {"value": value, "title": _said(_VALUES[value], language)} for value in field.choices
        ]
    return about


def _shape(field: Field, language: Language) -> dict[str, Any]:
    match field.form:
        case "line":
            return _string(field.length)
        case "text":
            return _string(forms.MAX_TEXT_BYTES)
        case "number":
            return _integer(field.least, field.most)
        case "flag":
            return {"type": "boolean"}
        case "choice":
            return {"type": "string", "enum": list(field.choices)}
        case "reference":
            return _REFERENCE
        case "abilities":
            titles = _ABILITIES_FR if language == "fr" else {name: name.capitalize() for name in ABILITIES}
            return _object({name: {**_integer(1, 30), "title": titles[name]} for name in ABILITIES}, [])
    return _LISTS[field.form]


def _string(length: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": length}


def _integer(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_REFERENCE = {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}$"}
_RELATION = {"to": _REFERENCE, "label": _string(80), "weight": _integer(-100, 100)}
_MONSTER = {"key": _string(128), "name": _string(120), "count": _integer(1, 100), "challenge": _string(8)}
_LISTS = {
    "tags": _list(_string(forms.MAX_TAG), forms.MAX_TAGS),
    "lines": _list(_string(forms.MAX_LINE_OF_LIST), forms.MAX_LINES),
    "references": _list(_REFERENCE, forms.MAX_REFERENCES),
    "relations": _list(_object(_RELATION, ["to"]), forms.MAX_REFERENCES),
    "monsters": _list(_object(_MONSTER, []), forms.MAX_MONSTERS),
    "levels": _list(_integer(1, 20), forms.MAX_PARTY),
}

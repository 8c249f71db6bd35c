"""A value that fits a JSON schema and quotes what stood in the prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.llm.fake.question import Gist
from events.commit import Json

MAX_DEPTH = 16
MAX_ITEMS = 100
QUOTED_FACTS = 2

_SPOKEN = re.compile(r"response|reply|answer|text|speech|say|line|message|narration|content", re.IGNORECASE)
_MEMORY = re.compile(r"memor|recall|source|used|fact", re.IGNORECASE)
_REASON = re.compile(r"reason|why|because|rationale|thought", re.IGNORECASE)


def spoken(gist: Gist) -> str:
    """One sentence that shows what arrived: the name, the player's words, what is remembered."""
    told = f"{gist.name}: I heard “{gist.said}”." if gist.said else f"{gist.name} nods."
    return " ".join([told, *(f"I remember: {fact}." for fact in gist.facts[:QUOTED_FACTS])])


def fill(schema: Json, gist: Gist) -> Any:
    """Every required field with a value of its type, its choices and its limits; optional fields are left out.

    A choice is the first one that the player named, else the first; a number lies in the middle of its range; a list of
    numbers that is named like memories holds those of the facts that `spoken` quotes.
    """
    return _value(schema, "", gist, schema.get("$defs") or schema.get("definitions") or {}, 0)


def _value(schema: Any, name: str, gist: Gist, defs: Mapping[str, Any], depth: int) -> Any:
    schema = _resolved(schema, defs)
    if depth > MAX_DEPTH:
        return None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return _choice(schema["enum"], gist)
    for several in ("anyOf", "oneOf"):
        if schema.get(several):
            variants = [_resolved(each, defs) for each in schema[several]]
            optional = next((each for each in variants if each.get("type") == "null"), None)
            return _value(optional or variants[0], name, gist, defs, depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = "null" if "null" in kind or not kind else kind[0]
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        required = schema.get("required", list(properties))
        return {each: _value(properties.get(each, {}), each, gist, defs, depth + 1) for each in required}
    if kind == "array":
        return _array(schema, name, gist, defs, depth)
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    if kind == "boolean":
        return False
    if kind == "null":
        return None
    return _string(schema, name, gist)


def _array(schema: Json, name: str, gist: Gist, defs: Mapping[str, Any], depth: int) -> list[Any]:
    items = schema.get("items", {})
    if _MEMORY.search(name) and _resolved(items, defs).get("type") == "integer":
        return list(gist.numbers[:QUOTED_FACTS])
    wanted = min(int(schema.get("minItems", 0)), MAX_ITEMS)
    return [_value(items, name, gist, defs, depth + 1) for _ in range(wanted)]


def _resolved(schema: Any, defs: Mapping[str, Any]) -> Json:
    for _ in range(MAX_DEPTH):
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            schema = defs.get(str(schema["$ref"]).rpartition("/")[2], {})
        elif schema.get("allOf"):
            merged: Json = {key: value for key, value in schema.items() if key != "allOf"}
            for part in schema["allOf"]:
                merged = {**_resolved(part, defs), **merged}
            schema = merged
        else:
            return schema
    return {}


def _choice(choices: list[Any], gist: Gist) -> Any:
    said = _words(gist.said)
    named = [
        each for each in choices if isinstance(each, str) and _words(each).strip() and _words(each) in said
    ]
    return named[0] if named else choices[0]


def _words(text: str) -> str:
    return " " + " ".join(re.findall(r"\w+", text.lower().replace("_", " "))) + " "


def _number(schema: Json, *, whole: bool) -> float | int:
    low: Any = schema.get("minimum", schema.get("exclusiveMinimum"))
    high: Any = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None and high is None:
        middle = 1.0
    elif low is None:
        middle = float(high) - 1
    elif high is None:
        middle = float(low) + 1
    else:
        middle = (float(low) + float(high)) / 2
    return int(middle) if whole else round(middle, 6)


def _string(schema: Json, name: str, gist: Gist) -> str:
    for given in (*schema.get("examples", ()), schema.get("default")):
        if isinstance(given, str):
            return given
    if _REASON.search(name):
        text = f"because of “{gist.said}”" if gist.said else "because it seems right"
    elif not name or _SPOKEN.search(name):
        text = spoken(gist)
    else:
        text = f"{name} of {gist.name}: {gist.facts[0] if gist.facts else gist.said}"
    text = text.ljust(int(schema.get("minLength", 0)), ".")
    return text[: int(schema["maxLength"])] if "maxLength" in schema else text

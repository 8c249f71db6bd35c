"""Reading the fixtures of open5e, version 2: lists of `{"model", "pk", "fields"}`, one file per table.

Tables that only describe others (actions, traits, features, weapons) are folded into what they describe.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from adapters.refdata import columns
from adapters.refdata.entry import Document, Entry, Kind, Ruleset, UnfitEntry, clean, entry, slug
from adapters.refdata.licences import RefusedLicence, attribution, taken
from adapters.refdata.reading import Reading, text_of
from commands.rules.vocabulary import plain

RULESETS: dict[str, Ruleset] = {"5e-2014": "2014", "5e-2024": "2024"}
TABLES: dict[str, Kind] = {
    "spell": "spell",
    "creature": "creature",
    "characterclass": "class",
    "item": "item",
    "magicitem": "item",
    "rule": "rule",
    "ruleset": "rule",
    "feat": "rule",
    "species": "rule",
    "background": "rule",
    "conditiondescription": "condition",
}
PARTS = {
    "creatureaction",
    "creaturetrait",
    "creatureactionattack",
    "classfeature",
    "weapon",
    "armor",
    "condition",
}

Fields = dict[str, Any]
Tables = dict[str, dict[str, Fields]]


def is_fixture(value: Any) -> bool:
    """Whether a JSON value looks like a file of this format."""
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and str(first.get("model", "")).startswith("api_v2.") and "fields" in first


def read(files: Iterable[tuple[str, Any]], ruleset: Ruleset | None = None) -> Reading:
    """The entries of all files together. With `ruleset`, documents of another one are left out."""
    reading, tables = Reading(), defaultdict[str, dict[str, Fields]](dict)
    for name, rows in files:
        for row in rows if isinstance(rows, list) else []:
            _collect(reading, tables, name, row)
    unwanted = _documents(reading, tables, ruleset)
    parts = _Parts(tables)
    for table, kind in TABLES.items():
        for key, fields in tables[table].items():
            _convert(reading, unwanted, parts, table, kind, key, fields)
    reading.documents = {key: each for key, each in reading.documents.items() if reading.entries.get(key)}
    return reading


def _collect(reading: Reading, tables: Tables, name: str, row: Any) -> None:
    fields = row.get("fields") if isinstance(row, dict) else None
    if not isinstance(fields, dict) or not isinstance(row.get("pk"), (str, int)):
        reading.skip(name, UnfitEntry("a row needs `model`, `pk` and `fields`"))
        return
    table = str(row.get("model", "")).removeprefix("api_v2.")
    if table in TABLES or table in PARTS or table == "document":
        tables[table][str(row["pk"])] = fields


def _documents(reading: Reading, tables: Tables, wanted: Ruleset | None) -> set[str]:
    """Sort the documents into taken and refused; returns those that are left out because of their ruleset."""
    unwanted = set[str]()
    for key, fields in tables["document"].items():
        try:
            _check_key(key)
            stated = _ruleset(fields)
            licence = taken(fields.get("licenses"))
            if wanted is not None and stated != wanted:
                unwanted.add(key)
                continue
            title, url = _line(fields.get("name") or key), _line(fields.get("permalink"))
            author, publisher = _line(fields.get("author")), _line(fields.get("publisher"))
            sentence = attribution(key, title, author, publisher, url, licence)
            reading.documents[key] = Document(key, title, stated, licence, sentence, url)
        except RefusedLicence as error:
            reading.refused[clean(key)[:100]] = str(error)
    return unwanted


def _check_key(key: str) -> None:
    if len(key) > 100 or not re.fullmatch(r"[\w.-]+", key):
        raise RefusedLicence(
            "its key is not made of at most 100 letters, digits, hyphens, dots and underscores"
        )


def _line(value: Any) -> str:
    """A text of a document on one bounded line."""
    return " ".join(clean(str(value or "")[:500]).split())[:300]


def _ruleset(fields: Fields) -> Ruleset:
    system = str(fields.get("gamesystem"))
    if system not in RULESETS:
        raise RefusedLicence(f"its game system {system[:40]!r} is not 5e-2014 or 5e-2024")
    return RULESETS[system]


class _Parts:
    """Rows that belong to others, by what they belong to."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.actions = _by_parent(tables["creatureaction"])
        self.traits = _by_parent(tables["creaturetrait"])
        self.features = _by_parent(tables["classfeature"])
        self.attacking = {str(each.get("parent")) for each in tables["creatureactionattack"].values()}
        self.pieces = tables["weapon"], tables["armor"]


def _by_parent(rows: dict[str, Fields]) -> dict[str, list[tuple[str, Fields]]]:
    found = defaultdict[str, list[tuple[str, Fields]]](list)
    for key, fields in rows.items():
        found[str(fields.get("parent"))].append((key, fields))
    return found


_Maker = Callable[[_Parts, str, str, Fields], Entry]


def _convert(
    reading: Reading, unwanted: set[str], parts: _Parts, table: str, kind: Kind, key: str, fields: Fields
) -> None:
    document = str(fields.get("document"))
    if document in unwanted or clean(document)[:100] in reading.refused:
        return
    if document not in reading.documents:
        reading.refused[clean(document)[:100]] = "its Document.json is absent, so no licence is stated"
        return
    try:
        reading.add(_MAKERS[table](parts, document, _own_key(key, document), fields))
    except (UnfitEntry, TypeError, AttributeError) as error:
        reading.skip(f"{document} {kind} {key}", error)


def _own_key(key: str, document: str) -> str:
    return key.removeprefix(f"{document}_")


def _without_document(values: Any, document: str) -> list[str]:
    return [str(each).removeprefix(f"{document}_") for each in values or []]


def _spell(_: _Parts, document: str, key: str, f: Fields) -> Entry:
    classes = _without_document(f.get("classes"), document)
    text = "\n\n".join(each for each in (text_of(f.get("desc")), text_of(f.get("higher_level"))) if each)
    return entry(
        "spell",
        document,
        key,
        f.get("name"),
        text,
        columns.spell(f.get("level"), f.get("school"), classes),
        _stated(f),
    )


def _creature(parts: _Parts, document: str, key: str, f: Fields) -> Entry:
    whole_key = f"{document}_{key}" if f"{document}_{key}" in parts.tables["creature"] else key
    actions, traits = parts.actions.get(whole_key, []), parts.traits.get(whole_key, [])
    harmless = not any(
        action in parts.attacking or "Saving Throw" in text_of(a.get("desc")) for action, a in actions
    )
    stats = (f.get(name) for name in ("challenge_rating", "hit_points", "hit_dice", "size", "type"))
    typed = columns.creature(*stats, harmless=harmless)
    groups = {
        "traits": traits,
        "actions": sorted(actions, key=lambda each: each[1].get("order_in_statblock") or 0),
    }
    told = {name: [_told(each) for _, each in rows] for name, rows in groups.items()}
    text = "\n".join(f"{each['name']}. {each['desc']}" for rows in told.values() for each in rows)
    return entry("creature", document, key, f.get("name"), text, typed, _stated(f) | told)


def _told(f: Fields) -> dict[str, Any]:
    told = {"name": str(f.get("name", "")), "desc": text_of(f.get("desc"))}
    return told | ({"kind": str(f["action_type"]).lower()} if f.get("action_type") else {})


def _class(parts: _Parts, document: str, key: str, f: Fields) -> Entry:
    parent = str(f["subclass_of"]).removeprefix(f"{document}_") if f.get("subclass_of") else None
    typed: columns.Columns = {
        "parent": parent,
        "hit_die": str(f["hit_dice"]).lower() if f.get("hit_dice") else None,
        "caster": str(f.get("caster_type") or "none").lower(),
    }
    features = [_told(each) for _, each in parts.features.get(f"{document}_{key}", [])]
    text = "\n".join(f"{each['name']}. {each['desc']}" for each in features)
    return entry("class", document, key, f.get("name"), text, typed, _stated(f) | {"features": features})


def _item(parts: _Parts, document: str, key: str, f: Fields) -> Entry:
    typed: columns.Columns = {
        "rarity": plain(str(f["rarity"])) if f.get("rarity") else None,
        "category": str(f.get("category") or "") or None,
        "cost": columns.copper(f.get("cost")),
    }
    weapons, armours = parts.pieces
    made_of = {"weapon": weapons.get(str(f.get("weapon"))), "armor": armours.get(str(f.get("armor")))}
    data = _stated(f) | {name: _stated(each) for name, each in made_of.items() if each}
    return entry("item", document, key, f.get("name"), text_of(f.get("desc")), typed, data)


def _rule(table: str) -> _Maker:
    def make(_: _Parts, document: str, key: str, f: Fields) -> Entry:
        stated = str(f["ruleset"]).removeprefix(f"{document}_") if f.get("ruleset") else None
        # A rule and a feat may share a name; their keys must not.
        own = key if table in {"rule", "ruleset"} else f"{table}_{key}"
        section = stated or ("chapter" if table == "ruleset" else table)
        return entry(
            "rule", document, own, f.get("name"), text_of(f.get("desc")), {"section": section}, _stated(f)
        )

    return make


def _condition(parts: _Parts, document: str, key: str, f: Fields) -> Entry:
    described = str(f.get("describes", key))
    name = (
        parts.tables["condition"].get(described, {}).get("name") or described.replace("-", " ").capitalize()
    )
    return entry("condition", document, slug(described), name, text_of(f.get("desc")))


_MAKERS: dict[str, _Maker] = {
    "spell": _spell,
    "creature": _creature,
    "characterclass": _class,
    "item": _item,
    "magicitem": _item,
    "conditiondescription": _condition,
} | {table: _rule(table) for table, kind in TABLES.items() if kind == "rule"}

_ELSEWHERE = {
    "name",
    "desc",
    "document",
    "higher_level",
    "experience_points_integer",
    "proficiency_bonus",
    "illustration",
}


def _stated(fields: Fields) -> Fields:
    """What the source says beside name and text; nothing is stated by null, an empty text or an empty list."""
    return {
        name: value
        for name, value in fields.items()
        if name not in _ELSEWHERE and value not in (None, "", [])
    }

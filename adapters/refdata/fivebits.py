"""Reading the JSON files of 5e-bits (`5e-SRD-Monsters.json`, …): lists of objects with `index` and `name`.

The files state no licence. They hold the text of SRD 5.1 or 5.2, which Wizards of the Coast published under CC-BY-4.0,
and are taken under that, with its attribution.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from adapters.refdata import columns
from adapters.refdata.entry import Document, Entry, Ruleset, UnfitEntry, entry
from adapters.refdata.licences import SRD_51, SRD_52
from adapters.refdata.reading import Reading, text_of, whole
from commands.rules.vocabulary import plain

URL = "https://github.com/5e-bits/5e-database"
DOCUMENTS: dict[Ruleset, Document] = {
    "2014": Document("5e-bits-2014", "SRD 5.1, as edited by 5e-bits", "2014", "CC-BY-4.0", SRD_51, URL),
    "2024": Document("5e-bits-2024", "SRD 5.2, as edited by 5e-bits", "2024", "CC-BY-4.0", SRD_52, URL),
}
COIN = {
    "cp": Decimal("0.01"),
    "sp": Decimal("0.1"),
    "ep": Decimal("0.5"),
    "gp": Decimal(1),
    "pp": Decimal(10),
}

Fields = dict[str, Any]
_FILE = re.compile(r"(?:^|/)5e-SRD-([A-Za-z-]+)\.json$")


def is_file(name: str) -> bool:
    """Whether a file's name is one of this format's."""
    return _FILE.search(name) is not None


def read(files: Iterable[tuple[str, Any]], ruleset: Ruleset | None = None) -> Reading:
    """The entries of all files. A file's ruleset is the folder 2014 or 2024 in its path, else `ruleset`, else 2014."""
    reading = Reading()
    for name, rows in files:
        table = _FILE.search(name)
        make = _MAKERS.get(table[1]) if table else None
        stated: Ruleset | None = (
            "2024" if "2024" in name.split("/") else "2014" if "2014" in name.split("/") else None
        )
        if make is None or (stated and ruleset and stated != ruleset):
            continue
        document = DOCUMENTS[stated or ruleset or "2014"]
        for row in rows if isinstance(rows, list) else []:
            _add(reading, document, name, row, make)
    return reading


def _add(
    reading: Reading, document: Document, name: str, row: Any, make: Callable[[str, Fields], Entry]
) -> None:
    try:
        reading.add(make(document.key, _checked(row)))
        reading.documents[document.key] = document
    except (UnfitEntry, TypeError, AttributeError, KeyError, ArithmeticError) as error:
        where = row.get("index") if isinstance(row, dict) else ""
        reading.skip(f"{name} {where}", error)


def _checked(row: Any) -> Fields:
    if not isinstance(row, dict) or not isinstance(row.get("index"), str):
        raise UnfitEntry("a row needs `index` and `name`")
    return row


def _desc(f: Fields) -> str:
    return text_of(f.get("desc", f.get("description")))


def _name_of(value: Any) -> str | None:
    """References are objects `{index, name, url}`."""
    return str(value["name"]) if isinstance(value, dict) and "name" in value else None


def _spell(document: str, f: Fields) -> Entry:
    classes = [str(each["index"]) for each in f.get("classes") or []]
    text = "\n\n".join(each for each in (_desc(f), text_of(f.get("higher_level"))) if each)
    typed = columns.spell(f.get("level"), _name_of(f.get("school")), classes)
    return entry("spell", document, f["index"], f.get("name"), text, typed, _stated(f))


def _creature(document: str, f: Fields) -> Entry:
    actions = list(f.get("actions") or [])
    typed = columns.creature(
        f.get("challenge_rating"), f.get("hit_points"), f.get("hit_points_roll") or f.get("hit_dice"),
        f.get("size"), f.get("type"), harmless=not any("attack_bonus" in each or "dc" in each for each in actions),
    )  # fmt: skip
    told = [
        each for group in ("special_abilities", "actions", "legendary_actions") for each in f.get(group) or []
    ]
    text = "\n".join(f"{each.get('name')}. {_desc(each)}" for each in told)
    return entry("creature", document, f["index"], f.get("name"), text, typed, _stated(f))


def _class(document: str, f: Fields) -> Entry:
    die, parent = whole(f.get("hit_die"), "hit_die"), f.get("class")
    typed: columns.Columns = {
        "parent": str(parent["index"]) if isinstance(parent, dict) else None,
        "hit_die": f"d{die}" if die else None,
        "caster": None,
    }
    return entry("class", document, f["index"], f.get("name"), _desc(f), typed, _stated(f))


def _item(document: str, f: Fields) -> Entry:
    cost, rarity = f.get("cost"), _name_of(f.get("rarity"))
    gold = Decimal(str(cost["quantity"])) * COIN[cost["unit"]] if isinstance(cost, dict) else None
    typed: columns.Columns = {
        "rarity": plain(rarity) if rarity and rarity != "Varies" else None,
        "category": str((f.get("equipment_category") or {}).get("index") or "") or None,
        "cost": columns.copper(gold),
    }
    return entry("item", document, f["index"], f.get("name"), _desc(f), typed, _stated(f))


def _rule(section: str) -> Callable[[str, Fields], Entry]:
    def make(document: str, f: Fields) -> Entry:
        key = f["index"] if section in {"section", "chapter"} else f"{section}_{f['index']}"
        return entry("rule", document, key, f.get("name"), _desc(f), {"section": section}, _stated(f))

    return make


def _condition(document: str, f: Fields) -> Entry:
    return entry("condition", document, f["index"], f.get("name"), _desc(f))


_MAKERS: dict[str, Callable[[str, Fields], Entry]] = {
    "Spells": _spell,
    "Monsters": _creature,
    "Classes": _class,
    "Subclasses": _class,
    "Equipment": _item,
    "Magic-Items": _item,
    "Rule-Sections": _rule("section"),
    "Feats": _rule("feat"),
    "Conditions": _condition,
}
"""By the middle of a file's name. `Rules` only repeats the texts of its sections."""

_ELSEWHERE = {
    "index",
    "name",
    "desc",
    "description",
    "higher_level",
    "url",
    "updated_at",
    "image",
    "xp",
    "proficiency_bonus",
}


def _stated(fields: Fields) -> Fields:
    return {
        name: value
        for name, value in fields.items()
        if name not in _ELSEWHERE and value not in (None, "", [])
    }

"""An answer at the table without a model: what the campaign and the rules say of the question. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from commands.agents.gamemaster.briefing import Relative
from commands.agents.safety.prose import prose
from events.commit import Json

MAX_TOLD = 6
MAX_LINE = 280

_WORDS = {
    "en": {
        "found": "This is what the campaign says of it:",
        "rules": "And the rules:",
        "nothing": "Nothing in the campaign speaks of that yet.",
        "master": "Write it down as an element, or let a draft be made of it, and it will be known from then on.",
        "player": "Ask your game master, or try something.",
        "level": "level",
        "rating": "challenge",
    },
    "fr": {
        "found": "Voici ce que la campagne en dit :",
        "rules": "Et les règles :",
        "nothing": "Rien dans la campagne n'en parle encore.",
        "master": "Notez-le comme élément, ou faites-en faire une ébauche : on le saura désormais.",
        "player": "Demandez à votre maître de jeu, ou tentez quelque chose.",
        "level": "niveau",
        "rating": "puissance",
    },
}


def reply(language: str, role: str, found: Sequence[Relative], entries: Sequence[Json]) -> Json:
    """`{"response", "cites", "proposals"}`, as `commands.agents.gamemaster.assisting` reads it from a model.

    found: the elements that bear on the question, the most telling first. entries: those of the reference data.
    """
    words = _WORDS.get(language, _WORDS["en"])
    lines, cites = [], list[Json]()
    for each in found[:MAX_TOLD]:
        told = _said(each)
        lines.append(f"- [[{each.element_id}]]" + (f": {told}" if told else ""))
        cites.append({"kind": "element", "id": each.element_id, "name": each.name})
    blocks = [words["found"] + "\n\n" + "\n".join(lines)] if lines else []
    rules = [_entry(entry, words) for entry in entries[:MAX_TOLD]]
    if rules:
        blocks.append(words["rules"] + "\n\n" + "\n".join(rules))
        cites += [
            {"kind": "refdata", "id": f"{entry['kind']}/{entry['name']}", "name": entry["name"]}
            for entry in entries[:MAX_TOLD]
        ]
    if not blocks:
        blocks = [words["nothing"], words["master" if role == "master" else "player"]]
    return {"response": "\n\n".join(blocks), "cites": cites, "proposals": []}


def _said(relative: Relative) -> str:
    text = str(relative.fields.get("summary") or relative.fields.get("description") or "")
    return " ".join(prose(text, MAX_LINE).split())


def _entry(entry: Json, words: dict[str, str]) -> str:
    details = [
        str(entry["type"]) if entry.get("type") else "",
        f"{words['rating']} {entry['challenge rating']}" if entry.get("challenge rating") else "",
        f"{words['level']} {entry['level']}" if entry.get("level") not in (None, "") else "",
        str(entry.get("school") or ""),
        str(entry.get("rarity") or ""),
    ]
    told = ", ".join(part for part in details if part)
    return f"- **{entry['name']}**" + (f": {told}" if told else "")

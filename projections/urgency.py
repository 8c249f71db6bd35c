"""What matters for the evening to come, and why: a sum of plain reasons, each worth so many points. Pure.

Nothing here knows who looks: it is given what somebody may see, and finds reasons in that and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FLAGS: Collection[str] = frozenset(
    {"tonight", "todo", "important", "urgent", "promise", "debt", "ce soir", "à faire", "promesse", "dette"}
)
"""Tags with which a game master marks what he must not forget."""
OPEN_QUEST: Mapping[str, int] = {"active": 30, "in_progress": 30, "discovered": 14, "available": 4}
OPEN: Mapping[str, Collection[str]] = {
    "quest": frozenset(OPEN_QUEST),
    "event": frozenset({"planned"}),
    "encounter": frozenset({"planned", "running"}),
    "npc": frozenset({"missing", "captured", "fled"}),
}
"""The states, by kind, in which an element waits for somebody to do something."""
UNABLE = frozenset({"dead", "missing", "captured", "fled"})
NEARLY_DONE = 75
HURT = 0.5
FORGOTTEN_EVENINGS = 2
"""An open quest that was not touched for so many evenings is a loose thread."""
NOT_TWICE = 0.75
"""What another matter of the same kind is worth: five of a kind are no overview."""
MAX_REASONS = 3
LEAST_NAME = 4
"""Shorter names are found in every text."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something matters: `code` has a sentence in every language (`projections.urgency_words`)."""

    points: int
    code: str
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to think of: an element, a character or all proposals that wait. `score` is the sum of its reasons."""

    kind: str
    id: str
    name: str
    score: int
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody may see that the evening may turn on.

    `evening` is the number of the one that runs or comes next; `ended` the moments (µs) at which earlier ones ended,
    the latest first. `elements` are rows with element_id, kind, name, tags, changed_at (µs) and fields; `touched` the
    ids of those changed since the last evening ended. `places` are the names of the places where characters are, by
    id; `people` name and status of NPCs that gave quests, by id. `recap` is what was written of the last evening.
    """

    evening: int
    ended: Sequence[int] = ()
    elements: Sequence[Mapping[str, Any]] = ()
    touched: Collection[str] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    characters: Sequence[Mapping[str, Any]] = ()
    proposals: int = 0
    recap: str = ""


def matters(known: Known, limit: int) -> list[Matter]:
    """The `limit` matters with the best reasons, the best first; equal ones by name, so that the order never wavers."""
    found = [*_hurt(known.characters), *_elements(known), *_proposals(known.proposals)]
    left = sorted(found, key=lambda each: (-each.score, each.name.casefold(), each.id))
    chosen: list[Matter] = []
    while left and len(chosen) < limit:
        had = [each.kind for each in chosen]
        best = max(left, key=lambda each: each.score * NOT_TWICE ** had.count(each.kind))
        left.remove(best)
        chosen.append(best)
    return chosen


def _matter(kind: str, identity: str, name: str, reasons: Iterable[Reason]) -> Matter:
    best = sorted(reasons, key=lambda each: -each.points)
    return Matter(kind, identity, name, sum(each.points for each in best), tuple(best[:MAX_REASONS]))


def _hurt(characters: Iterable[Mapping[str, Any]]) -> Iterator[Matter]:
    for each in characters:
        fields = each["fields"]
        most, now = fields.get("hit_points"), fields.get("current_hit_points")
        if not isinstance(most, int) or not isinstance(now, int) or most <= 0 or now > most * HURT:
            continue
        told = {"now": now, "most": most}
        reason = Reason(85, "down", told) if now <= 0 else Reason(75 - round(50 * now / most), "hurt", told)
        yield _matter("character", each["character_id"], each["name"], [reason])


def _proposals(count: int) -> Iterator[Matter]:
    if count:
        yield _matter("proposals", "", "", [Reason(20 + 2 * min(count, 5), "proposals", {"n": count})])


def _elements(known: Known) -> Iterator[Matter]:
    linked, words = set(re.findall(r"\[\[([^\[\]]{1,128})\]\]", known.recap)), known.recap.casefold()
    for row in known.elements:
        reasons = [*_OF_KIND.get(row["kind"], _nothing)(row, known)]
        flags = [tag for tag in row["tags"] if tag.casefold() in FLAGS]
        if flags:
            reasons.append(Reason(40, "flagged", {"tag": flags[0]}))
        if row["element_id"] in linked or _names(words, row["name"]):
            reasons.append(Reason(16, "recap", {}))
        if row["element_id"] in known.touched:
            reasons.append(Reason(9, "touched", {}))
        # That something was only touched says little: the list of changes is there for that.
        if sum(reason.points for reason in reasons) > 9 + 1:
            yield _matter(row["kind"], row["element_id"], row["name"], reasons)


def _names(words: str, name: str) -> bool:
    sought = name.casefold()
    if len(sought) < LEAST_NAME or sought not in words:
        return False
    return re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", words) is not None


def _quest(row: Mapping[str, Any], known: Known) -> Iterator[Reason]:
    fields = row["fields"]
    status = str(fields.get("status", ""))
    if status not in OPEN_QUEST:
        return
    yield Reason(OPEN_QUEST[status], f"quest.{status}")
    progress = fields.get("progress")
    if isinstance(progress, int) and NEARLY_DONE <= progress < 100:
        yield Reason(14, "progress", {"progress": progress})
    yield from _here(row, known, 22)
    name, state = known.people.get(str(fields.get("quest_giver_id", "")), ("", ""))
    if state in UNABLE:
        yield Reason(18, f"giver.{state}", {"name": name})
    if status in {"active", "in_progress"}:
        evenings = sum(1 for ended in known.ended if row["changed_at"] < ended)
        if evenings >= FORGOTTEN_EVENINGS:
            yield Reason(17, "forgotten", {"n": evenings})


def _event(row: Mapping[str, Any], known: Known) -> Iterator[Reason]:
    fields = row["fields"]
    if fields.get("status") != "planned":
        return
    session = fields.get("session")
    if session == known.evening:
        yield Reason(60, "event.tonight", {"number": session})
    elif isinstance(session, int) and 0 < session < known.evening:
        yield Reason(38, "event.missed", {"number": session})
    elif not session:
        yield Reason(14, "event.planned")
    else:
        return
    importance = fields.get("importance")
    if isinstance(importance, int) and importance >= 7:
        yield Reason(2 * importance, "importance", {"importance": importance})
    yield from _here(row, known, 18)


def _encounter(row: Mapping[str, Any], known: Known) -> Iterator[Reason]:
    status = row["fields"].get("status")
    if status == "running":
        yield Reason(70, "encounter.running")
    elif status == "planned":
        yield Reason(12, "encounter.planned")
        yield from _here(row, known, 24)


def _npc(row: Mapping[str, Any], known: Known) -> Iterator[Reason]:
    status = str(row["fields"].get("status", ""))
    if status == "dead":
        return
    if status in UNABLE:
        yield Reason(13, f"npc.{status}")
    else:
        yield from _here(row, known, 18)


def _here(row: Mapping[str, Any], known: Known, points: int) -> Iterator[Reason]:
    place = known.places.get(str(row["fields"].get("location_id", "")))
    if place is not None:
        yield Reason(points, "here", {"place": place})


def _location(row: Mapping[str, Any], known: Known) -> Iterator[Reason]:
    if row["element_id"] in known.places and row["element_id"] in known.touched:
        yield Reason(8, "place")


def _nothing(_row: Mapping[str, Any], _known: Known) -> Iterator[Reason]:
    yield from ()


_OF_KIND = {"quest": _quest, "event": _event, "encounter": _encounter, "npc": _npc, "location": _location}

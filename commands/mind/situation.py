"""The situation an NPC is in: free JSON or plain words of a script, read into a bounded value.

Never fails on a detail: what cannot be read is left out and named in `notices`. Only a situation that is no
object or text at all, text that begins as JSON and is not, and impossible coordinates are refused
(`Rejected`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from commands.codes import Code
from commands.mind.beings import Being, closest, id_of, read_being, read_beings, share_of
from commands.mind.curves import UNIT
from commands.mind.fields import (
    Notice,
    coordinate,
    find,
    parsed,
    refusal,
    share_or_none,
    text,
    truth,
)
from commands.mind.routine import Point, minute_of

MAX_WORDS = 32

_TIMES = {
    "dawn": 360,
    "morning": 540,
    "noon": 720,
    "day": 780,
    "afternoon": 900,
    "dusk": 1110,
    "evening": 1200,
}
_TIMES |= {"night": 1380, "midnight": 0}
THREAT_LABELS = {"none": 0, "low": 150_000, "medium": 400_000, "high": 650_000, "extreme": 900_000}
_CUES = {
    "attack attacked attacks attacking ambush raid invasion combat battle fight": 350_000,
    "fire burning dragon boss mvp demon": 350_000,
    "monster monsters bandit bandits thief thieves robber intruder weapon drawn": 200_000,
    "threat threatened danger dangerous scream screams wounded blood poison": 150_000,
}
_CUE = {word: weight for line, weight in _CUES.items() for word in line.split()}
_WORD = re.compile(r"[a-z_]+")
_KNOWN = frozenset(
    word
    for line in (
        "raw_context text description location map map_name x y position current_position player_position",
        "time hour time_of_day weather health hp max_hp health_percent level npc_id distance",
        "players nearby_players players_nearby player player_id player_name player_level",
        "monsters nearby_monsters monsters_nearby enemies hostiles nearby_enemies",
        "npcs nearby_npcs npcs_nearby allies attacker attackers attacker_id attacked in_combat under_attack",
        "threats threat threat_level danger event event_type events recent_events",
        "available_actions actions options action purpose intent candidates",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is the case around the NPC. minute: of the day. health: millionths. danger: stated or read,
    millionths.

    available: the actions the script can carry out, in its own spelling; empty means all. focus: the person
    this is about. purpose: what a target is wanted for. unknown: keys that were not understood (and change
    nothing).
    """

    place: str = ""
    here: Point | None = None
    minute: int | None = None
    weather: str = ""
    health: int | None = None
    beings: tuple[Being, ...] = ()
    danger: int = 0
    fighting: bool = False
    signs: tuple[str, ...] = ()
    available: tuple[str, ...] = ()
    requested: str = ""
    focus: str = ""
    purpose: str = ""
    unknown: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    def near(self, kind: str) -> tuple[Being, ...]:
        """Those of one kind, nearest first."""
        return tuple(being for being in self.beings if being.kind == kind)

    @property
    def foes(self) -> tuple[Being, ...]:
        """Those who attack or are hostile."""
        return tuple(being for being in self.beings if being.hostile or being.attacking)


def read_situation(value: Any, field: str = "situation") -> Situation:
    """The situation in `value` (object, JSON text, plain text, or None); raises `Rejected` as the module
    says.
    """
    value = parsed(value, field)
    if value is None:
        return Situation()
    if isinstance(value, str):
        value = {"raw_context": value}
    if not isinstance(value, Mapping):
        raise refusal(
            Code.INVALID_PARAMETER,
            'must be an object, such as {"location": "prontera"}, or text',
            field=field,
        )
    notices: list[Notice] = []
    place, here = _place(value, field)
    words = _words(value)
    fighting = bool(truth(find(value, "in_combat")) or truth(find(value, "under_attack", "attacked")))
    beings = _beings_of(value, here, field, notices)
    return Situation(
        place=place,
        here=here,
        minute=_minute(value, notices),
        weather=text(value.get("weather"), 64).lower(),
        health=_health(value, notices),
        beings=beings,
        danger=max(_stated_danger(value, notices), _read_danger(words)),
        fighting=fighting or any(being.attacking for being in beings),
        signs=tuple(sorted({word for word in words if word in _CUE}))[:MAX_WORDS],
        available=_available(value, notices),
        requested=text(value.get("action"), 64).lower(),
        focus=text(find(value, "player_id") or id_of(value.get("player")), 128),
        purpose=text(find(value, "purpose", "intent"), 64).lower(),
        unknown=tuple(sorted(text(key, 64) for key in list(value)[:1000] if not _is_known(key)))[:MAX_WORDS],
        notices=tuple(notices[:MAX_WORDS]),
    )


def _beings_of(
    value: Mapping[str, Any], here: Point | None, field: str, notices: list[Notice]
) -> tuple[Being, ...]:
    lists = (
        ("player", ("players", "nearby_players", "players_nearby", "player")),
        ("monster", ("monsters", "nearby_monsters", "monsters_nearby")),
        ("enemy", ("enemies", "hostiles", "nearby_enemies")),
        ("npc", ("npcs", "nearby_npcs", "npcs_nearby", "allies")),
    )
    found: dict[str, Being] = {}
    for kind, names in lists:
        for name in names:
            for being in read_beings(find(value, name), kind, f"{field}.{name}", here, notices):
                found.setdefault(being.id, being)
    attackers = read_beings(
        find(value, "attackers", "attacker", "attacker_id"), "enemy", f"{field}.attackers", here, notices
    )
    for being in attackers:
        known = found.get(being.id, being)
        found[being.id] = replace(known, hostile=True, attacking=True)
    focus = text(find(value, "player_id"), 128)
    if focus and focus not in found:
        entry = {
            "id": focus,
            "name": find(value, "player_name"),
            "level": find(value, "player_level"),
            "distance": value.get("distance"),
            "position": find(value, "player_position"),
        }
        talker = read_being(entry, "player", field, here)
        if talker is not None:
            found[focus] = talker
    return closest(found.values(), field, notices)


def _place(value: Mapping[str, Any], field: str) -> tuple[str, Point | None]:
    spot: Mapping[str, Any] = value
    where = value.get("location")
    for inner in (where, value.get("position"), find(value, "current_position")):
        if isinstance(inner, Mapping):
            spot = inner
            break
    name = (
        where if isinstance(where, str) else find(spot, "map", "map_name") or find(value, "map", "map_name")
    )
    x, y = coordinate(spot.get("x"), f"{field}.x"), coordinate(spot.get("y"), f"{field}.y")
    return text(name, 64), None if x is None or y is None else Point(x, y)


def _minute(value: Mapping[str, Any], notices: list[Notice]) -> int | None:
    for name in ("time", "hour", "time_of_day"):
        stated = find(value, name)
        if stated is None:
            continue
        minute = _TIMES.get(text(stated, 32).lower(), minute_of(stated))
        if minute is not None:
            return minute
        notices.append(Notice(name, 'left out: give "HH:MM", an hour 0..23 or a word such as "night"'))
    return None


def _health(value: Mapping[str, Any], notices: list[Notice]) -> int | None:
    if find(value, "health", "hp", "health_percent") is None:
        return None
    share = share_of(value)
    if share is None:
        notices.append(Notice("health", "left out: give a share 0..1, a percentage, or hp and max_hp"))
    return share


def _stated_danger(value: Mapping[str, Any], notices: list[Notice]) -> int:
    danger = 0
    for name in ("threat_level", "threat", "danger"):
        stated = find(value, name)
        if stated is None or isinstance(stated, Mapping | list | tuple):
            continue
        level = THREAT_LABELS.get(text(stated, 32).lower(), share_or_none(stated))
        if level is None:
            notices.append(Notice(name, f"left out: give a number 0..1 or one of {', '.join(THREAT_LABELS)}"))
        else:
            danger = max(danger, level)
    threats = find(value, "threats")
    count = len(threats) if isinstance(threats, list | tuple) else int(bool(threats))
    return min(UNIT, danger + min(count, 10) * 150_000)


def _words(value: Mapping[str, Any]) -> frozenset[str]:
    parts: list[Any] = [find(value, "raw_context"), value.get("text"), value.get("description")]
    for name in ("events", "recent_events", "event", "event_type", "threats", "threat"):
        stated = find(value, name)
        parts.extend(stated[:MAX_WORDS] if isinstance(stated, list | tuple) else [stated])
    spoken = " ".join(text(part, 2000) for part in parts if part is not None)
    return frozenset(_WORD.findall(spoken.lower()))


def _read_danger(words: frozenset[str]) -> int:
    return min(UNIT, sum(weight for word, weight in _CUE.items() if word in words))


def _available(value: Mapping[str, Any], notices: list[Notice]) -> tuple[str, ...]:
    stated = find(value, "available_actions", "actions", "options")
    if not isinstance(stated, list | tuple):
        return ()
    if len(stated) > MAX_WORDS:
        notices.append(
            Notice("available_actions", f"{len(stated)} actions; the first {MAX_WORDS} were considered")
        )
    names = (text(find(a, "action", "name") if isinstance(a, Mapping) else a, 64) for a in stated[:MAX_WORDS])
    return tuple(dict.fromkeys(name for name in names if name))


def _is_known(key: Any) -> bool:
    name = str(key)
    return name in _KNOWN or re.sub(r"([A-Z])", r"_\1", name).lower() in _KNOWN

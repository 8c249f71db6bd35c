"""How important a memory is: a rule by what happened, until the mind weighs it.

Importance is an integer from 0 to 100. An event that states its own (`importance`, 0–1) is believed; else its
type decides; else where it came from.
"""

from __future__ import annotations

from typing import Any

DEFAULT = 40

BY_TYPE = {
    "attacked": 80,
    "stole": 80,
    "promise_broken": 75,
    "promise_kept": 65,
    "promise_made": 60,
    "helped": 60,
    "insulted": 60,
    "gift": 55,
    "quest": 55,
    "item_received": 45,
    "healed": 45,
    "trade": 35,
    "dialogue": 30,
    "talk": 25,
    "saw_player": 15,
    "heard_sound": 15,
}

BY_SOURCE = {"world": 50, "faction": 60, "speech": 30, "interaction": 35}


def importance(source: str, event_type: str, data: dict[str, Any]) -> int:
    """0–100 for something of `event_type` that reached an NPC by way of `source`."""
    stated = data.get("importance")
    if (
        stated is not None
        and isinstance(stated, int | float)
        and not isinstance(stated, bool)
        and 0 <= stated <= 1
    ):
        return round(stated * 100)
    known = BY_TYPE.get(event_type)
    return known if known is not None else BY_SOURCE.get(source, DEFAULT)

"""Where a script puts what a player said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MESSAGE_FIELDS = ("player_message", "message", "player_msg", "msg", "question")
"""The names that scripts use for it."""
MAX_MESSAGE = 2000


def message_of(data: Mapping[str, Any]) -> str:
    """What the player said, whatever the script called it; empty when it said nothing (a greeting)."""
    return next((data[name][:MAX_MESSAGE] for name in MESSAGE_FIELDS if isinstance(data.get(name), str)), "")

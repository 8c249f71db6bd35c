"""All purposes by name: everything a model can be asked for."""

from __future__ import annotations

from collections.abc import Mapping

from commands.agents.conversation import DIALOGUE
from commands.agents.deliberation import COMPLEX_DECISION, DECIDE_ACTION
from commands.agents.purpose import Purpose

_ALL: tuple[Purpose, ...] = (DIALOGUE, DECIDE_ACTION, COMPLEX_DECISION)

PURPOSES: Mapping[str, Purpose] = {purpose.name: purpose for purpose in _ALL}

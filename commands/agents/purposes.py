"""All purposes by name: everything a model can be asked for."""

from __future__ import annotations

from collections.abc import Mapping

from commands.agents.conversation import DIALOGUE
from commands.agents.purpose import Purpose

_ALL: tuple[Purpose, ...] = (DIALOGUE,)

PURPOSES: Mapping[str, Purpose] = {purpose.name: purpose for purpose in _ALL}

"""All purposes by name: everything a model can be asked for."""

from __future__ import annotations

from collections.abc import Mapping

from commands.agents.chat import CHAT
from commands.agents.conversation import DIALOGUE
from commands.agents.cross_class_synthesis import SYNTHESIS
from commands.agents.deliberation import COMPLEX_DECISION, DECIDE_ACTION
from commands.agents.gamemaster.assisting import ASSIST
from commands.agents.gamemaster.drafting import DRAFTING
from commands.agents.illustration import IMAGE
from commands.agents.legend_bloodlines import BLOODLINE
from commands.agents.purpose import Purpose
from commands.agents.world_evolution import WORLD_EVENT

_ALL: tuple[Purpose, ...] = (
    DIALOGUE,
    DECIDE_ACTION,
    COMPLEX_DECISION,
    BLOODLINE,
    SYNTHESIS,
    WORLD_EVENT,
    CHAT,
    IMAGE,
    *DRAFTING,
    ASSIST,
)

PURPOSES: Mapping[str, Purpose] = {purpose.name: purpose for purpose in _ALL}

"""Events of one agent's stream, `agent/<key in conf/agents.toml>`."""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event


@event("agent.status_changed")
@dataclass(frozen=True, slots=True)
class AgentStatusChanged(Event):
    """An operator or a script switched the agent's use of models on or off (`ai_set_agent_status`)."""

    enabled: bool
    reason: str = ""

"""Switching model providers and agents on and off at run time (`rathena-server-side.md` §5.1).

Two categories with the same rule; whoever sends the command has looked the name up in the configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from commands.arguments import Text
from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.rejection import Rejected
from events.agent import AgentStatusChanged
from events.commit import Commit, Event, Json, Recorded
from events.provider import ProviderStatusChanged

Changed = type[ProviderStatusChanged] | type[AgentStatusChanged]


@dataclass(frozen=True, slots=True)
class SwitchState:
    """None: never switched, so the configuration counts."""

    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class SetStatus:
    enabled: bool
    reason: Text = ""


def evolve(state: SwitchState, event: Event, _recorded: Recorded) -> SwitchState:
    if isinstance(event, ProviderStatusChanged | AgentStatusChanged):
        return SwitchState(event.enabled)
    return state


def decide(changed: Changed, state: SwitchState, command: Any, context: Context) -> tuple[Event, ...]:
    """Nothing happens when it is as wanted already. Raises `Rejected` -504: no player, no model and no account that is
    not an operator's may switch."""
    unfit = context.actor.kind == "account" and context.actor.details.get("role") not in {"operator", "admin"}
    if unfit or context.actor.kind in {"player", "agent"}:
        raise Rejected(
            Code.AUTHENTICATION_FAILED,
            f"{context.actor.kind}s may not switch providers or agents; the game server or an operator may",
        )
    return () if state.enabled is command.enabled else (changed(command.enabled, command.reason),)


def reply(commit: Commit) -> Json:
    event = commit.events[0]
    enabled = isinstance(event, ProviderStatusChanged | AgentStatusChanged) and event.enabled
    return {"name": commit.entity, "status": int(enabled)}


def _switch(category: str, changed: Changed) -> Decider[SwitchState]:
    return Decider(
        category=category,
        state=SwitchState,
        initial=SwitchState(),
        verbs={"set_status": Verb(SetStatus)},
        evolve=evolve,
        decide=partial(decide, changed),
        reply=reply,
        unchanged=lambda state, context: {"name": context.entity, "status": int(bool(state.enabled))},
    )


PROVIDER = _switch("provider", ProviderStatusChanged)
AGENT = _switch("agent", AgentStatusChanged)

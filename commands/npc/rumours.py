"""What an NPC is told by another, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from commands.arguments import Id, JsonObject, Name
from commands.decider import Context, Need
from commands.mind.memory.hearsay import Telling, tell
from commands.mind.memory.record import MILLION, Memory, Source
from commands.npc.insight import mind, mind_of
from commands.npc.state import NpcState
from events.commit import Event, microseconds
from events.npc import NpcHeard


@dataclass(frozen=True, slots=True)
class Hear:
    """Sent by the gossip agent: `teller` tells what happened at `position`, which it knows through `chain`."""

    teller: Id
    position: int
    index: int
    at: int
    kind: Name
    chain: tuple[str, ...] = ()
    reliability: int = MILLION
    importance: int = 0
    data: JsonObject = field(default_factory=dict)
    actor: str = ""
    victim: str = ""
    players: tuple[str, ...] = ()


def needs(state: NpcState, command: Hear, npc_id: str) -> tuple[Need, ...]:
    return mind_of(state, npc_id, command.teller, settled=False)


def hear(state: NpcState, command: Hear, context: Context) -> tuple[Event, ...]:
    """Nothing comes of a story that is known, no longer credible, or the listener's own."""
    known = command.position, command.index
    if known in state.heard or context.entity == command.victim or context.entity == command.actor:
        return ()
    told = Memory(
        owner=command.teller,
        position=command.position,
        index=command.index,
        at=command.at,
        content="",
        kind=command.kind,
        importance=command.importance,
        source=Source.TOLD if command.chain else Source.SAW,
        told_by=command.chain,
        reliability=command.reliability,
    )
    now = Telling(
        position=command.position + 1,
        index=0,
        at=microseconds(context.at),
        listener=context.entity,
        trust=mind(state, context).trust(command.teller),
    )
    kept = tell(told, now)
    if kept is None:
        return ()
    return (
        NpcHeard(
            command.teller,
            kept.told_by,
            kept.reliability,
            command.position,
            command.index,
            command.at,
            command.kind,
            command.data,
            command.actor or None,
            command.victim or None,
            command.players,
            kept.importance,
        ),
    )

"""Gossip: an NPC that remembers something tells another, who remembers who said so and believes it a little
less."""

from __future__ import annotations

from dataclasses import dataclass, replace

from commands.mind.memory.record import MILLION, Memory, Source

MAX_HOPS = 4
"""Tellers between the first witness and the last listener."""
RETOLD = 850_000
"""What a retelling keeps of the reliability if the listener trusts the teller fully."""
LEAST = 100_000
"""Below this reliability a story is not worth remembering."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The act of telling: the event that makes it a fact (position, index, at), the listener, and its trust.

    `trust` is the listener's trust in the teller in millionths.
    """

    position: int
    index: int
    at: int
    listener: str
    trust: int = MILLION // 2
    scene: str = ""


def tell(memory: Memory, telling: Telling) -> Memory | None:
    """What the listener remembers of a memory its owner tells, or None if nothing comes of it.

    The reliability multiplies with every hop and falls with distrust (half of it is lost at no trust at all);
    the importance falls with it. Nothing comes of a story that went through too many mouths, is no longer
    credible, has come back to one who told it, was told before it was known, or is a private reflection.
    """
    teller = memory.owner
    chain = (*memory.told_by, teller)
    too_early = (telling.position, telling.index) <= memory.id
    if too_early or len(chain) > MAX_HOPS or memory.source is Source.REFLECTION or telling.listener in chain:
        return None
    trust = max(0, min(telling.trust, MILLION))
    reliability = memory.reliability * RETOLD // MILLION * (MILLION + trust) // (2 * MILLION)
    if reliability < LEAST:
        return None
    return replace(
        memory,
        owner=telling.listener,
        position=telling.position,
        index=telling.index,
        at=telling.at,
        origin=memory.event,
        source=Source.TOLD,
        told_by=chain,
        reliability=reliability,
        importance=memory.importance * reliability // MILLION,
        scene=telling.scene,
        causes=(memory.position,),
        valid_from=memory.at if memory.valid_from is None and memory.is_fact else memory.valid_from,
        superseded_by=None,
    )

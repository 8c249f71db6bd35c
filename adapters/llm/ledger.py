"""Entries in the ledgers of money: commands that models' calls give, sent again while nobody can take them."""

from __future__ import annotations

from adapters.llm.clock import Clock
from adapters.nats.ports import CommandBus
from commands.codes import Code
from commands.message import CommandMessage, Reply
from events.commit import Actor, Json

SEND_SECONDS = 2.0
PAUSE_SECONDS = 0.1
"""Before the second attempt; twice as long before each further one."""

_ACTOR = Actor("system", "models")


async def enter(
    bus: CommandBus, clock: Clock, about: str, name: str, stream: str, args: Json, *, attempts: int
) -> Reply:
    """The reply to the command `name`; the last one where all `attempts` found nobody to take it.

    `about` is the lease or the call that it is about: the same entry is made once, however often it is sent.
    """
    reply = Reply(Code.SERVICE_UNAVAILABLE, "nothing was tried")
    verb = name.rpartition(".")[2]
    for attempt in range(attempts):
        message = CommandMessage(
            id=f"models/{about}/{verb}",
            name=name,
            stream=stream,
            args=args,
            actor=_ACTOR,
            correlation_id=f"models/{about}",
            deadline_us=clock.microseconds() + round(SEND_SECONDS * 1_000_000),
        )
        reply = await bus.send(message, timeout=SEND_SECONDS)
        if not reply.passing:
            break
        await clock.sleep(clock.jitter(PAUSE_SECONDS * 2**attempt))
    return reply

"""What happens to accounts goes into the log: commands to `account/<id>`, awaited or in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import uuid4

import structlog

from adapters.accounts.directory import Account
from adapters.nats.ports import CommandBus
from commands.codes import Code
from commands.message import CommandMessage, Reply
from events.commit import Actor, Json
from events.errors import LorestreamError

logger = structlog.get_logger(__name__)

COMMAND_SECONDS = 5.0
MAX_BACKGROUND = 256


class NotRecorded(LorestreamError):
    """The log did not take what must be recorded, so that it did not happen either; `reply` says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.message)
        self.reply = reply


class Audit:
    """Records for one gateway. Close it with `close`."""

    def __init__(self, bus: CommandBus) -> None:
        self._bus = bus
        self._background: set[asyncio.Task[None]] = set()

    async def record(self, account: Account, verb: str, args: Json, by: Actor | None = None) -> Reply:
        """Have the command `account.<verb>` decided, by the account itself unless told. Raises `NotRecorded`."""
        actor = by or Actor("account", account.account_id, trusted=True, details={"name": account.name})
        reply = await self._send(account, verb, args, actor)
        if reply.code == Code.NPC_NOT_FOUND:
            # Whoever created it was killed between the row and the commit.
            created = {"name": account.name, "role": account.role}
            await self._send(account, "create", created, Actor("system", "accounts"))
            reply = await self._send(account, verb, args, actor)
        if not reply.success:
            raise NotRecorded(reply)
        return reply

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do `work` in the background; what cannot be recorded is told to the operator."""
        if len(self._background) >= MAX_BACKGROUND:
            work.close()
            logger.warning("more is to be recorded about accounts than can be")
            return
        task = asyncio.create_task(_told(work), name="account audit")
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def close(self) -> None:
        """Finish what was begun."""
        await asyncio.gather(*self._background, return_exceptions=True)

    async def _send(self, account: Account, verb: str, args: Json, actor: Actor) -> Reply:
        unique = uuid4().hex
        message = CommandMessage(
            f"web/{unique}",
            f"account.{verb}",
            f"account/{account.account_id}",
            args,
            actor,
            correlation_id=f"web-{unique}",
        )
        return await self._bus.send(message, timeout=COMMAND_SECONDS)


async def _told(work: Coroutine[Any, Any, Any]) -> None:
    try:
        await work
    except LorestreamError as error:
        logger.warning("something about an account could not be recorded", reason=str(error))

"""What models may cost a campaign, as the callers of models see it: each call reserves its worst case and settles it.

Other than an agent's daily budget (`adapters.llm.spending`) a campaign's limit is small and exact: every call is
reserved by itself. Questions of campaigns are seldom and wait seconds for a model; two commits more are nothing.
"""

from __future__ import annotations

import asyncio
from uuid import uuid4

import structlog

from adapters.llm.clock import Clock
from adapters.llm.ledger import enter
from adapters.nats.ports import CommandBus
from commands.codes import Code
from commands.message import Reply
from events.commit import Json
from events.errors import BudgetExhausted

logger = structlog.get_logger(__name__)

ATTEMPTS = 3
SETTLE_ATTEMPTS = 5
CLOSE_SECONDS = 5.0


class Allowed:
    """Leave for one call; `settle` it, in any case."""

    def __init__(self, allowances: Allowances | None, campaign_id: str, call: str) -> None:
        self._allowances, self._campaign_id, self._call = allowances, campaign_id, call

    def settle(self, cost: int) -> None:
        """The call has ended and cost so much (billionths of a dollar). Once."""
        allowances, self._allowances = self._allowances, None
        if allowances is not None:
            allowances.settle_later(self._campaign_id, self._call, cost)


class Allowances:
    """The calls of one process. `close` settles what is over."""

    def __init__(self, bus: CommandBus, clock: Clock) -> None:
        self._bus, self._clock = bus, clock
        self._owner = uuid4().hex[:12]
        self._count = 0
        self._settling: set[asyncio.Task[None]] = set()

    async def reserve(self, campaign_id: str, amount: int) -> Allowed:
        """Leave for one call that costs at most `amount`, on behalf of a campaign ("": of none).

        Raises `BudgetExhausted` where the campaign's limit does not allow it, or nobody can say whether it does.
        """
        if amount <= 0 or not campaign_id:
            return Allowed(None, "", "")
        self._count += 1
        call = f"{self._owner}-{self._count}"
        wanted = {"call": call, "amount": amount}
        reply = await self._send("reserve", campaign_id, call, wanted, ATTEMPTS)
        if reply.success:
            return Allowed(self, campaign_id, call)
        if reply.passing:
            # It may have been granted after all.
            self.settle_later(campaign_id, call, 0)
            raise BudgetExhausted("campaign", f"its allowance cannot be reserved: {reply.message}")
        raise BudgetExhausted("campaign", reply.message)

    def settle_later(self, campaign_id: str, call: str, cost: int) -> None:
        """Record what a call cost, without keeping anybody waiting for it."""
        task = asyncio.create_task(self._settle(campaign_id, call, cost), name=f"settle {call}")
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def close(self) -> None:
        """Finish settling; what cannot be settled stays reserved, and counts at its worst."""
        if self._settling:
            await asyncio.wait(set(self._settling), timeout=CLOSE_SECONDS)
        for task in self._settling:
            task.cancel()
        await asyncio.gather(*self._settling, return_exceptions=True)

    async def _settle(self, campaign_id: str, call: str, cost: int) -> None:
        ended = {"call": call, "cost": cost}
        reply = await self._send("settle", campaign_id, call, ended, SETTLE_ATTEMPTS)
        if not reply.success and reply.code != Code.INVALID_STATE_TRANSITION:
            logger.warning("a call could not be settled", campaign=campaign_id, reason=reply.message)

    async def _send(self, verb: str, campaign_id: str, call: str, args: Json, attempts: int) -> Reply:
        stream = f"allowance/{campaign_id}"
        return await enter(self._bus, self._clock, call, f"allowance.{verb}", stream, args, attempts=attempts)

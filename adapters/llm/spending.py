"""Money before words: leases on the day's budget, reserved as commits and spent by many calls.

A lease covers many calls, so that a call waits for no commit of its own. What a killed process had leased stays
reserved, and counts as spent.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

import structlog

from adapters.llm.book import AgentEntry
from adapters.llm.clock import Clock
from adapters.llm.ledger import enter
from adapters.nats.ports import CommandBus
from commands.codes import Code
from commands.message import Reply
from events.commit import Json, moment
from events.errors import BudgetExhausted

logger = structlog.get_logger(__name__)

CALLS_PER_LEASE = 64
SHARE_PER_LEASE = 10
"""A lease is at most one part in so many of the day's limit."""
LEASE_SECONDS = 60.0
"""Older leases are settled, so that others may use what is left of them and the books are up to date."""
REFUSED_SECONDS = 1.0
ATTEMPTS = 3


@dataclass(slots=True)
class Lease:
    """`amount` billionths of a dollar that this process may spend for `agent` on `day`; `held` by calls under way."""

    id: str
    agent: str
    day: str
    amount: int
    since: float
    spent: int = 0
    held: int = 0
    calls: int = 0
    holders: int = 0
    settling: bool = False

    @property
    def left(self) -> int:
        return 0 if self.settling else self.amount - self.spent - self.held


class Hold:
    """Money set aside for one call; `settle` it, in any case."""

    def __init__(self, lease: Lease | None, amount: int) -> None:
        self._lease = lease
        self._amount = amount
        if lease is not None:
            lease.held += amount
            lease.holders += 1

    def settle(self, cost: int) -> None:
        """The call has ended and cost so much. Once."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.held -= self._amount
            lease.holders -= 1
            lease.spent += cost
            lease.calls += 1


class Spending:
    """The leases of one process. `keep` must run beside it, `close` ends them."""

    def __init__(self, bus: CommandBus, clock: Clock, *, realm_limit: int | None) -> None:
        self._bus = bus
        self._clock = clock
        self._realm_limit = realm_limit
        self._owner = uuid4().hex[:12]
        self._count = 0
        self._leases: list[Lease] = []
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._refused: dict[str, tuple[float, int, str]] = {}

    async def reserve(self, agent: AgentEntry, amount: int) -> Hold:
        """Set `amount` aside for one call of `agent`. Raises `BudgetExhausted`: nothing may be asked then."""
        if amount <= 0 or (agent.daily_limit is None and self._realm_limit is None):
            return Hold(None, 0)
        if (lease := self._fitting(agent, amount)) is not None:
            return Hold(lease, amount)
        async with self._locks[agent.key]:
            # Whoever waited here finds the lease that the one before it has taken.
            lease = self._fitting(agent, amount) or await self._lease(agent, amount)
            return Hold(lease, amount)

    async def keep(self, stop: asyncio.Event, *, every: float = 5.0) -> None:
        """Settle what is used up or old, until `stop` is set."""
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)
            await self.settle_old()

    async def settle_old(self) -> None:
        """Settle leases that are old, of another day or nearly used up, once no call holds money of them."""
        now, today = self._clock.monotonic(), self._today()
        for lease in list(self._leases):
            if lease.day != today or now - lease.since >= LEASE_SECONDS:
                lease.settling = True
        await self._settle([lease for lease in self._leases if lease.settling and not lease.holders])

    async def close(self) -> None:
        """Settle everything; calls that are still under way count at their worst."""
        for lease in self._leases:
            lease.settling = True
            lease.spent, lease.held = lease.spent + lease.held, 0
        await self._settle(list(self._leases))

    def _fitting(self, agent: AgentEntry, amount: int) -> Lease | None:
        today = self._today()
        return next(
            (
                lease
                for lease in self._leases
                if lease.agent == agent.key and lease.day == today and lease.left >= amount
            ),
            None,
        )

    async def _lease(self, agent: AgentEntry, least: int) -> Lease:
        until, refused, why = self._refused.get(agent.key, (0.0, 0, ""))
        if least >= refused and self._clock.monotonic() < until:
            raise BudgetExhausted(agent.key, why)
        reply, lease = await self._ask_for(agent, least)
        if not reply.success and reply.field == "amount":
            # What lies idle in this process may be all that is missing.
            idle = [each for each in self._leases if not each.holders]
            for each in idle:
                each.settling = True
            if idle:
                await self._settle(idle)
                reply, lease = await self._ask_for(agent, least)
        if reply.success:
            lease.amount = int(reply.data["amount"])
            for each in self._leases:
                # Its rest is too small to be worth keeping.
                each.settling |= each.agent == agent.key
            self._leases.append(lease)
            return lease
        if reply.field == "amount":
            self._refused[agent.key] = (self._clock.monotonic() + REFUSED_SECONDS, least, reply.message)
            raise BudgetExhausted(agent.key, reply.message)
        raise BudgetExhausted(agent.key, f"its budget cannot be reserved: {reply.message}")

    async def _ask_for(self, agent: AgentEntry, least: int) -> tuple[Reply, Lease]:
        limits = [limit for limit in (agent.daily_limit, self._realm_limit) if limit is not None]
        amount = max(least, min(least * CALLS_PER_LEASE, *(limit // SHARE_PER_LEASE for limit in limits)))
        self._count += 1
        lease = Lease(
            f"{self._owner}-{self._count}", agent.key, self._today(), 0, since=self._clock.monotonic()
        )
        wanted = {
            "lease": lease.id,
            "agent": agent.key,
            "amount": amount,
            "least": least,
            "agent_limit": agent.daily_limit,
            "realm_limit": self._realm_limit,
        }
        reply = await self._send(lease, "reserve", wanted)
        if reply.code in {Code.TIMEOUT, Code.SERVICE_UNAVAILABLE}:
            # It may have been granted after all: give it back as soon as that can be told.
            lease.settling = True
            self._leases.append(lease)
        return reply, lease

    async def _settle(self, leases: list[Lease]) -> None:
        await asyncio.gather(*map(self._settle_one, leases))

    async def _settle_one(self, lease: Lease) -> None:
        if lease not in self._leases:
            return
        ended = {"lease": lease.id, "spent": lease.spent, "calls": lease.calls}
        reply = await self._send(lease, "settle", ended)
        if reply.success or reply.code == Code.INVALID_STATE_TRANSITION:
            with suppress(ValueError):
                self._leases.remove(lease)
        else:
            logger.warning("a lease could not be settled yet", lease=lease.id, reason=reply.message)

    async def _send(self, lease: Lease, verb: str, args: Json) -> Reply:
        stream = f"budget/{lease.day}"
        return await enter(
            self._bus, self._clock, lease.id, f"budget.{verb}", stream, args, attempts=ATTEMPTS
        )

    def _today(self) -> str:
        return moment(self._clock.microseconds()).date().isoformat()

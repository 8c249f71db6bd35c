"""How the gateway is: what it needs, how far behind the read models are, what it has counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from nats.aio.client import Client

from adapters.nats.access import NatsAccessLog
from adapters.rathena.callbacks import Callbacks
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.router import Router
from adapters.settings import Settings
from adapters.sql.reader import Reader
from events.commit import Json
from events.errors import LogError, ProjectionError
from events.log import Log
from projections import checkpoints

CHECK_SECONDS = 1.0
"""Health is asked for by many monitors at once; the log and the database only so often."""


@dataclass(slots=True)
class Status:
    settings: Settings
    client: Client
    log: Log
    reader: Reader
    dispatcher: Dispatcher
    router: Router
    callbacks: Callbacks
    access: NatsAccessLog
    _checked: float = field(default=-CHECK_SECONDS)
    _health: Json = field(default_factory=dict)

    async def health(self) -> Json:
        """`{"status": "ok"|"degraded", "parts": {name: "ok" or the problem}, "lag": {projection: events}, "head"}`."""
        if monotonic() - self._checked >= CHECK_SECONDS:
            self._checked = monotonic()
            self._health = await self._check()
        return self._health

    def counters(self) -> Json:
        """Everything counted since the start, for monitoring."""
        return {
            "realm": self.settings.realm,
            "gateway": self.settings.gateway,
            "in_flight": self.router.in_flight,
            "connections": self.router.connections,
            "operations": dict(self.dispatcher.answered),
            "codes": {str(code): count for code, count in sorted(self.dispatcher.codes.items())},
            "zmq": dict(self.router.counts),
            "callbacks": {
                "pushed": self.callbacks.pushed,
                "waiting": self.callbacks.waiting,
                "expired": self.callbacks.expired,
            },
            "access_records_dropped": self.access.dropped,
            "positions": dict(self.reader.positions),
        }

    async def _check(self) -> Json:
        parts = {"zmq": "ok", "nats": "ok", "log": "ok", "database": "ok"}
        head, lag = 0, {}
        if not self.client.is_connected:
            parts["nats"] = "the connection is lost"
        try:
            head = (await self.log.head()).position
        except LogError as error:
            parts["log"] = str(error)
        try:
            positions = await self.reader.run(checkpoints.positions, timeout=1.0)
            lag = {name: max(0, head - position) for name, position in positions.items()}
        except ProjectionError as error:
            parts["database"] = str(error)
        well = all(state == "ok" for state in parts.values())
        return {"status": "ok" if well else "degraded", "parts": parts, "lag": lag, "head": head}

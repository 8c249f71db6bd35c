"""The game server's side of the contract: one DEALER socket, answers matched by correlation id, callbacks kept."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import zmq
import zmq.asyncio
from pydantic_core import from_json, to_json

from adapters.rathena.security import server_keys
from adapters.settings import ZmqSettings
from events.commit import Json
from events.errors import LorestreamError

PATIENCE = 10.0
"""Seconds until the platform counts as gone; longer than any deadline the scene sets."""


class GatewaySilent(LorestreamError):
    """Nothing answered on the gateway's socket in time."""

    misconfigured = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, its answer, when it was sent (monotonic) and how long the caller waited, in seconds.

    `together` counts the requests of its frame.
    """

    request: Json
    answer: Json
    seconds: float
    began: float = 0.0
    together: int = 1

    @property
    def operation(self) -> str:
        return str(self.request["operation"])

    @property
    def code(self) -> int:
        return int(self.answer.get("error_code", 0))

    @property
    def data(self) -> Json:
        data = self.answer.get("data")
        return data if isinstance(data, dict) else {}

    @property
    def position(self) -> int | None:
        """Where the command stands in the log; None for a question or a refusal."""
        position = self.answer.get("position")
        return position if isinstance(position, int) else None


class GameServer:
    """A map-server named `name`. Use as an async context manager.

    `correlation_id`s are `<name>-<number>`, so everything a run did can be found in the log again.
    """

    def __init__(self, endpoint: str, name: str, security: ZmqSettings) -> None:
        self.name = name
        self._sent = 0
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._called: defaultdict[str, asyncio.Future[tuple[Json, float]]] = defaultdict(asyncio.Future)
        self._socket = zmq.asyncio.Context.instance().socket(zmq.DEALER)
        self._socket.linger = 0
        if security.server_key_file is not None:
            self._socket.curve_serverkey, _ = server_keys(security.server_key_file)
            self._socket.curve_publickey, self._socket.curve_secretkey = zmq.curve_keypair()
        self._socket.connect(endpoint)
        self._endpoint = endpoint
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._reader = asyncio.create_task(self._read(), name="game server")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        self._socket.close()

    def request(
        self, operation: str, npc_id: str | None = None, data: Json | None = None, **envelope: Any
    ) -> Json:
        """A request as the map-server writes it; `envelope` holds `actor`, `callback_label`, `timeout_ms` …"""
        self._sent += 1
        request: Json = {
            "correlation_id": f"{self.name}-{self._sent}",
            "operation": operation,
            "data": data or {},
            "source": {"server": self.name},
        }
        if npc_id is not None:
            request["npc_id"] = npc_id
        return request | {key: value for key, value in envelope.items() if value is not None}

    async def ask(self, request: Json) -> Exchange:
        """Send one request and await its answer. Raises `GatewaySilent`."""
        [exchange] = await self._exchange(request, [request])
        return exchange

    async def ask_together(self, requests: Sequence[Json]) -> list[Exchange]:
        """Send up to ten requests in one frame and await all answers, in their order. Raises `GatewaySilent`."""
        return await self._exchange({"batch": list(requests)}, requests)

    async def callback(self, correlation_id: str) -> tuple[Json, float]:
        """The push that ends the asynchronous request, and when it came (monotonic). Raises `GatewaySilent`."""
        pushed: tuple[Json, float] = await self._in_time(self._called[correlation_id])
        return pushed

    async def _exchange(self, frame: Json, requests: Sequence[Json]) -> list[Exchange]:
        answers = [asyncio.get_running_loop().create_future() for _ in requests]
        for request, answer in zip(requests, answers, strict=True):
            self._waiting[request["correlation_id"]] = answer
        began = time.monotonic()
        await self._socket.send(to_json(frame))
        found = await self._in_time(asyncio.gather(*answers))
        seconds = time.monotonic() - began
        return [
            Exchange(request, answer, seconds, began, len(requests))
            for request, answer in zip(requests, found, strict=True)
        ]

    async def _in_time(self, awaited: asyncio.Future[Any]) -> Any:
        try:
            return await asyncio.wait_for(awaited, PATIENCE)
        except TimeoutError:
            raise GatewaySilent(
                f"the gateway at {self._endpoint} did not answer within {PATIENCE:.0f} s. "
                "`lorestream doctor` examines the platform; with zmq.allowed_clients set it admits no demo"
            ) from None

    async def _read(self) -> None:
        while True:
            message = from_json((await self._socket.recv_multipart())[-1])
            arrived = time.monotonic()
            for answer in message.get("batch", [message]):
                correlation_id = str(answer.get("correlation_id"))
                if answer.get("message_type") == "CALLBACK":
                    # A callback may come twice after a crash; the first one counts.
                    if not self._called[correlation_id].done():
                        self._called[correlation_id].set_result((answer, arrived))
                elif (waiting := self._waiting.pop(correlation_id, None)) and not waiting.done():
                    waiting.set_result(answer)

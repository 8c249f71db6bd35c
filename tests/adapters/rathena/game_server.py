"""A game server as the tests need it: real ZeroMQ sockets that speak the contract."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, Self

import zmq
import zmq.asyncio
from pydantic_core import from_json, to_json

_numbers = itertools.count(1)

PATIENCE = 10.0

PLAYER = {"account_id": 2000001, "char_id": 150000, "name": "Aria", "level": 42}


class GameServer:
    """One socket of a map-server. Pushed messages that arrive while an answer is awaited are kept in `pushed`."""

    def __init__(
        self,
        endpoint: str,
        *,
        kind: int = zmq.DEALER,
        server: str = "map-1",
        delimiter: bool = False,
        curve: tuple[bytes, bytes, bytes] | None = None,
    ) -> None:
        self.server = server
        self.pushed: list[Any] = []
        self._frames = [b""] if delimiter else []
        self._socket = zmq.asyncio.Context.instance().socket(kind)
        self._socket.linger = 0
        if curve:
            self._socket.curve_serverkey, self._socket.curve_publickey, self._socket.curve_secretkey = curve
        self._socket.connect(endpoint)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def request(
        self, operation: str, npc_id: str | None = None, data: Any = None, **envelope: Any
    ) -> dict[str, Any]:
        request = {
            "correlation_id": f"t{next(_numbers)}",
            "operation": operation,
            "data": {} if data is None else data,
            "source": {"server": self.server},
            **envelope,
        }
        return request if npc_id is None else {"npc_id": npc_id, **request}

    async def ask(self, operation: str, npc_id: str | None = None, data: Any = None, **envelope: Any) -> Any:
        """Send one request and await its answer."""
        request = self.request(operation, npc_id, data, **envelope)
        await self.send(request)
        while True:
            answer = await self.receive()
            if answer.get("message_type") != "CALLBACK":
                assert answer["correlation_id"] == request["correlation_id"]
                return answer
            self.pushed.append(answer)

    async def send(self, message: Any) -> None:
        await self.send_frames([*self._frames, to_json(message)])

    async def send_frames(self, frames: list[bytes]) -> None:
        await self._socket.send_multipart(frames)

    async def send_raw(self, body: bytes) -> Any:
        """Send a body as it is and await the answer."""
        await self.send_frames([*self._frames, body])
        return await self.receive()

    async def receive(self) -> Any:
        return from_json((await self.receive_frames())[-1])

    async def receive_frames(self) -> list[bytes]:
        async with asyncio.timeout(PATIENCE):
            return list(await self._socket.recv_multipart())

    async def finished(self, request_id: str) -> Any:
        """Ask `check_result` until the request is no longer pending; its data."""
        async with asyncio.timeout(PATIENCE):
            while True:
                data = (await self.ask("check_result", None, {"request_id": request_id}))["data"]
                if data["status"] != "pending":
                    return data
                await asyncio.sleep(0.02)

    async def callback(self) -> Any:
        """The next pushed message."""
        message = self.pushed.pop(0) if self.pushed else await self.receive()
        assert message["message_type"] == "CALLBACK"
        return message

    async def silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing arrives for a while."""
        return not await self._socket.poll(int(seconds * 1000))

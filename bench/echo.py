"""A bare ROUTER that sends back what it gets: `python -m bench.echo blocking|asyncio` prints its endpoint."""

from __future__ import annotations

import json
import sys
from typing import Any

import uvloop
import zmq
import zmq.asyncio


def main() -> None:
    if sys.argv[1] == "asyncio":
        uvloop.run(_on_a_loop())
    else:
        _blocking()


def _blocking() -> None:
    socket: zmq.Socket[Any] = zmq.Context.instance().socket(zmq.ROUTER)
    _announce(socket)
    while True:
        socket.send_multipart(socket.recv_multipart())


async def _on_a_loop() -> None:
    socket = zmq.asyncio.Context.instance().socket(zmq.ROUTER)
    _announce(socket)
    while True:
        await socket.send_multipart(await socket.recv_multipart())


def _announce(socket: Any) -> None:
    socket.sndhwm = socket.rcvhwm = 0
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    print(json.dumps(f"tcp://127.0.0.1:{port}"), flush=True)


if __name__ == "__main__":
    main()

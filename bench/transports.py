"""How the load client reaches a service: a blocking ZeroMQ DEALER, or HTTP/1.1 over kept-alive connections."""

from __future__ import annotations

import select
import socket
from collections import deque
from typing import Any, Protocol
from urllib.parse import urlsplit

import zmq

from bench.workload import Request


class Transport(Protocol):
    def send(self, request: Request) -> None: ...

    def receive(self, timeout: float) -> list[bytes]:
        """Bodies that have arrived; waits up to `timeout` seconds for the first."""

    def close(self) -> None: ...


class Dealer:
    """One DEALER socket. Waits on the descriptor because ZeroMQ's own timeouts are whole milliseconds."""

    def __init__(self, endpoint: str) -> None:
        self._context: zmq.Context[Any] = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.sndhwm = self._socket.rcvhwm = 0
        self._socket.connect(endpoint)

    def send(self, request: Request) -> None:
        self._socket.send(request.body, copy=True)

    def receive(self, timeout: float) -> list[bytes]:
        # The descriptor is edge-triggered: it may only be waited on after the queue was seen empty.
        found = self._arrived()
        if not found and timeout > 0:
            select.select([self._socket.FD], [], [], timeout)
            found = self._arrived()
        return found

    def _arrived(self) -> list[bytes]:
        found: list[bytes] = []
        try:
            while True:
                body = self._socket.recv(zmq.NOBLOCK)
                if body:
                    found.append(body)
        except zmq.Again:
            return found

    def close(self) -> None:
        self._socket.close()
        self._context.term()


class Http:
    """`POST {root}{operation}` over `connections` sockets, one request at a time on each."""

    def __init__(self, endpoint: str, connections: int, *, root: str = "/api/npc/") -> None:
        parts = urlsplit(endpoint)
        address = (parts.hostname or "127.0.0.1", parts.port or 80)
        sockets = [socket.create_connection(address) for _ in range(connections)]
        for each in sockets:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._root = root.encode()
        self._host = parts.netloc.encode()
        self._idle = deque(sockets)
        self._waiting: deque[Request] = deque()
        self._busy: dict[int, socket.socket] = {}
        self._partial: dict[int, bytes] = {}

    def send(self, request: Request) -> None:
        if not self._idle:
            self._waiting.append(request)
            return
        connection = self._idle.popleft()
        connection.sendall(
            b"POST %s%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s"
            % (self._root, request.operation.encode(), self._host, len(request.body), request.body)
        )
        self._busy[connection.fileno()] = connection

    def receive(self, timeout: float) -> list[bytes]:
        ready, _, _ = select.select(list(self._busy), [], [], max(timeout, 0))
        found = []
        for number in ready:
            connection = self._busy[number]
            received = connection.recv(65536)
            if not received:
                raise ConnectionError("the service closed a connection")
            head, gap, body = (self._partial.pop(number, b"") + received).partition(b"\r\n\r\n")
            if not gap or len(body) < _content_length(head):
                self._partial[number] = head + gap + body
                continue
            found.append(body)
            self._idle.append(self._busy.pop(number))
            if self._waiting:
                self.send(self._waiting.popleft())
        return found

    def close(self) -> None:
        for each in [*self._idle, *self._busy.values()]:
            each.close()


def connect(endpoint: str, in_flight: int) -> Transport:
    """The transport of an endpoint, `http://…` or one of ZeroMQ's."""
    return Http(endpoint, in_flight) if endpoint.startswith("http") else Dealer(endpoint)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0

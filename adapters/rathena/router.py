"""The ROUTER socket: REQ and DEALER clients alike, drained in bursts, never blocked by a slow request.

A plain socket on the loop's reader instead of `zmq.asyncio`: that one costs a future and a task per message. The
price is ZeroMQ's edge-triggered descriptor: after every send its events must be looked at again, because
sending consumes the edge that announced a message.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any
from uuid import uuid4

import structlog
import zmq
from pydantic_core import to_json

from adapters.rathena import bridge
from adapters.rathena.admission import Admission
from adapters.rathena.callbacks import Callbacks
from adapters.rathena.connections import Connection, Connections
from adapters.rathena.dispatcher import Afterwards, Dispatcher
from adapters.rathena.documents import read_json
from adapters.rathena.envelope import Envelope, NoAnswerPossible, check_envelope, open_envelope
from adapters.rathena.security import Guard, secure
from adapters.rathena.wire import correlation_of, refusal, respond, salvage_correlation_id
from adapters.settings import Settings
from commands.codes import Code
from commands.rejection import Rejected
from events.commit import Json

logger = structlog.get_logger(__name__)

MAX_BATCH = 10
"""Requests in one frame (specification appendix B, `batch_max_size`)."""
BURST = 128
"""Messages read before other work of the loop gets its turn."""
HIGH_WATER = 4096
HARD_FRAME_BYTES = 64 * 1024 * 1024
"""Beyond this libzmq ends the connection; between the configured limit and this an error can be answered."""
HEARTBEAT_MS = 5000
FINISH_SECONDS = 10.0
_WARN_EVERY = 100


class Router:
    """Serves the contract on `settings.zmq.endpoint`."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher, callbacks: Callbacks) -> None:
        self._settings = settings.zmq
        self._dispatcher = dispatcher
        self._callbacks = callbacks
        self._run = f"{settings.gateway}.{uuid4().hex[:8]}"
        self._connections = Connections(per_second=settings.zmq.max_requests_per_second)
        self._admission = Admission(settings.zmq.max_in_flight)
        self._tasks: set[asyncio.Task[None]] = set()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket: zmq.Socket[bytes] = self._context.socket(zmq.ROUTER)
        self._guard: Guard | None = None
        self._reading = False
        self._again = False
        self.counts: Counter[str] = Counter()
        callbacks.attach(self)

    @property
    def in_flight(self) -> int:
        return self._admission.in_flight

    @property
    def connections(self) -> int:
        return len(self._connections)

    def start(self) -> str:
        """Bind and begin to serve; the endpoint with its real port.

        Raises `zmq.ZMQError` when the endpoint cannot be bound, `ConfigurationError` for unusable keys.
        """
        socket = self._socket
        socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        # A game server that restarts under a fixed identity must not be refused for its dead predecessor.
        socket.setsockopt(zmq.ROUTER_HANDOVER, 1)
        socket.setsockopt(zmq.LINGER, 1000)
        socket.setsockopt(zmq.SNDHWM, HIGH_WATER)
        socket.setsockopt(zmq.RCVHWM, HIGH_WATER)
        socket.setsockopt(zmq.MAXMSGSIZE, HARD_FRAME_BYTES)
        socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
        self._guard = secure(self._context, socket, self._settings)
        socket.bind(self._settings.endpoint)
        self._reading = True
        asyncio.get_running_loop().add_reader(socket.FD, self._drain)
        self._look_again()
        return _text(socket.getsockopt(zmq.LAST_ENDPOINT))

    async def stop(self) -> None:
        """Read no more, answer what was accepted, close."""
        if self._reading:
            self._reading = False
            asyncio.get_running_loop().remove_reader(self._socket.FD)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FINISH_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        if self._guard is not None:
            self._guard.stop()
        self._socket.close()
        await asyncio.to_thread(self._context.term)

    def push(self, connection: Connection, message: Json) -> bool:
        """See `Pusher.push`."""
        if self._socket.closed:
            return False
        sent = self._send(connection, connection.route, to_json(message))
        self.counts["callbacks pushed" if sent else "callbacks not deliverable"] += 1
        return sent

    def of_server(self, server: str) -> Iterable[Connection]:
        """See `Pusher.of_server`."""
        return self._connections.of_server(server)

    def _drain(self) -> None:
        socket = self._socket
        try:
            for _ in range(BURST):
                if not self._reading:
                    return
                frames = socket.recv_multipart(zmq.NOBLOCK, copy=False)
                self._receive(frames)
        except zmq.Again:
            return
        except zmq.ZMQError as error:
            logger.warning("the socket failed while reading", error=str(error))
        self._look_again()

    def _look_again(self) -> None:
        """Read on in the loop's next round, if there is anything."""
        if self._reading and not self._again and int(self._socket.EVENTS) & zmq.POLLIN:
            self._again = True
            asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        self._again = False
        self._drain()

    def _receive(self, frames: Sequence[zmq.Frame]) -> None:
        self.counts["messages"] += 1
        try:
            envelope = open_envelope([frame.bytes for frame in frames])
        except NoAnswerPossible as problem:
            self._count_dropped("messages without sender or body", str(problem))
            return
        connection = self._connection(envelope, frames[-1])
        try:
            check_envelope(envelope, max_frame_bytes=self._settings.max_frame_bytes)
            document = read_json(envelope.body, "body")
            requests = _requests(document)
        except Rejected as rejected:
            correlation = salvage_correlation_id(envelope.body)
            self._reply(connection, envelope, respond(correlation, refusal(rejected), perf_counter()))
            return
        try:
            self._admit(connection, len(requests))
        except Rejected as rejected:
            self.counts["refused: too many"] += 1
            responses = [respond(correlation_of(one), refusal(rejected), perf_counter()) for one in requests]
            self._reply(
                connection, envelope, responses[0] if document is requests[0] else {"batch": responses}
            )
            return
        if document is requests[0]:
            work = self._answer(connection, envelope, document)
        else:
            work = self._answer_batch(connection, envelope, requests)
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _connection(self, envelope: Envelope, body: zmq.Frame) -> Connection:
        identity = envelope.identity
        connection = self._connections.get(identity)
        if connection is None:
            kind = _property(body, "Socket-Type")
            connection = Connection(
                key=f"{self._run}.{identity.hex()}", route=envelope.route, pushable=kind != "REQ"
            )
            self._connections.add(identity, connection)
        elif connection.pushable:
            connection.route = envelope.route
        return connection

    def _admit(self, connection: Connection, requests: int) -> None:
        wait = self._connections.throttle(connection, requests)
        if wait:
            raise Rejected(
                Code.RATE_LIMITED,
                f"this connection may send {self._settings.max_requests_per_second} requests per second; wait",
                retry_after_ms=wait,
            )
        self._admission.enter(connection, requests)

    async def _answer(self, connection: Connection, envelope: Envelope, document: Any) -> None:
        afterwards: Afterwards = ()
        try:
            if bridge.is_older_form(document):
                response, afterwards = await self._answer_older(connection, document)
            else:
                response, afterwards = await self._dispatcher.begin(document, connection)
            self._reply(connection, envelope, response)
        finally:
            self._admission.leave(connection)
        await self._finish(connection, afterwards)

    async def _answer_batch(self, connection: Connection, envelope: Envelope, requests: list[Any]) -> None:
        try:
            begun = [self._dispatcher.begin(request, connection) for request in requests]
            answers = await asyncio.gather(*begun)
            self._reply(connection, envelope, {"batch": [response for response, _ in answers]})
        finally:
            self._admission.leave(connection, len(requests))
        await self._finish(connection, [step for _, afterwards in answers for step in afterwards])

    async def _answer_older(self, connection: Connection, document: Json) -> tuple[Json, Afterwards]:
        self.counts["messages of the older bridge"] += 1
        try:
            lifted = bridge.lift(document)
        except Rejected as rejected:
            kind = document.get("message_type")
            response = respond(correlation_of(document), refusal(rejected), perf_counter())
            return bridge.answer(response, kind if type(kind) is int else None), ()
        response, afterwards = await self._dispatcher.begin(lifted.document, connection)
        return bridge.answer(response, lifted.message_type), afterwards

    async def _finish(self, connection: Connection, afterwards: Afterwards) -> None:
        for step in afterwards:
            await step()
        if not connection.greeted and connection.server:
            connection.greeted = True
            await self._callbacks.greeted(connection)

    def _reply(self, connection: Connection, envelope: Envelope, response: Json) -> None:
        if not self._send(connection, envelope.route, to_json(response)):
            self._count_dropped("answers to peers that are gone", connection.key)

    def _send(self, connection: Connection, route: Sequence[bytes], body: bytes) -> bool:
        try:
            self._socket.send_multipart([*route, body], zmq.NOBLOCK)
        except zmq.Again:
            # The peer does not read: its queue is full.
            return False
        except zmq.ZMQError as error:
            if error.errno == zmq.EHOSTUNREACH:
                self._connections.forget(connection)
            return False
        finally:
            self._look_again()
        return True

    def _count_dropped(self, what: str, detail: str) -> None:
        self.counts[f"dropped: {what}"] += 1
        count = self.counts[f"dropped: {what}"]
        if count % _WARN_EVERY == 1:
            logger.warning("dropped", what=what, count=count, detail=detail)


def _requests(document: Any) -> list[Any]:
    """The requests of a body: itself, or those of its batch. Raises `Rejected`."""
    if not isinstance(document, dict) or "batch" not in document:
        return [document]
    batch = document["batch"]
    if not isinstance(batch, list) or not batch:
        raise Rejected(Code.INVALID_PARAMETER, "batch must be an array of requests", field="batch")
    if len(batch) > MAX_BATCH:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"batch holds {len(batch)} requests, at most {MAX_BATCH} are answered together",
            field="batch",
        )
    return batch


def _property(frame: zmq.Frame, name: str) -> str:
    try:
        value = frame.get(name)
    except zmq.ZMQError:
        return ""
    return value if isinstance(value, str) else ""


def _text(option: bytes | int) -> str:
    return option.rstrip(b"\0").decode() if isinstance(option, bytes) else ""

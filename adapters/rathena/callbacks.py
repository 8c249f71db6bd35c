"""Telling those who asked: waiters of synchronous calls, connections of asynchronous ones, mailboxes of the gone."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from time import monotonic
from typing import Protocol

import structlog

from adapters.rathena.connections import Connection
from adapters.rathena.mailbox import Letter, Mailbox
from adapters.rathena.outcomes import Opening, Outcome, callback
from adapters.rathena.positions import Positions
from events.commit import Json

logger = structlog.get_logger(__name__)

REMEMBERED_OPENINGS = 20_000
SWEEP_SECONDS = 2.0


class Pusher(Protocol):
    """Where messages leave for connected game servers (`adapters.rathena.router`)."""

    def push(self, connection: Connection, message: Json) -> bool:
        """Hand a message to the socket; False when the peer is gone or takes no more."""

    def of_server(self, server: str) -> Iterable[Connection]:
        """Live connections of a game server that can be pushed to, the best first."""


class Callbacks:
    """Outcomes on their way to whoever asked.

    An outcome is settled (acknowledged to the log) once it was handed to a socket or given up; until then the log
    delivers it again, also to a restarted gateway. Delivery is therefore at least once: receivers compare
    `request_id`.
    """

    def __init__(self, gateway: str, positions: Positions) -> None:
        self._gateway = gateway
        self._positions = positions
        self._pusher: Pusher | None = None
        self._openings: OrderedDict[str, Opening] = OrderedDict()
        self._waiting: dict[str, list[asyncio.Future[Outcome]]] = {}
        self._unanswered: dict[str, list[Outcome]] = {}
        self._askers: OrderedDict[str, Connection] = OrderedDict()
        self._mailbox = Mailbox()
        self._seen = 0
        self.pushed = 0
        self.expired = 0

    @property
    def waiting(self) -> int:
        """Outcomes that wait for a connection."""
        return len(self._mailbox)

    @property
    def seen(self) -> int:
        """The highest log position an outcome was seen at."""
        return self._seen

    def attach(self, pusher: Pusher) -> None:
        self._pusher = pusher

    def opened(self, request_id: str, opening: Opening) -> None:
        """Remember a request, so that its outcome needs no look into the log."""
        self._openings[request_id] = opening
        if len(self._openings) > REMEMBERED_OPENINGS:
            self._openings.popitem(last=False)

    def opening(self, request_id: str) -> Opening | None:
        return self._openings.get(request_id)

    def expect(self, request_id: str) -> asyncio.Future[Outcome]:
        """A future for the outcome of a request; `forget` it when no longer awaited."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(request_id, []).append(future)
        return future

    def forget(self, request_id: str, future: asyncio.Future[Outcome]) -> None:
        left = [other for other in self._waiting.pop(request_id, []) if other is not future]
        if left:
            self._waiting[request_id] = left

    def hold(self, request_id: str, asker: Connection) -> None:
        """Push this request's outcome to `asker`, but not before `release`: it does not know the id yet.

        The connection is remembered here and not in the log: a retry over a new one is the same command.
        """
        self._unanswered.setdefault(request_id, [])
        self._askers[request_id] = asker
        self._askers.move_to_end(request_id)
        if len(self._askers) > REMEMBERED_OPENINGS:
            self._askers.popitem(last=False)

    async def release(self, request_id: str) -> None:
        """The caller knows the id now."""
        held = self._unanswered.pop(request_id, [])
        letter = self._mailbox.find(request_id)
        if letter is not None:
            held.append(letter.outcome)
        for outcome in held:
            await self._tell(outcome)

    async def ended(self, outcome: Outcome) -> None:
        """Take an outcome from the log and see that it reaches whoever asked."""
        request_id = outcome.request_id
        self._openings.pop(request_id, None)
        self._seen = max(self._seen, outcome.position)
        self._positions.wrote(f"request/{request_id}", outcome.position)
        for future in self._waiting.pop(request_id, []):
            if not future.done():
                future.set_result(outcome)
        held = self._unanswered.get(request_id)
        if held is not None:
            held.append(outcome)
        else:
            await self._tell(outcome)

    async def greeted(self, connection: Connection) -> None:
        """A connection said its first word: what waits for its game server is handed to it."""
        server = connection.server
        while connection.pushable and server and (letter := self._mailbox.take(server)):
            if self._pusher is None or not self._pusher.push(connection, callback(letter.outcome)):
                self._mailbox.put(server, letter)
                return
            self.pushed += 1
            await letter.outcome.settle()

    async def sweep(self) -> None:
        """Once in a while: give up what nobody fetched, keep hold of what still waits."""
        for letter in self._mailbox.expired(monotonic()):
            await self._give_up(letter)
        for letter in list(self._mailbox):
            await letter.outcome.touch()

    async def _tell(self, outcome: Outcome) -> None:
        reply_to = outcome.opening.reply_to
        if reply_to is None or reply_to.gateway != self._gateway:
            await outcome.settle()
            return
        if self._pusher is not None and self._try(self._pusher, reply_to.server, outcome):
            self.pushed += 1
            self._askers.pop(outcome.request_id, None)
            await outcome.settle()
            return
        evicted = self._mailbox.put(reply_to.server, Letter(outcome, monotonic()))
        if evicted is not None:
            await self._give_up(evicted)

    def _try(self, pusher: Pusher, server: str, outcome: Outcome) -> bool:
        message = callback(outcome)
        asked = self._askers.get(outcome.request_id)
        if asked is not None and asked.pushable and pusher.push(asked, message):
            return True
        others = pusher.of_server(server) if server else ()
        return any(pusher.push(other, message) for other in others if other is not asked)

    async def _give_up(self, letter: Letter) -> None:
        self.expired += 1
        logger.warning(
            "a callback was never fetched; check_result still has it", request=letter.outcome.request_id
        )
        await letter.outcome.settle()


async def keep_sweeping(callbacks: Callbacks) -> None:
    """Sweep for ever; ends when cancelled."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await callbacks.sweep()

"""A second process that folds some read models while the first one folds the others.

Folding is pure computation in Python, which one process does on one core. The companion gets batches of raw messages,
decodes and folds them, and gives back plain rows; reading and writing the database stays with the process that
started it, so that a batch is one transaction however many processes folded it.

Over the socket go pickles: `_Begin`, then for each batch the messages, answered by the outcome, before which the
companion may ask for rows it needs. Either side's end ends the conversation; nothing is stored in the companion.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import socket
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import Table

from events.errors import CompanionLost
from events.log import RawMessage
from projections.bulk import bulk_work
from projections.checkpoints import Advance, Checkpoint
from projections.deadletters import DeadLetter
from projections.folding import Batch, Folder, Member
from projections.plain import Plain
from projections.projection import Projection
from projections.rows import Key, Values

ANSWER_SECONDS = 60.0
"""How long the companion may take for a batch before it counts as lost."""
END_SECONDS = 2.0

Missing = dict[Table, set[Key]]
Fetch = Callable[[Missing], dict[Table, list[Values]]]


@dataclass(frozen=True, slots=True)
class _Begin:
    """The read models to fold, from where on, and how many rows of each table to keep in memory."""

    members: list[tuple[str, Checkpoint, set[str], set[int], bool]]
    cached_rows: int


@dataclass(frozen=True, slots=True)
class _Messages:
    """A batch: the fields of the `RawMessage`s of what has to be folded, and where the batch ends."""

    wanted: list[tuple[Any, ...]]
    last: tuple[int, int]
    now: int
    settle: bool


@dataclass(frozen=True, slots=True)
class _Needs:
    keys: dict[str, set[Key]]


@dataclass(frozen=True, slots=True)
class _Rows:
    found: dict[str, list[Values]]


@dataclass(frozen=True, slots=True)
class _Folded:
    steps: list[Advance]
    changes: dict[str, Plain]
    letters: list[DeadLetter]


@dataclass(frozen=True, slots=True)
class _Failed:
    error: str


class FoldFailed(Exception):
    """A fold raised in the companion; the batch has to be applied again, commit by commit."""


class Companion:
    """This side of the conversation with a process that runs `serve`."""

    def __init__(self, process: subprocess.Popen[bytes], connection: socket.socket) -> None:
        self._process, self._socket = process, connection
        connection.settimeout(ANSWER_SECONDS)
        self._stream: Any = connection.makefile("rwb")
        self._thread = ThreadPoolExecutor(1, "companion")
        self._tables: dict[str, Table] = {}
        self._folder = Folder((), 0)
        self.members: list[Member] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    async def begin(self, members: Sequence[Member], cached_rows: int) -> None:
        """Hand over the read models of `members`. Raises `CompanionLost`."""
        self.members = list(members)
        self._folder = Folder(self.members, 0)
        self._tables = _tables(member.projection for member in members)
        told = [(m.projection.name, m.checkpoint, m.blocked, m.discarded, m.empty) for m in members]
        await self._in_thread(lambda: _send(self._stream, _Begin(told, cached_rows)))

    async def send(
        self, messages: Sequence[RawMessage], last: RawMessage, *, now: int, settle: bool = True
    ) -> None:
        """Let the companion begin to fold `messages`, up to `last`; see `Folder.take`. Raises `CompanionLost`.

        To be waited for before anything else is computed here: a thread that sends megabytes beside a busy one waits
        for the interpreter after every piece.
        """
        wanted: list[tuple[Any, ...]] = [tuple(message) for message in self._folder.concerning(messages)]
        batch = _Messages(wanted, (last.position, last.stored_at), now, settle)
        await self._in_thread(lambda: _send(self._stream, batch))

    async def receive(self, fetch: Fetch) -> Batch:
        """What became of the batch; `fetch` reads the rows the companion asks for, in another thread.

        Raises `FoldFailed`, `CompanionLost`, and whatever `fetch` raises; after any of them the companion is good for
        nothing and has to be closed.
        """

        def answered() -> object:
            answer = _receive(self._stream)
            while isinstance(answer, _Needs):
                found = fetch({self._tables[name]: keys for name, keys in answer.keys.items()})
                _send(self._stream, _Rows({table.name: rows for table, rows in found.items()}))
                answer = _receive(self._stream)
            return answer

        answer = await self._in_thread(answered)
        if isinstance(answer, _Failed):
            raise FoldFailed(answer.error)
        assert isinstance(answer, _Folded)
        reached = {step.seen.name: step.reached for step in answer.steps}
        for member in self.members:
            member.checkpoint = reached.get(member.checkpoint.name, member.checkpoint)
        changes = {self._tables[name]: changed for name, changed in answer.changes.items()}
        return Batch(answer.steps, changes, answer.letters)

    async def close(self) -> None:
        """End the process, whatever it is doing: it holds nothing that is not elsewhere."""
        with contextlib.suppress(OSError):
            # Wakes a thread that waits for an answer, too.
            self._socket.shutdown(socket.SHUT_RDWR)
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._thread.shutdown()
        with contextlib.suppress(OSError):
            self._stream.close()
        self._socket.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise CompanionLost(f"the process that folds some read models: {error!r}") from error


def serve(connection: socket.socket, projections: Sequence[Projection]) -> None:
    """Fold what the other side sends until it ends. For a process that does nothing else.

    Raises `LookupError` when asked for a read model that `projections` lack, or have at another version.
    """
    stream: Any = connection.makefile("rwb")
    known = {projection.name: projection for projection in projections}
    with bulk_work(), contextlib.suppress(EOFError, ConnectionError), stream:
        begin: _Begin = _receive(stream)
        members = [
            Member(known[name], checkpoint, blocked, discarded, empty)
            for name, checkpoint, blocked, discarded, empty in begin.members
        ]
        for member in members:
            if member.checkpoint.version != member.projection.version:
                raise LookupError(f"{member.projection.name} is not of version {member.checkpoint.version}")
        folder, tables = Folder(members, begin.cached_rows), _tables(m.projection for m in members)
        while True:
            _send(stream, _folded(stream, folder, tables, _receive(stream)))


def _folded(
    stream: BinaryIO, folder: Folder, tables: dict[str, Table], batch: _Messages
) -> _Folded | _Failed:
    position, stored_at = batch.last
    try:
        for entries in folder.slices(list(map(RawMessage._make, batch.wanted))):
            missing = folder.missing(entries)
            if missing:
                _send(stream, _Needs({table.name: keys for table, keys in missing.items()}))
                rows: _Rows = _receive(stream)
                for name, found in rows.found.items():
                    folder.fill(tables[name], missing[tables[name]], found)
            folder.fold(entries, now=batch.now)
        made = folder.take(RawMessage(position, "", b"", stored_at), settle=batch.settle)
    except (OSError, EOFError):
        raise
    except Exception as error:
        return _Failed(repr(error))
    return _Folded(made.steps, {table.name: changed for table, changed in made.changes.items()}, made.letters)


def _tables(projections: Iterable[Projection]) -> dict[str, Table]:
    return {table.name: table for projection in projections for table in projection.tables}


def _send(stream: BinaryIO, message: object) -> None:
    pickle.dump(message, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


def _receive(stream: BinaryIO) -> Any:
    return pickle.load(stream)  # noqa: S301 - a private socket pair, the other end is a process of our own

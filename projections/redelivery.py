"""Giving dead letters another chance, or giving them up: both move a stream on, in order.

Either happens in one transaction, and the checkpoint's epoch grows with it, so that a projector at work does not
write rows it remembers from before.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from events.errors import LogUnavailable, ProjectionError
from events.log import Log, RawMessage
from projections import checkpoints, deadletters
from projections.catalogue import ALL
from projections.deadletters import MAX_ERROR, DeadLetter
from projections.folding import Folder, Member, read
from projections.projection import Projection
from projections.store import Database, Store


class NoSuchDeadLetter(ProjectionError):
    """There is no dead letter at that place, or it was discarded before."""


@dataclass(frozen=True, slots=True)
class Redelivered:
    """What became of a stream's dead letters: how many were applied, and the one that failed again, if any."""

    projection: str
    stream: str
    applied: int
    failed_at: int | None = None
    error: str | None = None


async def replay(
    log: Log, database: Database, projection: str, position: int, *, projections: Sequence[Projection] = ALL
) -> Redelivered:
    """Apply the dead letters of the stream that `position` belongs to again, in order, until one fails.

    They are read from the log and decoded as ever. Raises `NoSuchDeadLetter`, `LogUnavailable`.
    """
    letter = await asyncio.to_thread(_waiting, database, projection, position)
    return await _deliver(log, database, _named(projections, projection), letter.stream)


async def discard(
    log: Log,
    database: Database,
    projection: str,
    position: int,
    *,
    reason: str,
    projections: Sequence[Projection] = ALL,
) -> Redelivered:
    """Give one dead letter up for `reason`, and apply what waited behind it. Raises as `replay`."""

    def give_up() -> DeadLetter:
        letter = _waiting(database, projection, position)
        with database.writer.begin() as connection:
            now = time.time_ns() // 1000
            deadletters.change(connection, replace(letter, status="discarded", reason=reason, last_seen=now))
            # The discarded positions are read when a projector loads its checkpoints.
            checkpoints.bump(connection, projection)
        return letter

    letter = await asyncio.to_thread(give_up)
    return await _deliver(log, database, _named(projections, projection), letter.stream)


async def _deliver(log: Log, database: Database, projection: Projection, stream: str) -> Redelivered:
    messages: dict[int, RawMessage] = {}
    while True:
        letters = await asyncio.to_thread(_letters, database, projection.name, stream)
        for letter in letters:
            if letter.position not in messages:
                message = await log.at(letter.position)
                if message is None:
                    raise LogUnavailable(f"the log has no position {letter.position}")
                messages[letter.position] = message
        outcome = await asyncio.to_thread(_apply, database, projection, stream, messages)
        if outcome is not None:
            return outcome
        # More commits have queued up behind the stream meanwhile: fetch those, too.


def _apply(
    database: Database, projection: Projection, stream: str, messages: dict[int, RawMessage]
) -> Redelivered | None:
    store = Store(database.writer.dialect)
    with database.writer.begin() as connection:
        letters = deadletters.of_stream(connection, projection.name, stream)
        if any(letter.position not in messages for letter in letters):
            return None
        applied: list[int] = []
        failure: str | None = None
        for letter in letters:
            failure = _try(connection, store, projection, messages[letter.position])
            if failure is not None:
                attempts, now = letter.attempts + 1, time.time_ns() // 1000
                deadletters.change(
                    connection,
                    replace(letter, status="poison", error=failure, attempts=attempts, last_seen=now),
                )
                break
            applied.append(letter.position)
        deadletters.remove(connection, projection.name, applied)
        checkpoints.bump(connection, projection.name)
    failed_at = letters[len(applied)].position if failure is not None else None
    return Redelivered(projection.name, stream, len(applied), failed_at, failure)


def _try(connection: Connection, store: Store, projection: Projection, message: RawMessage) -> str | None:
    """Fold and write one commit; the error if it fails, and then nothing of it is written."""
    member = Member(projection, checkpoints.Checkpoint(projection.name, projection.version))
    folder = Folder([member], capacity=1000)
    try:
        with connection.begin_nested():
            entry = read(message)
            for table, keys in folder.missing([entry]).items():
                folder.fill(table, keys, store.read(connection, table, keys))
            folder.fold([entry], now=0)
            batch = folder.take(message)
            if not batch.letters:
                for table, changes in batch.changes.items():
                    store.write(connection, table, changes)
                return None
    except Exception as error:  # whatever it is, it becomes the dead letter's error again
        return f"{type(error).__name__}: {error}"[:MAX_ERROR]
    return batch.letters[0].error or "it failed without a word"


def _waiting(database: Database, projection: str, position: int) -> DeadLetter:
    with database.reader.connect() as connection:
        letter = deadletters.find(connection, projection, position)
    if letter is None or letter.status == "discarded":
        raise NoSuchDeadLetter(f"{projection} has no dead letter at position {position}")
    return letter


def _letters(database: Database, projection: str, stream: str) -> list[DeadLetter]:
    with database.reader.connect() as connection:
        return deadletters.of_stream(connection, projection, stream)


def _named(projections: Sequence[Projection], name: str) -> Projection:
    found = next((projection for projection in projections if projection.name == name), None)
    if found is None:
        raise NoSuchDeadLetter(f"there is no projection {name!r}")
    return found

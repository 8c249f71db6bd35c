"""Writing `refdata.sqlite3`: always a new file beside the old one, moved into its place when it is whole.

So a reader sees the old data or the new, never half of it, and an import that is killed leaves everything as it was.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from adapters.refdata import schema
from adapters.refdata.entry import Document, Entry, content_hash
from commands.rules.verdict import name_key
from events.errors import ReferenceDataError

Progress = Callable[[int], None]
EVERY = 100


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did to one document. changed: False when it was there with the same content already."""

    document: Document
    version: int
    entries: int
    content_hash: str
    changed: bool


def write(
    state: Path, documents: list[tuple[Document, list[Entry]]], now: datetime, progress: Progress
) -> list[Imported]:
    """Replace each document by its new content, in one step. Raises `ReferenceDataError` if the disk does not let us.

    progress: is told how many entries are done.
    """
    target = state / schema.FILE
    try:
        state.mkdir(parents=True, exist_ok=True)
        with _alone(state):
            return _write(target, documents, now, progress)
    except (OSError, sqlite3.Error) as error:
        raise ReferenceDataError(
            str(target),
            f"cannot be written ({error})",
            "Free the disk or name another directory with --state",
        ) from error


def fill(
    connection: sqlite3.Connection,
    document: Document,
    entries: list[Entry],
    now: datetime,
    progress: Progress = lambda _: None,
) -> Imported:
    """Put a document with its entries in the place of its former version, if it differs."""
    digest = content_hash(document, entries)
    known = connection.execute(
        "SELECT version, content_hash FROM ref_document WHERE key = ?", (document.key,)
    ).fetchone()
    if known is not None and known[1] == digest:
        return Imported(document, known[0], len(entries), digest, False)
    version, stamp = (known[0] if known else 0) + 1, now.isoformat(timespec="seconds")
    for table in [f"ref_{kind}" for kind in schema.COLUMNS] + ["ref_search"]:
        connection.execute(f"DELETE FROM {table} WHERE document = ?", (document.key,))  # noqa: S608 (our own names)
    connection.execute(
        "INSERT OR REPLACE INTO ref_document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.key, document.title, document.ruleset, document.licence, document.attribution, document.url,
            version, len(entries), digest, stamp,
        ),
    )  # fmt: skip
    connection.execute(
        "INSERT INTO ref_import VALUES (?, ?, ?, ?, ?)", (document.key, version, digest, len(entries), stamp)
    )
    for number, each in enumerate(entries):
        _insert(connection, each)
        if number % EVERY == 0:
            progress(number)
    return Imported(document, version, len(entries), digest, True)


def _write(
    target: Path, documents: list[tuple[Document, list[Entry]]], now: datetime, progress: Progress
) -> list[Imported]:
    fresh = target.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    done, imported = 0, []
    with closing(sqlite3.connect(fresh)) as connection:
        # The file is thrown away if this process dies; it is flushed once, as a whole, before it counts.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        if not _copy(target, connection):
            schema.create(connection)
        for document, entries in documents:
            imported.append(fill(connection, document, entries, now, partial(_further, progress, done)))
            done += len(entries)
            progress(done)
        connection.commit()
    if any(each.changed for each in imported):
        _flush(fresh)
        fresh.replace(target)
        _flush(target.parent)
    fresh.unlink(missing_ok=True)
    return imported


def _further(progress: Progress, done: int, more: int) -> None:
    progress(done + more)


def _copy(target: Path, into: sqlite3.Connection) -> bool:
    """Copy what is there; False when there is nothing, or nothing of this version: then everything begins anew."""
    if not target.is_file():
        return False
    with closing(sqlite3.connect(f"{target.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as old:
        if old.execute("PRAGMA user_version").fetchone()[0] != schema.VERSION:
            return False
        old.backup(into)
    return True


def _insert(connection: sqlite3.Connection, each: Entry) -> None:
    names = schema.names(each.kind)
    values = (each.document, each.key, each.name, name_key(each.name), each.text, each.data_json)
    places = ", ".join("?" * (len(values) + len(names)))
    connection.execute(
        f"INSERT INTO ref_{each.kind} (document, key, name, name_key, text, data{''.join(f', {n}' for n in names)})"  # noqa: S608
        f" VALUES ({places})",
        (*values, *(each.columns.get(name) for name in names)),
    )
    connection.execute(
        "INSERT INTO ref_search (name, text, kind, document, key) VALUES (?, ?, ?, ?, ?)",
        (each.name, each.text, each.kind, each.document, each.key),
    )


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Hold the lock of imports into `state`: a second one waits until the first is done."""
    with (state / "refdata.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield

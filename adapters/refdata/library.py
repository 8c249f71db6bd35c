"""Reading the reference data: search, one entry, what is there. The sample answers when nothing was imported."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from adapters.refdata import ndjson, schema
from adapters.refdata.entry import KINDS, Kind, Ruleset
from adapters.refdata.store import fill
from commands.rules.challenge import rating_text
from commands.rules.verdict import name_key
from events.commit import Json
from events.errors import ReferenceDataError

MAX_QUERY = 200
MAX_WORDS = 12
MAX_RESULTS = 100
SNIPPET_WORDS = 24
SAMPLE = "refdata/sample.ndjson"


class Library:
    """One open database. Every answer carries the attribution of the documents it shows."""

    def __init__(self, connection: sqlite3.Connection, *, sample: bool) -> None:
        self._connection = connection
        self._connection.row_factory = sqlite3.Row
        self.sample = sample

    def status(self) -> Json:
        """Documents with version, hash, licence and attribution, and the number of entries of each kind."""
        documents = [dict(row) for row in self._connection.execute("SELECT * FROM ref_document ORDER BY key")]
        counts = {kind: self._count(kind) for kind in KINDS}
        return {"sample": self.sample, "documents": documents, "entries": counts}

    def search(
        self, text: str, kind: Kind | None = None, ruleset: Ruleset | None = None, limit: int = 20
    ) -> Json:
        """Entries with all words of `text` (the last may be a beginning), best first; names weigh more than texts.

        Nothing in `text` is an operator. Without any word in it there are no results.
        """
        query = _query(text)
        rows = self._found(query, kind, ruleset, min(limit, MAX_RESULTS), text.strip()) if query else []
        return {
            "results": [{**dict(row), "snippet": " ".join(row["snippet"].split())} for row in rows],
            "sources": self._sources({row["document"] for row in rows}),
            "sample": self.sample,
        }

    def entry(self, kind: Kind, wanted: str, ruleset: Ruleset | None = None) -> Json | None:
        """The entry with that key, or with that name; of several, that of the newest ruleset. None when there is none.

        `also` names the others.
        """
        rows = self._connection.execute(
            f"SELECT e.*, d.ruleset FROM ref_{kind} e JOIN ref_document d ON d.key = e.document"  # noqa: S608
            " WHERE (e.key = ?1 OR e.name_key = ?2 OR e.document || '_' || e.key = ?1)"
            " AND (?3 IS NULL OR d.ruleset = ?3)"
            " ORDER BY d.ruleset DESC, e.key = ?1 DESC, e.document LIMIT 20",
            (wanted, name_key(wanted), ruleset),
        ).fetchall()
        if not rows:
            return None
        first, *others = rows
        return {
            **_shown(kind, first),
            "source": self._sources({first["document"]})[0],
            "also": [
                {"document": row["document"], "key": row["key"], "ruleset": row["ruleset"]} for row in others
            ],
            "sample": self.sample,
        }

    def names(self, kind: Kind, ruleset: Ruleset | None = None) -> list[str]:
        """All names of a kind, sorted: what `commands.rules.names.check_exists` asks for."""
        rows = self._connection.execute(
            f"SELECT DISTINCT e.name FROM ref_{kind} e JOIN ref_document d ON d.key = e.document"  # noqa: S608
            " WHERE ?1 IS NULL OR d.ruleset = ?1 ORDER BY e.name",
            (ruleset,),
        )
        return [row[0] for row in rows]

    def listed(self, kind: Kind, ruleset: Ruleset | None = None) -> list[Json]:
        """Every entry of a kind with its typed columns (a creature's `rating` in eighths), but neither text nor data;
        by name. Of several with one key that of the newest ruleset."""
        columns = ", ".join(f"e.{column}" for column in schema.names(kind))
        rows = self._connection.execute(
            f"SELECT e.document, e.key, e.name, d.ruleset{', ' if columns else ''}{columns} FROM ref_{kind} e"  # noqa: S608
            " JOIN ref_document d ON d.key = e.document WHERE ?1 IS NULL OR d.ruleset = ?1"
            " ORDER BY e.name_key, d.ruleset DESC, e.document",
            (ruleset,),
        )
        return [dict(row) for row in rows]

    def _found(
        self, query: str, kind: Kind | None, ruleset: Ruleset | None, limit: int, exact: str
    ) -> list[sqlite3.Row]:
        return self._connection.execute(
            "SELECT s.kind, s.document, s.key, s.name, d.ruleset,"
            " snippet(ref_search, 1, '', '', '…', ?6) AS snippet"
            " FROM ref_search s JOIN ref_document d ON d.key = s.document"
            " WHERE ref_search MATCH ?1 AND (?2 IS NULL OR s.kind = ?2) AND (?3 IS NULL OR d.ruleset = ?3)"
            " ORDER BY s.name = ?5 COLLATE NOCASE DESC, bm25(ref_search, 10.0, 1.0), s.name, s.document LIMIT ?4",
            (query, kind, ruleset, limit, exact, SNIPPET_WORDS),
        ).fetchall()

    def _count(self, kind: Kind) -> int:
        found: int = self._connection.execute(f"SELECT count(*) FROM ref_{kind}").fetchone()[0]  # noqa: S608
        return found

    def _sources(self, documents: set[str]) -> list[Json]:
        rows = self._connection.execute("SELECT * FROM ref_document ORDER BY key").fetchall()
        shown = ("key", "title", "ruleset", "licence", "attribution", "url", "version")
        return [{name: row[name] for name in shown} for row in rows if row["key"] in documents]


@contextmanager
def open_library(state: Path) -> Iterator[Library]:
    """The reference data in a state directory, opened read-only; our sample when nothing was imported there.

    The connection belongs to the calling thread. Raises `ReferenceDataError` for a file that cannot be read.
    """
    file = state / schema.FILE
    if not file.is_file():
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(_sample())
            connection.execute("PRAGMA query_only = ON")
            yield Library(connection, sample=True)
        return
    try:
        # It is replaced as a whole and never written in place, so no lock is needed.
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found != schema.VERSION:
                raise ReferenceDataError(
                    str(file),
                    f"has version {found}, this release reads {schema.VERSION}",
                    "Import the data sets again",
                )
            yield Library(connection, sample=False)
    except sqlite3.DatabaseError as error:
        raise ReferenceDataError(
            str(file), f"cannot be read ({error})", "Remove it and import again"
        ) from error


@cache
def _sample() -> bytes:
    """The database of our own sample, made once per process (a few milliseconds)."""
    content = files("conf").joinpath(SAMPLE).read_bytes()
    reading = ndjson.read([(f"conf/{SAMPLE}", content)])
    with closing(sqlite3.connect(":memory:")) as connection:
        schema.create(connection)
        for key, document in reading.documents.items():
            fill(connection, document, list(reading.entries[key].values()), datetime(2026, 1, 1, tzinfo=UTC))
        connection.commit()
        return bytes(connection.serialize())


def _query(text: str) -> str:
    """Words as quoted strings, so that no character of a query is an operator; the last one by its beginning."""
    words = re.findall(r"\w+", text[:MAX_QUERY].replace("\0", " "))[:MAX_WORDS]
    return " ".join(f'"{word}"' for word in words) + "*" if words else ""


def _shown(kind: Kind, row: sqlite3.Row) -> dict[str, Any]:
    typed = {name: row[name] for name in schema.names(kind)}
    if kind == "creature":
        typed["challenge_rating"] = rating_text(typed.pop("rating"))
    if kind == "spell":
        typed["classes"] = typed["classes"].split(", ") if typed["classes"] else []
    head = {"kind": kind, "document": row["document"], "key": row["key"], "name": row["name"]}
    return {**head, "ruleset": row["ruleset"], **typed, "text": row["text"], "data": json.loads(row["data"])}

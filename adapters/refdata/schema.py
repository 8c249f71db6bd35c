"""The tables of `refdata.sqlite3`: one per kind, the documents, the history of imports, and the full-text index."""

from __future__ import annotations

import sqlite3

from adapters.refdata.entry import Kind

VERSION = 1
"""Stored as `user_version`; a file of another version is not read but has to be imported anew."""

FILE = "refdata.sqlite3"

COLUMNS: dict[Kind, tuple[str, ...]] = {
    "spell": ("level INTEGER NOT NULL", "school TEXT", "classes TEXT"),
    "creature": (
        "rating INTEGER NOT NULL", "xp INTEGER NOT NULL", "proficiency_bonus INTEGER NOT NULL", "hit_points INTEGER",
        "hit_dice TEXT", "size TEXT", "type TEXT",
    ),
    "class": ("parent TEXT", "hit_die TEXT", "caster TEXT"),
    "item": ("rarity TEXT", "category TEXT", "cost INTEGER"),
    "rule": ("section TEXT",),
    "condition": (),
}  # fmt: skip
"""Typed columns. rating: in eighths. cost: in copper pieces."""


def names(kind: Kind) -> tuple[str, ...]:
    """The names of a kind's typed columns."""
    return tuple(column.split()[0] for column in COLUMNS[kind])


def create(connection: sqlite3.Connection) -> None:
    """Create all tables in an empty database."""
    connection.execute(
        "CREATE TABLE ref_document (key TEXT PRIMARY KEY, title TEXT NOT NULL, ruleset TEXT NOT NULL, licence TEXT NOT"
        " NULL, attribution TEXT NOT NULL, url TEXT NOT NULL, version INTEGER NOT NULL, entries INTEGER NOT NULL,"
        " content_hash TEXT NOT NULL, imported_at TEXT NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE ref_import (document TEXT, version INTEGER, content_hash TEXT NOT NULL, entries INTEGER NOT NULL,"
        " imported_at TEXT NOT NULL, PRIMARY KEY (document, version))"
    )
    for kind, columns in COLUMNS.items():
        typed = "".join(f", {column}" for column in columns)
        connection.execute(
            f"CREATE TABLE ref_{kind} (document TEXT NOT NULL REFERENCES ref_document, key TEXT NOT NULL,"
            " name TEXT NOT NULL, name_key TEXT NOT NULL, text TEXT NOT NULL, data TEXT NOT NULL"
            f"{typed}, PRIMARY KEY (document, key))"
        )
        connection.execute(f"CREATE INDEX ref_{kind}_name ON ref_{kind} (name_key)")
    connection.execute(
        "CREATE VIRTUAL TABLE ref_search USING fts5 (name, text, kind UNINDEXED, document UNINDEXED, key UNINDEXED,"
        " tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    connection.execute(f"PRAGMA user_version = {VERSION}")

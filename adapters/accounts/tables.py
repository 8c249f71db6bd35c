"""Where credentials are kept: names, hashes of passwords, hashes of refresh tokens.

They are not read models: nothing of them follows from the log, so they must never be dropped with those. Hence a
metadata of their own, and where SQLite holds the read models, a file of their own that is flushed (decision 0311).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, String, Table, Text

from projections.schema import name

METADATA = MetaData()
ID = String(32)
HASH = String(64)
MAX_NAME = 64


def _table(title: str, *items: Column[object] | Index) -> Table:
    return Table(title, METADATA, *items, mysql_charset="utf8mb4", mysql_collate="utf8mb4_nopad_bin")


ACCOUNTS = _table(
    "accounts",
    Column("account_id", ID, primary_key=True),
    Column("name", name(MAX_NAME), nullable=False),
    # The name as it is compared: without regard to case.
    Column("name_key", name(190), nullable=False, unique=True),
    Column("email_key", name(190), nullable=True, unique=True),
    Column("email", name(254), nullable=True),
    Column("display", name(MAX_NAME), nullable=False),
    Column("language", name(8), nullable=False),
    Column("role", name(16), nullable=False),
    Column("disabled", BigInteger, nullable=False),
    Column("password_hash", Text, nullable=False),
    # Each change of the row counts it up: the ETag of an account.
    Column("version", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("signed_in_at", BigInteger, nullable=True),
)

SIGN_INS = _table(
    "sign_ins",
    Column("sign_in", ID, primary_key=True),
    Column("account_id", ID, nullable=False, index=True),
    Column("began_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("ended_at", BigInteger, nullable=True),
)
"""The families of refresh tokens: one for each time somebody signed in."""

REFRESH_TOKENS = _table(
    "refresh_tokens",
    Column("hash", HASH, primary_key=True),
    Column("sign_in", ID, nullable=False, index=True),
    # The token it replaced.
    Column("parent", HASH, nullable=True, index=True),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("used_at", BigInteger, nullable=True),
)

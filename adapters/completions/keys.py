"""Keys of callers of the compatible endpoint: `sk-…`, shown once, stored as SHA-256.

They live in SQL, never in the log.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from projections.projection import reads
from projections.schema import INTEGER, name, required, table

PREFIX = "sk-"
MAX_KEYS = 10_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

API_KEYS = table(
    "api_keys",
    required("name", name(64), key=True),
    required("hash", name(64)),
    required("hint", name(16)),
    required("profile", name(64)),
    required("created_at", INTEGER),
    clustered=True,
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`hint` are the key's last characters, enough to tell keys apart; `created_at` in µs since the epoch."""

    name: str
    profile: str
    hint: str = ""
    created_at: int = 0


class KeyExists(ValueError):
    """There is a key of that name already."""


def create(connection: Connection, label: str, profile: str) -> str:
    """Store a new key and return it: the only moment it is known.

    Raises `KeyExists`, `ValueError` for a name that is none.
    """
    if not NAME.fullmatch(label):
        raise ValueError("a key's name has 1 to 64 letters, digits, '.', '-' and '_'")
    if connection.execute(select(API_KEYS.c.name).where(API_KEYS.c.name == label)).first():
        raise KeyExists(f"there is a key {label!r} already; revoke it first")
    secret = PREFIX + secrets.token_urlsafe(32)
    row = {
        "name": label,
        "hash": hashed(secret),
        "hint": secret[-4:],
        "profile": profile,
        "created_at": time.time_ns() // 1000,
    }
    connection.execute(insert(API_KEYS), row)
    return secret


def revoke(connection: Connection, label: str) -> bool:
    """Forget a key; whether there was one."""
    return connection.execute(delete(API_KEYS).where(API_KEYS.c.name == label)).rowcount > 0


def hashed(secret: str) -> str:
    """What is stored of a key. It is long and random, so that one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@reads()
def all_keys(connection: Connection) -> dict[str, ApiKey]:
    """Every key by its hash."""
    rows = connection.execute(select(API_KEYS).order_by(API_KEYS.c.name).limit(MAX_KEYS))
    return {row.hash: ApiKey(row.name, row.profile, row.hint, row.created_at) for row in rows}

"""Refresh tokens: opaque, stored as hashes, each good for one use; a second use ends the whole sign-in.

Two tabs of one browser share a cookie and may renew with it at the same moment. So a token that was used a few
seconds ago may be used again, a few times: each gets a token of its own, and the browser keeps the last. As soon as
one of those is used, its siblings are spent: whoever comes with one later is not that browser (RFC 9700 §4.14.2).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from adapters.accounts.directory import now
from adapters.accounts.tables import REFRESH_TOKENS, SIGN_INS

GRACE = 10_000_000
"""µs in which other tabs may come with the same token."""
MAX_SIBLINGS = 8
DAY = 86_400_000_000
KEPT = 7 * DAY
"""How long what has ended is remembered, so that a token that comes late is known as one that was used."""


class RefreshRefused(Exception):
    """No such token, or it has expired, or its sign-in has ended."""


class RefreshReused(RefreshRefused):
    """A token came a second time; its sign-in has been ended. `account_id` and `sign_in` say whose it was."""

    def __init__(self, account_id: str, sign_in: str) -> None:
        super().__init__("the refresh token was used before")
        self.account_id, self.sign_in = account_id, sign_in


@dataclass(frozen=True, slots=True)
class Renewed:
    """A fresh refresh token in place of a used one; `expires_at` in µs since the epoch."""

    account_id: str
    sign_in: str
    token: str
    expires_at: int


def begin(connection: Connection, account_id: str, sign_in: str, *, days: int, refresh_days: int) -> Renewed:
    """Begin a sign-in that lasts `days` at most, with its first refresh token."""
    at = now()
    connection.execute(
        insert(SIGN_INS),
        {"sign_in": sign_in, "account_id": account_id, "began_at": at, "expires_at": at + days * DAY},
    )
    _forget(connection, at)
    return _issue(connection, account_id, sign_in, None, min(at + refresh_days * DAY, at + days * DAY))


def renew(connection: Connection, token: str, *, refresh_days: int) -> Renewed | RefreshReused:
    """Exchange a refresh token. Raises `RefreshRefused`; reuse is returned, so that ending the sign-in is committed."""
    at, digest = now(), hashed(token)
    found = connection.execute(
        select(
            REFRESH_TOKENS, SIGN_INS.c.account_id, SIGN_INS.c.ended_at, SIGN_INS.c.expires_at.label("until")
        )
        .join(SIGN_INS, SIGN_INS.c.sign_in == REFRESH_TOKENS.c.sign_in)
        .where(REFRESH_TOKENS.c.hash == digest)
    ).first()
    if found is None or found.ended_at is not None or min(found.expires_at, found.until) <= at:
        raise RefreshRefused
    first = connection.execute(
        update(REFRESH_TOKENS)
        .where(REFRESH_TOKENS.c.hash == digest, REFRESH_TOKENS.c.used_at.is_(None))
        .values(used_at=at)
    ).rowcount
    if not first and not _another_tab(connection, digest, at):
        end(connection, found.sign_in)
        return RefreshReused(found.account_id, found.sign_in)
    if found.parent is not None:
        connection.execute(
            update(REFRESH_TOKENS)
            .where(REFRESH_TOKENS.c.parent == found.parent, REFRESH_TOKENS.c.used_at.is_(None))
            .values(used_at=at)
        )
    return _issue(
        connection, found.account_id, found.sign_in, digest, min(at + refresh_days * DAY, found.until)
    )


def owner(connection: Connection, token: str) -> tuple[str, str] | None:
    """`(account_id, sign_in)` of a refresh token, used or not."""
    found = connection.execute(
        select(SIGN_INS.c.account_id, SIGN_INS.c.sign_in)
        .join(REFRESH_TOKENS, SIGN_INS.c.sign_in == REFRESH_TOKENS.c.sign_in)
        .where(REFRESH_TOKENS.c.hash == hashed(token))
    ).first()
    return None if found is None else (found.account_id, found.sign_in)


def end(connection: Connection, sign_in: str) -> bool:
    """End one sign-in; whether it went on until now."""
    query = update(SIGN_INS).where(SIGN_INS.c.sign_in == sign_in, SIGN_INS.c.ended_at.is_(None))
    return connection.execute(query.values(ended_at=now())).rowcount > 0


def end_all(connection: Connection, account_id: str, *, but: str = "") -> int:
    """End all sign-ins of an account, or all but one; how many."""
    query = update(SIGN_INS).where(
        SIGN_INS.c.account_id == account_id, SIGN_INS.c.ended_at.is_(None), SIGN_INS.c.sign_in != but
    )
    return connection.execute(query.values(ended_at=now())).rowcount


def hashed(token: str) -> str:
    """What is stored of a token: it is long and random, so that one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _another_tab(connection: Connection, digest: str, at: int) -> bool:
    used_at = connection.execute(
        select(REFRESH_TOKENS.c.used_at).where(REFRESH_TOKENS.c.hash == digest)
    ).scalar_one_or_none()
    children = connection.execute(select(func.count()).where(REFRESH_TOKENS.c.parent == digest)).scalar_one()
    return used_at is not None and at - used_at <= GRACE and children < MAX_SIBLINGS


def _issue(
    connection: Connection, account_id: str, sign_in: str, parent: str | None, expires_at: int
) -> Renewed:
    token = secrets.token_urlsafe(32)
    row = {
        "hash": hashed(token),
        "sign_in": sign_in,
        "parent": parent,
        "issued_at": now(),
        "expires_at": expires_at,
        "used_at": None,
    }
    connection.execute(insert(REFRESH_TOKENS), row)
    return Renewed(account_id, sign_in, token, expires_at)


def _forget(connection: Connection, at: int) -> None:
    gone = select(SIGN_INS.c.sign_in).where(
        (SIGN_INS.c.expires_at < at - KEPT) | (SIGN_INS.c.ended_at < at - KEPT)
    )
    connection.execute(delete(REFRESH_TOKENS).where(REFRESH_TOKENS.c.sign_in.in_(gone)))
    connection.execute(
        delete(SIGN_INS).where((SIGN_INS.c.expires_at < at - KEPT) | (SIGN_INS.c.ended_at < at - KEPT))
    )
    connection.execute(delete(REFRESH_TOKENS).where(REFRESH_TOKENS.c.expires_at < at - KEPT))

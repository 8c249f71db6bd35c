"""The rows of accounts: found, added and changed in the database of credentials."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.accounts.names import key
from adapters.accounts.tables import ACCOUNTS, SIGN_INS
from events.commit import Json, moment

MAX_PAGE = 200


class NameTaken(ValueError):
    """Another account has that name or address."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account; times in µs since the epoch. `password_hash` never leaves this package."""

    account_id: str
    name: str
    display: str
    role: str
    disabled: bool
    language: str
    email: str | None
    password_hash: str
    version: int
    created_at: int
    changed_at: int
    signed_in_at: int | None

    def shown(self) -> Json:
        """What administrators see of it."""
        found = asdict(self)
        del found["password_hash"]
        for each in ("created_at", "changed_at", "signed_in_at"):
            found[each] = None if found[each] is None else moment(found[each]).isoformat()
        return found


_COLUMNS = [ACCOUNTS.c[each] for each in Account.__slots__]


def now() -> int:
    """µs since the epoch."""
    return time.time_ns() // 1000


def by_name(connection: Connection, given: str) -> Account | None:
    """The account of a name, or of an e-mail address."""
    column = ACCOUNTS.c.email_key if "@" in given else ACCOUNTS.c.name_key
    return _one(connection.execute(select(*_COLUMNS).where(column == key(given))).first())


def by_id(connection: Connection, account_id: str) -> Account | None:
    return _one(connection.execute(select(*_COLUMNS).where(ACCOUNTS.c.account_id == account_id)).first())


def with_sign_in(connection: Connection, account_id: str, sign_in: str) -> tuple[Account | None, bool]:
    """An account, and whether that sign-in of it goes on."""
    query = select(SIGN_INS.c.expires_at).where(
        SIGN_INS.c.sign_in == sign_in, SIGN_INS.c.account_id == account_id, SIGN_INS.c.ended_at.is_(None)
    )
    until = connection.execute(query).scalar_one_or_none()
    return by_id(connection, account_id), until is not None and until > now()


def page(connection: Connection, after: str, limit: int, wanted: str = "") -> list[Account]:
    """Accounts by name, those after the name `after`; only those whose name or display holds `wanted`."""
    query = select(*_COLUMNS).where(ACCOUNTS.c.name_key > key(after))
    if wanted:
        # Not the backslash: MariaDB reads it twice.
        held = key(wanted).replace("/", "//").replace("%", "/%").replace("_", "/_")
        pattern = f"%{held}%"
        query = query.where(
            ACCOUNTS.c.name_key.like(pattern, escape="/")
            | func.lower(ACCOUNTS.c.display).like(pattern, escape="/")
        )
    rows = connection.execute(query.order_by(ACCOUNTS.c.name_key).limit(min(limit, MAX_PAGE + 1)))
    return [found for row in rows if (found := _one(row)) is not None]


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(ACCOUNTS)).scalar_one())


def other_admins(connection: Connection, account_id: str) -> int:
    """How many enabled administrators there are besides this one."""
    query = select(func.count()).where(
        ACCOUNTS.c.role == "admin", ACCOUNTS.c.disabled == 0, ACCOUNTS.c.account_id != account_id
    )
    return int(connection.execute(query).scalar_one())


def add(connection: Connection, account: Account) -> None:
    """Raises `NameTaken`."""
    row = asdict(account) | {"name_key": key(account.name), "disabled": int(account.disabled)}
    row["email_key"] = key(account.email) if account.email else None
    try:
        connection.execute(insert(ACCOUNTS), row)
    except IntegrityError:
        raise NameTaken(f"there is an account with the name {account.name!r} or that address") from None


def change(connection: Connection, account_id: str, **values: Any) -> Account | None:
    """Set columns; the account as it is then, or None when it does not exist. Raises `NameTaken`."""
    if "email" in values:
        values["email_key"] = key(values["email"]) if values["email"] else None
    if "disabled" in values:
        values["disabled"] = int(values["disabled"])
    query = update(ACCOUNTS).where(ACCOUNTS.c.account_id == account_id)
    try:
        done = connection.execute(
            query.values(version=ACCOUNTS.c.version + 1, changed_at=now(), **values)
        ).rowcount
    except IntegrityError:
        raise NameTaken("another account has that address") from None
    return by_id(connection, account_id) if done else None


def note_sign_in(connection: Connection, account_id: str, **values: Any) -> None:
    """Remember when somebody signed in last, with a new hash where there is one; no new version."""
    query = update(ACCOUNTS).where(ACCOUNTS.c.account_id == account_id)
    connection.execute(query.values(signed_in_at=now(), **values))


def remove(connection: Connection, account_id: str) -> None:
    """Take back an account that was never recorded."""
    connection.execute(delete(ACCOUNTS).where(ACCOUNTS.c.account_id == account_id))


def _one(row: Row[Any] | None) -> Account | None:
    if row is None:
        return None
    found = row._asdict()
    return Account(**{**found, "disabled": bool(found["disabled"])})

"""Administering accounts: making them, changing them, setting passwords.

A change is a commit first and a row after it: a row that lags behind after a crash is put right when whoever got no
answer repeats the change, which then is none to the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from adapters.accounts import directory, names, passwords, sign_ins
from adapters.accounts.audit import Audit, NotRecorded
from adapters.accounts.directory import Account
from adapters.accounts.passwords import Hasher
from adapters.accounts.throttle import Throttle
from adapters.accounts.vault import Vault
from adapters.nats.ports import CommandBus
from adapters.settings import Settings
from events.commit import Actor


class SignInRefused(Exception):
    """Name or password are wrong, or the account is disabled (`disabled`, only told to who knows the password)."""

    def __init__(self, *, disabled: bool = False) -> None:
        super().__init__("the account is disabled" if disabled else "name or password are wrong")
        self.disabled = disabled


class LastAdmin(ValueError):
    """Without this account there would be no administrator left."""


class VersionStale(Exception):
    """The account is at another version; `current` is the one it is at."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the account is at version {current}")
        self.current = current


class People:
    """The accounts of one realm. `changed` is told the id of each account that is not what it was."""

    def __init__(
        self,
        vault: Vault,
        hasher: Hasher,
        audit: Audit,
        throttle: Throttle,
        *,
        changed: Callable[[str], None],
    ) -> None:
        self._vault = vault
        self._hasher = hasher
        self._audit = audit
        self._throttle = throttle
        self._changed = changed
        # Edits of one gateway come one after the other: each sees the version the one before left.
        self._editing = asyncio.Lock()

    async def called(self, name: str) -> Account | None:
        """The account of a name or an e-mail address."""
        return await self._vault.run(directory.by_name, name)

    async def find(self, account_id: str) -> Account | None:
        return await self._vault.run(directory.by_id, account_id)

    async def page(self, after: str, limit: int, wanted: str = "") -> list[Account]:
        """Up to `limit` accounts by name, after the name `after`, that hold `wanted`."""
        return await self._vault.run(directory.page, after, limit, wanted)

    async def count(self) -> int:
        return await self._vault.run(directory.count)

    async def create(
        self,
        name: str,
        role: str,
        password: str,
        *,
        by: Actor,
        display: str = "",
        email: str | None = None,
        language: str = "en",
        account_id: str = "",
    ) -> tuple[Account, int | None]:
        """A new account, and the log position of its commit; none when `account_id` has been made before.

        Raises `NameRefused`, `NameTaken`, `PasswordRefused`, `TooManyHashes`, `NotRecorded`, `ProjectionUnavailable`.
        """
        name = names.checked(name)
        email = names.checked_email(email) if email else None
        passwords.check(password, name, email or "")
        at, hashed = directory.now(), await self._hasher.hashed(password)
        account = Account(
            account_id or uuid4().hex,
            name,
            display.strip() or name,
            role,
            False,
            language,
            email,
            hashed,
            1,
            at,
            at,
            None,
        )
        earlier = await self._vault.run(directory.by_id, account.account_id)
        if earlier is not None and names.key(earlier.name) == names.key(name):
            return earlier, None
        # The row first: it is what keeps the name to one account. Without its commit it is taken back.
        await self._vault.run(directory.add, account)
        try:
            reply = await self._audit.record(account, "create", {"name": name, "role": role}, by)
        except NotRecorded:
            await self._vault.run(directory.remove, account.account_id)
            raise
        return account, reply.position

    async def change(
        self,
        account_id: str,
        *,
        by: Actor,
        version: int | None = None,
        role: str | None = None,
        disabled: bool | None = None,
        reason: str = "",
        password: str | None = None,
        **values: Any,
    ) -> tuple[Account, int | None]:
        """Change an account, at `version` if one is given; the account, and the position of the last commit it took.

        `values` are `display`, `email` and `language`. Disabling it, or setting a `password`, ends all its sign-ins.
        Raises `LookupError`, `VersionStale`, `LastAdmin`, `NameRefused`, `NameTaken`, `PasswordRefused`,
        `TooManyHashes`, `NotRecorded`, `ProjectionUnavailable`.
        """
        async with self._editing:
            account = await self._vault.run(directory.by_id, account_id)
            if account is None:
                raise LookupError(account_id)
            if version is not None and account.version != version:
                raise VersionStale(account.version)
            if values.get("email"):
                values["email"] = names.checked_email(values["email"])
                holder = await self._vault.run(directory.by_name, values["email"])
                if holder is not None and holder.account_id != account_id:
                    raise directory.NameTaken("another account has that address")
            resigns = disabled or (role or "admin") != "admin"
            if resigns and account.role == "admin" and not account.disabled:
                await self._spare_last_admin(account_id)
            if password is not None:
                passwords.check(password, account.name, values.get("email") or account.email or "")
                values["password_hash"] = await self._hasher.hashed(password)
            position = None
            if role is not None:
                position = (await self._audit.record(account, "set_role", {"role": role}, by)).position
                values["role"] = role
            if disabled is not None:
                verb, args = ("disable", {"reason": reason}) if disabled else ("enable", {})
                position = (await self._audit.record(account, verb, args, by)).position
                values["disabled"] = disabled
            if password is not None:
                position = (
                    await self._audit.record(account, "change_password", {"reset": True}, by)
                ).position
            if not values:
                return account, position
            ended = bool(disabled) or password is not None
            changed = await self._vault.run(partial(_change, account_id, ended, values))
            self._changed(account_id)
            if changed is None:
                raise LookupError(account_id)
            return changed, position

    async def set_password(
        self,
        account_id: str,
        password: str,
        *,
        by: Actor,
        reset: bool,
        old: str | None = None,
        keep: str = "",
    ) -> int:
        """Set a password, ending all sign-ins but `keep`; the position of its commit.

        With `old`, only if that is the password now. Raises `LookupError`, `SignInRefused`, `PasswordRefused`,
        `TooManyHashes`, `TooOften`, `NotRecorded`, `ProjectionUnavailable`.
        """
        account = await self._vault.run(directory.by_id, account_id)
        if account is None:
            raise LookupError(account_id)
        if old is not None:
            self._throttle.check_sign_in("password", account.name)
            right, _ = await self._hasher.verified(old, account.password_hash)
            if not right:
                self._throttle.failed("password", account.name)
                raise SignInRefused
        passwords.check(password, account.name, account.email or "")
        hashed = await self._hasher.hashed(password)
        reply = await self._audit.record(account, "change_password", {"reset": reset}, by)
        await self._vault.run(partial(_set_password, account_id, hashed, keep))
        self._changed(account_id)
        return reply.position or 0

    async def _spare_last_admin(self, account_id: str) -> None:
        if not await self._vault.run(directory.other_admins, account_id):
            raise LastAdmin("this is the last administrator; make another one first")


@asynccontextmanager
async def administration(settings: Settings, bus: CommandBus) -> AsyncIterator[People]:
    """The accounts for who administers them from a command line: nobody signs in here."""
    vault, hasher, audit = Vault(settings), Hasher(settings.accounts.hash_mebibytes), Audit(bus)
    throttle = Throttle(settings.accounts.requests_per_minute)
    try:
        yield People(vault, hasher, audit, throttle, changed=lambda _account_id: None)
    finally:
        await audit.close()
        hasher.close()
        vault.close()


def _change(account_id: str, ended: bool, values: dict[str, Any], connection: Connection) -> Account | None:
    changed = directory.change(connection, account_id, **values)
    if changed is not None and ended:
        sign_ins.end_all(connection, account_id)
    return changed


def _set_password(account_id: str, hashed: str, keep: str, connection: Connection) -> None:
    sign_ins.end_all(connection, account_id, but=keep)
    directory.change(connection, account_id, password_hash=hashed)

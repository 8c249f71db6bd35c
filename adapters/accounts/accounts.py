"""Signing in, staying signed in, signing out."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from adapters.accounts import directory, sign_ins
from adapters.accounts.audit import Audit
from adapters.accounts.directory import Account
from adapters.accounts.passwords import Hasher
from adapters.accounts.people import People, SignInRefused
from adapters.accounts.signed import Signed
from adapters.accounts.throttle import RECORDED, RENEWALS, Throttle, TooOften
from adapters.accounts.tokens import TokenInvalid, Tokens, keys_of
from adapters.accounts.vault import Vault
from adapters.nats.ports import CommandBus
from adapters.settings import Settings
from events.commit import Actor

FRESH_SECONDS = 2.0
"""How soon every gateway notices that an account or a sign-in has changed."""
MAX_KNOWN = 20_000
GATEWAY = Actor("system", "gateway")
"""Who stands in the log for what strangers did to an account."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A sign-in that goes on: the tokens to hand out. `refresh_until` in µs since the epoch."""

    signed: Signed
    access_token: str
    expires_in: int
    refresh_token: str
    refresh_until: int


class Accounts:
    """The accounts of one realm, as one gateway sees them: `people` administers them. Close it with `close`."""

    def __init__(self, settings: Settings, bus: CommandBus) -> None:
        """Raises `ConfigurationError` when tokens cannot be signed."""
        self._settings = settings.accounts
        self._audit = Audit(bus)
        self._tokens = Tokens(
            keys_of(settings), realm=settings.realm, minutes=settings.accounts.access_minutes
        )
        self._vault = Vault(settings)
        self._hasher = Hasher(settings.accounts.hash_mebibytes)
        self.throttle = Throttle(settings.accounts.requests_per_minute)
        self._known: OrderedDict[tuple[str, str], tuple[float, Account | None, bool]] = OrderedDict()
        self.people = People(self._vault, self._hasher, self._audit, self.throttle, changed=self._forget)

    async def close(self) -> None:
        """Finish what was begun."""
        await self._audit.close()
        await asyncio.to_thread(self._hasher.close)
        await asyncio.to_thread(self._vault.close)

    async def sign_in(self, name: str, password: str, address: str) -> Granted:
        """Check a password and begin a sign-in. `name` may be an e-mail address, `address` is where the caller is.

        Raises `SignInRefused`, `TooOften`, `TooManyHashes`, `NotRecorded`, `ProjectionUnavailable`.
        """
        account = await self._vault.run(directory.by_name, name)
        try:
            self.throttle.check_sign_in(address, name)
        except TooOften:
            self._note_refusal(account, "too_often")
            raise
        right, rehashed = await self._hasher.verified(password, account.password_hash if account else None)
        if account is None or not right:
            self.throttle.failed(address, name)
            self._note_refusal(account, "password")
            raise SignInRefused
        if account.disabled:
            self._note_refusal(account, "disabled")
            raise SignInRefused(disabled=True)
        self.throttle.succeeded(address, name)
        sign_in = uuid4().hex
        await self._audit.record(account, "sign_in", {"sign_in": sign_in})
        begun = await self._vault.run(partial(self._begin, account, sign_in, rehashed))
        return self._granted(account, begun)

    async def renew(self, refresh_token: str, address: str) -> Granted:
        """A new pair of tokens for a refresh token. Raises `RefreshRefused`, `TooOften`, `ProjectionUnavailable`."""
        self.throttle.count(RENEWALS, address)
        done = await self._vault.run(
            partial(sign_ins.renew, token=refresh_token, refresh_days=self._refresh_days)
        )
        account = await self._vault.run(directory.by_id, done.account_id)
        if isinstance(done, sign_ins.RefreshReused):
            self._forget(done.account_id)
            if account is not None:
                self._audit.later(
                    self._audit.record(account, "report_reuse", {"sign_in": done.sign_in}, GATEWAY)
                )
            raise done
        if account is None or account.disabled:
            raise sign_ins.RefreshRefused
        return self._granted(account, done)

    async def renew_access(self, signed: Signed) -> Granted:
        """Another access token within a sign-in, for clients that keep no cookie. Raises `TokenInvalid`."""
        account = await self._vault.run(directory.by_id, signed.account_id)
        if account is None or account.disabled:
            raise TokenInvalid
        return self._granted(account, sign_ins.Renewed(account.account_id, signed.sign_in, "", 0))

    async def signed(self, access_token: str) -> Signed:
        """Who an access token belongs to. Raises `TokenInvalid`, `ProjectionUnavailable`."""
        claims = self._tokens.read(access_token)
        account, goes_on = await self._look_up(claims.account_id, claims.sign_in)
        if account is None or account.disabled or not goes_on:
            raise TokenInvalid
        return _signed(account, claims.sign_in)

    async def sign_out(self, signed: Signed, *, everywhere: bool = False) -> None:
        """End one sign-in, or all of the account. Raises `NotRecorded`, `ProjectionUnavailable`."""
        account = await self._vault.run(directory.by_id, signed.account_id)
        if everywhere:
            await self._vault.run(partial(sign_ins.end_all, account_id=signed.account_id))
        else:
            await self._vault.run(sign_ins.end, signed.sign_in)
        self._forget(signed.account_id)
        if account is not None:
            await self._audit.record(account, "sign_out", {"sign_in": "" if everywhere else signed.sign_in})

    async def sign_out_cookie(self, refresh_token: str) -> None:
        """End the sign-in a refresh token belongs to, if it belongs to one."""
        whose = await self._vault.run(sign_ins.owner, refresh_token)
        if whose is not None and await self._vault.run(sign_ins.end, whose[1]):
            self._forget(whose[0])
            account = await self._vault.run(directory.by_id, whose[0])
            if account is not None:
                self._audit.later(self._audit.record(account, "sign_out", {"sign_in": whose[1]}))

    @property
    def _refresh_days(self) -> int:
        return self._settings.refresh_days

    def _begin(
        self, account: Account, sign_in: str, rehashed: str | None, connection: Any
    ) -> sign_ins.Renewed:
        values = {"password_hash": rehashed} if rehashed else {}
        directory.note_sign_in(connection, account.account_id, **values)
        days = self._settings.sign_in_days
        return sign_ins.begin(
            connection, account.account_id, sign_in, days=days, refresh_days=self._refresh_days
        )

    def _granted(self, account: Account, renewed: sign_ins.Renewed) -> Granted:
        token = self._tokens.issue(account.account_id, renewed.sign_in)
        signed = _signed(account, renewed.sign_in)
        return Granted(signed, token, self._tokens.seconds, renewed.token, renewed.expires_at)

    async def _look_up(self, account_id: str, sign_in: str) -> tuple[Account | None, bool]:
        key, at = (account_id, sign_in), time.monotonic()
        known = self._known.get(key)
        if known is None or at - known[0] > FRESH_SECONDS:
            account, goes_on = await self._vault.run(directory.with_sign_in, account_id, sign_in)
            known = self._known[key] = at, account, goes_on
            self._known.move_to_end(key)
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        return known[1], known[2]

    def _forget(self, account_id: str) -> None:
        for key in [key for key in self._known if key[0] == account_id]:
            del self._known[key]

    def _note_refusal(self, account: Account | None, reason: str) -> None:
        """In the background: a name that is known must not answer later than one that is not."""
        if account is not None and self.throttle.may(RECORDED, account.account_id):
            self._audit.later(self._audit.record(account, "refuse_sign_in", {"reason": reason}, GATEWAY))


def _signed(account: Account, sign_in: str) -> Signed:
    return Signed(account.account_id, account.name, account.role, account.display, account.language, sign_in)

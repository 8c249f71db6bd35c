"""Passwords: what is demanded of them, how they are made up, and their hashes, made off the event loop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from adapters.accounts import names

T = TypeVar("T")

LEAST, MOST = 12, 256
LEAST_DIFFERENT = 5
THREADS = 2
MAX_WAITING = 64
PASSES, LANES = 3, 4
"""RFC 9106's second choice; its third parameter, memory, is a setting."""

_ROWS = ("0123456789", "9876543210", "1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl")
_WORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 5, 4


class PasswordRefused(ValueError):
    """A password that must not be used; the message says why."""


class TooManyHashes(Exception):
    """So many passwords are being checked that another one would wait too long."""


def check(password: str, *told: str) -> None:
    """Raise `PasswordRefused` for a password that would soon be guessed; `told` are the account's name and address."""
    if not LEAST <= len(password) <= MOST:
        raise PasswordRefused(f"a password has {LEAST} to {MOST} characters")
    if "\x00" in password:
        raise PasswordRefused("a password cannot hold the character NUL")
    if len(set(password)) < LEAST_DIFFERENT:
        raise PasswordRefused(f"a password has at least {LEAST_DIFFERENT} different characters")
    plain = rest = names.key(password)
    for known in (*told, "password", "lorestream"):
        word = names.key(known).partition("@")[0]
        rest = rest.replace(word, "") if len(word) >= 3 else rest
    if len(rest) < min(len(plain), LEAST // 2):
        raise PasswordRefused("a password is more than known words with something added")
    if any(plain in row * 8 for row in _ROWS):
        raise PasswordRefused("a password is not a row of keys")


def made_up() -> str:
    """A new password of 99 bits, easy to copy by hand: `k7mf-…`, five groups of four."""
    return "-".join("".join(secrets.choice(_WORD_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


class Hasher:
    """Argon2id in threads of its own, so many at a time; `mebibytes` is the memory one takes."""

    def __init__(self, mebibytes: int) -> None:
        self._hasher = PasswordHash([Argon2Hasher(PASSES, mebibytes * 1024, LANES)])
        self._threads = ThreadPoolExecutor(THREADS, "argon2")
        self._waiting = 0
        self._nobody: str | None = None

    async def hashed(self, password: str) -> str:
        """The hash to store. Raises `TooManyHashes`."""
        return await self._run(partial(self._hasher.hash, password))

    async def verified(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether `password` is the one whose hash is `stored`, and a new hash where parameters have changed.

        None for `stored` takes as long as any other wrong password. Raises `TooManyHashes`.
        """
        return await self._run(partial(self._verified, password, stored))

    def hash_now(self, password: str) -> str:
        """As `hashed`, in this thread."""
        return self._hasher.hash(password)

    def close(self) -> None:
        self._threads.shutdown()

    def _verified(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        # Whoever comes first pays for it, whether the name is known or not.
        self._nobody = self._nobody or self._hasher.hash(secrets.token_urlsafe(16))
        if stored is None:
            self._hasher.verify(password, self._nobody)
            return False, None
        try:
            return self._hasher.verify_and_update(password, stored)
        except PwdlibError:
            return False, None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MAX_WAITING:
            raise TooManyHashes
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

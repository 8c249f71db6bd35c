"""Access tokens: JWTs that are good for some minutes and say who asks. What one may do is looked up, not believed.

RFC 7519 and RFC 8725: one algorithm, checked audience and issuer, a key id in the header.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import jwt

from adapters.settings import Settings
from events.errors import ConfigurationError

ALGORITHM = "HS256"
AUDIENCE = "lorestream"
KEY_FILE = "token.key"
LEAST_KEY = 32
LEEWAY_SECONDS = 5
MAX_TOKEN = 4096

_CLAIMS = ["iss", "aud", "sub", "jti", "iat", "exp", "nbf", "sid"]


class TokenInvalid(Exception):
    """Not a token of ours, or not any more; `expired` when it once was one."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("the access token has expired" if expired else "the access token is not valid")
        self.expired = expired


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: the account, and the sign-in it came from."""

    account_id: str
    sign_in: str
    expires_at: int


class Tokens:
    """Issues and reads access tokens of one realm."""

    def __init__(self, keys: Mapping[str, bytes], *, realm: str, minutes: int) -> None:
        """`keys` by their ids; the first one signs."""
        self._keys = keys
        self._signer = next(iter(keys))
        self._issuer = f"lorestream/{realm}"
        self.seconds = minutes * 60

    def issue(self, account_id: str, sign_in: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": account_id,
            "jti": uuid4().hex,
            "iat": now,
            "nbf": now,
            "exp": now + self.seconds,
            "sid": sign_in,
        }
        return jwt.encode(claims, self._keys[self._signer], ALGORITHM, headers={"kid": self._signer})

    def read(self, token: str) -> Claims:
        """Raises `TokenInvalid`."""
        if len(token) > MAX_TOKEN:
            raise TokenInvalid
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            found = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": _CLAIMS},
            )
            return Claims(str(found["sub"]), str(found["sid"]), int(found["exp"]))
        except jwt.ExpiredSignatureError:
            raise TokenInvalid(expired=True) from None
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            raise TokenInvalid from None


def keys_of(settings: Settings) -> dict[str, bytes]:
    """The keys of these settings, else the state directory's own, which is made at first need.

    Raises `ConfigurationError` for a key that is too short or a file that cannot be used.
    """
    given = settings.accounts.token_key.get_secret_value().split()
    if any(len(one) < LEAST_KEY for one in given):
        raise ConfigurationError(
            "settings",
            "accounts.token_key",
            f"a key has at least {LEAST_KEY} characters",
            "`openssl rand -hex 32` makes one.",
        )
    found = [one.encode() for one in given] or [_own_key(settings.state / KEY_FILE)]
    return {hashlib.sha256(b"kid" + one).hexdigest()[:12]: one for one in found}


def _own_key(file: Path) -> bytes:
    try:
        if not file.exists():
            _make_key(file)
        key = file.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(
            str(file), "accounts.token_key", f"cannot be used ({error.strerror})", "Check its permissions."
        ) from None
    if len(key) < LEAST_KEY:
        raise ConfigurationError(str(file), "accounts.token_key", "is no key", "Remove the file.")
    return key


def _make_key(file: Path) -> None:
    """Whole or not at all, and never over another one: a second gateway of this machine may be at it, too."""
    scratch = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(secrets.token_hex(32).encode())
            new.flush()
            os.fsync(new.fileno())
        with suppress(FileExistsError):
            os.link(scratch, file)
    finally:
        scratch.unlink(missing_ok=True)

"""Who calls the compatible endpoint: keys, the profile each stands for, and how often each may ask."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from adapters.completions.keys import PREFIX, ApiKey, all_keys, hashed
from adapters.completions.profiles import Profile
from adapters.completions.wire import WireError
from adapters.sql.reader import Reader
from events.errors import ProjectionError

logger = structlog.get_logger(__name__)

FRESH_SECONDS = 5.0
"""How soon a revoked key stops working."""
MAX_USERS = 50_000
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is the key's, or `anonymous`."""

    name: str
    profile: Profile


class Callers:
    """Looks keys up and keeps everybody to the limits of the profile. `open_to_all` admits callers without a key."""

    def __init__(self, reader: Reader, profiles: Mapping[str, Profile], *, open_to_all: bool) -> None:
        self._reader = reader
        self._profiles = profiles
        self._open = open_to_all
        self._keys: Mapping[str, ApiKey] = {}
        self._read_at = -FRESH_SECONDS
        self._reading = asyncio.Lock()
        self._asked: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._minutes: dict[str, tuple[float, int]] = {}

    async def admit(self, authorization: str | None) -> Caller:
        """The caller behind an `Authorization` header. Raises `WireError` 401, 503."""
        scheme, _, secret = (authorization or "").strip().partition(" ")
        secret = secret.strip() if scheme.lower() == "bearer" else ""
        if secret.startswith(PREFIX):
            found = (await self._known()).get(hashed(secret))
            if found is not None:
                return Caller(found.name, self._profiles.get(found.profile, self._profiles["default"]))
        if self._open:
            return Caller("anonymous", self._profiles["default"])
        told = "the key is not valid" if secret else "Authorization: Bearer sk-… is missing"
        raise WireError(
            401,
            f"{told}; `lorestream llm keys create NAME` makes one",
            "authentication_error",
            code="invalid_api_key",
        )

    def count(self, caller: Caller, user: str) -> None:
        """Count a question. Raises `WireError` 429 that says how long to wait, in the profile's words."""
        now, profile = time.monotonic(), caller.profile
        began, asked = self._minutes.get(caller.name, (now, 0))
        if now - began >= MINUTE:
            began, asked = now, 0
        if profile.per_minute and asked >= profile.per_minute:
            raise _too_often(profile, MINUTE - (now - began))
        who = caller.name, user
        if profile.cooldown_seconds and user:
            left = profile.cooldown_seconds - (now - self._asked.get(who, -profile.cooldown_seconds))
            if left > 0:
                raise _too_often(profile, left)
            self._asked[who] = now
            self._asked.move_to_end(who)
            if len(self._asked) > MAX_USERS:
                self._asked.popitem(last=False)
        self._minutes[caller.name] = began, asked + 1

    async def _known(self) -> Mapping[str, ApiKey]:
        async with self._reading:
            if time.monotonic() - self._read_at >= FRESH_SECONDS:
                try:
                    self._keys = await self._reader.run(all_keys)
                    self._read_at = time.monotonic()
                except ProjectionError as error:
                    if not self._keys:
                        raise WireError(503, "keys cannot be looked up right now", "server_error") from error
                    logger.warning("keys are looked up later", reason=str(error))
        return self._keys


def _too_often(profile: Profile, seconds: float) -> WireError:
    wait = max(1, -(-int(seconds * 1000) // 1000))
    return WireError(
        429, profile.messages.wait(wait), "rate_limit_error", code="rate_limit_exceeded", retry_after=wait
    )

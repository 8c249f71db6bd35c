"""Loading streams: a bounded cache of folded states, snapshots for long streams, and the tail from the log."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections import OrderedDict
from functools import lru_cache
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from commands.decider import Decider
from commands.ports import Snapshots
from commands.stream import Folded, fold
from events import subjects
from events.commit import Recorded
from events.log import Log


class StreamLoader:
    """Folded streams of one worker. Several workers may run: a stale state is found out by the append."""

    def __init__(
        self, log: Log, snapshots: Snapshots | None = None, *, capacity: int = 8192, snapshot_every: int = 500
    ) -> None:
        """Keeps at most `capacity` streams; writes a snapshot whenever a stream grew by `snapshot_every` commits."""
        self._log = log
        self._snapshots = snapshots
        self._capacity = capacity
        self._snapshot_every = snapshot_every
        self._cache: OrderedDict[str, Folded[Any]] = OrderedDict()

    def cached(self, stream: str) -> Folded[Any] | None:
        """The stream as last seen here: perhaps stale, never wrong about the past."""
        folded = self._cache.get(stream)
        if folded is not None:
            self._cache.move_to_end(stream)
        return folded

    async def current(self, decider: Decider[Any], stream: str) -> Folded[Any]:
        """The stream including everything the log holds now. Raises `LogError`, `CodecError`."""
        folded = self.cached(stream)
        if folded is None:
            folded = await self._snapshot(decider, stream) or Folded(decider.initial)
        async for recorded in self._log.read(stream, after=folded.position):
            folded = fold(decider, folded, recorded)
        self._keep(stream, folded)
        return folded

    async def around(self, decider: Decider[Any], stream: str, version: int) -> tuple[Any, Any] | None:
        """The states before and after the stream's commit `version`, None if it has none. Reads from the beginning.

        Raises `LogError`, `CodecError`.
        """
        state = decider.initial
        async for recorded in self._log.read(stream):
            after = decider.fold(state, recorded)
            if recorded.commit.version == version:
                return state, after
            state = after
        return None

    async def advance(
        self, decider: Decider[Any], stream: str, before: Folded[Any], recorded: Recorded
    ) -> Folded[Any]:
        """Take note of a commit that was just appended after `before`."""
        folded = fold(decider, before, recorded)
        self._keep(stream, folded)
        if self._snapshots and decider.snapshots and folded.version % self._snapshot_every == 0:
            await self._snapshots.put(_key(self._log.realm, stream), _dump(decider, folded))
        return folded

    def _keep(self, stream: str, folded: Folded[Any]) -> None:
        self._cache[stream] = folded
        self._cache.move_to_end(stream)
        while len(self._cache) > self._capacity:
            self._cache.popitem(last=False)

    async def _snapshot(self, decider: Decider[Any], stream: str) -> Folded[Any] | None:
        if self._snapshots is None or not decider.snapshots:
            return None
        stored = await self._snapshots.get(_key(self._log.realm, stream))
        if stored is None:
            return None
        fingerprint, _, body = stored.partition(b"\n")
        if fingerprint.decode() != _fold_fingerprint(decider.category, decider.evolve):
            return None
        try:
            return cast("Folded[Any]", _adapter(decider.category, decider.state).validate_json(body))
        except ValidationError:
            return None


def _key(realm: str, stream: str) -> str:
    category, entity = subjects.split_stream(stream)
    # Keys of a bucket allow neither "%" nor most punctuation: the digest is unambiguous and short.
    return f"{realm}.{category}.{hashlib.sha256(entity.encode()).hexdigest()}"


def _dump(decider: Decider[Any], folded: Folded[Any]) -> bytes:
    fingerprint = _fold_fingerprint(decider.category, decider.evolve)
    return fingerprint.encode() + b"\n" + _adapter(decider.category, decider.state).dump_json(folded)


_adapters: dict[str, TypeAdapter[Any]] = {}


def _adapter(category: str, state: Any) -> TypeAdapter[Any]:
    adapter = _adapters.get(category)
    if adapter is None:
        adapter = _adapters[category] = TypeAdapter(Folded[state])
    return adapter


@lru_cache(maxsize=64)
def _fold_fingerprint(category: str, evolve: Any) -> str:
    """Changes whenever the code of the fold does, so that a stale snapshot is never believed."""
    source = inspect.getsource(sys.modules[evolve.__module__])
    return f"{category}:{hashlib.sha256(source.encode()).hexdigest()}"

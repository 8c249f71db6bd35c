"""The bytes of pictures, in the JetStream object store `media`, under realm and SHA-256.

A name is never given other bytes: what is stored twice is stored once. Bytes go when no image of the read model
refers to them any more, and not before `GRACE_SECONDS` have passed since somebody last meant to use them: between
storing bytes and the commit that refers to them nothing else says that they are wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from weakref import WeakValueDictionary

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import ObjectInfo, ObjectMeta
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError, ObjectDeletedError, ObjectNotFoundError
from nats.js.object_store import ObjectStore

from adapters.nats.direct import DirectReader
from events.errors import LogUnavailable, MediaUnavailable

BUCKET = "media"
WANTED = "Wanted"
"""The header of an object that says when somebody last meant to use it."""
SECONDS = 10.0
CHUNKS = 1024
"""Most chunks (of 128 KB each) that one read asks for; a page of them ends at 8 MB anyway."""
GRACE_SECONDS = 60.0
"""More than a command may take from its sender to the log."""


class MediaStore:
    """The bucket as one realm sees it. Every method raises `MediaUnavailable` when the store does not answer."""

    def __init__(self, client: Client, realm: str, *, grace: float | None = None) -> None:
        self._client = client
        self._realm = realm
        self._grace = GRACE_SECONDS if grace is None else grace
        self._bucket: ObjectStore | None = None
        self._chunks = DirectReader(client, f"OBJ_{BUCKET}", timeout=SECONDS)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def put(self, content: bytes) -> str:
        """Store bytes, or say anew that they are wanted; their SHA-256."""
        digest = sha256(content).hexdigest()
        name = self._name(digest)
        # Two at once would each leave a copy, of which only one is ever found again.
        async with self._locks.setdefault(digest, asyncio.Lock()), self._open() as bucket:
            try:
                await bucket.update_meta(name, _wanted(name))
            except ObjectDeletedError:
                await bucket.put(name, content, _wanted(name))
        return digest

    async def get(self, digest: str) -> bytes | None:
        """The bytes; None when there are none of that name. What is damaged is not handed out: `MediaUnavailable`."""
        async with self._open() as bucket:
            try:
                info = await bucket.get_info(self._name(digest))
            except ObjectNotFoundError:
                return None
            content = await self._read(f"$O.{BUCKET}.C.{info.nuid}")
        if sha256(content).hexdigest() != digest:
            raise MediaUnavailable(f"the bytes stored as {digest} are others")
        return content

    async def remove(self, digest: str) -> bool:
        """Remove bytes that nothing refers to any more. False: not yet, somebody may be about to."""
        async with self._open() as bucket:
            name = self._name(digest)
            try:
                if _age(await bucket.get_info(name)) < self._grace:
                    return False
                await bucket.delete(name)
            except ObjectNotFoundError:
                pass
        return True

    async def rested(self) -> list[str]:
        """All names of this realm that nobody said to want within the time of grace."""
        prefix = self._name("")
        async with self._open(3 * SECONDS) as bucket:
            try:
                listed = await bucket.list(ignore_deletes=True)
            except NotFoundError:
                return []
        return [
            str(each.name).removeprefix(prefix)
            for each in listed
            if str(each.name).startswith(prefix) and not each.deleted and _age(each) >= self._grace
        ]

    async def close(self) -> None:
        await self._chunks.close()

    async def _read(self, subject: str) -> bytes:
        content, first, pending = bytearray(), 1, 1
        while pending:
            page = await self._chunks.page(first=first, subject=subject, limit=CHUNKS)
            for message in page.messages:
                content += message.body
            first, pending = page.next_position, page.pending if page.messages else 0
        return bytes(content)

    def _name(self, digest: str) -> str:
        return f"{self._realm}/{digest}"

    @asynccontextmanager
    async def _open(self, seconds: float = SECONDS) -> AsyncIterator[ObjectStore]:
        try:
            async with asyncio.timeout(seconds):
                if self._bucket is None:
                    self._bucket = await self._client.jetstream(timeout=SECONDS).object_store(BUCKET)
                yield self._bucket
        except NotFoundError:
            # The bucket itself: whoever looks for an object catches his own.
            raise MediaUnavailable(f"there is no object store {BUCKET!r}: start the platform again") from None
        except (NatsError, JetStreamError, LogUnavailable, OSError, TimeoutError) as error:
            raise MediaUnavailable(f"the store of pictures does not answer: {error!r}") from error


def _wanted(name: str) -> ObjectMeta:
    # The time the client writes into an object is overwritten by nobody and read by nobody: this one is ours.
    return ObjectMeta(name=name, headers={WANTED: [datetime.now(UTC).isoformat()]})


def _age(info: ObjectInfo) -> float:
    try:
        said = str((info.headers or {})[WANTED][0])
        return (datetime.now(UTC) - datetime.fromisoformat(said)).total_seconds()
    except (LookupError, ValueError, TypeError):
        return float("inf")

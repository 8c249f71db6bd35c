"""The bytes of pictures on a real server."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest

from adapters.images.store import MediaStore
from adapters.nats.client import PromptClient
from adapters.settings import Settings
from events.errors import MediaUnavailable

LARGE = bytes(range(256)) * 12_000
"""3 MB: two dozen chunks."""


@pytest.fixture
def store(client: PromptClient, settings: Settings) -> MediaStore:
    return MediaStore(client, settings.realm, grace=0)


async def test_what_was_stored_is_found_by_its_hash(store: MediaStore) -> None:
    digest = await store.put(LARGE)
    assert digest == sha256(LARGE).hexdigest()
    assert await store.get(digest) == LARGE
    assert await store.get("0" * 64) is None


async def test_the_same_bytes_are_stored_once_however_many_bring_them(
    store: MediaStore, client: PromptClient
) -> None:
    async def weight() -> int:
        return (await client.jetstream().stream_info("OBJ_media")).state.bytes

    before = await weight()
    assert len(set(await asyncio.gather(*(store.put(LARGE) for _ in range(5))))) == 1
    assert len(LARGE) < await weight() - before < 1.1 * len(LARGE)


async def test_removed_bytes_are_gone_and_can_be_stored_again(store: MediaStore) -> None:
    digest = await store.put(b"a picture")
    assert await store.remove(digest)
    assert await store.get(digest) is None
    assert await store.remove(digest)
    await store.put(b"a picture")
    assert await store.get(digest) == b"a picture"


async def test_what_somebody_may_be_about_to_use_is_not_removed(
    store: MediaStore, client: PromptClient, settings: Settings
) -> None:
    patient = MediaStore(client, settings.realm, grace=60)
    digest = await patient.put(b"a picture")
    assert not await patient.remove(digest)
    assert await patient.rested() == []
    assert await store.rested() == [digest]
    assert await patient.get(digest) == b"a picture"


async def test_a_realm_sees_its_own_only(store: MediaStore, client: PromptClient) -> None:
    digest = await store.put(b"a picture")
    other = MediaStore(client, "elsewhere", grace=0)
    assert await other.get(digest) is None
    assert await other.rested() == []
    assert await other.remove(digest)
    assert await store.get(digest) == b"a picture"


async def test_without_a_server_the_store_says_so(settings: Settings, client: PromptClient) -> None:
    store = MediaStore(client, settings.realm)
    digest = await store.put(b"a picture")
    await client.close()
    with pytest.raises(MediaUnavailable):
        await store.get(digest)
    with pytest.raises(MediaUnavailable):
        await store.put(b"another")

"""The answer cache in the KV bucket of a real server."""

from __future__ import annotations

import pytest
from nats.aio.client import Client

from adapters.llm.cache import MAX_BYTES, CachedAnswer, KvCache
from adapters.nats.bootstrap import cache_stream, ensure_streams
from adapters.settings import Settings
from tests.adapters.llm.scene import until

ANSWER = CachedAnswer("I am John.", "openai", "gpt-4o", "stop", 1_700_000_000_000_000, "dec_1")
KEY = "ab" * 32


@pytest.fixture
def cache(client: Client, settings: Settings) -> KvCache:
    return KvCache(client, settings.realm)


async def test_an_answer_comes_back_as_it_was_in_every_process_of_the_realm(
    cache: KvCache, client: Client, settings: Settings
) -> None:
    assert await cache.get(KEY) is None
    await cache.put(KEY, ANSWER, seconds=60)
    assert await cache.get(KEY) == ANSWER
    assert await KvCache(client, settings.realm).get(KEY) == ANSWER
    assert await KvCache(client, "elsewhere").get(KEY) is None
    await cache.close()


async def test_an_answer_is_gone_when_its_time_is_up(cache: KvCache) -> None:
    await cache.put(KEY, ANSWER, seconds=1)
    await cache.put("cd" * 32, ANSWER, seconds=60)

    async def gone() -> bool:
        return await cache.get(KEY) is None

    await until(gone)
    assert await cache.get("cd" * 32) == ANSWER


async def test_what_is_damaged_or_too_large_is_as_if_it_were_not_there(
    cache: KvCache, client: Client, settings: Settings
) -> None:
    await client.request(f"$KV.cache.{settings.realm}.{KEY}", b'{"answer": 7', timeout=2)
    assert await cache.get(KEY) is None
    await cache.put("ef" * 32, CachedAnswer("x" * MAX_BYTES, "one", "one", "stop", 1), seconds=60)
    assert await cache.get("ef" * 32) is None


async def test_trouble_with_the_server_only_costs_the_answer(cache: KvCache, client: Client) -> None:
    await client.close()
    await cache.put(KEY, ANSWER, seconds=60)
    assert await cache.get(KEY) is None


async def test_the_bucket_is_an_ordinary_one_whose_oldest_keys_make_room(client: Client) -> None:
    await ensure_streams(client)
    bucket = await client.jetstream().key_value("cache")
    assert (await bucket.status()).history == 1
    actual = (await client.jetstream().stream_info("KV_cache")).config
    wanted = cache_stream()
    assert (actual.discard, actual.allow_msg_ttl, actual.max_bytes) == (
        wanted.discard,
        True,
        wanted.max_bytes,
    )

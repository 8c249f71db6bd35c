from __future__ import annotations

import asyncio
import json
from typing import Any

from nats.aio.client import Client

from adapters.nats.access import CAPACITY, NatsAccessLog
from adapters.settings import Settings


async def _records(client: Client, realm: str) -> list[dict[str, Any]]:
    await client.flush()
    puller = await client.jetstream().pull_subscribe(f"access.{realm}.>", stream="ACCESS")
    messages = await puller.fetch(100, timeout=2)
    return [json.loads(line) for message in messages for line in message.data.splitlines()]


async def test_records_reach_the_stream_several_to_a_message(client: Client, settings: Settings) -> None:
    access = NatsAccessLog(client, settings.realm)
    access.start()
    for number in range(200):
        access.record("query", {"operation": "get_state", "number": number})
    access.record("rejected", {"operation": "register", "code": -100})
    await access.stop()
    await asyncio.sleep(0.1)
    records = await _records(client, settings.realm)
    assert sorted(r["number"] for r in records if "number" in r) == list(range(200))
    assert {"operation": "register", "code": -100} in records


async def test_a_flood_is_bounded_and_counted(client: Client, settings: Settings) -> None:
    access = NatsAccessLog(client, settings.realm)
    for _ in range(CAPACITY + 5):
        access.record("query", {})
    assert access.dropped == 5
    await access.stop()

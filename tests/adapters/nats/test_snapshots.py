"""Silence is not emptiness: who keeps a position in the bucket must not take one for the other."""

from __future__ import annotations

import pytest
from nats.aio.client import Client

from adapters.nats.connection import connect
from adapters.nats.snapshots import KvSnapshots
from adapters.settings import Settings
from events.errors import LogUnavailable


async def test_what_was_kept_is_found_and_nothing_is_none(client: Client, settings: Settings) -> None:
    store = KvSnapshots(client)
    await store.put(f"{settings.realm}.x", b"7")
    assert await store.stored(f"{settings.realm}.x") == b"7"
    assert await store.stored(f"{settings.realm}.y") is None


async def test_a_lost_connection_is_an_error_for_positions_and_nothing_for_snapshots(
    settings: Settings,
) -> None:
    gone = await connect(settings, name="gone")
    store = KvSnapshots(gone, timeout=0.2)
    await gone.close()
    assert await store.get(f"{settings.realm}.x") is None
    with pytest.raises(LogUnavailable):
        await store.stored(f"{settings.realm}.x")

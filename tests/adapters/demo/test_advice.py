"""Which fake models the demo plays with."""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack

import httpx
import pytest

from adapters.demo.advice import serve_fake
from adapters.llm.book import ProviderEntry, load
from adapters.llm.fake.server import FakeModels
from events.errors import ConfigurationError
from tests.ports import free_port


def entry_at(port: int) -> ProviderEntry:
    return load(None).providers["fake"].model_copy(update={"base_url": f"http://127.0.0.1:{port}/v1"})


async def test_fake_models_that_are_there_are_shared_and_outlive_the_demo() -> None:
    async with FakeModels() as models:
        entry = load(None).providers["fake"].model_copy(update={"base_url": f"{models.url}/v1"})
        async with AsyncExitStack() as stack:
            await serve_fake(stack, entry)
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{models.url}/v1/models")).status_code == 200


async def test_fake_models_that_are_not_there_are_served_for_as_long_as_the_demo_plays() -> None:
    entry = entry_at(free_port())
    async with httpx.AsyncClient() as client:
        async with AsyncExitStack() as stack:
            await serve_fake(stack, entry)
            assert (await client.get(f"{entry.base_url}/models")).status_code == 200
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{entry.base_url}/models")


async def test_a_port_that_somebody_holds_but_does_not_serve_is_named_with_the_remedy() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        async with AsyncExitStack() as stack:
            with pytest.raises(
                ConfigurationError, match=r"providers\.toml: fake\.base_url: .* Name a free port"
            ):
                await serve_fake(stack, entry_at(holder.getsockname()[1]))

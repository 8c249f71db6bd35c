from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.adapters.http.people import people
from tests.adapters.rathena.conftest import Platform, map_server, platform

__all__ = ["map_server", "platform"]


@pytest.fixture
async def operator(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is signed in as an operator."""
    async with people(platform.settings, platform.http) as them:
        yield (await them.make("operator")).web

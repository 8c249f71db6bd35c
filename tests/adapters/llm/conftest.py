"""A fake server of models on a free port."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.llm.fake.server import FakeModels


@pytest.fixture
async def models() -> AsyncIterator[FakeModels]:
    async with FakeModels() as serving:
        yield serving

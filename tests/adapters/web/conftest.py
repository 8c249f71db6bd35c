"""One platform on which the demo was played, and one browser, for all tests of the web application in a process."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.adapters.cli import program
from tests.adapters.cli.test_up import up
from tests.adapters.web import stage as staging
from tests.adapters.web.stage import Stage

MAPS = program.ROOT / "conf" / "maps" / "lorestream_cache.dat"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Skips where there is no Chromium. Tests that use it run in the session's loop."""
    if staging.CHROMIUM is None:
        pytest.skip("no Chromium is installed, and CHROMIUM names none")
    folder = tmp_path_factory.mktemp("stage")
    async with up(folder, "--map-cache", str(MAPS)) as running:
        played = await running.lorestream("demo", "--fast", "--llm", "fake")
        assert played.status == 0, played.err + played.out[-2000:]
        async with staging.stage(running, os.environ.get("LORESTREAM_SCREENSHOTS")) as made:
            yield made

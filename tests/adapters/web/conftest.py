"""One platform on which the demo was played, and one browser, for all tests of the web application in a process."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.adapters.cli import program
from tests.adapters.cli.test_up import up
from tests.adapters.web import stage as staging
from tests.adapters.web.stage import Stage
from tests.ports import free_port

MAPS = program.ROOT / "conf" / "maps" / "lorestream_cache.dat"
FAKE_PORT = "8095"
"""Where `conf/providers.toml` expects the fake models."""


def configured(folder: Path, port: int) -> Path:
    """A configuration in `folder` that is the usual one, but for a fake model that no other process shares."""
    own = folder / "llm"
    own.mkdir()
    usual = (program.ROOT / "conf" / "providers.toml").read_text("utf-8")
    assert FAKE_PORT in usual
    (own / "providers.toml").write_text(usual.replace(FAKE_PORT, str(port)), "utf-8")
    config = folder / "lorestream.toml"
    config.write_text(f'[llm]\ndirectory = "{own}"\n', "utf-8")
    return config


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Skips where there is no Chromium. Tests that use it run in the session's loop."""
    if staging.CHROMIUM is None:
        pytest.skip("no Chromium is installed, and CHROMIUM names none")
    folder = tmp_path_factory.mktemp("stage")
    config = configured(folder, free_port())
    async with up(folder, "--map-cache", str(MAPS), "--config", str(config)) as running:
        played = await running.lorestream("demo", "--fast", "--llm", "fake", "--config", str(config))
        assert played.status == 0, played.err + played.out[-2000:]
        async with staging.stage(running, os.environ.get("LORESTREAM_SCREENSHOTS")) as made:
            yield made


@pytest.fixture(scope="session")
def furnished() -> dict[str, str]:
    """What `making.furnish` made, for all who look at it."""
    return {}

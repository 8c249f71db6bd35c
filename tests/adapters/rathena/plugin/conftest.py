"""The compiled core, and drivers of it with a configuration of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.adapters.rathena.plugin.driver import MISSING, SANITIZERS, Driver, compile_driver, installed

StartDriver = Callable[..., Awaitable[Driver]]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not installed():
        pytest.skip(MISSING)
    output = tmp_path_factory.mktemp("plugin") / "driver"
    compile_driver(output, "-O1", "-g", *SANITIZERS)
    return output


@pytest.fixture
async def start_driver(program: Path, tmp_path: Path) -> AsyncIterator[StartDriver]:
    """Start a core that talks to `endpoint`; further settings are lines of lorestream.conf."""
    drivers: list[Driver] = []

    async def start(endpoint: str, **settings: object) -> Driver:
        file = tmp_path / f"lorestream-{len(drivers)}.conf"
        lines = {"zmq_endpoint": endpoint, "default_timeout_ms": 2000, "query_timeout_ms": 2000, **settings}
        file.write_text("[aiworld]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items()))
        drivers.append(await Driver.start(program, file))
        return drivers[-1]

    yield start
    for driver in drivers:
        await driver.close()

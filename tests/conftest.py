"""A real nats-server for the session; a fresh realm for every test that asks for a log."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadFileScheduling

from adapters.nats.bootstrap import ensure_streams
from adapters.nats.client import PromptClient
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.nats.server import EmbeddedServer
from adapters.settings import AccountSettings, HttpSettings, Settings, ZmqSettings

realms = itertools.count(1)

TOGETHER = ("tests/adapters/web", "tests/adapters/rathena/plugin")
"""Folders whose tests share what takes long to make: a platform with a browser, a compiled plugin."""


QUICK = os.environ.get("LORESTREAM_TESTS") == "quick"
"""What CI runs to stay within its time: fewer examples of properties, fewer cases of a test with many, no databases but
SQLite, no torture."""
CASES = 6
"""Cases of one parametrised test in the quick selection."""

# Programs that tests start would inherit it from a run in the background, and Ctrl-C would not end them.
signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis_settings.register_profile("quick", max_examples=20)
if QUICK:
    hypothesis_settings.load_profile("quick")


class FilesAndFolders(LoadFileScheduling):  # type: ignore[misc]  # untyped there
    """Keeps the tests of a file on one worker, and those of some folders too.

    `--dist loadgroup` would do it by marks, but pytest-xdist 3.8 writes them where pytest 9.2 no longer looks.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesAndFolders:
    return FilesAndFolders(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The quick selection, where it is asked for."""
    if not QUICK:
        return
    _keep_some(config, items)
    for item in items:
        if item.path.is_relative_to(config.rootpath / "tests" / "torture"):
            item.add_marker(pytest.mark.skip(reason="LORESTREAM_TESTS=quick leaves the torture out"))


def _keep_some(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is beyond the first `CASES` cases of each test."""
    seen: Counter[str] = Counter()
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        test = item.nodeid.partition("[")[0]
        seen[test] += 1
        (kept if seen[test] <= CASES else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def nats_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state directory of a running embedded server with its streams.

    It lives in a loop of its own: each test has another one, and the child must outlive them all.
    """
    state = tmp_path_factory.mktemp("nats-state")
    settings = Settings(state=state)
    with asyncio.Runner() as runner:
        server = EmbeddedServer(settings)

        async def start() -> None:
            await server.start()
            administrator = await connect(settings, name="test bootstrap", role="administrator")
            await ensure_streams(administrator)
            await administrator.close()

        runner.run(start())
        yield state
        runner.run(server.stop())


@pytest.fixture
def settings(nats_state: Path, tmp_path: Path) -> Settings:
    """Settings of a fresh realm on the session's server: own database, free ports."""
    (tmp_path / "credentials.json").symlink_to(nats_state / "credentials.json")
    return Settings(
        realm=f"test{next(realms)}",
        state=tmp_path,
        zmq=ZmqSettings(endpoint="tcp://127.0.0.1:*"),
        http=HttpSettings(port=0),
        # As cheap as is allowed: tests check hundreds of passwords.
        accounts=AccountSettings(hash_mebibytes=19),
    )


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[PromptClient]:
    """A connected application client."""
    client = await connect(settings, name="test")
    yield client
    await client.close()


@pytest.fixture
async def log(client: PromptClient, settings: Settings) -> JetStreamLog:
    """The log of a fresh, empty realm."""
    return JetStreamLog(client, settings.realm)

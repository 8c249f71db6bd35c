"""The database of credentials: opened on first use, every access in a thread of its own, flushed before it counts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.accounts.tables import METADATA
from adapters.settings import Settings
from adapters.sql.engine import durable_engine, sqlite_path
from adapters.sql.outage import reason
from events.errors import ProjectionUnavailable

T = TypeVar("T")

FILE = "accounts.sqlite3"
THREADS = 2
TIMEOUT_SECONDS = 5.0
MAX_WAITING = 512


def database_url(settings: Settings) -> str:
    """Where credentials are: a file in the state directory beside read models in SQLite, else their database."""
    if sqlite_path(settings.database_url) is None:
        return settings.database_url
    return f"sqlite:///{(settings.state / FILE).absolute()}"


class Vault:
    """Runs functions of a connection, each in one transaction. Close it with `close`."""

    def __init__(self, settings: Settings) -> None:
        self._url = database_url(settings)
        self._engine: Engine | None = None
        self._threads = ThreadPoolExecutor(THREADS, "vault")
        self._waiting = 0

    def exists(self) -> bool:
        """Whether there is a database already; the first use would make one."""
        file = sqlite_path(self._url)
        return file is None or file.exists()

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """`work(connection, *args)`, committed. Raises `ProjectionUnavailable`, and whatever `work` raises."""
        if self._waiting >= MAX_WAITING:
            raise ProjectionUnavailable("too many wait for the database of accounts")
        self._waiting += 1
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await loop.run_in_executor(self._threads, self.now, work, *args)
        except TimeoutError:
            raise ProjectionUnavailable(
                f"the database of accounts did not answer in {TIMEOUT_SECONDS} s"
            ) from None
        finally:
            self._waiting -= 1

    def now(self, work: Callable[..., T], *args: Any) -> T:
        """As `run`, in this thread."""
        try:
            with self._opened().begin() as connection:
                return work(connection, *args)
        except SQLAlchemyError as error:
            raise ProjectionUnavailable(f"the database of accounts: {reason(error)}") from error

    def close(self) -> None:
        """Finish what is under way."""
        self._threads.shutdown()
        if self._engine is not None:
            self._engine.dispose()

    def _opened(self) -> Engine:
        if self._engine is None:
            file = sqlite_path(self._url)
            if file is not None and not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                # Before SQLite would make it readable to others.
                os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
            engine = durable_engine(self._url)
            with engine.begin() as connection:
                create_tables(connection)
            self._engine = engine
        return self._engine


def create_tables(connection: Connection) -> None:
    """The tables, where they are missing."""
    METADATA.create_all(connection)

"""How many rows the tables of read models have, as of a little while ago."""

from __future__ import annotations

import asyncio
from time import monotonic

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql.engine import reader_engine
from adapters.sql.outage import reason
from adapters.sql.read_models import read_models

logger = structlog.get_logger(__name__)

COUNT_SECONDS = 20.0
"""How long the numbers of rows are good for: counting a million takes a while."""
FIRST_COUNT_SECONDS = 2.0


class RowCounts:
    """Counted aside of the reader that everybody waits for, at most every `COUNT_SECONDS`."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._at = -COUNT_SECONDS
        self._rows: dict[str, int] = {}
        self._counting: asyncio.Task[None] | None = None

    async def rows(self) -> dict[str, int]:
        """By name of the table; empty where the first count takes longer than `FIRST_COUNT_SECONDS`."""
        if monotonic() - self._at >= COUNT_SECONDS and (self._counting is None or self._counting.done()):
            self._at = monotonic()
            self._counting = asyncio.create_task(self._count(), name="counting rows")
        if not self._rows and self._counting is not None:
            await asyncio.wait((self._counting,), timeout=FIRST_COUNT_SECONDS)
        return self._rows

    async def _count(self) -> None:
        try:
            self._rows = await asyncio.to_thread(_count, self._url)
        except SQLAlchemyError as error:
            logger.warning("rows cannot be counted", error=reason(error))


def _count(url: str) -> dict[str, int]:
    engine = reader_engine(url, busy_seconds=1.0)
    try:
        with engine.connect() as connection:
            return {
                table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for projection in read_models()
                for table in projection.tables
            }
    finally:
        engine.dispose()

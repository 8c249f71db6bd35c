"""Follows a game server's SQL logs and has every row recorded once.

Where to read on is asked from the log, so that neither a crash nor a second tailer records a row twice: the decider
refuses rows that do not follow what is recorded.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from adapters.nats.ports import CommandBus
from adapters.rathena.sqllogs.pages import Page, end, read_page
from adapters.rathena.sqllogs.privacy import Privacy
from adapters.rathena.sqllogs.tables import TABLES, LogTable
from adapters.settings import ChronicleSettings
from commands.chronicle import CHRONICLE
from commands.codes import Code
from commands.loader import StreamLoader
from commands.message import CommandMessage
from events.commit import Actor, Json
from events.errors import LogError

logger = structlog.get_logger(__name__)

SEND_SECONDS = 10.0
MISSING_SECONDS = 60.0
"""How often a table that does not exist is looked for again."""

ACTOR = "sql-logs"


class Tailer:
    """Reads the tables of one game server in turn. `recorded` counts rows since the start."""

    def __init__(
        self, settings: ChronicleSettings, engine: Engine, bus: CommandBus, loader: StreamLoader
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._bus = bus
        self._loader = loader
        self._privacy = Privacy(
            frozenset(settings.chats), frozenset(settings.hidden_commands), settings.account_names
        )
        self._tables = [TABLES[name] for name in settings.tables]
        self._missing: dict[str, float] = {}
        self._troubled = False
        self.recorded = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; the page in hand is recorded first."""
        while not stop.is_set():
            more = False
            for table in self._tables:
                if stop.is_set():
                    return
                more |= await self._step(table)
            if not more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._settings.poll_ms / 1000)

    async def _step(self, table: LogTable) -> bool:
        """Take over one page of a table; whether more is waiting."""
        now = asyncio.get_running_loop().time()
        if self._missing.get(table.name, 0) > now:
            return False
        try:
            more = await self._take_over(table)
        except ProgrammingError as error:
            self._missing[table.name] = now + MISSING_SECONDS
            logger.warning(
                "a table cannot be read, leaving it out", table=table.name, reason=str(error.orig)[:200]
            )
            return False
        except (SQLAlchemyError, LogError) as error:
            if not self._troubled:
                logger.warning("the game server's logs wait", table=table.name, reason=str(error)[:200])
            self._troubled = True
            return False
        self._troubled = False
        return more

    async def _take_over(self, table: LogTable) -> bool:
        stream = f"chronicle/{self._settings.server}.{table.name}"
        cursor = (await self._loader.current(CHRONICLE, stream)).state.cursor
        if cursor is None:
            first = 0 if self._settings.start == "beginning" else await asyncio.to_thread(self._end, table)
            return await self._record(stream, None, Page((), first, 0, full=True))
        page = await asyncio.to_thread(self._page, table, cursor)
        return page is not None and await self._record(stream, cursor, page)

    async def _record(self, stream: str, after: int | None, page: Page) -> bool:
        command_id = f"{ACTOR}/{stream}/{'' if after is None else after}-{page.cursor}"
        args: Json = {"after": after, "cursor": page.cursor, "left_out": page.left_out}
        args["rows"] = [_plain(asdict(row)) for row in page.rows]
        message = CommandMessage(
            command_id, "chronicle.record", stream, args, Actor("server", self._settings.server), command_id
        )
        reply = await self._bus.send(message, timeout=SEND_SECONDS)
        if not reply.success:
            # Nothing is lost: the next look at the log says where to read on.
            expected = reply.code in {Code.INVALID_STATE_TRANSITION, Code.TIMEOUT, Code.SERVICE_UNAVAILABLE}
            tell = logger.info if expected else logger.warning
            tell("rows were not recorded", stream=stream, code=reply.code, reason=reply.message)
            return False
        self.recorded += len(page.rows)
        return page.full

    def _end(self, table: LogTable) -> int:
        with self._connect() as connection:
            return end(connection, table, self._settings.settle_ms)

    def _page(self, table: LogTable, cursor: int) -> Page | None:
        with self._connect() as connection:
            return read_page(
                connection,
                table,
                cursor,
                self._privacy,
                self._settings.settle_ms,
                encoding=self._settings.encoding,
            )

    def _connect(self) -> Connection:
        return self._engine.connect()


def _plain(row: Json) -> Json:
    return {key: value for key, value in row.items() if value not in (None, "", {})}

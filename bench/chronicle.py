"""How fast are a game server's SQL logs taken over? Needs a MariaDB server: LORESTREAM_CHRONICLE_URL names it.

Chat rows in a database of its own on that server, which is dropped afterwards; so the URL's user must be allowed to
make one. The rows are there before the chronicle may begin: it catches up.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from bench.measure import Figure, Result
from bench.options import DEFAULT, Options
from bench.platform import Platform, running, wait_for_position
from commands.chronicle import CHRONICLE
from commands.loader import StreamLoader
from events.errors import ConfigurationError

SERVER = "LORESTREAM_CHRONICLE_URL"
ROWS_PER_SECOND = 12_500
GIVE_UP_SECONDS = 300.0
STREAM = "chronicle/map-1.chatlog"
DATABASE = f"lorestream_bench_{os.getpid()}"
TABLE = (
    "CREATE TABLE {database}.chatlog (id bigint NOT NULL auto_increment PRIMARY KEY, time datetime NOT NULL, "
    "type enum('O','W','P','G','M','C') NOT NULL default 'O', type_id int NOT NULL default 0, "
    "src_charid int NOT NULL default 0, src_accountid int NOT NULL default 0, src_map varchar(11) NOT NULL "
    "default '', src_map_x smallint NOT NULL default 0, src_map_y smallint NOT NULL default 0, "
    "dst_charname varchar(25) NOT NULL default '', message varchar(150) NOT NULL default '') ENGINE=MyISAM"
)
"""As rAthena's `sql-files/logs.sql` has it."""
FILL = (
    "INSERT INTO {database}.chatlog (time, src_charid, src_accountid, src_map, src_map_x, src_map_y, message) "
    "SELECT NOW() - INTERVAL 60 SECOND, 150000 + seq % 500, 2000000 + seq % 500, 'prontera', seq % 300, seq % 390, "
    "CONCAT('Selling ', seq % 90, ' potions, the price is ', seq, 'z each, whisper me') FROM seq_1_to_{rows}"
)


def run(options: Options = DEFAULT) -> Result:
    """Rows of a busy chat, from the table into commits, and from there into the read models."""
    url = os.environ.get(SERVER, "")
    if not url:
        return Result("chronicle", (), (f"not measured: {SERVER} names no MariaDB server",))
    rows = round(ROWS_PER_SECOND * options.seconds)
    try:
        with filled(url, rows) as source:
            variables = {"LORESTREAM_CHRONICLE_URL": source, "LORESTREAM_CHRONICLE_START": "beginning"}
            variables["LORESTREAM_CHRONICLE_TABLES"] = "chatlog"
            with running(variables=variables) as platform:
                return Result("chronicle", tuple(_measure(platform, rows)))
    except (ConfigurationError, SQLAlchemyError) as error:
        return Result("chronicle", (), (f"not measured: {str(error).splitlines()[0][:200]}",))


@contextmanager
def filled(url: str, rows: int) -> Iterator[str]:
    """The URL of a new database with `rows` rows in its chatlog, which is dropped when the block ends."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4"))
            try:
                connection.execute(text(TABLE.format(database=DATABASE)))
                connection.execute(text(FILL.format(database=DATABASE, rows=rows)))
                yield make_url(url).set(database=DATABASE).render_as_string(hide_password=False)
            finally:
                connection.execute(text(f"DROP DATABASE {DATABASE}"))
    finally:
        engine.dispose()


def _measure(platform: Platform, rows: int) -> list[Figure]:
    first, last, position = asyncio.run(_watch(platform, rows))
    spent = platform.processor_seconds()
    wait_for_position(platform, position, seconds=GIVE_UP_SECONDS)
    known = time.perf_counter()
    done = rows - first[1]
    return [
        Figure("rows recorded", done / (last - first[0]), "/s", at_least=5_000),
        Figure("rows recorded and in the read models", done / (known - first[0]), "/s"),
        *(
            Figure(f"processor time per row, {role}", spent[role] / rows * 1e6, "us")
            for role in ("chronicle", "commands")
            if role in spent
        ),
    ]


async def _watch(platform: Platform, rows: int) -> tuple[tuple[float, int], float, int]:
    """When the first page was recorded and up to which row, when the last was, and where that is in the log."""
    client = await connect(platform.settings, name="bench")
    try:
        loader = StreamLoader(JetStreamLog(client, platform.settings.realm), capacity=4)
        first: tuple[float, int] | None = None
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while True:
                found = await loader.current(CHRONICLE, STREAM)
                cursor, now = found.state.cursor or 0, time.perf_counter()
                if cursor and first is None:
                    first = now, cursor
                if first is not None and cursor >= rows:
                    return first, now, found.position
                await asyncio.sleep(0.02)
    finally:
        await client.close()

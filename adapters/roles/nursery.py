"""Where roles are born: one process imports what all of them need, and forks each from there.

Five interpreters that each import the same libraries take longer to start than a platform may; a fork takes
milliseconds, also when a role that died is started again. The nursery itself stays single-threaded, opens no
connection and draws no random number, so that nothing of the kind is shared.

Protocol over the control socket, lines of JSON: `{"start": role}` with a socket attached; answers `{"started": pid}`
in order of asking, and `{"ended": pid, "status": n}` when it happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from typing import NoReturn

SHARED = ("adapters.configuration", "adapters.logging", "adapters.nats.log", "adapters.sql.engine", "uvloop")
"""Imported once, in the nursery."""

NURSERY_LOST = 255
"""The status of a child whose end nobody can tell, because the nursery ended before it."""

_BYTES = 4096


class Nursery:
    """The supervisor's side: starts roles and learns how they end.

    The process starts at once, so that it imports while its owner still does; a lost one is replaced when needed.
    """

    def __init__(self) -> None:
        self._starting: deque[asyncio.Future[int]] = deque()
        self._ended: dict[int, asyncio.Future[int]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._control: socket.socket | None
        self._process, self._control = _launch()

    async def start(self, role: str, descriptor: int) -> tuple[int, asyncio.Future[int]]:
        """Fork a process for `role` that talks over the socket `descriptor`.

        Returns its process id and a future of its exit status (negative: killed by that signal). Raises `OSError`
        when the nursery ends meanwhile.
        """
        if self._control is None:
            self._process.wait()
            self._process, self._control = _launch()
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen(self._control), name="nursery")
        pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._starting.append(pid)
        socket.send_fds(self._control, [json.dumps({"start": role}).encode() + b"\n"], [descriptor])
        return await pid, self._ended[pid.result()]

    async def close(self) -> None:
        """End the nursery. Its children live on: they end with their own sockets."""
        if self._listening is not None:
            self._listening.cancel()
        self._disconnect()
        await asyncio.to_thread(self._process.wait)

    async def _listen(self, control: socket.socket) -> None:
        loop, rest = asyncio.get_running_loop(), b""
        with contextlib.suppress(OSError):
            while received := await loop.sock_recv(control, _BYTES):
                *lines, rest = (rest + received).split(b"\n")
                for line in lines:
                    self._note(json.loads(line))
        self._disconnect()

    def _note(self, told: dict[str, int]) -> None:
        if "started" in told:
            self._ended[told["started"]] = asyncio.get_running_loop().create_future()
            _settle(self._starting.popleft(), told["started"])
        elif (ended := self._ended.pop(told["ended"], None)) is not None:
            _settle(ended, told["status"])

    def _disconnect(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        for waiting in self._starting:
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("the nursery ended"))
        for ended in self._ended.values():
            _settle(ended, NURSERY_LOST)
        self._starting.clear()
        self._ended.clear()


def _settle(waiting: asyncio.Future[int], value: int) -> None:
    # Whoever waited may have been told to end meanwhile.
    if not waiting.done():
        waiting.set_result(value)


def _launch() -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        # -P: a folder `events` in the operator's directory must not stand in for ours.
        process = subprocess.Popen(  # noqa: S603 (this very module)
            [sys.executable, "-P", "-m", "adapters.roles.nursery", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    ours.setblocking(False)
    return process, ours


def main() -> NoReturn:
    """The nursery's program; its control socket is the descriptor named by the first argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in SHARED:
        importlib.import_module(module)

    def reap(*_: object) -> None:
        with contextlib.suppress(ChildProcessError, OSError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                _tell(control, {"ended": found[0], "status": os.waitstatus_to_exitcode(found[1])})

    signal.signal(signal.SIGCHLD, reap)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _BYTES, 1)
        if not message:
            os._exit(0)
        # One message may hold several requests only if descriptors had been merged, which the kernel never does.
        try:
            _fork(control, json.loads(message)["start"], descriptors[0])
        except OSError:
            # The supervisor is gone; what was just born notices at its own socket.
            os._exit(0)


def _fork(control: socket.socket, role: str, descriptor: int) -> None:
    # An end must not be told before its beginning.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        control.close()
        from adapters.roles.serve import as_child

        as_child(role, socket.socket(fileno=descriptor))
    os.close(descriptor)
    _tell(control, {"started": pid})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _tell(control: socket.socket, what: dict[str, int]) -> None:
    control.sendall(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()

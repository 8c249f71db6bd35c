"""Sends SIGKILL to one role after the other, in an order and at times drawn from a seed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from adapters.roles import endpoints as endpoints_store
from bench.places import environment
from tests.torture.journal import Journal, Kill

ROLES = ("nats-server", "commands", "projector", "agents", "gateway")


class Beside(Protocol):
    """A process that the torture itself starts and keeps alive; `pid` is 0 when it does not run."""

    @property
    def pid(self) -> int: ...

    def ensure(self) -> None: ...


LIFE_SECONDS = (1.0, 4.0)
"""How long, at random, a role lives before it may be killed again: one that dies at birth is held back by the
supervisor, and then it is silence that is tested."""


class ExtraWorker:
    """A second worker beside the platform's own, so that one of them is often alive while the other is not."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process and self._process.poll() is None else 0

    def ensure(self) -> None:
        """Start it if it does not run."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "adapters.cli", "serve", "commands", "--state", str(self._state)],
                env=environment(),
                cwd=self._state,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Killer:
    """Kills every role equally often: each round is a shuffled hand of all roles."""

    def __init__(
        self,
        state: Path,
        beside: Mapping[str, Beside],
        *,
        seed: int,
        pause: tuple[float, float],
        journal: Journal,
    ) -> None:
        """`beside` are victims by name that are no roles of the platform, `pause` the seconds between two kills."""
        self._state, self._beside, self._pause, self._journal = state, beside, pause, journal
        self._chance = random.Random(f"{seed}/killer")
        self._killed: dict[str, int] = {}
        self._safe_until: dict[int, float] = {}

    async def work(self, stop: asyncio.Event) -> None:
        hand: list[str] = []
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._chance.uniform(*self._pause))
                return
            if not hand:
                hand = [*ROLES, *self._beside]
                self._chance.shuffle(hand)
            # A role that is still down is left for later: killing what is dead tortures nobody.
            victim = next((role for role in hand if self._is_back(role)), None)
            if victim is not None:
                hand.remove(victim)
                self._kill(victim)
            for process in self._beside.values():
                process.ensure()

    def _pid(self, role: str) -> int:
        if role in self._beside:
            return self._beside[role].pid
        found = endpoints_store.read(self._state)
        return found.roles.get(role, 0) if found else 0

    def _is_back(self, role: str) -> bool:
        pid = self._pid(role)
        if pid == 0 or pid == self._killed.get(role):
            return False
        if pid not in self._safe_until:
            self._safe_until[pid] = time.monotonic() + self._chance.uniform(*LIFE_SECONDS)
        return time.monotonic() > self._safe_until[pid]

    def _kill(self, role: str) -> None:
        pid = self._pid(role)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self._killed[role] = pid
            self._journal.kills.append(Kill(role, time.monotonic(), time.time()))

"""A fake server of models in a process of its own, so that its work is not counted as ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.places import environment

STOP_SECONDS = 10.0


class FakeModelsProcess:
    """`lorestream dev fake-llm` on a free port, the same one each time it is started again. `url` is without `/v1`."""

    def __init__(self) -> None:
        """Starts it, and waits until it is ready. Raises `RuntimeError` when it does not get ready."""
        process = self._start(0, subprocess.PIPE)
        assert process.stdout is not None
        with process.stdout as lines:
            line = lines.readline()
        if not line:
            self.stop()
            raise RuntimeError("the fake models did not start")
        self.url: str = json.loads(line)["anthropic"]

    @property
    def pid(self) -> int:
        """Its process, 0 when it does not run."""
        return self._process.pid if self._process.poll() is None else 0

    def ensure(self) -> None:
        """Start it if it does not run, without waiting for it."""
        if self._process.poll() is not None:
            self._start(int(self.url.rpartition(":")[2]), subprocess.DEVNULL)

    def stop(self) -> None:
        """End it in order, and by force if that takes too long."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self, port: int, stdout: int) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "adapters.cli", "dev", "fake-llm", "--port", str(port), "--json"],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        return self._process


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port until the block ends; yields the URL. Raises `RuntimeError` when it does not start."""
    models = FakeModelsProcess()
    try:
        yield models.url
    finally:
        models.stop()

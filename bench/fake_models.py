"""A fake server of models in a process of its own, so that its work is not counted as ours."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from bench.places import environment
from events.commit import Json

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


def configure(
    directory: Path, url: str, models: Sequence[str], *, agents: Mapping[str, Json], **provider: Any
) -> dict[str, str]:
    """Write a configuration of models into a new `directory`; returns the settings that name it, as variables.

    Each of `models` is a provider, asked in their order, with the settings `provider`; `agents` changes those that
    ship, by name. Answers have a price, so that budgets are at work.
    """
    directory.mkdir()
    providers = {
        f"line-{number}": {
            "id": number,
            "name": f"Line {number}",
            "type": "local",
            "base_url": f"{url}/v1",
            "model": model,
            "enabled": True,
            "priority": number,
            **provider,
        }
        for number, model in enumerate(models, start=1)
    }
    shipped = tomllib.loads(files("conf").joinpath("agents.toml").read_text("utf-8"))
    changed = {name: {**table, **agents.get(name, {})} for name, table in shipped.items()}
    prices = {"default": {"input": 1.0, "cached": 0.1, "output": 10.0}}
    for title, tables in (("providers", providers), ("agents", changed), ("pricing", prices)):
        text = "".join(_table(name, values) for name, values in tables.items())
        (directory / f"{title}.toml").write_text(text, "utf-8")
    return {"LORESTREAM_LLM_DIRECTORY": str(directory), "LORESTREAM_LLM_OPEN_ENDPOINT": "true"}


def behave(url: str, behaviour: str | None) -> None:
    """Let all models behave as told from now on; None: as their names say. Raises `OSError`."""
    request = urllib.request.Request(
        f"{url}/fake/behaviour",
        json.dumps({"behaviour": behaviour}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=STOP_SECONDS):
        pass


def _table(name: str, values: Mapping[str, Any]) -> str:
    # Strings, numbers and truth values look the same in both.
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())

"""Running `lorestream` the way an operator does: as a process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Finished:
    """How a process ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON value it holds."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output as one JSON value per line."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(extra: dict[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LORESTREAM_")}
    return inherited | {"PYTHONPATH": str(ROOT)} | extra


def closed_pipe() -> int:
    """Where one can write, but nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


async def start(
    *arguments: str | Path,
    cwd: Path,
    env: dict[str, str] | None = None,
    stdout: int = asyncio.subprocess.PIPE,
) -> asyncio.subprocess.Process:
    """Start `lorestream` in `cwd`, with pipes on its output, or with `stdout` as its standard output."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # as the installed program does: what is in `cwd` is not imported
        "-m",
        "adapters.cli",
        *map(str, arguments),
        cwd=cwd,
        env=environment(env or {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(
    *arguments: str | Path, cwd: Path, env: dict[str, str] | None = None, given: str = ""
) -> Finished:
    """Run `lorestream` to its end."""
    process = await start(*arguments, cwd=cwd, env=env)
    async with asyncio.timeout(SECONDS):
        out, err = await process.communicate(given.encode())
    assert process.returncode is not None
    return Finished(process.returncode, out.decode(), err.decode())

"""The plugin's transport core as a process of its own, compiled with the sanitizers and driven line by line."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent
PLUGIN = Path(__file__).parents[4] / "adapters" / "rathena" / "plugin"
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
MISSING = "no C++ compiler, libzmq or nlohmann-json: apt-get install g++ libzmq3-dev nlohmann-json3-dev"
SECONDS = 30.0


def installed() -> bool:
    """Whether the core can be compiled on this machine."""
    if shutil.which("g++") is None:
        return False
    probe = "#include <zmq.h>\n#include <nlohmann/json.hpp>\nint main() {}\n"
    tried = subprocess.run(
        ["g++", "-x", "c++", "-fsyntax-only", "-"], input=probe.encode(), capture_output=True
    )
    return tried.returncode == 0


def compile_driver(output: Path, *flags: str) -> None:
    """Compile `driver.cpp`; warnings are errors."""
    command = ["g++", "-std=c++17", *WARNINGS, *flags, f"-I{PLUGIN / 'lorestream'}", str(HERE / "driver.cpp")]
    done = subprocess.run([*command, "-o", str(output), "-lzmq"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]


class Driver:
    """One running core. `close` fails when a sanitizer found something."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.log: list[tuple[int, str]] = []

    @classmethod
    async def start(cls, program: Path, configuration: Path) -> Self:
        environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
        process = await asyncio.create_subprocess_exec(
            program,
            configuration,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            limit=1 << 24,
        )
        return cls(process)

    async def do(self, what: str, **order: Any) -> dict[str, Any]:
        """Carry out one order; see `driver.cpp`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, **order}).encode() + b"\n")
        async with asyncio.timeout(SECONDS):
            line = await self._process.stdout.readline()
        if not line:
            await self.close()
        told: dict[str, Any] = json.loads(line)
        self.log += [(level, text) for level, text in told.pop("log")]
        return told

    async def ask(self, operation: str, npc_id: str = "", data: Any = None, **more: Any) -> dict[str, Any]:
        """A synchronous command; its answer as a script gets it."""
        told = await self.do("ask", operation=operation, npc_id=npc_id, data=data or {}, **more)
        answer: dict[str, Any] = told["answer"]
        return answer

    async def request(self, operation: str, npc_id: str, data: Any = None, **more: Any) -> str:
        """Begin an asynchronous request; its id."""
        told = await self.do("request", operation=operation, npc_id=npc_id, data=data or {}, **more)
        return str(told["ids"][0])

    async def callbacks(self, count: int = 1, *, seconds: float = 10.0) -> list[dict[str, Any]]:
        """Tick until so many callbacks are due, or the time is up."""
        told = await self.do("tick", for_ms=int(seconds * 1000), until=count)
        found: list[dict[str, Any]] = told["callbacks"]
        return found

    async def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        async with asyncio.timeout(SECONDS):
            assert self._process.stderr is not None
            complaints = (await self._process.stderr.read()).decode(errors="replace")
            status = await self._process.wait()
        assert status == 0, complaints[-4000:]
        assert not complaints, complaints[-4000:]

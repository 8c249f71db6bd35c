"""A fake server of models in a process of its own, so that its work is not counted as ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.llm.fake.server import FakeModels
from bench.places import environment

STOP_SECONDS = 10.0


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port until the block ends; yields the URL. Raises `RuntimeError` when it does not start."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.models"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment({}),
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        if not url:
            raise RuntimeError("the fake models did not start")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


async def _serve() -> None:
    async with FakeModels() as models:
        print(models.url, flush=True)
        await models.serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve())

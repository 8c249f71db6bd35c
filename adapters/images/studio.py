"""A bounded number of worker processes (`adapters.images.worker`), one for each picture."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import asdict
from typing import Any

import structlog

from adapters.images.card import Card
from adapters.images.rendition import SIZES, Developed, Rendition
from events.errors import ImageBusy, ImageUnfit

logger = structlog.get_logger(__name__)

SLOTS = 2
MOST_WAITING = 16
SECONDS = 20.0
"""By the clock; the worker's own limit is on processor time, which a busy machine hands out slowly."""
MOST_ANSWER_BYTES = 32 * 1024 * 1024

_INHERITED = ("PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"))


def kind_of(head: bytes) -> str:
    """PNG, JPEG or WEBP by the first bytes of a file; empty for anything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")


class Studio:
    """At most `slots` workers at a time, and a bounded line before them."""

    def __init__(self, *, slots: int = SLOTS, waiting: int = MOST_WAITING, seconds: float = SECONDS) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._most = slots + waiting
        self._seconds = seconds
        self.in_hand = 0

    async def develop(self, content: bytes) -> Developed:
        """Decode a stranger's file and encode it anew, in all sizes.

        Raises `ImageUnfit` with a sentence for who sent it, `ImageBusy` when too many wait already.
        """
        if not kind_of(content[:16]):
            raise ImageUnfit("it is no PNG, JPEG or WebP picture, whatever its name says")
        return await self._work({}, content)

    async def draw(self, card: Card) -> Developed:
        """A card for something of which there is no picture. Raises as `develop`."""
        return await self._work({"card": asdict(card)}, b"")

    async def _work(self, job: dict[str, Any], content: bytes) -> Developed:
        if self.in_hand >= self._most:
            raise ImageBusy(f"{self.in_hand} pictures are being worked on already")
        self.in_hand += 1
        try:
            async with self._slots:
                return await self._employ(json.dumps(job).encode() + b"\n" + content)
        finally:
            self.in_hand -= 1

    async def _employ(self, task: bytes) -> Developed:
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "adapters.images.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
        )
        try:
            async with asyncio.timeout(self._seconds):
                answer = await _exchange(worker, task)
                status = await worker.wait()
        except TimeoutError:
            raise ImageUnfit("it takes longer to decode than any picture may") from None
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
        if status:
            logger.info("a worker for pictures ended early", status=status)
            raise ImageUnfit("it takes more memory or time to decode than any picture may")
        return _read(answer)


async def _exchange(worker: asyncio.subprocess.Process, task: bytes) -> bytes:
    assert worker.stdin is not None
    assert worker.stdout is not None
    feeding = asyncio.create_task(_feed(worker.stdin, task))
    answer = bytearray()
    try:
        while piece := await worker.stdout.read(256 * 1024):
            answer += piece
            if len(answer) > MOST_ANSWER_BYTES:
                raise ImageUnfit("its renditions are larger than any picture's may be")
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
    return bytes(answer)


async def _feed(stdin: asyncio.StreamWriter, task: bytes) -> None:
    # A worker that has ended takes no more.
    with contextlib.suppress(ConnectionError):
        stdin.write(task)
        await stdin.drain()
    stdin.close()


def _read(answer: bytes) -> Developed:
    head, _, contents = answer.partition(b"\n")
    try:
        told = json.loads(head)
        if "problem" not in told:
            return _developed(told, contents)
    except (ValueError, KeyError, TypeError):
        raise ImageUnfit("it cannot be decoded") from None
    raise ImageUnfit(str(told["problem"])[:300])


def _developed(told: dict[str, Any], contents: bytes) -> Developed:
    renditions, at = {}, 0
    for name, width, height, length in told["sizes"]:
        renditions[name] = Rendition.of(name, width, height, contents[at : at + length])
        at += length
    if set(renditions) != set(SIZES) or at != len(contents):
        raise ValueError("not every size arrived")
    return Developed(str(told["format"]), int(told["width"]), int(told["height"]), renditions)

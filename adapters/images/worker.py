"""The process that decodes and draws: `python -m adapters.images.worker`, one job, then it ends.

Strangers' files are read here and nowhere else. The process has no environment, so no keys; little memory, time and
file handles, and may write no file; whatever a decoder can be made to do, it does it to this process.

The job comes by standard input: a line of JSON, then the file's bytes. The answer leaves by standard output: a line of
JSON (`{"format", "width", "height", "sizes": [[name, width, height, length] …]}` or `{"problem"}`), then the bytes.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from adapters.processes import die_with_parent

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 10
FILE_HANDLES = 32
MOST_BYTES = 64 * 1024 * 1024


def main() -> None:
    die_with_parent()
    confine()
    try:
        answer, contents = work()
    except MemoryError:
        answer, contents = {"problem": "it takes more memory to decode than any picture may"}, []
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(contents))
    sys.stdout.buffer.flush()


def confine() -> None:
    """Give up whatever this work does not need."""
    os.nice(5)
    for which, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_NOFILE, FILE_HANDLES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(which, (most, most))


def work() -> tuple[dict[str, Any], list[bytes]]:
    """Do the one job."""
    # Only now: the libraries that read the file are loaded within the limits.
    from adapters.images import pixels
    from adapters.images.card import Card, draw

    job = json.loads(sys.stdin.buffer.readline(65_536))
    content = sys.stdin.buffer.read(MOST_BYTES)
    try:
        if "card" in job:
            picture = draw(Card(**job["card"]))
            kind, size = "CARD", picture.size
        else:
            picture, kind, size = pixels.decode(content)
        encoded = pixels.encode(picture, lossless=False)
    except pixels.Unfit as unfit:
        return {"problem": str(unfit)}, []
    sizes = [[name, width, height, len(each)] for name, width, height, each in encoded]
    answer = {"format": kind, "width": size[0], "height": size[1], "sizes": sizes}
    return answer, [each for _, _, _, each in encoded]


if __name__ == "__main__":
    main()

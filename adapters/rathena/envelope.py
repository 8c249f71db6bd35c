"""The frames around a body: who sent it, how the answer must be wrapped, and what the body looks like."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from commands.codes import Code
from commands.rejection import Rejected

CORRELATE_BYTES = 4
"""Length of the frame a REQ socket with ZMQ_REQ_CORRELATE puts before its delimiter."""

_BINARY_HEADER = struct.Struct("<iii")
_BINARY_TYPES = frozenset((1, 2, 3, 4, 5, 6, 7, 8, 99))


class NoAnswerPossible(Exception):
    """The frames do not even say whom to answer."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`route` is every frame before the body: the answer carries the same ones, whatever the socket's kind."""

    route: tuple[bytes, ...]
    body: bytes

    @property
    def identity(self) -> bytes:
        return self.route[0]


def open_envelope(frames: Sequence[bytes]) -> Envelope:
    """Split what a ROUTER received: `[id, "", body]` (REQ), `[id, body]` (DEALER), `[id, n, "", body]` (REQ with
    correlation).

    Raises `NoAnswerPossible` when there is no sender or no body.
    """
    if len(frames) < 2 or not frames[0]:
        raise NoAnswerPossible(f"{len(frames)} frames")
    return Envelope(tuple(frames[:-1]), frames[-1])


def check_envelope(envelope: Envelope, *, max_frame_bytes: int) -> None:
    """Raises `Rejected` -603 for frames nobody can understand: too many, too large, or of the older binary kind."""
    middle = envelope.route[1:]
    if middle and not (
        middle == (b"",) or (len(middle) == 2 and len(middle[0]) == CORRELATE_BYTES and not middle[1])
    ):
        raise Rejected(
            Code.IPC_ERROR,
            f"frames: {len(middle)} unexpected frames before the body; send [body] from DEALER or ['', body] from REQ",
            field="frames",
        )
    size = len(envelope.body)
    if size > max_frame_bytes:
        raise Rejected(
            Code.IPC_ERROR,
            f"frame: {size} bytes, at most {max_frame_bytes} are read; split it",
            field="frame",
        )
    if is_binary_frame(envelope.body):
        raise Rejected(
            Code.IPC_ERROR,
            "frame: this is the binary frame of the older bridge; send the JSON envelope of the script commands",
            field="frame",
        )


def is_binary_frame(body: bytes) -> bool:
    """Whether the body starts like the older bridge's frame: little-endian type, id length, payload length."""
    if len(body) < _BINARY_HEADER.size or body[:1] == b"{":
        return False
    kind, correlation, payload = _BINARY_HEADER.unpack_from(body)
    return kind in _BINARY_TYPES and 0 <= correlation <= len(body) and 0 <= payload <= len(body)

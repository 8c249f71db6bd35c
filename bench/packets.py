"""How fast are the client's packets encoded? Against `struct` by hand and `ctypes`, which check nothing."""

from __future__ import annotations

import ctypes
import struct
import time
from collections.abc import Callable, Sequence

from adapters.rathena.packets.catalogue import STRUCTURES
from adapters.rathena.packets.codec import MAX_ENTRIES, PacketCodec
from adapters.rathena.packets.structures import SynthesisEntry, SynthesisInfo
from bench.measure import Figure, Result
from bench.options import DEFAULT, Options

CHARACTER = 150_000
TURN = 500
OURS = "packets, 32 entries each"
BY_HAND = "struct by hand, 32 entries each"
CTYPES = "ctypes, 32 entries each"


def run(options: Options = DEFAULT) -> Result:
    """The largest packets there are, per second of processor time; all three give the same bytes."""
    codec = PacketCodec({shape: number for number, shape in enumerate(STRUCTURES.values(), 1)})
    number = 1 + list(STRUCTURES.values()).index(SynthesisInfo)
    rows = [(place, 2, 3, 40, 500_000, 600_000) for place in range(MAX_ENTRIES)]
    packet = SynthesisInfo(CHARACTER, tuple(SynthesisEntry(*row) for row in rows))
    ways: dict[str, Callable[[], bytes]] = {
        OURS: lambda: codec.encode(packet),
        BY_HAND: lambda: _by_hand(number, rows),
        CTYPES: lambda: _ctypes(number, rows),
    }
    if len({way() for way in ways.values()}) != 1:
        raise RuntimeError("the encoders do not agree")
    seconds = options.seconds / 8
    figures = [
        Figure(name, _rate(way, seconds), "/s", at_least=50_000 if name == OURS else None)
        for name, way in ways.items()
    ]
    return Result("packets", tuple(figures))


def _rate(way: Callable[[], bytes], seconds: float) -> float:
    done, began = 0, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        for _ in range(TURN):
            way()
        done += TURN
    return done / spent


def _by_hand(number: int, rows: Sequence[tuple[int, ...]]) -> bytes:
    head = struct.pack("<hhiB", number, 9 + 15 * len(rows), CHARACTER, len(rows))
    return head + b"".join([struct.pack("<hhhBii", *row) for row in rows])


class _Entry(ctypes.LittleEndianStructure):
    _pack_ = 1
    _fields_ = (
        ("synthesis_id", ctypes.c_int16),
        ("class1_id", ctypes.c_int16),
        ("class2_id", ctypes.c_int16),
        ("level", ctypes.c_uint8),
        ("exp", ctypes.c_int32),
        ("max_exp", ctypes.c_int32),
    )


class _Info(ctypes.LittleEndianStructure):
    _pack_ = 1
    _fields_ = (
        ("packet_id", ctypes.c_int16),
        ("packet_len", ctypes.c_int16),
        ("char_id", ctypes.c_int32),
        ("synthesis_count", ctypes.c_uint8),
        ("syntheses", _Entry * MAX_ENTRIES),
    )


def _ctypes(number: int, rows: Sequence[tuple[int, ...]]) -> bytes:
    entries = (_Entry * MAX_ENTRIES)(*[_Entry(*row) for row in rows])
    return bytes(_Info(number, ctypes.sizeof(_Info), CHARACTER, len(rows), entries))

"""Packets to bytes and back: little-endian and packed, as `rathena-server-side.md` §6.2 lays them out.

Ids that do not fit their field are an error; what is only shown (levels, experience, durations) is clamped to it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import chain
from operator import attrgetter
from typing import Any

from adapters.rathena.packets.structures import (
    BloodlineDetails,
    BloodlineEntry,
    BloodlineInfo,
    EventNotification,
    Packet,
    RequestBloodlineDetails,
    RequestBloodlineInfo,
    RequestSynthesisDetails,
    RequestSynthesisInfo,
    SkillEntry,
    SynthesisDetails,
    SynthesisEntry,
    SynthesisInfo,
    WeatherUpdate,
)
from events.errors import PacketMalformed, PacketUnfit

NAME_BYTES = 24
DESCRIPTION_BYTES = 120
MAX_ENTRIES = 32
"""`MAX_BLOODLINES` and `MAX_SYNTHESES`, which the specification leaves open."""
MAX_SKILLS = 16
"""`MAX_BLOODLINE_SKILLS` and `MAX_SYNTHESIS_SKILLS`."""

_SHOWN = {"level", "exp", "max_exp", "skill_level", "duration", "intensity"}
_LIMITS = {"b": (-128, 127), "B": (0, 255), "h": (-(2**15), 2**15 - 1), "i": (-(2**31), 2**31 - 1)}
_HEADER = struct.Struct("<hh")
_ID = struct.Struct("<h")


@dataclass(frozen=True, slots=True)
class _Layout:
    """`head` are the formats of the fields before the entries, by name; `entry_format` has one letter a field.

    `sized` packets say their length behind their id.
    """

    head: Mapping[str, str]
    entry: type[Any] | None = None
    entries: str = ""
    entry_format: str = ""
    most: int = 0
    sized: bool = True


def _details(of: str) -> _Layout:
    head = {of: "h", "name": f"{NAME_BYTES}s", "description": f"{DESCRIPTION_BYTES}s"}
    return _Layout(head, SkillEntry, "skills", "hB", MAX_SKILLS)


_LAYOUTS: dict[type[Any], _Layout] = {
    RequestBloodlineInfo: _Layout({}, sized=False),
    BloodlineInfo: _Layout({"char_id": "i"}, BloodlineEntry, "bloodlines", "hBii", MAX_ENTRIES),
    RequestBloodlineDetails: _Layout({"bloodline_id": "h"}, sized=False),
    BloodlineDetails: _details("bloodline_id"),
    RequestSynthesisInfo: _Layout({}, sized=False),
    SynthesisInfo: _Layout({"char_id": "i"}, SynthesisEntry, "syntheses", "hhhBii", MAX_ENTRIES),
    RequestSynthesisDetails: _Layout({"synthesis_id": "h"}, sized=False),
    SynthesisDetails: _details("synthesis_id"),
    EventNotification: _Layout(
        {
            "event_id": "i",
            "event_type": "B",
            "event_name": f"{NAME_BYTES}s",
            "description": f"{DESCRIPTION_BYTES}s",
            "duration": "i",
        }
    ),
    WeatherUpdate: _Layout(
        {"map_id": "h", "weather_type": "B", "intensity": "B", "duration": "i"}, sized=False
    ),
}


class PacketCodec:
    """Encodes and decodes under the packet ids an operator chose.

    Parameters: `ids` maps each structure to its id (1 … 32767), all different; `encoding` is the code page of the game
    client's texts. Raises `PacketUnfit` when ids clash or are missing, `LookupError` for an unknown code page.
    """

    def __init__(self, ids: Mapping[type[Any], int], *, encoding: str = "utf-8") -> None:
        "".encode(encoding)
        self._encoding = encoding
        self._writers: dict[type[Any], Callable[[Any], bytes]] = {}
        self._shapes: dict[int, type[Any]] = {}
        for shape, layout in _LAYOUTS.items():
            number = ids.get(shape)
            if number is None or not 1 <= number <= 32767 or number in self._shapes:
                raise PacketUnfit(shape.__name__, "packet_id", "must be 1 to 32767 and not used twice")
            self._shapes[number] = shape
            self._writers[shape] = self._writer(shape, layout, number)

    def encode(self, packet: Packet) -> bytes:
        """The bytes of a packet. Raises `PacketUnfit` for an id outside its field or too many entries."""
        return self._writers[type(packet)](packet)

    def decode(self, data: bytes) -> Packet:
        """The packet that `data` holds whole. Raises `PacketMalformed`."""
        if len(data) < _ID.size or (shape := self._shapes.get(_ID.unpack_from(data)[0])) is None:
            raise PacketMalformed("unknown packet id" if len(data) >= _ID.size else "too short")
        layout = _LAYOUTS[shape]
        if layout.sized and (len(data) < _HEADER.size or _HEADER.unpack_from(data)[1] != len(data)):
            raise PacketMalformed(f"{shape.__name__}: packet_len is not the length of the packet")
        try:
            return self._read(shape, layout, data)
        except struct.error as error:
            raise PacketMalformed(f"{shape.__name__}: {error}") from None

    def _read(self, shape: type[Any], layout: _Layout, data: bytes) -> Packet:
        offset = _HEADER.size if layout.sized else _ID.size
        head = struct.Struct("<" + "".join(layout.head.values()))
        values = dict(zip(layout.head, head.unpack_from(data, offset), strict=True))
        offset += head.size
        for name, value in values.items():
            if isinstance(value, bytes):
                values[name] = value.partition(b"\0")[0].decode(self._encoding, errors="replace")
        if layout.entry is not None:
            count = data[offset] if offset < len(data) else -1
            if not 0 <= count <= layout.most:
                raise PacketMalformed(f"{shape.__name__}: {layout.entries} holds at most {layout.most}")
            entry, offset = struct.Struct("<" + layout.entry_format), offset + 1
            rows = [entry.unpack_from(data, offset + entry.size * place) for place in range(count)]
            values[layout.entries] = tuple(layout.entry(*row) for row in rows)
            offset += entry.size * count
        if offset != len(data):
            raise PacketMalformed(f"{shape.__name__}: {len(data) - offset} bytes too many")
        packet: Packet = shape(**values)
        return packet

    def _writer(self, shape: type[Any], layout: _Layout, number: int) -> Callable[[Any], bytes]:
        # Id, length, head and number of entries at once: nothing is put together afterwards.
        begin, end = "<hh" if layout.sized else "<h", "B" if layout.entry else ""
        body = struct.Struct(begin + "".join(layout.head.values()) + end)
        read = [(name, self._field(shape, name, form)) for name, form in layout.head.items()]
        rows_of = self._rows(shape, layout)

        def write(packet: Any) -> bytes:
            head = [fit(getattr(packet, name)) for name, fit in read]
            if rows_of is None:
                return body.pack(number, body.size, *head) if layout.sized else body.pack(number, *head)
            count, rows = rows_of(packet)
            return body.pack(number, body.size + len(rows), *head, count) + rows

        return write

    def _rows(self, shape: type[Any], layout: _Layout) -> Callable[[Any], tuple[int, bytes]] | None:
        """How many entries a packet has, and their bytes."""
        if layout.entry is None:
            return None
        names = [f.name for f in fields(layout.entry)]
        values = attrgetter(*names)
        entry = struct.Struct("<" + layout.entry_format)
        # One structure for every number of entries, so that a packet's are packed in one go.
        together = [struct.Struct("<" + layout.entry_format * count) for count in range(layout.most + 1)]
        fits = [
            self._field(layout.entry, name, form)
            for name, form in zip(names, layout.entry_format, strict=True)
        ]

        def rows_of(packet: Any) -> tuple[int, bytes]:
            rows = getattr(packet, layout.entries)
            count = len(rows)
            if count > layout.most:
                raise PacketUnfit(shape.__name__, layout.entries, f"holds at most {layout.most}")
            try:
                return count, together[count].pack(*chain.from_iterable(map(values, rows)))
            except struct.error:
                # Something is out of its range: what is only shown is clamped, an id is an error with a name.
                clamped = [[fit(value) for fit, value in zip(fits, values(row), strict=True)] for row in rows]
                return count, b"".join(entry.pack(*row) for row in clamped)

        return rows_of

    def _field(self, shape: type[Any], name: str, form: str) -> Callable[[Any], Any]:
        if form.endswith("s"):
            # The client reads up to the first zero byte, so that one must fit, too.
            size = int(form[:-1]) - 1
            return lambda text: cut(text, size, self._encoding)
        least, most = _LIMITS[form]
        if name in _SHOWN:
            return lambda value: min(max(value, least), most)

        def exact(value: int) -> int:
            if not least <= value <= most:
                raise PacketUnfit(shape.__name__, name, f"{value} is not between {least} and {most}")
            return value

        return exact


def cut(text: str, size: int, encoding: str = "utf-8") -> bytes:
    """`text` in `encoding`, at most `size` bytes, cut between characters; what the code page lacks becomes `?`.

    Characters are those of Unicode: a combining mark may be cut off its letter, a letter is never cut in two.
    """
    data = text.replace("\0", " ").encode(encoding, errors="replace")
    # A character that was cut in two does not decode, and goes.
    return data if len(data) <= size else data[:size].decode(encoding, errors="ignore").encode(encoding)

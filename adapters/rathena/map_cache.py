"""rAthena's ``map_cache.dat``: which cells of which map can be walked on.

Little endian. Header of 8 bytes: uint32 file size, uint16 number of maps, 2 bytes of padding. Per map 20
bytes: name[12] padded with zeros, int16 width, int16 height, int32 length; then ``length`` bytes of zlib,
which hold width * height cells at index ``x + y * width``, y = 0 at the south edge.
"""

from __future__ import annotations

import struct
import zlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from commands.mind.grid import MAX_CELLS, MAX_SIDE, Grid
from events.errors import MapCacheUnreadable, MapUnknown

WALKABLE_KINDS: Final = frozenset({0, 2, 3, 4, 6})
"""Cell types that can be walked on; 1 is a wall, 5 a gap, and what the server does not know is a wall to
it.
"""

MAX_FILE_BYTES: Final = 1 << 28
_HEADER: Final = struct.Struct("<IHxx")
_ENTRY: Final = struct.Struct("<12shhi")
_NAME_BYTES: Final = 12
_TO_WALKABLE: Final = bytes(int(kind in WALKABLE_KINDS) for kind in range(256))
_STORED_BLOCK_BYTES: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class MapCells:
    """The cells of a map as the server knows them: one byte each, its type, at index ``x + y * width``."""

    width: int
    height: int
    kinds: bytes

    def grid(self) -> Grid:
        """Return which of the cells are walkable. Raises ValueError when sizes disagree or exceed a grid's
        limits.
        """
        return Grid(self.width, self.height, self.kinds.translate(_TO_WALKABLE))


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    width: int
    height: int
    packed: memoryview


def encode_map_cache(maps: Mapping[str, MapCells], *, compress: bool = True) -> bytes:
    """Write maps as the content of a map cache file, in the order given.

    Without ``compress`` the cells are stored in valid but uncompressed zlib streams, whose bytes are the
    same on every machine. Raises ValueError when a name has no or more than 11 ASCII characters or the
    sizes of a map do not agree.
    """
    body = bytearray()
    for name, cells in maps.items():
        encoded = name.encode("ascii")
        if not 0 < len(encoded) < _NAME_BYTES:
            raise ValueError(f"map name {name!r}: give 1 to {_NAME_BYTES - 1} ASCII characters")
        if len(cells.kinds) != cells.width * cells.height:
            raise ValueError(
                f"map {name!r}: kinds must hold width * height = {cells.width * cells.height} bytes"
            )
        packed = zlib.compress(cells.kinds, 9) if compress else _stored(cells.kinds)
        body += _ENTRY.pack(encoded, cells.width, cells.height, len(packed)) + packed
    return _HEADER.pack(_HEADER.size + len(body), len(maps)) + bytes(body)


def _stored(data: bytes) -> bytes:
    """A zlib stream of uncompressed blocks (RFC 1950, RFC 1951 section 3.2.4)."""
    blocks = [data[at : at + _STORED_BLOCK_BYTES] for at in range(0, len(data), _STORED_BLOCK_BYTES)] or [b""]
    stream = b"\x78\x01"
    for number, block in enumerate(blocks, 1):
        stream += struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF) + block
    return stream + struct.pack(">I", zlib.adler32(data))


class MapCache:
    """The maps of one or several map cache files; a map is taken from the first file that has it.

    Opening reads the files and their indexes. Maps are unpacked when asked for, and at most ``keep`` stay
    unpacked (the least recently used goes first; a map of n cells takes about 20 n bytes). May be used from
    several threads.

    Raises MapCacheUnreadable when a file is missing, too large, cut off or not a map cache.
    """

    def __init__(self, files: Sequence[Path], keep: int = 16) -> None:
        if keep < 1:
            raise ValueError("keep must be at least 1")
        self.files = tuple(str(file) for file in files)
        self._keep = keep
        self._entries: dict[str, tuple[str, _Entry]] = {}
        for file in files:
            for entry in _read_index(file):
                self._entries.setdefault(entry.name, (str(file), entry))
        self._grids: OrderedDict[str, Grid] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _plain(name) in self._entries

    def names(self) -> tuple[str, ...]:
        """Names of all maps, sorted."""
        return tuple(sorted(self._entries))

    def cells(self, name: str) -> MapCells:
        """Unpack a map, with the types of its cells. Raises as ``grid`` does."""
        try:
            file, entry = self._entries[_plain(name)]
        except KeyError:
            raise MapUnknown(name, self.files) from None
        return _unpack(file, entry)

    def grid(self, name: str) -> Grid:
        """The walkable cells of a map, ready for path searches; its name may end in ``.gat``.

        The first call for a map takes a tenth of a second or so: keep it off an event loop.
        Raises MapUnknown when no file has the map, MapCacheUnreadable when its data are damaged.
        """
        plain = _plain(name)
        with self._lock:
            grid = self._grids.get(plain)
            if grid is None:
                grid = self.cells(name).grid()
                grid.prepare()
                self._grids[plain] = grid
                if len(self._grids) > self._keep:
                    self._grids.popitem(last=False)
            self._grids.move_to_end(plain)
            return grid


def _plain(name: str) -> str:
    return name.removesuffix(".gat")


def _read_index(file: Path) -> list[_Entry]:
    """Read a file and the index of its maps; an empty file holds none (the server's overlay is shipped like
    that).
    """
    try:
        with file.open("rb") as stream:
            content = memoryview(stream.read(MAX_FILE_BYTES + 1))
    except OSError as error:
        raise MapCacheUnreadable(str(file), None, f"cannot be read: {error.strerror or error}") from error
    if not content:
        return []
    if len(content) > MAX_FILE_BYTES:
        raise MapCacheUnreadable(str(file), None, f"is larger than {MAX_FILE_BYTES} bytes")
    if len(content) < _HEADER.size:
        raise MapCacheUnreadable(str(file), None, f"ends within its header, after {len(content)} bytes")
    declared, count = _HEADER.unpack_from(content)
    if declared != len(content):
        raise MapCacheUnreadable(str(file), None, f"has {len(content)} bytes, its header says {declared}")
    entries, at = [], _HEADER.size
    for number in range(1, count + 1):
        if at + _ENTRY.size > len(content):
            raise MapCacheUnreadable(str(file), None, f"ends before map {number} of {count}")
        raw_name, width, height, length = _ENTRY.unpack_from(content, at)
        at += _ENTRY.size
        name = _plain(raw_name.partition(b"\x00")[0].decode("latin-1"))
        if not 0 < length <= len(content) - at:
            left = len(content) - at
            raise MapCacheUnreadable(str(file), name, f"claims {length} bytes of data where {left} are left")
        entries.append(_Entry(name, width, height, content[at : at + length]))
        at += length
    return entries


def _unpack(file: str, entry: _Entry) -> MapCells:
    """Unpack a map, never more bytes than its size allows."""
    width, height = entry.width, entry.height
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_CELLS):
        raise MapCacheUnreadable(file, entry.name, f"claims {width} x {height} cells")
    unpacker = zlib.decompressobj()
    try:
        kinds = unpacker.decompress(entry.packed, width * height + 1)
    except zlib.error as error:
        raise MapCacheUnreadable(file, entry.name, f"its data cannot be unpacked ({error})") from error
    if len(kinds) > width * height:
        raise MapCacheUnreadable(file, entry.name, f"its data hold more than {width} x {height} cells")
    if len(kinds) < width * height:
        raise MapCacheUnreadable(file, entry.name, f"its data hold {len(kinds)} of {width} x {height} cells")
    return MapCells(width, height, kinds)

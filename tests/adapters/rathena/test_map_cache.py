"""Reading map caches: overlays, names, damage and hostile content."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rathena.map_cache import MapCache, MapCells, encode_map_cache
from commands.mind.grid import Cell
from events.errors import MapCacheUnreadable, MapUnknown

YARD = MapCells(3, 2, bytes((0, 1, 2, 3, 5, 6)))
HALL = MapCells(4, 4, bytes(16))
CELLS = st.tuples(st.integers(1, 20), st.integers(1, 20)).flatmap(
    lambda size: st.binary(min_size=size[0] * size[1], max_size=size[0] * size[1]).map(
        lambda kinds: MapCells(*size, kinds)
    )
)
NAMES = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=11)


def entry(name: bytes, width: int, height: int, packed: bytes, length: int | None = None) -> bytes:
    stated = len(packed) if length is None else length
    return struct.pack("<12shhi", name, width, height, stated) + packed


def cache_of(*entries: bytes, count: int | None = None) -> bytes:
    body = b"".join(entries)
    return struct.pack("<IHxx", 8 + len(body), len(entries) if count is None else count) + body


def written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


@given(st.dictionaries(NAMES, CELLS, max_size=5), st.booleans())
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, maps: dict[str, MapCells], compress: bool
) -> None:
    file = written(tmp_path_factory.mktemp("maps"), "cache.dat", encode_map_cache(maps, compress=compress))
    cache = MapCache([file])
    assert {name: cache.cells(name) for name in cache.names()} == maps


def test_the_types_of_cells_that_can_be_walked_on_are_the_servers(tmp_path: Path) -> None:
    kinds = MapCells(9, 1, bytes((0, 1, 2, 3, 4, 5, 6, 7, 255)))
    cache = MapCache([written(tmp_path, "cache.dat", encode_map_cache({"kinds": kinds}))])
    assert cache.grid("kinds").walkable == bytes((1, 0, 1, 1, 1, 0, 1, 0, 0))


def test_rows_are_counted_from_the_south(tmp_path: Path) -> None:
    grid = MapCache([written(tmp_path, "cache.dat", encode_map_cache({"yard": YARD}))]).grid("yard")
    assert [grid.is_walkable(Cell(x, 0)) for x in range(3)] == [True, False, True]
    assert [grid.is_walkable(Cell(x, 1)) for x in range(3)] == [True, False, True]


def test_a_map_is_taken_from_the_first_file_that_has_it(tmp_path: Path) -> None:
    empty = written(tmp_path, "import.dat", b"")
    overlay = written(tmp_path, "overlay.dat", encode_map_cache({"yard": HALL}))
    rest = written(tmp_path, "rest.dat", encode_map_cache({"yard": YARD, "hall": HALL}))
    cache = MapCache([empty, overlay, rest])
    assert cache.names() == ("hall", "yard")
    assert cache.cells("yard") == HALL
    assert MapCache([rest, overlay]).cells("yard") == YARD


def test_a_map_is_found_with_and_without_its_suffix(tmp_path: Path) -> None:
    packed = zlib.compress(YARD.kinds)
    cache = MapCache([written(tmp_path, "cache.dat", cache_of(entry(b"yard.gat", 3, 2, packed)))])
    assert cache.cells("yard") == cache.cells("yard.gat") == YARD
    assert "yard" in cache
    assert "yard.gat" in cache
    assert 7 not in cache


def test_a_map_nobody_has_is_an_error_that_says_where_it_was_looked_for(tmp_path: Path) -> None:
    cache = MapCache([written(tmp_path, "cache.dat", encode_map_cache({"yard": YARD}))])
    with pytest.raises(MapUnknown, match=r"'atlantis' \(searched: .*cache\.dat\)"):
        cache.grid("atlantis")
    with pytest.raises(MapUnknown) as caught:
        cache.grid("x" * 100_000)
    assert len(str(caught.value)) < 500


def test_without_any_file_the_error_names_the_setting() -> None:
    with pytest.raises(MapUnknown, match=r"rathena\.map_cache"):
        MapCache([]).grid("prontera")


def test_only_the_maps_used_last_stay_unpacked(tmp_path: Path) -> None:
    maps = dict.fromkeys(("a", "b", "c"), HALL)
    cache = MapCache([written(tmp_path, "cache.dat", encode_map_cache(maps))], keep=2)
    first, second = cache.grid("a"), cache.grid("b")
    assert cache.grid("a") is first
    cache.grid("c")
    assert cache.grid("a") is first
    assert cache.grid("b") is not second
    with pytest.raises(ValueError, match="keep"):
        MapCache([], keep=0)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MapCacheUnreadable, match=r"nowhere\.dat: cannot be read"):
        MapCache([tmp_path / "nowhere.dat"])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\x08", "within its header"),
        (cache_of(entry(b"yard", 3, 2, zlib.compress(YARD.kinds)))[:-1], "its header says"),
        (cache_of(entry(b"yard", 3, 2, zlib.compress(YARD.kinds)), count=2), "before map 2 of 2"),
        (cache_of(count=65535), "before map 1 of 65535"),
        (cache_of(entry(b"yard", 3, 2, b"", length=-5)), "'yard': claims -5 bytes"),
        (cache_of(entry(b"yard", 3, 2, b"x", length=2**31 - 1)), "'yard': claims 2147483647 bytes"),
        (b"PK\x03\x04 this is another kind of file altogether", "its header says"),
    ],
)
def test_a_damaged_file_is_refused_when_it_is_opened(tmp_path: Path, content: bytes, problem: str) -> None:
    file = written(tmp_path, "broken.dat", content)
    with pytest.raises(MapCacheUnreadable, match=problem) as caught:
        MapCache([file])
    assert caught.value.file == str(file)


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (entry(b"bad", 3, 2, b"not zlib at all"), "cannot be unpacked"),
        (entry(b"bad", 3, 2, zlib.compress(bytes(6))[:-6]), "hold . of 3 x 2 cells"),
        (entry(b"bad", 3, 2, zlib.compress(bytes(5))), "hold 5 of 3 x 2 cells"),
        (entry(b"bad", 3, 2, zlib.compress(bytes(1 << 26), 9)), "more than 3 x 2 cells"),
        (entry(b"bad", -3, 2, zlib.compress(bytes(6))), "claims -3 x 2 cells"),
        (entry(b"bad", 0, 0, zlib.compress(b"")), "claims 0 x 0 cells"),
        (entry(b"bad", 32767, 32767, zlib.compress(bytes(6))), "claims 32767 x 32767 cells"),
    ],
)
def test_a_damaged_map_is_named_and_leaves_the_others_usable(
    tmp_path: Path, broken: bytes, problem: str
) -> None:
    good = entry(b"yard", 3, 2, zlib.compress(YARD.kinds))
    cache = MapCache([written(tmp_path, "cache.dat", cache_of(broken, good))])
    with pytest.raises(MapCacheUnreadable, match=problem) as caught:
        cache.grid("bad")
    assert caught.value.map_name == "bad"
    assert cache.cells("yard") == YARD


@given(st.binary(max_size=400), st.booleans())
def test_random_content_is_either_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, headed: bool
) -> None:
    content = struct.pack("<IHxx", 8 + len(noise), 3) + noise if headed else noise
    file = written(tmp_path_factory.mktemp("noise"), "noise.dat", content)
    try:
        cache = MapCache([file])
        unpacked = [cache.cells(name) for name in cache.names()]
    except MapCacheUnreadable as refused:
        assert str(file) in str(refused)
    else:
        assert all(len(cells.kinds) == cells.width * cells.height for cells in unpacked)


@pytest.mark.parametrize("name", ["", "twelve_chars", "bücher"])
def test_a_name_the_format_cannot_hold_is_not_written(name: str) -> None:
    with pytest.raises(ValueError, match=r"name|ascii"):
        encode_map_cache({name: YARD})


def test_cells_that_do_not_fill_the_map_are_not_written() -> None:
    with pytest.raises(ValueError, match="width \\* height = 9"):
        encode_map_cache({"yard": MapCells(3, 3, b"")})

"""The maps that ship: rebuilt byte for byte, and with the features the demo relies on."""

from __future__ import annotations

from pathlib import Path

import conf
from adapters.rathena.map_cache import MapCache
from adapters.rathena.synthetic_maps import city, shipped_cache
from commands.mind.grid import Cell
from commands.mind.pathfinding import PathReason, find_path

SHIPPED = Path(next(iter(conf.__path__))) / "maps" / "lorestream_cache.dat"


def test_the_shipped_file_can_be_rebuilt_byte_for_byte() -> None:
    assert SHIPPED.read_bytes() == shipped_cache()


def test_the_shipped_file_holds_a_town_and_a_field() -> None:
    cache = MapCache([SHIPPED])
    assert cache.names() == ("lore_field", "lore_town")
    assert (cache.grid("lore_town").width, cache.grid("lore_town").height) == (120, 120)


def test_the_town_is_crossed_from_gate_to_gate_over_its_bridge() -> None:
    path = find_path(MapCache([SHIPPED]).grid("lore_town"), Cell(60, 5), Cell(60, 115))
    assert path.valid
    assert any(57 <= cell.x < 63 and cell.y == 78 for cell in path.cells())


def test_nobody_walks_to_the_island_of_the_town() -> None:
    path = find_path(MapCache([SHIPPED]).grid("lore_town"), Cell(60, 5), Cell(88, 40))
    assert path.reason is PathReason.UNREACHABLE


def test_the_field_is_crossed_by_a_ford() -> None:
    path = find_path(MapCache([SHIPPED]).grid("lore_field"), Cell(70, 8), Cell(112, 75))
    assert path.valid


def test_the_city_for_measurements_has_the_size_and_density_of_a_large_town() -> None:
    grid = city().grid()
    assert (grid.width, grid.height) == (312, 392)
    assert 0.4 < grid.walkable.count(1) / len(grid.walkable) < 0.6

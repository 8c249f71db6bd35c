"""The measurement of paths: what it checks holds, and its result can be read by people and programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import conf
from adapters.rathena.synthetic_maps import town
from bench.pathfinding import OWN, main, run, table
from commands.mind.grid import Grid


def test_every_measured_walk_is_allowed_and_as_cheap_as_the_peers() -> None:
    result = run(town().grid(), pairs=12, seed=7)
    assert all(row.all_walkable and row.all_cheapest for row in result.rows)
    assert {row.method for row in result.rows} >= {OWN, "heapq A*"}
    assert OWN in table(result)


def test_the_result_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    shipped = Path(next(iter(conf.__path__))) / "maps" / "lorestream_cache.dat"
    assert main(["--json", "--pairs", "5", "--map", str(shipped), "lore_field"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]


def test_a_map_without_long_routes_is_measured_as_far_as_it_goes() -> None:
    result = run(Grid(3, 3, b"\x01" * 9), pairs=3)
    assert {row.routes for row in result.rows} == {"walks of at most 14 steps", "cells at most 14 apart"}
    assert any("8-250" in note for note in result.notes)


@pytest.mark.parametrize("arguments", [["--pairs", "0"], ["--map", "nowhere.dat", "prontera"]])
def test_a_wrong_argument_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "error: " in capsys.readouterr().err

"""The measurement of paths: what it checks holds, and its result can be read by people and programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import conf
from adapters.rathena.synthetic_maps import town
from bench.pathfinding import OWN, main, run, table


def test_every_measured_walk_is_allowed_and_as_cheap_as_the_peers() -> None:
    result = run(town().grid(), pairs=12, seed=7)
    assert all(row.all_walkable and row.all_cheapest for row in result.rows)
    assert {row.method for row in result.rows} >= {OWN, "heapq A*"}
    assert OWN in table(result)


def test_the_result_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    shipped = Path(next(iter(conf.__path__))) / "maps" / "lorestream_cache.dat"
    assert main(["--json", "--pairs", "5", "--map", str(shipped), "lore_field"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]

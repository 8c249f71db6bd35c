"""The scale bench measures what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.memory_scale import run


def test_many_npcs_are_filled_and_asked(tmp_path: Path) -> None:
    report = run(tmp_path / "scale.db", npcs=5, memories=300, lives=2, queries=20)
    assert (report.npcs, report.memories, report.queries) == (5, 300, 20)
    assert 0 < report.p50_ms <= report.p95_ms <= report.max_ms
    assert "5 NPCs with 300 memories each" in report.as_text()
    assert report.as_json()["database_mb"] > 0


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "scale.db"
    path.write_text("precious")
    with pytest.raises(FileExistsError, match="name a file that can be created"):
        run(path)
    assert path.read_text() == "precious"

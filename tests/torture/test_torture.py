"""The short form of the torture, for every run of the tests."""

from __future__ import annotations

import pytest

from tests.torture.killer import ROLES
from tests.torture.torture import torture


@pytest.mark.torture
@pytest.mark.timeout(300)
async def test_nothing_acknowledged_is_lost_or_doubled_when_processes_are_killed_under_load() -> None:
    report = await torture(20.0, seed=1)
    print(f"\n{report}")
    assert report.broken == []
    assert report.unknown == 0
    assert set(report.kills) == {*ROLES, "commands-2", "models"}
    assert report.acknowledged > 100
    assert report.answered > 0
    assert report.models["routes"].get("model", 0) > 10
    assert report.models["failures"]
    assert report.replayed == report.models["decisions"]

"""The short form of the torture, for every run of the tests."""

from __future__ import annotations

import pytest

from tests.torture.torture import torture


@pytest.mark.torture
@pytest.mark.timeout(300)
async def test_nothing_acknowledged_is_lost_or_doubled_when_processes_are_killed_under_load() -> None:
    report = await torture(20.0, seed=1)
    print(f"\n{report}")
    assert report.broken == []
    assert report.unknown == 0
    assert set(report.kills) == {"nats-server", "commands", "commands-2", "projector", "agents", "gateway"}
    assert report.acknowledged > 100

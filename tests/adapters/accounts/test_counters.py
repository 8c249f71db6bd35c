from __future__ import annotations

import threading

import pytest

from adapters.accounts import counters
from adapters.accounts.counters import Counters
from adapters.accounts.throttle import Throttle, TooOften


def test_requests_are_counted_without_starting_threads() -> None:
    throttle = Throttle(100)
    before = threading.active_count()
    for _ in range(100):
        throttle.request("mira")
    assert threading.active_count() <= before
    with pytest.raises(TooOften):
        throttle.request("mira")
    throttle.request("tom")


def test_what_has_expired_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Counters()
    for number in range(50):
        found.incr(f"old {number}", 0)
    monkeypatch.setattr(counters, "SWEEP_SECONDS", -1.0)
    found.incr("new", 60)
    assert set(found.storage) == set(found.expirations) == {"new"}

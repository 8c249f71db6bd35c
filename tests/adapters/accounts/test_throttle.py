from __future__ import annotations

import pytest

from adapters.accounts.throttle import RECORDED, Throttle, TooOften


def test_what_one_address_does_to_one_name_locks_neither_others_there_nor_the_name_elsewhere() -> None:
    throttle = Throttle(600)
    for _ in range(8):
        throttle.check_sign_in("here", "Mira")
        throttle.failed("here", "Mira")
    with pytest.raises(TooOften) as refused:
        throttle.check_sign_in("here", "MIRA")
    assert 1 <= refused.value.retry_after <= 240
    throttle.check_sign_in("here", "bob")
    throttle.check_sign_in("there", "mira")


def test_many_addresses_at_one_name_and_many_names_from_one_address_are_slowed_down() -> None:
    throttle = Throttle(600)
    for n in range(30):
        throttle.failed(f"address{n}", "mira")
    with pytest.raises(TooOften):
        throttle.check_sign_in("another", "mira")
    for n in range(60):
        throttle.failed("here", f"name{n}")
    with pytest.raises(TooOften):
        throttle.check_sign_in("here", "new")


def test_whoever_knows_the_password_is_forgiven() -> None:
    throttle = Throttle(600)
    for _ in range(7):
        throttle.failed("here", "mira")
    throttle.succeeded("here", "mira")
    for _ in range(7):
        throttle.check_sign_in("here", "mira")
        throttle.failed("here", "mira")


def test_requests_are_counted_by_account_and_what_is_left_is_told() -> None:
    throttle = Throttle(60)
    left = [throttle.request("a").remaining for _ in range(60)]
    assert left[0] == 59
    assert left[-1] == 0
    with pytest.raises(TooOften) as refused:
        throttle.request("a")
    headers = refused.value.allowance.headers()
    assert (headers["RateLimit-Limit"], headers["RateLimit-Remaining"]) == ("60", "0")
    assert throttle.request("b").remaining == 59
    assert [throttle.may(RECORDED, "a") for _ in range(8)] == [True] * 6 + [False] * 2

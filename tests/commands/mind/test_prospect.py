"""What becomes of hope and fear: every change of likelihood has a defined meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.fixed import ONE
from commands.mind.prospect import NEVER, SURELY, prospected

utilities = st.integers(-ONE, ONE)
likelihoods = st.integers(0, ONE)


@given(utilities, likelihoods)
def test_no_change_of_likelihood_gives_no_emotion(utility: int, likelihood: int) -> None:
    assert prospected(utility, likelihood, likelihood) == ()


@given(utilities.filter(bool), likelihoods, likelihoods)
def test_every_change_has_exactly_one_meaning_except_between_settled_and_settled(
    utility: int, before: int, now: int
) -> None:
    names = [name for name, _ in prospected(utility, before, now)]
    settled_alike = (before >= SURELY and now >= SURELY) or (before <= NEVER and now <= NEVER)
    if before == now or settled_alike:
        assert names == []
    elif NEVER < now < SURELY:
        assert names == ["hope" if (now > before) == (utility > 0) else "fear"]
    else:
        well = (utility > 0) == (now >= SURELY)
        assert names[0] in (("satisfaction", "relief") if well else ("fears_confirmed", "disappointment"))
        assert names[1] == ("joy" if well else "distress")


@pytest.mark.parametrize(
    ("utility", "before", "now", "emotion"),
    [
        (1, 0.9, 1.0, "satisfaction"),
        (1, 0.9, 0.0, "disappointment"),
        (1, 0.1, 1.0, "relief"),
        (1, 0.1, 0.0, "fears_confirmed"),
        (-1, 0.9, 1.0, "fears_confirmed"),
        (-1, 0.9, 0.0, "relief"),
        (-1, 0.1, 1.0, "disappointment"),
        (-1, 0.1, 0.0, "satisfaction"),
    ],
)
def test_the_end_of_a_prospect_is_judged_by_what_was_expected(
    utility: int, before: float, now: float, emotion: str
) -> None:
    assert prospected(utility * ONE, round(before * ONE), round(now * ONE))[0][0] == emotion


@given(
    st.lists(st.integers(1, ONE), min_size=2, max_size=2), st.sampled_from([-1, 1]), likelihoods, likelihoods
)
def test_a_greater_utility_never_gives_a_weaker_emotion(
    sizes: list[int], sign: int, before: int, now: int
) -> None:
    weak, strong = (prospected(sign * size, before, now) for size in sorted(sizes))
    assert [name for name, _ in weak] == [name for name, _ in strong]
    assert all(a <= b for (_, a), (_, b) in zip(weak, strong, strict=True))


@given(utilities, likelihoods, likelihoods, likelihoods)
def test_a_greater_change_never_gives_a_weaker_emotion(
    utility: int, before: int, one: int, other: int
) -> None:
    small, large = sorted((one, other), key=lambda now: abs(now - before))
    weak, strong = dict(prospected(utility, before, small)), dict(prospected(utility, before, large))
    assert all(weak[name] <= strong[name] for name in weak.keys() & strong.keys())

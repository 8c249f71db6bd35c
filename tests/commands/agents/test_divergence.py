from __future__ import annotations

from typing import Any

import pytest

from commands.agents.divergence import NOTHING, first_divergence


@pytest.mark.parametrize(
    ("expected", "found", "place"),
    [
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": (1, 2)}, {"a": [1, 2]}, None),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, None),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, ("a.b[1].c", 2, 3)),
        ({"a": 1}, {}, ("a", 1, NOTHING)),
        ({}, {"a": None}, ("a", NOTHING, None)),
        ([1], [1, 2], ("[1]", NOTHING, 2)),
        ({"a": True}, {"a": 1}, ("a", True, 1)),
        (None, {"a": 1}, ("", None, {"a": 1})),
        ({"a": "x", "b": 1}, {"a": "y", "b": 2}, ("a", "x", "y")),
    ],
)
def test_the_first_place_that_differs_is_named(expected: Any, found: Any, place: Any) -> None:
    assert first_divergence(expected, found) == place

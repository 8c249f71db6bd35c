from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from adapters.rathena.documents import MAX_DEPTH, read_json
from commands.rejection import Rejected

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)
keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=20)


@given(documents)
def test_every_json_document_is_read_as_it_was_written(document: Any) -> None:
    assert read_json(to_json(document), "body") == document


@given(st.binary())
def test_any_bytes_are_read_or_rejected(raw: bytes) -> None:
    try:
        read_json(raw, "body")
    except Rejected as rejected:
        assert rejected.code in {-101, -102, -105}
        assert rejected.field


def test_nesting_is_allowed_up_to_the_limit_and_not_beyond() -> None:
    read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, "body")
    with pytest.raises(Rejected, match="nested too deep"):
        read_json(b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), "body")


def test_many_shallow_objects_are_not_taken_for_deep_ones() -> None:
    rows = [{"x": index} for index in range(500)]
    assert read_json(to_json(rows), "body") == rows

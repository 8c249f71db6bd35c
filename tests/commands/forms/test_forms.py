"""One table of fields: what it lets in, what it makes of it, and the schemas that follow from it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.forms.field import FieldError, clean
from commands.forms.filling import filled, mentioned, references, with_mentions
from commands.forms.kinds import BY_NAME
from commands.forms.schema import schema
from commands.forms.text import line, paragraphs, searchable
from commands.rejection import Rejected

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [field for fields in BY_NAME.values() for field in fields.values()]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FIELDS), ANYTHING)
def test_whatever_comes_is_cleaned_or_refused_and_what_is_clean_stays_as_it_is(
    field: Any, value: Any
) -> None:
    try:
        found = clean(field, value)
    except FieldError as error:
        assert str(error)
        return
    assert clean(field, found) == found


@given(st.text())
def test_text_is_normal_holds_nothing_unseen_and_is_not_changed_twice(text: str) -> None:
    try:
        once, twice = line(text), paragraphs(text)
    except ValueError:
        assert any(0xD800 <= ord(character) < 0xE000 for character in text)
        return
    assert line(once) == once
    assert paragraphs(twice) == twice
    assert "\n" not in once
    assert not set("\u202e\u2066\u200f\u0000\u0007\r\ufeff") & set(once + twice)


def test_what_is_looked_for_has_no_case_no_accents_and_no_kinds_of_space() -> None:
    assert searchable("  L'Épée\u00a0de\tGLACE ") == "l'epee de glace"


@pytest.mark.parametrize("kind", BY_NAME)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_field_has_a_schema_with_a_title_in_both_languages(kind: str, language: Any) -> None:
    found = schema(kind, language)
    assert list(found["properties"]) == list(BY_NAME[kind])
    for name, shape in found["properties"].items():
        assert shape["title"], name
        assert shape["type"] in {"string", "integer", "boolean", "array", "object"}, name
        assert shape["x-section-title"], name
        if shape["x-widget"] == "choice":
            assert [choice["value"] for choice in shape["x-choices"]] == shape["enum"]


def test_references_are_found_in_fields_and_in_texts_each_once() -> None:
    fields = {
        "description": "[[a]] and [[b]], again [[a]]. Not [[a b]], [[]] or [a].",
        "location_id": "c",
        "relations": [{"to": "d", "label": "fears", "weight": -3}],
        "tags": ["[[e]]"],
    }
    found = {
        (reference.field, reference.to, reference.label, reference.weight)
        for reference in references("npc", fields)
    }
    expected = [("description", "a"), ("description", "b"), ("location_id", "c")]
    assert found == {(*each, "", 0) for each in expected} | {("relations", "d", "fears", -3)}
    assert mentioned("[[a]][[b]]") == ["a", "b"]
    assert with_mentions("[[a]]!", str.upper) == "A!"


def test_a_text_full_of_mentions_refers_to_the_first_sixty_four() -> None:
    text = " ".join(f"[[x{number}]]" for number in range(200))
    assert len(references("note", {"description": text})) == 64


def test_null_and_emptiness_empty_a_field() -> None:
    assert filled("npc", {"race": None, "class": " ", "tags": [], "abilities": {}, "level": ""}) == (
        {},
        ("race", "class", "tags", "abilities", "level"),
    )


def test_a_name_of_a_field_that_is_none_is_told_shortly() -> None:
    with pytest.raises(Rejected) as caught:
        filled("npc", {"x" * 5000: 1})
    assert len(caught.value.message) < 200

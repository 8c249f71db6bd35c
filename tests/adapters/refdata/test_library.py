"""Searching and showing reference data; the sample that ships."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.refdata import schema
from adapters.refdata.entry import KINDS
from adapters.refdata.library import open_library
from commands.rules.creature import check_ability_scores, check_hit_points
from commands.rules.spell import CASTING
from commands.rules.verdict import failed
from commands.rules.vocabulary import check_word
from events.errors import ReferenceDataError

NOWHERE = Path("/nonexistent")


def test_the_sample_answers_when_nothing_was_imported() -> None:
    with open_library(NOWHERE) as library:
        status = library.status()
        assert status["sample"] is True
        assert sum(status["entries"].values()) == 40
        assert min(status["entries"].values()) >= 2
        for kind in KINDS:
            for name in library.names(kind):
                found = library.entry(kind, name)
                assert found is not None
                assert "CC-BY-4.0" in found["source"]["attribution"]


def test_the_sample_obeys_the_rules() -> None:
    with open_library(NOWHERE) as library:
        for name in library.names("creature"):
            found = library.entry("creature", name)
            assert found is not None
            verdicts = check_hit_points(found["hit_points"], found["hit_dice"])
            verdicts += check_word("size", found["size"]) + check_word("creature_type", found["type"])
            verdicts += check_ability_scores(found["data"]["abilities"])
            assert failed(verdicts) == [], name
        for name in library.names("spell"):
            found = library.entry("spell", name)
            assert found is not None
            assert failed(check_word("school", found["school"])) == []
            assert set(found["classes"]) <= set(CASTING)
        for name in library.names("item"):
            found = library.entry("item", name)
            assert found is not None
            assert found["rarity"] is None or failed(check_word("rarity", found["rarity"])) == []


def test_a_search_finds_names_before_texts_beginnings_and_other_word_forms() -> None:
    with open_library(NOWHERE) as library:
        assert {row["name"] for row in library.search("kiln")["results"]} == {"Kiln Drake", "Kiln Ward"}
        assert library.search("stor hero")["results"] == []
        assert library.search("storm her")["results"][0]["name"] == "Storm Heron"
        assert library.search("bridges")["results"]
        assert [row["kind"] for row in library.search("kiln", "spell")["results"]] == ["spell"]
        assert library.search("kiln", ruleset="2014")["results"] == []
        assert len(library.search("kiln")["sources"]) == 1


@given(st.text(max_size=300))
def test_no_text_is_an_operator(text: str) -> None:
    with open_library(NOWHERE) as library:
        assert len(library.search(text)["results"]) <= 20
        library.entry("rule", text)


@pytest.mark.parametrize(
    "text", ['" OR *', "name:kiln NOT", "NEAR(", "'; DROP TABLE ref_rule; --", "\0", "*", "^a*"]
)
def test_operators_are_words(text: str) -> None:
    with open_library(NOWHERE) as library:
        library.search(text)
        assert library.names("rule")


def test_readers_cannot_write(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / schema.FILE) as connection:
        schema.create(connection)
    connection.close()
    for state in (tmp_path, NOWHERE):
        with open_library(state) as library, pytest.raises(sqlite3.OperationalError):
            library._connection.execute("DELETE FROM ref_rule")


def test_a_damaged_or_foreign_file_is_named(tmp_path: Path) -> None:
    (tmp_path / schema.FILE).write_bytes(b"no database" * 100)
    with pytest.raises(ReferenceDataError, match="Remove it and import again"), open_library(tmp_path):
        pass
    (tmp_path / schema.FILE).unlink()
    sqlite3.connect(tmp_path / schema.FILE).execute("PRAGMA user_version = 99").connection.close()
    with pytest.raises(ReferenceDataError, match="version 99"), open_library(tmp_path):
        pass

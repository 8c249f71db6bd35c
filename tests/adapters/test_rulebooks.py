"""Rule books from the package and from a directory: what replaces what, and what a mistake is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.rulebooks import load
from commands.mind.rulebooks import BOOKS
from events.errors import ConfigurationError


def test_the_books_that_ship_are_complete() -> None:
    books = load()
    assert set(books.hashes) == set(BOOKS)
    assert books.appraisal.row("attacked", {}) is not None
    assert books.archetypes.named("weapon merchant").name == "merchant"


def test_a_book_in_the_directory_replaces_the_one_that_ships_and_only_that(tmp_path: Path) -> None:
    (tmp_path / "archetypes.toml").write_text("[archetype.default]\nstandards = { order = 2.0 }\n")
    ours, shipped = load(tmp_path), load()
    assert ours.archetypes.named("merchant").name == "default"
    assert ours.hashes["appraisal"] == shipped.hashes["appraisal"]
    assert ours.hashes["archetypes"] != shipped.hashes["archetypes"]
    assert ours.fingerprint("appraisal") == shipped.fingerprint("appraisal")
    assert ours.fingerprint() != shipped.fingerprint()


def test_a_comment_does_not_change_the_fingerprint(tmp_path: Path) -> None:
    conf = Path(__file__).parents[2] / "conf" / "archetypes.toml"
    (tmp_path / "archetypes.toml").write_text("# our own remark\n" + conf.read_text("utf-8"), "utf-8")
    assert load(tmp_path).hashes == load().hashes


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("appraisal", "[event.attacked]\nutility = -7\n", "event.attacked.utility"),
        ("appraisal", "[event.attacked]\nutlity = -0.7\n", "event.attacked.utlity"),
        ("archetypes", "[archetype.guard]\n", "default"),
        ("prices", "[categories.food]\nsell = 1.0\nbuy = 2.0\n", "categories.food.buy"),
        ("goals", "goals = 3\n", "goals"),
        ("quests", "[rewards]\n", "rewards"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, name: str, content: str, key: str) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert caught.value.origin == str(path)
    assert key in str(caught.value)


@pytest.mark.parametrize("content", [b"[archetype", b"\xff\xfe"])
def test_what_is_not_toml_is_refused_with_its_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "archetypes.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"archetypes\.toml"):
        load(tmp_path)


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not a directory"):
        load(tmp_path / "nowhere")

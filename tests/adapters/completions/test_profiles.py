"""Profiles and keys of the compatible endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.completions import keys
from adapters.completions.profiles import Profile, load
from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from events.errors import ConfigurationError


@given(st.text(max_size=700))
def test_an_answer_is_never_longer_than_the_profile_allows(text: str) -> None:
    cut = Profile(max_chars=500).cut(text)
    assert len(cut) <= 500
    assert cut == text or (cut.endswith("...") and text.startswith(cut[:-3]))


def test_the_profiles_that_ship_are_as_the_chat_command_specifies() -> None:
    found = load()
    assert found["ddnet"].max_chars == 500
    assert found["ddnet_limited"].cooldown_seconds == 10
    assert found["ddnet"].messages.wait(7) == "Подождите 7 секунд перед следующим запросом"


@pytest.mark.parametrize(
    ("text", "key"), [("[a]\nper_minute = -1\n", "a.per_minute"), ("[a]\nx = 1\n", "a.x"), ("[", "")]
)
def test_a_mistake_in_a_profile_is_named(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "profiles.toml").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert caught.value.key == key


def test_a_key_is_stored_as_a_hash_found_by_it_and_forgotten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    migrate(url)
    database = open_database(url)
    with database.writer.begin() as connection:
        secret = keys.create(connection, "ddnet-1", "ddnet")
        with pytest.raises(keys.KeyExists):
            keys.create(connection, "ddnet-1", "ddnet")
        with pytest.raises(ValueError, match="letters"):
            keys.create(connection, "no good name!", "ddnet")
    with database.reader.connect() as connection:
        known = keys.all_keys(connection)
    assert known[keys.hashed(secret)].name == "ddnet-1"
    assert secret.startswith("sk-")
    assert secret.encode() not in (tmp_path / "x.sqlite3").read_bytes()
    with database.writer.begin() as connection:
        assert keys.revoke(connection, "ddnet-1")
        assert not keys.revoke(connection, "ddnet-1")
    database.close()

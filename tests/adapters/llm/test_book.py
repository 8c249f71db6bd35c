"""The models, agents and prices an operator configures, and what is said when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.llm.book import NANO, load
from events.decision import Usage
from events.errors import ConfigurationError


def test_what_ships_is_complete_and_asks_nobody() -> None:
    book = load()
    assert {"openai", "azure", "anthropic", "local", "fake"} <= set(book.providers)
    assert not any(entry.enabled for entry in book.providers.values())
    assert [entry.key for entry in book.by_priority()][:1] == ["openai"]
    assert book.agents["npc_intelligence"].response_timeout == 3000
    assert book.realm_limit == 10 * NANO
    found = book.agent_numbered(4)
    assert found is not None
    assert found.key == "world_evolution"


def test_a_price_is_that_of_the_longest_name_the_model_begins_with() -> None:
    book = load()
    usage = Usage(input=1_000_000, output=100_000, cached=500_000)
    openai = book.providers["openai"]
    assert book.price("gpt-4o-mini-2024-07-18", openai).of(usage) == round((0.075 + 0.0375 + 0.06) * NANO)


def test_what_is_not_listed_costs_as_much_as_what_was_asked_for() -> None:
    book = load()
    openai = book.providers["openai"]
    assert book.price("nobody-knows-me", openai) == book.prices[openai.model]


def test_a_model_nobody_priced_is_dear_where_a_key_is_needed_and_free_where_none_is() -> None:
    book = load()
    unknown = book.providers["openai"].model_copy(update={"model": "gpt-99"})
    assert book.unlisted(unknown)
    ordinary = max(book.prices[entry.model].output for entry in book.providers.values() if entry.key_variable)
    assert book.price("gpt-99-2030-01-01", unknown).output > ordinary
    mine = book.providers["local"].model_copy(update={"model": "my-own"})
    assert not book.unlisted(mine)
    assert book.price("my-own", mine).output == 0


def test_an_operators_directory_replaces_the_files_it_has(tmp_path: Path) -> None:
    (tmp_path / "providers.toml").write_text('[mine]\nid = 9\nname = "Mine"\ntype = "local"\nmodel = "m"\n')
    (tmp_path / "agents.toml").write_text(
        '[chat]\nid = 1\nname = "C"\ntype = "chat"\nprompt = "chat"\nprovider = "mine"\n'
    )
    book = load(tmp_path)
    assert list(book.providers) == ["mine"]
    assert book.realm_limit is None
    assert "gpt-4o" in book.prices


@pytest.mark.parametrize(
    ("file", "text", "key"),
    [
        ("providers.toml", '[a]\nid = 1\nname = "A"\ntype = "magic"\nmodel = "m"\n', "a.type"),
        ("providers.toml", '[a]\nid = 1\nname = "A"\ntype = "local"\nmodel = "m"\nmodle = 1\n', "a.modle"),
        (
            "providers.toml",
            '[a]\nid = 1\nname = "A"\ntype = "local"\nmodel = "m"\n'
            '[b]\nid = 1\nname = "B"\ntype = "local"\nmodel = "m"\n',
            "b.id",
        ),
        ("providers.toml", "[a\n", ""),
        (
            "agents.toml",
            '[a]\nid = 1\nname = "A"\ntype = "x"\nprompt = "p"\nprovider = "nobody"\n',
            "a.provider",
        ),
        ("agents.toml", '[budget]\ndollars_per_day = "much"\n', "budget.dollars_per_day"),
        ("agents.toml", "[budget]\ndollars_per_day = nan\n", "budget.dollars_per_day"),
        ("agents.toml", "[budget]\ndollars_a_day = 5\n", "budget.dollars_a_day"),
        ("agents.toml", "budget = 3\n", "budget"),
        ("pricing.toml", "[x]\ninput = -1\n", "x.input"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, file: str, text: str, key: str) -> None:
    (tmp_path / file).write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert caught.value.origin == str(tmp_path / file)
    assert caught.value.key == key


def test_a_key_in_a_file_is_not_repeated_and_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "providers.toml").write_text(
        '[a]\nid = 1\nname = "A"\ntype = "openai"\nmodel = "m"\napi_key = "sk-very-secret"\n'
    )
    with pytest.raises(ConfigurationError, match="key_variable") as caught:
        load(tmp_path)
    assert "sk-very-secret" not in str(caught.value)

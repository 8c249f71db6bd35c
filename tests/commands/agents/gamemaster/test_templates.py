"""Without a model tables write the drafts: as many as one likes, tied to the campaign, and within the rules."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from adapters.gamemaster.tables import load
from commands.agents.gamemaster.briefing import Campaign, Circumstances, Order, Relative
from commands.agents.gamemaster.coherence import Element, Entry, Known, check
from commands.agents.gamemaster.grammar import tidy
from commands.agents.gamemaster.kinds import KINDS
from commands.agents.gamemaster.sketch import Stock
from commands.agents.gamemaster.tables import Tables, parse_tables
from commands.agents.gamemaster.templates import compose, direction
from commands.forms.field import clean
from commands.forms.kinds import BY_NAME
from commands.rules.suggestion import Creature
from commands.rules.verdict import name_key
from events.commit import Json
from events.errors import ConfigurationError

TABLES = load()
STOCK = Stock(
    tuple(Creature(f"c{n}", f"Creature {n}", 2, 50 * n, "beast") for n in range(1, 9)),
    (
        Entry("Fire Bolt", level=0, classes=("Wizard",)),
        Entry("Shield", level=1, classes=("Wizard",)),
        Entry("Wish", level=9, classes=("Wizard",)),
        Entry("Bless", level=1, classes=("Cleric",)),
        Entry("Hex", level=1, classes=("Warlock",)),
    ),
    (Entry("Potion of Healing", rarity="common"), Entry("Vorpal Sword", rarity="legendary")),
)


def circumstances(language: str = "en", level: int = 3, **more: Any) -> Circumstances:
    elements = (
        Relative("e1", "location", "Old Ferry", {}, 1),
        Relative("e2", "npc", "Maud Tanner", {"status": "active"}, 1),
        Relative("e3", "npc", "Pim the Late", {"status": "dead"}, 1),
    )
    people: tuple[Json, ...] = ({"name": "Aria", "level": level}, {"name": "Borin", "level": level})
    return Circumstances(Campaign("c1", "Salt", language=language, level=level), people, elements, **more)


def draft(
    kind: str, brief: str = "", language: str = "en", seed: str = "s", number: int = 0
) -> tuple[Json, Json]:
    found = circumstances(language)
    return compose(Order(kind, brief, "acc_1"), found, TABLES[language], STOCK, seed, number)


@pytest.mark.parametrize("language", TABLES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_draft_fits_its_kind_the_rules_and_the_campaign(kind: str, language: str) -> None:
    form = BY_NAME[KINDS[kind].element]
    elements = (
        Element("e1", "location", "Old Ferry"), Element("e2", "npc", "Maud Tanner"),
        Element("e3", "npc", "Pim the Late", "dead"),
    )  # fmt: skip
    entries = {
        "creature": {name_key(each.name): Entry(each.name, each.rating, each.xp) for each in STOCK.creatures},
        "spell": {name_key(each.name): each for each in STOCK.spells},
        "item": {name_key(each.name): each for each in STOCK.items},
    }
    known = Known("2024", (3, 3), elements, entries, sample=False)
    for number in range(40):
        fields, claims = draft(kind, language=language, number=number)
        for name, value in fields.items():
            assert clean(form[name], value) == value, (name, value)
        told = repr(fields)
        assert "{" not in re.sub(r"^\{|: \{|\}[,}]|\}$", "", told.replace("{'strength'", "")), told
        assert "Pim" not in told
        wrong = [
            each for each in check(kind, fields, claims, known) if not each.ok and each.severity == "error"
        ]
        assert wrong == []


@pytest.mark.parametrize("language", TABLES)
@pytest.mark.parametrize("kind", KINDS)
def test_drafts_differ_and_an_equal_seed_gives_an_equal_draft(kind: str, language: str) -> None:
    drafts = [draft(kind, language=language, seed=str(seed))[0] for seed in range(30)]
    assert drafts == [draft(kind, language=language, seed=str(seed))[0] for seed in range(30)]
    assert len({each["description"] for each in drafts}) >= (15 if kind != "description" else 10)
    together = [draft(kind, language=language, number=number)[0]["description"] for number in range(4)]
    assert len(set(together)) == 4


@pytest.mark.parametrize(
    ("kind", "language", "brief", "type_"),
    [
        ("location", "en", "a haunted tavern by the sea road", "Tavern"),
        ("location", "fr", "une auberge au bord de la route", "Taverne"),
        ("npc", "en", "the blacksmith of the village", "Merchant"),
        ("npc", "fr", "une prêtresse qui ne croit plus", "Soins"),
        ("event", "fr", "un incendie pendant la nuit", "Catastrophe"),
    ],
)
def test_a_brief_calls_for_what_it_names(kind: str, language: str, brief: str, type_: str) -> None:
    for number in range(5):
        assert draft(kind, brief, language, number=number)[0]["type"] == type_


def test_a_name_and_a_gender_in_the_brief_are_honoured() -> None:
    assert draft("npc", "a smuggler named Odile of the Weir, who lies")[0]["name"] == "Odile of the Weir"
    assert draft("npc", "un contrebandier nommé Josse Brochet", "fr")[0]["name"] == "Josse Brochet"
    for seed in "abcdef":
        for brief in ("a woman who keeps the gate", "a ferrywoman who saw the fire"):
            fields = draft("npc", brief, seed=seed)[0]
            assert " she " in f" {fields['motivation']} ".lower()


def test_drafts_speak_of_the_campaigns_own_people_and_places() -> None:
    fields, _ = draft("quest", "a lost bell")
    assert fields["location_id"] == "e1"
    assert fields["quest_giver_id"] == "e2"
    assert "[[e1]]" in repr(fields) or "Old Ferry" in repr(fields)
    assert "[[e2]]" in fields["description"]
    bare = Circumstances(Campaign("c1", "Salt"))
    fields, _ = compose(Order("quest", "", "a"), bare, TABLES["en"], Stock(), "s")
    assert "location_id" not in fields
    assert "[[" not in repr(fields)


def test_a_new_name_is_one_that_nobody_has() -> None:
    tables = TABLES["en"]
    taken = tuple(
        Relative(f"n{number}", "location", name, {})
        for number, name in enumerate(tables.archetypes["location"][0].fields["name"][:5])
    )
    found = Circumstances(Campaign("c1", "Salt"), (), taken)
    for seed in "abcdefgh":
        fields, _ = compose(Order("location", "a tavern", "a"), found, tables, Stock(), seed)
        assert fields["name"] not in {each.name for each in taken}


def test_models_are_sent_into_different_directions() -> None:
    assert len({direction(TABLES["en"], "s", number) for number in range(4)}) == 4


def test_both_languages_have_the_same_tables() -> None:
    en, fr = TABLES["en"], TABLES["fr"]
    assert set(en.phrases) == set(fr.phrases)
    assert en.steady == fr.steady
    for kind in KINDS:
        assert [each.key for each in en.archetypes[kind]] == [each.key for each in fr.archetypes[kind]]
        assert [set(each.fields) for each in en.archetypes[kind]] == [
            set(each.fields) for each in fr.archetypes[kind]
        ]


@pytest.mark.parametrize(
    ("text", "language", "tidied"),
    [
        ("Il vient de le village et à les halles", "fr", "Il vient du village et aux halles"),
        ("l'ami de Aubry, que Odile aime", "fr", "l'ami d’Aubry, qu’Odile aime"),
        ("la amie de une femme", "fr", "l’amie d’une femme"),
        ("a old ferry  and a boat", "en", "an old ferry and a boat"),
    ],
)
def test_joints_between_phrases_are_put_right(text: str, language: str, tidied: str) -> None:
    assert tidy(text, language) == tidied


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"phrases": {"smell": ["{nowhere}"]}}, "stands for nothing"),
        ({"phrases": {"smell": ["{smell}"]}}, "leads back to itself"),
        ({"phrases": {"smell": ["a { brace"]}}, "lone brace"),
        ({"phrases": {"smell": [3.5]}}, "neither a text"),
        ({"phrases": 3}, "is no table"),
        ({"steady": ["nothing"]}, "there is no table"),
        ({"npc": []}, "has no archetype"),
        ({"npc": [{"key": "x", "stats": "godlike"}]}, "needs a key"),
        ({"npc": [{"key": "x", "shoe_size": "44"}]}, "cannot be written here"),
        ({"location": [{"key": "x", "name": "X"}]}, "is missing"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_place(change: Json, told: str) -> None:
    content = tomllib.loads(files("conf").joinpath("gamemaster/en.toml").read_text("utf-8"))
    for name, value in change.items():
        content[name] = {**content[name], **value} if isinstance(value, dict) else value
    with pytest.raises(ConfigurationError, match=told):
        parse_tables(content, "conf/gamemaster/en.toml")


def test_tables_are_values() -> None:
    assert isinstance(TABLES["en"], Tables)
    assert TABLES["en"] == load()["en"]

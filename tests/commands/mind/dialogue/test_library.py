"""Language files: what is accepted, what is refused and how the refusal reads."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from commands.mind.dialogue.gesture import ACTIONS, EMOTIONS
from commands.mind.dialogue.grammar import VALUES, Scene, expand, references
from commands.mind.dialogue.intent import INTENTS
from commands.mind.dialogue.library import DialogueLibrary, LanguagePack, parse_library
from commands.mind.dialogue.persona import AGES, ARCHETYPES, BANDS, MOODS, TIMES
from events.errors import ConfigurationError


def smallest() -> dict[str, Any]:
    return {
        "language": "en",
        "joiner": " and ",
        "lexicon": {},
        "intents": {"greet": {"keywords": {"hello": 40}}},
        "symbols": {"you": ["stranger", {"say": "{player}", "band": ["friend"]}]},
        "reply": [
            {"id": f"{intent}.plain", "intent": intent, "say": [f"{intent} one, {{you}}.", f"{intent} two."]}
            for intent in INTENTS
        ],
    }


def test_the_smallest_file_is_accepted() -> None:
    assert parse_library({"en.toml": smallest()}).default == "en"


def with_symbol(name: str, *texts: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        content["symbols"][name] = list(texts)

    return change


def with_reply(**fields: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        content["reply"].append({"id": "extra", "intent": "greet", "say": ["Extra."], **fields})

    return change


def with_key(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        content[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "key", "problem"),
    [
        (with_symbol("a", "{b}"), "symbols.a", "unknown symbol {b}"),
        (with_symbol("a", "and {a}"), "symbols.a", "never ends"),
        (with_symbol("a"), "symbols.a", "at least one text"),
        (with_symbol("a", ""), "symbols.a[0]", "is empty"),
        (with_symbol("a", "{player}"), "symbols.a", "without a condition and without values"),
        (with_symbol("player", "x"), "symbols.player", "name of a value"),
        (with_symbol("a", {"say": "x", "mood": ["gleeful"]}), "symbols.a[0].mood", "unknown value 'gleeful'"),
        (with_symbol("a", "x" * 700, "y"), "reply", ""),
        (with_symbol("a", "brace } here"), "symbols.a[0]", "contains '}'"),
        (with_symbol("a", "^FF0000red"), "symbols.a[0]", "contains '^'"),
        (with_reply(intent="flirt"), "reply[14] (extra).intent", "unknown value 'flirt'"),
        (with_reply(action="backflip"), "reply[14] (extra).action", "unknown value 'backflip'"),
        (with_reply(emotion="meh"), "reply[14] (extra).emotion", "unknown value 'meh'"),
        (with_reply(archetype=["pirate"]), "reply[14] (extra).archetype", "unknown value 'pirate'"),
        (with_reply(id="greet.plain"), "reply[14] (greet.plain).id", "used twice"),
        (with_reply(say=["greet two."]), "reply[14] (extra).say[0]", "same text occurs twice"),
        (with_reply(say=["{nobody}"]), "reply[14] (extra).say[0]", "unknown symbol {nobody}"),
        (with_reply(say=["{fact}"]), "reply for intent greet", "at least 2 lines that use {fact}"),
        (with_reply(say=[]), "reply.14.say", "at least 1 item"),
        (with_reply(mod=["sad"]), "reply.14.mod", "not permitted"),
        (with_reply(say=["x" * 601]), "reply[14] (extra).say[0]", "at most 600"),
        (with_key("reply", []), "reply for intent", "at least 2 lines"),
        (with_key("language", "English"), "language", "match pattern"),
        (with_key("intents", {"flirt": {}}), "intents.flirt", "unknown intent"),
        (with_key("intents", {"greet": {"keywords": {"Hello": 1}}}), "intents.greet.keywords.Hello",
            "lower case"),
        (with_key("intents", {"greet": {"keywords": {"hello": 0}}}), "intents.greet.keywords.hello",
            "between 1 and 100"),
        (with_key("intents", {"greet": {"patterns": ["hello {who}"]}}), "intents.greet.patterns[0]",
            "slot {who}"),
        (with_key("intents", {"greet": {"patterns": ["(a|(b|c))"]}}), "intents.greet.patterns[0]", "cannot"),
        (with_key("intents", {"greet": {"patterns": ["[hello]"]}}), "intents.greet.patterns[0]",
            "one fixed word"),
        (with_key("intents", {"greet": {"patterns": ["hello (a||b)"]}}), "intents.greet.patterns[0]",
            "is empty"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_by_file_and_key(
    change: Callable[[dict[str, Any]], None], key: str, problem: str
) -> None:
    content = smallest()
    change(content)
    if content["symbols"].get("a") == ["x" * 700, "y"]:
        content["reply"][0]["say"].append("{a}")
    with pytest.raises(ConfigurationError) as refused:
        parse_library({"mine.toml": content})
    assert refused.value.origin == "mine.toml"
    assert key in refused.value.key
    assert problem in refused.value.problem


def test_symbols_that_reach_each_other_never_end_and_are_refused() -> None:
    content = smallest()
    content["symbols"] |= {"a": ["{b}", "x"], "b": ["{c}", "x"], "c": ["{a}", "x"]}
    with pytest.raises(ConfigurationError, match="never ends: a -> b -> c -> a"):
        parse_library({"mine.toml": content})


def test_symbols_that_double_cannot_explode() -> None:
    content = smallest()
    content["symbols"] |= {f"s{n}": [f"{{s{n + 1}}}{{s{n + 1}}}"] for n in range(40)} | {"s40": ["x"]}
    content["reply"][0]["say"].append("{s0}")
    with pytest.raises(ConfigurationError, match="at most 600"):
        parse_library({"mine.toml": content})


def test_two_files_of_one_language_and_a_missing_default_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="another file"):
        parse_library({"a.toml": smallest(), "b.toml": deepcopy(smallest())})
    with pytest.raises(ConfigurationError, match="no file for language 'de'"):
        parse_library({"a.toml": smallest()}, default="de")


def test_an_unknown_language_falls_back_to_the_default(library: DialogueLibrary) -> None:
    assert library.pack("fr-CA").language == "fr"
    assert library.pack("FR_fr").language == "fr"
    assert library.pack("xx").language == "en"
    assert library.pack("").language == "en"


def scenes_for(pack: LanguagePack, intent: str, number: int) -> Scene:
    line = pack.lines[intent][number]
    wants = line.rule.condition
    return Scene(
        archetype=min(wants.archetype or ARCHETYPES),
        mood=min(wants.mood or MOODS),
        band=min(wants.band or BANDS),
        time=min(wants.time or TIMES),
        age=min(wants.age or AGES),
        values=dict.fromkeys(line.rule.needs, "value"),
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_shipped_line_can_be_said(language: str, library: DialogueLibrary) -> None:
    pack = library.pack(language)
    for intent in INTENTS:
        for number, line in enumerate(pack.lines[intent]):
            scene = scenes_for(pack, intent, number)
            assert line.rule.eligible(scene), line.id
            text = expand(line.rule, pack.grammar, scene, "seed")
            assert text.strip(), line.id
            assert "{" not in text, line.id
            assert line.action is None or line.action in ACTIONS
            assert line.emotion is None or line.emotion in EMOTIONS


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_shipped_symbol_is_used(language: str, library: DialogueLibrary) -> None:
    pack = library.pack(language)
    rules = [line.rule for lines in pack.lines.values() for line in lines]
    rules += [rule for texts in pack.remember.values() for rule in texts]
    reached = set().union(*(references(rule) for rule in rules))
    while more := set().union(*(references(a) for name in reached for a in pack.grammar[name])) - reached:
        reached |= more
    assert reached == set(pack.grammar)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_value_the_shipped_lines_name_exists_and_every_value_is_named(
    language: str, library: DialogueLibrary
) -> None:
    named = {
        name for lines in library.pack(language).lines.values() for line in lines for name in line.rule.needs
    }
    assert named <= set(VALUES)
    assert {"player", "topic", "goods", "fact", "memory", "recollection"} <= named | {"player"}


def test_the_english_library_speaks_for_every_archetype_mood_band_and_intent(
    library: DialogueLibrary,
) -> None:
    conditions = [line.rule.condition for lines in library.pack("en").lines.values() for line in lines]
    assert set().union(*(c.archetype for c in conditions)) == set(ARCHETYPES)
    assert set().union(*(c.mood for c in conditions)) == set(MOODS)
    assert set().union(*(c.band for c in conditions)) == set(BANDS)
    assert all(len(library.pack("en").lines[intent]) >= 12 for intent in INTENTS)

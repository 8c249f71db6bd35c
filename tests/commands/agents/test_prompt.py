"""Prompt templates are strict, and nothing that fills them is read as a template."""

from __future__ import annotations

import pytest

from commands.agents.prompt import MAX_TEXT, PromptTemplate
from events.errors import ConfigurationError


def template(text: str) -> PromptTemplate:
    return PromptTemplate("npc/dialogue", "1", text, "conf/prompts/npc/dialogue.1.md")


def test_places_are_filled_and_dollars_kept() -> None:
    filled = template("Be ${mood}; it costs $$5, ${mood}.").fill({"mood": "kind"})
    assert filled == "Be kind; it costs $5, kind."


def test_a_value_is_never_read_as_a_template() -> None:
    assert template("Say ${a} and ${b}.").fill({"a": "${b} $", "b": "x"}) == "Say ${b} $ and x."


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        ("Hello ${nmae}", "${nmae}", "is not a place"),
        ("Hello", "${name}", "is missing"),
        ("one\ncosts $5 ${name}", "line 2", "lone $"),
        ("${name} ${Name}", "line 1", "lone $"),
        ("  \n", "", "holds 3 characters"),
        ("${name}" + "x" * MAX_TEXT, "", "characters"),
    ],
    ids=["unknown", "missing", "dollar", "capital", "empty", "huge"],
)
def test_a_template_that_cannot_be_used_is_named_with_its_file(text: str, key: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        template(text).check(frozenset({"name"}))
    assert caught.value.origin == "conf/prompts/npc/dialogue.1.md"
    assert caught.value.key == key
    assert told in caught.value.problem
    assert caught.value.remedy


def test_another_text_has_another_hash_and_another_canary() -> None:
    one, other = template("a"), template("b")
    assert one.stamp.hash != other.stamp.hash
    assert one.canary != other.canary
    assert one.canary == template("a").canary

"""Templates are found by purpose and version; an operator's own win; mistakes name their file."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.llm import book
from adapters.llm.prompts import load, require
from commands.agents.ask import Ask
from commands.agents.purpose import Purpose, Reading
from commands.agents.purposes import PURPOSES
from events.errors import ConfigurationError

ORACLE = Purpose(
    name="oracle",
    agent="npc_intelligence",
    places=frozenset({"canary"}),
    verbs=frozenset(),
    render=lambda inputs, prompt: Ask("npc_intelligence", "oracle", ()),
    read=lambda ask, answer: Reading(None, "nothing"),
    commands=lambda cause, made: (),
)


def write(directory: Path, name: str, text: str | bytes = "Speak. ${canary}") -> Path:
    file = directory / "prompts" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return directory


def test_every_purpose_that_words_its_question_has_a_template_for_its_agent() -> None:
    templates, agents = load(), book.load().agents
    worded = [purpose for purpose in PURPOSES.values() if purpose.places]
    # A chat's question is worded by whoever calls.
    assert {purpose.name for purpose in PURPOSES.values()} - {purpose.name for purpose in worded} == {"chat"}
    for purpose in worded:
        found = templates.of(agents[purpose.agent].prompt, purpose.name)
        assert found.stamp.template.endswith(f"/{purpose.name}")


def test_an_agent_whose_prompt_has_no_templates_is_named_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "agents.toml").write_text(
        '[npc_intelligence]\nid = 1\nname = "N"\ntype = "npc_intelligence"\nprompt = "temple"\n'
    )
    with pytest.raises(ConfigurationError, match=r"prompts/temple/dialogue\.1\.md") as caught:
        require(book.load(tmp_path), load(tmp_path))
    assert caught.value.key == "npc_intelligence.prompt"
    assert caught.value.origin == str(tmp_path / "agents.toml")


def test_the_newest_version_counts_and_any_can_be_named(tmp_path: Path) -> None:
    for version in (1, 2, 10):
        write(tmp_path, f"temple/oracle.{version}.md", f"Version {version} ${{canary}}")
    known = load(tmp_path, {**PURPOSES, "oracle": ORACLE})
    assert known.of("temple", "oracle").version == "10"
    assert known.of("temple", "oracle", "2").text == "Version 2 ${canary}"
    with pytest.raises(ConfigurationError, match="It has 1, 2, 10"):
        known.of("temple", "oracle", "3")
    with pytest.raises(ConfigurationError, match=r"shrine/oracle.1.md"):
        known.of("shrine", "oracle")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("temple/oracle.1.md", "Speak.", "is missing"),
        ("temple/oracle.1.md", "${canary} ${player}", "is not a place"),
        ("temple/oracle.1.md", b"\xff\xfe ${canary}", "not UTF-8"),
        ("temple/orakel.1.md", "${canary}", "named after no purpose"),
        ("temple/oracle.md", "${canary}", "is no template"),
        ("temple/oracle.new.md", "${canary}", "is no template"),
    ],
)
def test_a_template_that_cannot_be_used_names_its_file(
    tmp_path: Path, name: str, text: str | bytes, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        load(write(tmp_path, name, text), {**PURPOSES, "oracle": ORACLE})
    assert caught.value.origin.endswith(f"prompts/{name}")
    assert caught.value.remedy

"""What `lorestream doctor` says of language models."""

from __future__ import annotations

import pytest

from adapters.diagnosis import models
from adapters.nats.log import JetStreamLog
from adapters.settings import LlmSettings, Settings

PROVIDER = """
[mine]
id = 1
name = "Mine"
type = "openai"
key_variable = "MY_KEY"
model = "{model}"
enabled = {enabled}
"""


def write(settings: Settings, file: str, text: str) -> Settings:
    """`settings` with a directory of the operator's own that holds `file`."""
    directory = settings.state / "models"
    (directory / file).parent.mkdir(parents=True)
    (directory / file).write_text(text)
    return settings.model_copy(update={"llm": LlmSettings(directory=directory)})


def configured(settings: Settings, model: str, enabled: str = "true") -> Settings:
    return write(settings, "providers.toml", PROVIDER.format(model=model, enabled=enabled))


async def test_a_provider_that_is_on_with_its_key_and_price_is_sound(
    settings: Settings, log: JetStreamLog
) -> None:
    [found] = await models.examine(configured(settings, "gpt-5-mini"), log, {"MY_KEY": "sk-x"})
    assert (found.verdict, found.detail) == ("ok", "mine (gpt-5-mini)")


async def test_a_key_that_is_not_set_and_a_price_that_is_not_listed_are_warnings(
    settings: Settings, log: JetStreamLog
) -> None:
    found = await models.examine(configured(settings, "gpt-99"), log, {})
    assert [(each.check, each.verdict) for each in found] == [
        ("models", "ok"),
        ("keys", "warning"),
        ("prices", "warning"),
    ]
    assert "MY_KEY" in found[1].detail
    assert "pricing.toml" in found[2].remedy


async def test_what_is_switched_off_is_not_complained_about(settings: Settings, log: JetStreamLog) -> None:
    [found] = await models.examine(configured(settings, "gpt-99", "false"), log, {})
    assert found.verdict == "ok"


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("agents.toml", "[budget]\ndollars_a_day = 1\n", "budget.dollars_a_day"),
        ("profiles.toml", "[ddnet]\nanswer = 1\n", "ddnet.answer"),
        ("prompts/npc_intelligence/dialogue.9.md", "Hello ${nobody}", "nobody"),
    ],
)
async def test_a_mistake_in_the_configuration_is_a_problem_that_names_the_place(
    settings: Settings, log: JetStreamLog, file: str, text: str, told: str
) -> None:
    [found] = await models.examine(write(settings, file, text), log, {})
    assert found.verdict == "problem"
    assert told in found.detail
    assert file in found.detail
    assert found.remedy

"""Checks of the configuration of language models: whether it can be read, who is on, and what would go wrong then."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from adapters.completions import profiles
from adapters.diagnosis.finding import Finding, ok, problem, warning
from adapters.llm import book, prompts
from adapters.llm.book import ModelBook, ProviderEntry
from adapters.llm.roster import Roster
from adapters.settings import Settings
from events.errors import ConfigurationError
from events.log import Log


def read(settings: Settings) -> ModelBook | Finding:
    """The configuration, or what is wrong with it."""
    try:
        found = book.load(settings.llm.directory)
        prompts.require(found, prompts.load(settings.llm.directory))
        profiles.load(settings.llm.directory)
    except ConfigurationError as error:
        return problem("models", f"{error.origin}: {error.key}: {error.problem}", error.remedy)
    return found


async def examine(settings: Settings, log: Log, environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """All checks. `environment` is where keys are looked for. Raises `LogError`, `CodecError`."""
    models = read(settings)
    if isinstance(models, Finding):
        return [models]
    if not settings.llm.enabled:
        return [ok("models", "llm.enabled is off: templates and rules answer")]
    roster = Roster(models)
    await roster.load(log)
    on = [entry for entry in models.by_priority() if roster.provider_on(entry.key)]
    if not on:
        return [ok("models", "no provider is switched on: templates and rules answer")]
    told = ", ".join(f"{entry.key} ({entry.model})" for entry in on)
    return [ok("models", told), *_keys(on, environment), *_prices(on, models)]


def _keys(on: list[ProviderEntry], environment: Mapping[str, str]) -> Iterator[Finding]:
    for entry in on:
        if entry.key_variable and not entry.secret(environment):
            yield warning(
                "keys",
                f"{entry.key} is on, but {entry.key_variable} is not set here",
                "It must be set where the platform starts; without it the provider is passed over.",
            )


def _prices(on: list[ProviderEntry], models: ModelBook) -> Iterator[Finding]:
    for entry in on:
        if models.unlisted(entry):
            yield warning(
                "prices",
                f"{entry.model} of {entry.key} is not listed: its calls count at the price of [default]",
                f"List it in pricing.toml in your llm.directory (now {models.origins['pricing']}).",
            )

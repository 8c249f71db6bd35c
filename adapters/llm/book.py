"""`providers.toml`, `agents.toml` and `pricing.toml` as one checked value."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from events.decision import Usage
from events.errors import ConfigurationError

NANO = 1_000_000_000
_MILLION = 1_000_000
_DEFAULT, _KEYLESS = "default", "keyless"

SamplingParameter = Literal["temperature", "top_p", "frequency_penalty", "presence_penalty", "stop", "seed"]
Title = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ProviderEntry(_Entry):
    """One table of `providers.toml`; `key` is the table's name. Limits of 0 mean unlimited."""

    key: str
    id: int = Field(ge=1, le=65535)
    name: Title
    type: Literal["openai", "azure_openai", "anthropic", "local"]
    key_variable: str = ""
    base_url: str = Field("", pattern=r"^($|https?://\S+$)")
    endpoint: str = Field("", pattern=r"^($|https?://\S+$)")
    deployment: str = ""
    api_version: str = ""
    api: Literal["chat", "responses"] = "chat"
    model: str = Field(min_length=1)
    embedding_model: str = ""
    image_model: str = Field("", description="makes pictures; empty: this provider makes none")
    image_size: str = Field("1024x1024", pattern=r"^[1-9]\d{1,3}x[1-9]\d{1,3}$")
    image_quality: str = Field("", max_length=16, description="empty: as the model likes")
    image_tokens: int = Field(6500, ge=1, le=1_000_000, description="what one picture takes at most")
    max_tokens: int = Field(1024, ge=1, le=1_000_000)
    max_tokens_field: Literal["auto", "max_tokens", "max_completion_tokens"] = "auto"
    structured: Literal["schema", "tool", "json", "prompt"] = "schema"
    reasoning_effort: Literal["", "none", "minimal", "low", "medium", "high", "xhigh", "max"] = ""
    omit: tuple[SamplingParameter, ...] = ()
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    enabled: bool = False
    priority: int = Field(100, ge=0, le=1000)
    max_concurrent: int = Field(256, ge=1, le=10_000)
    requests_per_minute: int = Field(0, ge=0)
    tokens_per_minute: int = Field(0, ge=0)
    attempts: int = Field(2, ge=1, le=10)
    hedge_after_ms: int = Field(0, ge=0, description="ask again after so long without an answer; 0: never")

    @property
    def draws(self) -> bool:
        """Whether it can be asked for pictures. Anthropic has none."""
        return bool(self.image_model) and self.type != "anthropic"

    def secret(self, environment: Mapping[str, str] = os.environ) -> str:
        """The key, from the environment; empty where none is set or needed."""
        return environment.get(self.key_variable, "") if self.key_variable else ""


class Budget(_Entry):
    """The table `budget` of `agents.toml`: what all agents together may spend; -1: no limit."""

    dollars_per_day: float = Field(-1, ge=-1)

    @property
    def daily_limit(self) -> int | None:
        """Billionths of a dollar a day; None: no limit."""
        return None if self.dollars_per_day < 0 else round(self.dollars_per_day * NANO)


class AgentEntry(_Entry):
    """One table of `agents.toml`; `key` is the table's name. Times as commented there."""

    key: str
    id: int = Field(ge=1, le=65535)
    name: Title
    type: Title
    provider: str = ""
    prompt: str = Field(min_length=1, pattern=r"^[a-z0-9_]+$")
    memory_prefix: str = ""
    max_memory_age: int = Field(0, ge=0)
    response_timeout: int = Field(5000, ge=1, le=300_000)
    enabled: bool = True
    route: Literal["rule", "model", "template"] = "rule"
    context_tokens: int = Field(1500, ge=100, le=200_000)
    max_tokens: int = Field(300, ge=1, le=100_000)
    temperature: float | None = Field(None, ge=0, le=2)
    cache_seconds: int = Field(0, ge=0, le=30 * 86_400)
    dollars_per_day: float = Field(0.0, ge=-1)

    @property
    def daily_limit(self) -> int | None:
        """Billionths of a dollar a day; None: no limit."""
        return None if self.dollars_per_day < 0 else round(self.dollars_per_day * NANO)


class Price(_Entry):
    """US dollars per million tokens."""

    input: float = Field(0.0, ge=0)
    cached: float = Field(0.0, ge=0)
    output: float = Field(0.0, ge=0)

    def of(self, usage: Usage) -> int:
        """What `usage` costs, in billionths of a dollar."""
        fresh = max(usage.input - usage.cached, 0)
        dollars = fresh * self.input + usage.cached * self.cached + usage.output * self.output
        return round(dollars * NANO / _MILLION)


@dataclass(frozen=True, slots=True)
class ModelBook:
    """All of it. `realm_limit` is what all agents together may spend a day, in billionths of a dollar, or None."""

    providers: Mapping[str, ProviderEntry]
    agents: Mapping[str, AgentEntry]
    prices: Mapping[str, Price]
    realm_limit: int | None
    origins: Mapping[str, str] = field(default_factory=dict)

    def price(self, model: str, entry: ProviderEntry, *, asked: str = "") -> Price:
        """What `model`, as `entry`'s server calls what answered, costs: the longest listed name it begins with counts.

        Of a name that is not listed, the price of the model that was `asked` (empty: the entry's) counts; is that not
        listed either,
        `[keyless]` where no key is needed (whoever sends bills knows whom he sends them to), else `[default]`.
        """
        listed = self._listed(model) or self._listed(asked or entry.model)
        if listed is not None:
            return self.prices[listed]
        dear = self.prices.get(_DEFAULT, Price())
        return dear if entry.key_variable else self.prices.get(_KEYLESS, dear)

    def unlisted(self, entry: ProviderEntry) -> bool:
        """Whether what `entry` asks for has a price only by default: budgets then count a guess."""
        return bool(entry.key_variable) and self._listed(entry.model) is None

    def _listed(self, model: str) -> str | None:
        fitting = (
            name for name in self.prices if name not in {_DEFAULT, _KEYLESS} and model.startswith(name)
        )
        return max(fitting, key=len, default=None)

    def by_priority(self) -> tuple[ProviderEntry, ...]:
        return tuple(sorted(self.providers.values(), key=lambda entry: (entry.priority, entry.id)))

    def provider_numbered(self, number: int) -> ProviderEntry | None:
        return next((entry for entry in self.providers.values() if entry.id == number), None)

    def agent_numbered(self, number: int) -> AgentEntry | None:
        return next((entry for entry in self.agents.values() if entry.id == number), None)


def load(directory: Path | None = None) -> ModelBook:
    """Read the three files: those of `directory` where it has them, else those that ship.

    Raises `ConfigurationError` naming file, table, key and remedy.
    """
    if directory is not None and not directory.is_dir():
        raise ConfigurationError(
            "settings", "llm.directory", f"{directory} is not a directory", "Create it, or leave it empty."
        )
    providers, from_providers = _table("providers", directory)
    agents, from_agents = _table("agents", directory)
    prices, from_prices = _table("pricing", directory)
    budget = _entry(Budget, agents.pop("budget", {}), "budget", from_agents)
    book = ModelBook(
        _entries(ProviderEntry, providers, from_providers),
        _entries(AgentEntry, agents, from_agents),
        {name: _entry(Price, value, name, from_prices) for name, value in prices.items()},
        budget.daily_limit,
        {"providers": from_providers, "agents": from_agents, "pricing": from_prices},
    )
    for agent in book.agents.values():
        if agent.provider and agent.provider not in book.providers:
            known = ", ".join(book.providers)
            raise ConfigurationError(
                from_agents, f"{agent.key}.provider", f"{agent.provider!r} is unknown", f"Known are {known}."
            )
    return book


E = TypeVar("E", bound=_Entry)


def _entries(shape: type[E], tables: Mapping[str, Any], origin: str) -> dict[str, E]:
    found: dict[str, E] = {}
    numbers: dict[int, str] = {}
    for name, value in tables.items():
        content = {**value, "key": name} if isinstance(value, dict) else value
        entry = found[name] = _entry(shape, content, name, origin)
        number: int = getattr(entry, "id", 0)
        if number in numbers:
            told = f"{number} is also the id of {numbers[number]}"
            raise ConfigurationError(origin, f"{name}.id", told, "Give each its own number.")
        numbers[number] = name
    return found


def _entry(shape: type[E], content: Any, name: str, origin: str) -> E:
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join([name, *(str(part) for part in problem["loc"])])
        remedy = f"See conf/{Path(origin).name}."
        told = problem["msg"]
        if problem["type"] == "extra_forbidden":
            told = "there is no such setting"
            if "key" in str(problem["loc"][-1]).casefold():
                remedy = (
                    "Keys never stand in files: name the environment variable that holds it in key_variable."
                )
        raise ConfigurationError(origin, where, told, remedy) from None


def _table(name: str, directory: Path | None) -> tuple[dict[str, Any], str]:
    own = directory / f"{name}.toml" if directory is not None else None
    if own is not None and own.is_file():
        origin, text = str(own), own.read_text("utf-8", errors="replace")
    else:
        origin = f"conf/{name}.toml"
        text = files("conf").joinpath(f"{name}.toml").read_text("utf-8")
    try:
        return tomllib.loads(text), origin
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(origin, "", str(error), "Correct the TOML.") from None

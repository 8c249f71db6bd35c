"""Turning texts into vectors by a provider, within its limits, its breaker and the day's budget."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.llm.book import AgentEntry, ModelBook
from adapters.llm.clock import Clock
from adapters.llm.limits import Permit
from adapters.llm.line import Line
from adapters.llm.port import Embeddings, Provider
from adapters.llm.spending import Hold, Spending
from commands.agents.context import tokens
from events.commit import Json
from events.decision import Usage
from events.errors import (
    ConfigurationError,
    ModelError,
    ModelRateLimited,
    ModelRefused,
    ModelUnavailable,
)

TIMEOUT_SECONDS = 10.0
AGENT = "memory"
"""Under this name embedding appears in the budget."""


def embedding_model(book: ModelBook, embedder: str) -> str:
    """The model of the provider that the setting `memory.embedder` names. Raises `ConfigurationError`."""
    entry = book.providers.get(embedder)
    able = ", ".join(each.key for each in book.by_priority() if each.embedding_model)
    if entry is None:
        raise ConfigurationError(
            "settings",
            "memory.embedder",
            f"there is no provider {embedder!r}",
            f"Those that embed are {able}.",
        )
    if not entry.embedding_model or entry.type == "anthropic":
        raise ConfigurationError(
            "settings",
            "memory.embedder",
            f"the provider {embedder!r} has no embedding_model",
            f"Set it in providers.toml, or choose of {able}.",
        )
    return entry.embedding_model


class ModelEmbedder:
    """Implements `commands.mind.memory.vectors.Embedder`."""

    def __init__(
        self, line: Line, spending: Spending, clock: Clock, book: ModelBook, *, dollars_per_day: float
    ) -> None:
        self._line = line
        self._spending = spending
        self._clock = clock
        self._model = embedding_model(book, line.entry.key)
        self._price = book.price(self._model, line.entry)
        self._purse = AgentEntry.model_validate(_purse(dollars_per_day))

    @property
    def model(self) -> str:
        return self._model

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One vector per text. Raises `ModelError`; `BudgetExhausted` when the day's money is spent."""
        name, breaker = self._line.entry.key, self._line.breaker
        provider = await self._line.open(patience=TIMEOUT_SECONDS)
        if provider is None:
            raise ModelUnavailable(name, self._line.condition().why or "it is still being opened")
        if not breaker.admit():
            raise ModelUnavailable(name, "it failed too often", status=None)
        worst = Usage(input=sum(map(tokens, texts)))
        permit, hold = await self._reserve(worst)
        try:
            found = await self._ask(provider, texts)
        except BaseException:
            # Who failed may have charged for it all the same.
            self._line.limits.leave(permit, None)
            hold.settle(self._price.of(worst))
            raise
        used = found.usage if found.usage.input else worst
        self._line.limits.leave(permit, used.input)
        hold.settle(self._price.of(used))
        return found.vectors

    async def _reserve(self, worst: Usage) -> tuple[Permit, Hold]:
        permit: Permit | None = None
        try:
            permit = await self._line.limits.enter(worst.input, patience=TIMEOUT_SECONDS)
            return permit, await self._spending.reserve(self._purse, self._price.of(worst))
        except BaseException:
            self._line.breaker.abandoned()
            if permit is not None:
                self._line.limits.leave(permit, 0)
            raise

    async def _ask(self, provider: Provider, texts: Sequence[str]) -> Embeddings:
        breaker = self._line.breaker
        try:
            found = await provider.embed(texts, model=self._model, timeout=TIMEOUT_SECONDS)
        except ModelRateLimited as error:
            breaker.abandoned()
            if error.retry_after:
                self._line.limits.pause(error.retry_after)
            raise
        except ModelRefused:
            # It is alive: these texts or the key are wrong. The same line serves conversations.
            breaker.succeeded()
            raise
        except ModelError:
            breaker.failed()
            raise
        except BaseException:
            breaker.abandoned()
            raise
        breaker.succeeded()
        return found


def _purse(dollars_per_day: float) -> Json:
    return {
        "key": AGENT,
        "id": 65535,
        "name": "Memory",
        "type": AGENT,
        "prompt": AGENT,
        "dollars_per_day": dollars_per_day,
    }

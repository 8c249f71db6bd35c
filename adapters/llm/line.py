"""The line to one provider: the provider itself, opened when first needed, and what protects both sides."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from importlib import import_module

import structlog

from adapters.llm.book import ProviderEntry
from adapters.llm.breaker import Breaker
from adapters.llm.clock import Clock
from adapters.llm.faults import fault
from adapters.llm.limits import Limits
from adapters.llm.port import Condition, Provider
from events.errors import ConfigurationError, ModelError

logger = structlog.get_logger(__name__)

OpenProvider = Callable[[ProviderEntry], Provider]


def open_provider(entry: ProviderEntry) -> Provider:
    """The real provider of `entry`; imports its SDK, which takes up to a second."""
    opened: Provider = import_module("adapters.llm.providers").open_provider(entry)
    return opened


class Line:
    """One provider with its breaker and limits, which live as long as the process."""

    def __init__(
        self,
        entry: ProviderEntry,
        clock: Clock,
        *,
        opening: OpenProvider = open_provider,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.entry = entry
        self.breaker = Breaker(clock)
        self.limits = Limits(entry, clock)
        self._opening = opening
        self._environment = environment
        self._provider: Provider | None = None
        self._broken = ""
        self._ready = False
        self._task: asyncio.Task[None] | None = None

    def condition(self) -> Condition:
        """Whether it can be asked, as far as is known without opening it."""
        if self._broken:
            return Condition(False, self._broken)
        if self._provider is not None:
            return self._provider.condition()
        if self.entry.key_variable and not self.entry.secret(self._environment):
            return Condition(False, f"{self.entry.key_variable} is not set")
        return Condition(True)

    async def open(self, *, patience: float | None = None) -> Provider | None:
        """The provider; None when it cannot be asked, and `condition` says why.

        Also None when it is still being opened after `patience` seconds: importing an SDK takes its time, and goes on
        for those who come later.
        """
        if not self._ready and self.condition().usable:
            if self._task is None:
                self._task = asyncio.create_task(self._open(), name=f"open {self.entry.key}")
            await asyncio.wait({self._task}, timeout=patience)
        return self._provider if self._ready and self.condition().usable else None

    async def close(self) -> None:
        if self._task is not None:
            await asyncio.wait({self._task})
        if self._provider is not None:
            await self._provider.close()

    async def _open(self) -> None:
        try:
            # Importing an SDK would hold up everything else on the event loop.
            provider = await asyncio.to_thread(self._opening, self.entry)
            self._provider = provider
            await provider.prepare()
        except ModelError:
            logger.info("a provider cannot be asked", provider=self.entry.key, reason=self.condition().why)
            self._task = None
        except ConfigurationError as error:
            self._broken = f"{error.key}: {error.problem}"
            logger.warning("a provider cannot be used", provider=self.entry.key, reason=str(error))
        except Exception as error:
            self._broken = f"it cannot be opened: {type(error).__name__}"
            logger.error("a provider cannot be opened", provider=self.entry.key, **fault(error))
        else:
            self._ready = True

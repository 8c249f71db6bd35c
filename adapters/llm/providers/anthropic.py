"""Anthropic through its SDK `anthropic`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.llm.book import ProviderEntry
from adapters.llm.port import Completion, Embeddings, ModelCall
from adapters.llm.providers.messages import Messages
from adapters.llm.providers.provider import Dialect
from events.errors import ModelRefused

ANTHROPIC_URL = "https://api.anthropic.com"


class AnthropicSdk:
    """See `adapters.llm.providers.provider.Sdk`."""

    package = "anthropic"

    def __init__(self, entry: ProviderEntry, secret: str) -> None:
        self._entry = entry
        self._secret = secret
        self.dialect: Dialect = Messages(entry)

    def missing(self) -> str:
        if not self._secret:
            return (
                f"no key: set the environment variable {self._entry.key_variable or 'named by key_variable'}"
            )
        return ""

    def load(self) -> Any:
        # Everything the client loads on first use is touched here, in the thread.
        import anthropic

        from adapters.llm.providers.http_client import http_client

        entry = self._entry
        version = {"anthropic-version": entry.api_version} if entry.api_version else None
        client = anthropic.AsyncAnthropic(
            api_key=self._secret,
            base_url=entry.base_url or ANTHROPIC_URL,
            max_retries=0,
            http_client=http_client(),
            default_headers=version,
        )
        _ = client.messages.with_raw_response.create, client.models.list
        return client

    async def send(self, client: Any, request: dict[str, Any], timeout: float) -> bytes:
        answer = await client.messages.with_raw_response.create(**request, timeout=timeout)
        content: bytes = await answer.read()
        return content

    async def stream(self, client: Any, request: dict[str, Any], timeout: float) -> Any:
        return await client.messages.create(**request, stream=True, timeout=timeout)

    async def models(self, client: Any, timeout: float) -> None:
        await client.models.list(limit=1, timeout=timeout)

    async def draw(self, client: Any, call: ModelCall, timeout: float) -> Completion:  # noqa: ARG002
        raise ModelRefused(self._entry.key, "Anthropic makes no pictures")

    async def embed(self, client: Any, texts: Sequence[str], model: str, timeout: float) -> Embeddings:  # noqa: ARG002
        raise ModelRefused(self._entry.key, "Anthropic has no embeddings")

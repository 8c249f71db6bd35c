"""OpenAI, Azure OpenAI and any compatible server (`local`) through the SDK `openai`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from adapters.llm.book import ProviderEntry
from adapters.llm.port import Completion, Embeddings, ModelCall
from adapters.llm.providers.chat import ChatCompletions, usage_of
from adapters.llm.providers.pictures import completion_of, picture_request
from adapters.llm.providers.provider import Dialect
from adapters.llm.providers.responses import Responses

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "none"
"""What a local server gets that needs no key: the SDK would otherwise send the one of OpenAI from the environment."""


class OpenAISdk:
    """See `adapters.llm.providers.provider.Sdk`."""

    package = "openai"

    def __init__(self, entry: ProviderEntry, secret: str) -> None:
        self._entry = entry
        self._secret = secret
        self._responses = entry.api == "responses"
        self._response: Any = None
        self.dialect: Dialect = Responses(entry) if self._responses else ChatCompletions(entry)

    def missing(self) -> str:
        entry = self._entry
        if not self._secret and (entry.key_variable or entry.type != "local"):
            return f"no key: set the environment variable {entry.key_variable or 'named by key_variable'}"
        if entry.type == "azure_openai" and not (entry.endpoint and entry.api_version):
            return "no endpoint or api_version in providers.toml"
        if entry.type == "local" and not entry.base_url:
            return "no base_url in providers.toml"
        return ""

    def load(self) -> Any:
        # Everything the client loads on first use is touched here, in the thread.
        import httpx2
        import openai

        from adapters.llm.providers.http_client import http_client

        self._response = httpx2.Response
        entry = self._entry
        shared: dict[str, Any] = {"max_retries": 0, "http_client": http_client()}
        client: Any
        if entry.type == "azure_openai":
            client = openai.AsyncAzureOpenAI(
                azure_endpoint=entry.endpoint, api_version=entry.api_version, api_key=self._secret, **shared
            )
        elif entry.type == "openai":
            client = openai.AsyncOpenAI(api_key=self._secret, base_url=entry.base_url or OPENAI_URL, **shared)
        else:
            # What the environment says about an account with OpenAI is none of a stranger's business.
            unsaid: Any = {"OpenAI-Organization": openai.omit, "OpenAI-Project": openai.omit}
            client = openai.AsyncOpenAI(
                api_key=self._secret or NO_KEY,
                base_url=entry.base_url,
                default_headers=unsaid,
                **shared,
            )
        _ = client.responses.create if self._responses else client.chat.completions.create
        _ = client.models.list, client.embeddings.create, client.images.generate
        return client

    async def send(self, client: Any, request: dict[str, Any], timeout: float) -> bytes:
        # By the SDK's door for requests it does not know: typing them costs as much time as sending them.
        response = await client.post(
            "/responses" if self._responses else "/chat/completions",
            cast_to=self._response,
            body=request,
            options={"timeout": timeout},
        )
        content: bytes = response.content
        return content

    async def stream(self, client: Any, request: dict[str, Any], timeout: float) -> Any:
        usage = {} if self._responses else {"stream_options": {"include_usage": True}}
        return await self._resource(client).create(**request, **usage, stream=True, timeout=timeout)

    async def models(self, client: Any, timeout: float) -> None:
        await client.models.list(timeout=timeout)

    async def embed(self, client: Any, texts: Sequence[str], model: str, timeout: float) -> Embeddings:
        found = await client.embeddings.create(input=list(texts), model=model, timeout=timeout)
        ordered = sorted(found.data, key=lambda each: each.index)
        vectors = tuple(tuple(map(float, each.embedding)) for each in ordered)
        return Embeddings(vectors, str(found.model), usage_of(found.usage.to_dict() if found.usage else None))

    async def draw(self, client: Any, call: ModelCall, timeout: float) -> Completion:
        answer = await client.images.generate(**picture_request(call, self._entry), timeout=timeout)
        # Megabytes of Base64 are no work for the event loop.
        return await asyncio.to_thread(completion_of, answer, call.model)

    def _resource(self, client: Any) -> Any:
        return client.responses if self._responses else client.chat.completions

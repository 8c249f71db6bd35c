"""A provider on an SDK: loading it off the event loop, time limits, cancellation, errors."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from pydantic_core import from_json

from adapters.llm.book import ProviderEntry
from adapters.llm.port import Capabilities, Completion, Condition, Delta, Embeddings, ModelCall
from adapters.llm.providers.failure import failure
from events.commit import Json
from events.decision import Usage
from events.errors import ModelAnswerBroken, ModelError, ModelRefused, ModelTimeout

MAX_ANSWER_CHARACTERS = 512 * 1024
MAX_TEXTS = 64
"""Texts embedded in one request."""

CLOSE_SECONDS = 1.0


class Gathering(Protocol):
    """Puts the events of a streamed answer together."""

    def add(self, event: Json) -> Delta | None:
        """What this event adds, if anybody should see it. Raises KeyError, TypeError … when it has the wrong shape."""

    def completion(self) -> Completion | None:
        """The whole answer, None when its end has not arrived. Raises as `add` does."""


class Dialect(Protocol):
    """One wire format: what is sent for a call, and what the answer means."""

    def request(self, call: ModelCall) -> dict[str, Any]: ...

    def read(self, answer: Json) -> Completion:
        """Raises KeyError, TypeError … when the answer has the wrong shape."""

    def gathering(self) -> Gathering: ...


class Sdk(Protocol):
    """What differs between the SDKs. Only `load` may take long; it runs in a thread."""

    package: str
    dialect: Dialect

    def missing(self) -> str:
        """Why nobody can be asked as things are configured; empty when somebody can."""

    def load(self) -> Any:
        """Import the SDK and make its client."""

    async def send(self, client: Any, request: dict[str, Any], timeout: float) -> bytes:
        """The body of the answer."""

    async def stream(self, client: Any, request: dict[str, Any], timeout: float) -> Any:
        """An iterator of events, with `close()`."""

    async def models(self, client: Any, timeout: float) -> None:
        """Fetch the list of models, for the sake of being answered."""

    async def draw(self, client: Any, call: ModelCall, timeout: float) -> Completion:
        """One picture; raises KeyError, TypeError … when the answer has the wrong shape."""

    async def embed(self, client: Any, texts: Sequence[str], model: str, timeout: float) -> Embeddings: ...


class SdkProvider:
    """See `adapters.llm.port.Provider`. One per configured provider and process, for many tasks at once."""

    def __init__(self, entry: ProviderEntry, secret: str, sdk: Sdk) -> None:
        self._entry = entry
        self._secret = secret
        self._sdk = sdk
        self._loading: asyncio.Task[Any] | None = None

    def __repr__(self) -> str:
        return f"<provider {self.name}>"

    @property
    def name(self) -> str:
        return self._entry.key

    def capabilities(self) -> Capabilities:
        return Capabilities(
            structured=True,
            streaming=True,
            tools=True,
            embeddings=bool(self._entry.embedding_model),
            images=self._entry.draws,
            models=(self._entry.model,),
        )

    def condition(self) -> Condition:
        why = self._sdk.missing()
        if not why and find_spec(self._sdk.package) is None:
            why = f"the package {self._sdk.package} is not installed"
        return Condition(not why, why)

    async def prepare(self) -> None:
        """Load the SDK in a thread, once; its import takes a second that no running role may stand still for.

        Every call does it when nobody did before. Raises `ModelRefused` when the provider cannot be asked at all.
        """
        await self._client()

    async def probe(self, *, timeout: float) -> Condition:
        found = self.condition()
        if not found.usable:
            return found
        try:
            async with _within(timeout, self.name, self._secret):
                await self._sdk.models(await self._client(), timeout)
        except ModelError as error:
            return Condition(False, error.problem)
        return found

    async def complete(self, call: ModelCall, *, timeout: float) -> Completion:
        async with _within(timeout, self.name, self._secret):
            client = await self._client()
            body = await self._sdk.send(client, self._request(call), timeout)
            return self._checked(self._sdk.dialect.read(from_json(body)))

    async def stream(self, call: ModelCall, *, timeout: float) -> AsyncIterator[Delta]:
        """Stop early with `aclose` (`contextlib.aclosing`): that closes the connection."""
        until = asyncio.get_running_loop().time() + timeout
        gathering = self._sdk.dialect.gathering()
        events = None
        length = 0
        try:
            async with _until(until, self.name, self._secret):
                client = await self._client()
                events = await self._sdk.stream(client, self._request(call), timeout)
            while True:
                # Not around the yield: the time limit is ours, not that of whoever reads us.
                async with _until(until, self.name, self._secret):
                    event = await anext(events, None)
                    if event is None:
                        break
                    delta = gathering.add(_plain(event))
                if delta is not None:
                    length += len(delta.text)
                    if length > MAX_ANSWER_CHARACTERS:
                        raise self._too_large()
                    yield delta
            async with _until(until, self.name, self._secret):
                whole = gathering.completion()
            if whole is None:
                raise ModelAnswerBroken(self.name, "the answer was cut off")
            yield Delta(completion=self._checked(whole))
        finally:
            if events is not None:
                await _close(events)

    async def draw(self, call: ModelCall, *, timeout: float) -> Completion:
        if not self._entry.draws:
            raise ModelRefused(self.name, "it makes no pictures: it has no image_model in providers.toml")
        async with _within(timeout, self.name, self._secret):
            return await self._sdk.draw(await self._client(), call, timeout)

    async def embed(self, texts: Sequence[str], *, model: str, timeout: float) -> Embeddings:
        parts = []
        async with _within(timeout, self.name, self._secret):
            client = await self._client()
            for start in range(0, len(texts), MAX_TEXTS):
                batch = texts[start : start + MAX_TEXTS]
                part = await self._sdk.embed(client, batch, model, timeout)
                if len(part.vectors) != len(batch):
                    raise ModelAnswerBroken(self.name, f"{len(part.vectors)} vectors for {len(batch)} texts")
                parts.append(part)
        return Embeddings(
            tuple(vector for part in parts for vector in part.vectors),
            parts[-1].model if parts else model,
            Usage(input=sum(part.usage.input for part in parts)),
        )

    async def close(self) -> None:
        loading, self._loading = self._loading, None
        if loading is not None:
            client = (await asyncio.gather(loading, return_exceptions=True))[0]
            if not isinstance(client, BaseException):
                await _close(client)

    async def _client(self) -> Any:
        if self._loading is None:
            why = self.condition().why
            if why:
                raise ModelRefused(self.name, why)
            self._loading = asyncio.create_task(asyncio.to_thread(self._sdk.load), name=f"load {self.name}")
        loading = self._loading
        try:
            # Whoever gives up waiting must not take the client away from the others.
            return await asyncio.shield(loading)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if self._loading is loading:
                self._loading = None
            reason = f"its client cannot be made: {type(error).__name__}"
            raise ModelRefused(self.name, reason) from None

    def _request(self, call: ModelCall) -> dict[str, Any]:
        try:
            return self._sdk.dialect.request(call)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ModelRefused(
                self.name, "the call's messages, schema or tools have the wrong shape"
            ) from None

    def _checked(self, answer: Completion) -> Completion:
        if len(answer.text) > MAX_ANSWER_CHARACTERS:
            raise self._too_large()
        if not answer.text.strip() and not answer.tool_calls and answer.finish == "stop":
            raise ModelAnswerBroken(self.name, "the answer is empty")
        return answer

    def _too_large(self) -> ModelAnswerBroken:
        return ModelAnswerBroken(self.name, f"the answer has more than {MAX_ANSWER_CHARACTERS:,} characters")


@contextlib.asynccontextmanager
async def _within(seconds: float, provider: str, secret: str) -> AsyncIterator[None]:
    async with _until(asyncio.get_running_loop().time() + seconds, provider, secret):
        yield


@contextlib.asynccontextmanager
async def _until(until: float, provider: str, secret: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout_at(until):
            yield
    except ModelError:
        raise
    except TimeoutError:
        raise ModelTimeout(provider, "no answer in time") from None
    except Exception as error:
        # The SDK's errors carry the request, and the request carries the key.
        raise failure(provider, error, secret) from None


def _plain(event: Any) -> Json:
    """An event as the SDK typed it, as the JSON it was."""
    found = event.to_dict(mode="json", warnings=False) if hasattr(event, "to_dict") else event
    if not isinstance(found, dict):
        raise TypeError("an event is not an object")
    return found


async def _close(thing: Any) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_SECONDS):
            await thing.close()

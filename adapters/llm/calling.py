"""One call of a model, whole or in pieces, within its time; whatever a provider does becomes a `ModelError`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import structlog

from adapters.llm.faults import fault
from adapters.llm.port import Completion, Delta, ModelCall, Provider
from adapters.llm.streaming import Speech
from events.errors import ModelAnswerBroken, ModelError, ModelTimeout, ModelUnavailable

logger = structlog.get_logger(__name__)

GRACE_SECONDS = 0.25
"""How much longer than told a provider may take before its call is cut off from outside."""


async def call_model(
    provider: Provider, call: ModelCall, speech: Speech | None, *, timeout: float
) -> Completion:
    """The whole answer, which `speech` hears as it comes. Raises `ModelError`; cancelling closes the connection."""
    try:
        async with asyncio.timeout(timeout + GRACE_SECONDS):
            if call.canvas is not None:
                return await provider.draw(call, timeout=timeout)
            if speech is not None and provider.capabilities().streaming:
                return await _listen(provider, call, speech, timeout)
            completion = await provider.complete(call, timeout=timeout)
    except TimeoutError:
        raise ModelTimeout(provider.name, f"no answer within {timeout:.1f} s") from None
    except (ModelError, asyncio.CancelledError):
        raise
    except Exception as error:
        logger.error("a provider failed in an unforeseen way", provider=provider.name, **fault(error))
        raise ModelUnavailable(provider.name, f"unforeseen {type(error).__name__}") from None
    if speech is not None:
        await speech.hear(completion.text)
    return completion


async def _listen(provider: Provider, call: ModelCall, speech: Speech, timeout: float) -> Completion:
    async with aclosing(_generator(provider.stream(call, timeout=timeout))) as stream:
        async for delta in stream:
            await speech.hear(delta.text)
            if delta.completion is not None:
                return delta.completion
    raise ModelAnswerBroken(provider.name, "the stream ended before the answer did")


async def _generator(deltas: AsyncIterator[Delta]) -> AsyncGenerator[Delta]:
    """`deltas` so that leaving early closes them, and with them the connection."""
    try:
        async for delta in deltas:
            yield delta
    finally:
        if isinstance(deltas, AsyncGenerator):
            await deltas.aclose()

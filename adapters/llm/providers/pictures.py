"""Pictures as OpenAI's Images API speaks of them, and those who are compatible."""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256
from typing import Any

from adapters.llm.book import ProviderEntry
from adapters.llm.port import Completion, ModelCall
from adapters.llm.providers.chat import count
from commands.agents.illustration import receipt
from events.decision import Usage

MAX_PROMPT = 32_000
"""Characters a prompt may have (OpenAI's API reference, `prompt`)."""


def picture_request(call: ModelCall, entry: ProviderEntry) -> dict[str, Any]:
    """The arguments of `client.images.generate`.

    GPT Image models always answer in Base64 and refuse `response_format`; servers that imitate the older models answer
    with an address unless told otherwise, and addresses are not followed. What may come back is named, because the
    models also draw SVG and GIF.
    """
    assert call.canvas is not None
    prompt = "\n\n".join(message.content for message in call.messages)[:MAX_PROMPT]
    request: dict[str, Any] = {"model": call.model, "prompt": prompt, "n": 1, "size": call.canvas.size}
    if call.canvas.quality:
        request["quality"] = call.canvas.quality
    if entry.type == "local":
        request["response_format"] = "b64_json"
    else:
        request |= {"output_format": "webp", "output_compression": 90}
    return request


def completion_of(answer: Any, model: str) -> Completion:
    """The picture of an answer. Raises `ValueError`, `LookupError`, `TypeError` when there is none."""
    encoded = answer.data[0].b64_json
    if not encoded:
        raise ValueError("an address instead of a picture")
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    text = receipt(sha256(content).hexdigest(), len(content), str(answer.data[0].revised_prompt or ""))
    return Completion(text, model, "stop", _usage(answer), content=content)


def _usage(answer: Any) -> Usage:
    found = answer.usage.to_dict() if answer.usage is not None else {}
    return Usage(count(found, "input_tokens"), count(found, "output_tokens"))

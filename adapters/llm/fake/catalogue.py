"""Embeddings and the list of models."""

from __future__ import annotations

import base64
import json
import struct

from starlette.types import Send

from adapters.llm.fake.answering import tokens, vector
from adapters.llm.fake.behaviour import Behaviour
from adapters.llm.fake.endpoint import GARBAGE, Endpoint, send_whole
from adapters.llm.fake.server import Received
from events.commit import Json

DIMENSIONS = 1536
MODELS = ("fake-1", "fake-obedient", "fake-slow-1000", "fake-flaky-3", "fake-429", "fake-500", "fake-huge")


class Embedding(Endpoint):
    async def work(self, received: Received, behaviour: Behaviour, send: Send) -> None:
        body = received.body
        given = body.get("input", "")
        texts = [given] if isinstance(given, str) else [str(each) for each in given]
        size = int(body.get("dimensions") or DIMENSIONS)
        if behaviour.manner == "garbage":
            await send_whole(send, 200, GARBAGE)
            return
        data = [
            {"object": "embedding", "index": at, "embedding": _encoded(vector(text, size), body)}
            for at, text in enumerate(texts)
        ]
        if behaviour.manner == "wrong":
            data = data[:-1]
        used = sum(tokens(text) for text in texts)
        found = {
            "object": "list",
            "data": data,
            "model": body.get("model", ""),
            "usage": {"prompt_tokens": used, "total_tokens": used},
        }
        received.outcome = "200"
        await send_whole(send, 200, json.dumps(found).encode())


class Listing(Endpoint):
    async def work(self, received: Received, behaviour: Behaviour, send: Send) -> None:  # noqa: ARG002
        received.outcome = "200"
        if "anthropic-version" in received.headers:
            listed = [
                {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
                for name in MODELS
            ]
            found: Json = {"data": listed, "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]}
        else:
            data = [
                {"id": name, "object": "model", "created": 0, "owned_by": "lorestream"} for name in MODELS
            ]
            found = {"object": "list", "data": data}
        await send_whole(send, 200, json.dumps(found).encode())


def _encoded(vector: list[float], body: Json) -> list[float] | str:
    if body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()

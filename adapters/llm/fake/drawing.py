"""Pictures: a gradient whose colours follow from the prompt, in the format that was asked for."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json

from PIL import Image, ImageOps
from starlette.types import Send

from adapters.llm.fake.answering import tokens
from adapters.llm.fake.behaviour import Behaviour
from adapters.llm.fake.endpoint import GARBAGE, Endpoint, send_whole
from adapters.llm.fake.server import Received
from adapters.llm.fake.strictness import check_images
from events.commit import Json

TOKENS_BY_QUALITY = {"low": 272, "medium": 1056, "high": 4160}
LARGEST_SIDE = 3840
HUGE_BYTES = 9 * 1024 * 1024
NO_PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
_MODERATED = {
    "error": {
        "message": "Your request was rejected by the safety system.",
        "type": "image_generation_user_error",
        "code": "moderation_blocked",
    }
}


class Drawing(Endpoint):
    """Of the manners `refusal` is what moderation answers, `wrong` a text where a picture should be, `empty` no
    picture at all, `prose` an address instead of one."""

    async def work(self, received: Received, behaviour: Behaviour, send: Send) -> None:
        body, manner = received.body, behaviour.manner
        try:
            check_images(body)
            width, height = _size(str(body.get("size", "auto")))
        except (ValueError, KeyError) as error:
            received.outcome = "400"
            await send_whole(send, 400, json.dumps(self.dialect.error(400, str(error))).encode())
            return
        if manner == "refusal":
            received.outcome = "400"
            await send_whole(send, 400, json.dumps(_MODERATED).encode())
            return
        received.outcome = "200"
        if manner == "garbage":
            await send_whole(send, 200, GARBAGE)
            return
        kind = str(body.get("output_format", "png"))
        content = await asyncio.to_thread(_content, str(body["prompt"]), width, height, kind, manner)
        whole = json.dumps(_answer(body, content, manner)).encode()
        await send_whole(send, 200, whole[: len(whole) // 2] if manner == "cut" else whole)


def _answer(body: Json, content: bytes, manner: str) -> Json:
    data: list[Json] = [{"b64_json": base64.b64encode(content).decode()}]
    if manner == "empty":
        data = []
    if manner == "prose":
        data = [{"url": "http://127.0.0.1:1/picture.png"}]
    words, picture = tokens(str(body["prompt"])), TOKENS_BY_QUALITY.get(str(body.get("quality")), 1056)
    return {
        "created": 1_790_000_000,
        "data": data,
        "usage": {
            "input_tokens": words,
            "input_tokens_details": {"text_tokens": words, "image_tokens": 0},
            "output_tokens": picture,
            "total_tokens": words + picture,
        },
    }


def _content(prompt: str, width: int, height: int, kind: str, manner: str) -> bytes:
    if manner == "wrong":
        return NO_PICTURE
    if manner == "huge":
        return bytes(HUGE_BYTES)
    digest = hashlib.blake2b(prompt.encode("utf-8", "surrogatepass"), digest_size=6).digest()
    ramp = Image.linear_gradient("L").rotate(90 * (digest[0] % 4)).resize((width, height))
    picture = ImageOps.colorize(ramp, tuple(digest[:3]), tuple(digest[3:]))
    out = io.BytesIO()
    picture.save(out, kind if kind in ("webp", "jpeg") else "png")
    return out.getvalue()


def _size(said: str) -> tuple[int, int]:
    if said == "auto":
        return 1024, 1024
    width, _, height = said.partition("x")
    return min(int(width), LARGEST_SIDE), min(int(height), LARGEST_SIDE)

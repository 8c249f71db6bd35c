"""Data blocks: the only places of a question where foreign text stands.

A block is one JSON document on one line between two lines that name the hash of its content. No text can contain its
own hash, so none can end its block; and equal facts give equal questions, which a random delimiter would not.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

HASH_DIGITS = 16


def data_block(name: str, content: Any) -> str:
    """One block; `content` is plain JSON, `name` one of our own words. A list stands under that name in an object.

    `<` and `>` are escaped inside: some models read `<|…|>` and `<s>` as their own control marks, whoever wrote them.
    """
    told = {name: content} if isinstance(content, list) else content
    text = json.dumps(told, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e")
    mark = sha256(f"{name}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:HASH_DIGITS]
    return f"BEGIN DATA {name} {mark}\n{text}\nEND DATA {name} {mark}"

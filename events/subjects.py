"""Names of streams and the NATS subjects that carry them.

A stream `npc/Merchant John` of realm `midgard` is the subject `log.midgard.npc.Merchant%20John`: one subject
per aggregate instance. NPC names hold spaces, dots, `#` and any script, so each token is percent-encoded over
its UTF-8 bytes; letters, digits, `-` and `_` stay readable.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

from events.errors import InvalidStreamName

MAX_TOKEN_BYTES = 1024
"""Longest encoded token: four of them and the prefix stay far below NATS' 4 kB control line."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}\Z")


def encode_token(text: str) -> str:
    """Encode any non-empty Unicode text as one subject token.

    Raises `InvalidStreamName` for empty text, lone surrogates, and text whose encoding exceeds
    `MAX_TOKEN_BYTES`.
    """
    if not text:
        raise InvalidStreamName("an id must not be empty")
    try:
        # quote() never encodes "_.-~"; dots and tildes are not plain in a subject token.
        token = quote(text, safe="").replace(".", "%2E").replace("~", "%7E")
    except UnicodeEncodeError as error:
        raise InvalidStreamName(f"an id must be valid Unicode: {error.reason}") from None
    if len(token) > MAX_TOKEN_BYTES:
        raise InvalidStreamName(
            f"an id must encode to at most {MAX_TOKEN_BYTES} bytes, this has {len(token)}"
        )
    return token


def decode_token(token: str) -> str:
    """The inverse of `encode_token`. Raises `InvalidStreamName` if the token is not one of ours."""
    try:
        return unquote(token, errors="strict")
    except UnicodeDecodeError:
        raise InvalidStreamName(f"{token!r} is not a percent-encoded token") from None


def stream_name(category: str, entity: str) -> str:
    """`category/entity`, validated. Raises `InvalidStreamName`."""
    if not _NAME.match(category):
        raise InvalidStreamName(f"{category!r} is not a category: lower-case letters, digits, - and _")
    encode_token(entity)
    return f"{category}/{entity}"


def split_stream(stream: str) -> tuple[str, str]:
    """Split `category/id` (the id may itself hold slashes). Raises `InvalidStreamName`."""
    category, slash, entity = stream.partition("/")
    if not slash or not entity or not _NAME.match(category):
        raise InvalidStreamName(f"{stream!r} is not a stream: expected category/id, for example npc/Merchant")
    return category, entity


def check_realm(realm: str) -> str:
    """Return the realm if it can be a subject token as it is. Raises `InvalidStreamName`."""
    if not _NAME.match(realm):
        raise InvalidStreamName(f"{realm!r} is not a realm: lower-case letters, digits, - and _, at most 32")
    return realm


@lru_cache(maxsize=16_384)
def log_subject(realm: str, stream: str) -> str:
    """The subject of a stream. Raises `InvalidStreamName`."""
    category, entity = split_stream(stream)
    return f"log.{check_realm(realm)}.{category}.{encode_token(entity)}"


def parse_log_subject(subject: str) -> tuple[str, str]:
    """`(realm, stream)` of a log subject. Raises `InvalidStreamName`."""
    parts = subject.split(".")
    if len(parts) != 4 or parts[0] != "log":
        raise InvalidStreamName(f"{subject!r} is not a subject of the log")
    return parts[1], f"{parts[2]}/{decode_token(parts[3])}"


def category_of(subject: str) -> str:
    """The category a log subject carries, or "" when it is none; fast, because readers skip by it."""
    parts = subject.split(".", 3)
    return parts[2] if len(parts) == 4 else ""


def log_filter(realm: str, category: str | None = None) -> str:
    """The wildcard of a whole realm, or of one of its categories."""
    return f"log.{check_realm(realm)}.{category}.>" if category else f"log.{check_realm(realm)}.>"


def command_subject(realm: str, category: str, name: str) -> str:
    """Where commands are sent as NATS requests: `cmd.<realm>.<category>.<name>`."""
    return f"cmd.{check_realm(realm)}.{category}.{name}"

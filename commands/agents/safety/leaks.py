"""What must never leave with an answer: keys, the wording of our instructions, the canary.

Keys are known by pattern and by fingerprint; a fingerprint is all that a decision records of them. A secret that a
model translates or encodes is not found this way: it must not come before the model in the first place, and does not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256

from events.commit import Json

SHORTEST_SECRET = 12
"""Shorter values could be guessed from their fingerprint, which is public; they are no keys."""

FRAGMENT = 7
"""Words in a row that an answer may not share with the instructions."""

_KEYS = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}|sk_(?:live|test)_\w{10,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|gh[pousr]_\w{20,}"
    r"|xox[abprs]-[\w-]{10,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}|-----BEGIN [A-Z ]*KEY|Bearer\s+[\w.~+/-]{16,}",
)
_CANARY = re.compile(r"lore-[0-9a-f]{12}")
_WORD = re.compile(r"\w+")


def fingerprints(secrets: Iterable[str]) -> list[Json]:
    """What is recorded of secrets so that an answer can be checked for them: `{"length", "sum", "hash"}` each."""
    known = sorted({secret for secret in secrets if len(secret) >= SHORTEST_SECRET})
    return [
        {"length": len(secret), "sum": sum(map(ord, secret)) % 256, "hash": _hash(secret)} for secret in known
    ]


def leak(text: str, system: str, secrets: Sequence[Json] = ()) -> str:
    """What of ours `text` gives away, as a reason without the secret itself; empty when nothing.

    `system` are the instructions that were sent, `secrets` are `fingerprints`.
    """
    plain = unicodedata.normalize("NFKC", text)
    compact = "".join(plain.split())
    if _KEYS.search(plain) or _KEYS.search(compact):
        return "it holds something that looks like a key"
    if _holds_secret(compact, secrets):
        return "it holds one of our keys"
    if any(canary in compact.lower() for canary in _CANARY.findall(system)):
        return "it holds the canary of our instructions"
    words = _words(plain)
    if not _fragments(system).isdisjoint(_runs(words)):
        return "it repeats our instructions"
    return ""


def _holds_secret(text: str, secrets: Sequence[Json]) -> bool:
    codes = list(map(ord, text))
    for secret in secrets:
        length, wanted, hashed = secret.get("length"), secret.get("sum"), secret.get("hash")
        if not isinstance(length, int) or not SHORTEST_SECRET <= length <= len(codes):
            continue
        total = sum(codes[:length])
        for start in range(len(codes) - length + 1):
            # The sum costs an addition; only one window in 256 has to be hashed.
            if total % 256 == wanted and _hash(text[start : start + length]) == hashed:
                return True
            if start + length < len(codes):
                total += codes[start + length] - codes[start]
    return False


@lru_cache(maxsize=64)
def _fragments(system: str) -> frozenset[tuple[str, ...]]:
    return frozenset(_runs(_words(unicodedata.normalize("NFKC", system))))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(words[start : start + FRAGMENT]) for start in range(len(words) - FRAGMENT + 1))


def _hash(secret: str) -> str:
    return sha256(f"lorestream/{secret}".encode("utf-8", "surrogatepass")).hexdigest()

"""A model's words on their way to a player: one harmless line without links, as long as the edge takes."""

from __future__ import annotations

import re
import unicodedata

from commands.mind.dialogue.text import clean, clip

MAX_CHARS = 2000

_MARKDOWN = re.compile(r"!?\[([^\]]{0,200})\]\([^)]{0,500}\)")
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,15}:\s?//|\bwww\.|\bmailto:|\b(?:javascript|data):|\bdiscord(?:app)?\.(?:gg|com)/|\bt\.me/)\S*",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_DOMAIN = re.compile(
    r"\b(?:[\w-]{1,63}\.){1,4}(?:com|net|org|io|gg|xyz|ru|cn|info|biz|top|site|online|shop|club|link|click|рф)"
    r"\b(?:[:/]\S*)?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b")


def harmless(text: str, max_bytes: int) -> str:
    """`text` as an NPC may say it, at most `max_bytes` UTF-8 bytes and cut between characters; may be empty.

    Links, addresses of mail and machines, colour codes, client tags, control and invisible characters go, and whatever
    rAthena's `mes` and `npctalk` or the JSON of scripts would stumble on (see `commands.mind.dialogue.text.clean`).
    """
    head = text[: 4 * MAX_CHARS]
    without = unlinked(head)
    imitated = unicodedata.normalize("NFKC", without)
    if unlinked(imitated) != imitated:  # a link in full-width or mathematical letters
        without = unlinked(imitated)
    line = unlinked(clean(without, MAX_CHARS))  # cleaning may have joined what was kept apart
    return clip(" ".join(line.split()), max_bytes)


def unlinked(text: str) -> str:
    """`text` without links and without addresses of mail and machines; what a link was about stays."""
    text = _MARKDOWN.sub(r"\1", text)
    for pattern in (_LINK, _MAIL, _DOMAIN, _ADDRESS):
        text = pattern.sub(" ", text)
    return text

"""A model's words on their way to a game master's page: paragraphs without links and without anything invisible."""

from __future__ import annotations

import unicodedata

from commands.agents.safety.speech import unlinked
from commands.forms.text import paragraphs


def prose(text: str, limit: int) -> str:
    """`text` of at most `limit` characters, cut at a word; markup stays text, and whoever shows it escapes it.

    Links, pictures and addresses go: a page must load nothing that a model names. Half characters are replaced.
    """
    head = text[: 4 * limit].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    plain = unlinked(paragraphs(head))
    imitated = unicodedata.normalize("NFKC", plain)
    if unlinked(imitated) != imitated:  # a link in full-width or mathematical letters
        plain = unlinked(imitated)
    lines = (" ".join(part.split()) for part in plain.split("\n"))
    return clipped("\n".join(lines).strip(), limit)


def clipped(text: str, limit: int) -> str:
    """`text`, or as many whole words of it as `limit` characters hold, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:") + "…"

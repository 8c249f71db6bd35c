"""Text as people and models write it, rendered for a page: Markdown without HTML of its own, and cleaned once more.

`[[element id]]` becomes a link with the element's name where the reader may see it, and an ellipsis where not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
UNSEEN = "…"
MAX_ID = 64
CACHED = 1024
MOST = {"[": 400, "|": 1200, "*": 3000, "_": 3000, "~": 3000, "<": 3000, "&": 3000}
"""More of these than any text has: their cost grows with the square, and a table with the product of its sides."""


def render(text: str, names: Mapping[str, str], campaign_id: str) -> str:
    """`text` as HTML that is safe to put into a page. `names` maps ids of elements that may be named to their names."""
    known = tuple(sorted((each, names[each]) for each in names if each in text))
    return _rendered(text, known, campaign_id)


@lru_cache(maxsize=CACHED)
def _rendered(text: str, names: tuple[tuple[str, str], ...], campaign_id: str) -> str:
    excessive = any(text.count(mark) > most for mark, most in MOST.items())
    made = (_PLAIN if excessive else _MARKDOWN).render(text, {"names": dict(names), "campaign": campaign_id})
    return nh3.clean(
        made,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    ).strip()


def _mention(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("[[", state.pos):
        return False
    end = state.src.find("]]", state.pos + 2, min(state.posMax, state.pos + MAX_ID + 4))
    element_id = state.src[state.pos + 2 : end] if end > 0 else ""
    if not element_id or not element_id.replace("-", "").replace("_", "").isalnum():
        return False
    if not silent:
        _push_mention(state, element_id)
    state.pos = end + 2
    return True


def _push_mention(state: StateInline, element_id: str) -> None:
    name: Any = state.env["names"].get(element_id)
    if name is not None:
        opened = state.push("link_open", "a", 1)
        opened.attrs = {"href": f"#/c/{state.env['campaign']}/e/{element_id}"}
    told = state.push("text", "", 0)
    told.content = UNSEEN if name is None else name
    if name is not None:
        state.push("link_close", "a", -1)


# Pictures would tell whoever serves them who reads this.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
_MARKDOWN.disable(["image", "html_block", "html_inline"])
_MARKDOWN.inline.ruler.before("link", "mention", _mention)
_PLAIN = MarkdownIt("zero", {"html": False})

"""A campaign as somebody at its table knows it: what bears on a question, and nothing that he may not see.

Everything comes out of the queries that pages are made of, for the same viewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from projections.campaign_time import changes
from projections.campaigns import NAME, campaign, sessions
from projections.characters import characters
from projections.elements import element, elements
from projections.projection import reads
from projections.sight import Viewer

MAX_WORDS = 12
MAX_WHOLE = 16
PER_WORD = 12
"""Elements looked at for one word: a word that more have tells little."""
RECENT = 40
LINKED, NAMED, SAID = 100.0, 12.0, 4.0
"""How much a link to an element, a word of its name and a word in its texts weigh; a rarer word weighs more."""


@reads(NAME)
def known_at_the_table(
    connection: Connection,
    campaign_id: str,
    viewer: Viewer,
    *,
    words: Sequence[str] = (),
    linked: Sequence[str] = (),
) -> dict[str, Any] | None:
    """What bears on a question that holds `words` and links to the elements `linked`; None without such a campaign.

    `{"campaign", "characters", "sessions", "elements", "changes"}`; elements are whole, the most telling first, then
    those that were touched last, each with `weight` (0 for the latter).
    """
    shown = campaign(connection, campaign_id, viewer)
    if shown is None:
        return None
    weights = dict.fromkeys(linked[:MAX_WHOLE], LINKED)
    for word in dict.fromkeys(words[:MAX_WORDS]):
        found = elements(connection, campaign_id, viewer, words=word, limit=PER_WORD)
        for each in found:
            where = NAMED if word in each["name"].casefold() else SAID
            weights[each["element_id"]] = weights.get(each["element_id"], 0.0) + where / len(found)
    latest = changes(connection, campaign_id, viewer, limit=RECENT)
    ranked = sorted(weights, key=lambda each: (-weights[each], each))
    touched = [row["element_id"] for row in latest if row.get("element_id")]
    whole: list[dict[str, Any]] = []
    for element_id in dict.fromkeys((*ranked, *touched)):
        if len(whole) >= MAX_WHOLE:
            break
        row = element(connection, element_id, viewer)
        if row is not None and row["campaign_id"] == campaign_id and row.get("status", "live") == "live":
            whole.append({**row, "weight": weights.get(element_id, 0.0)})
    return {
        "campaign": shown,
        "characters": characters(connection, campaign_id, viewer),
        "sessions": sessions(connection, campaign_id, viewer, limit=3),
        "elements": whole,
        "changes": latest,
    }

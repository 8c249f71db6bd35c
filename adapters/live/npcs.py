"""News of the people of the game world out of the feed: what one of them did or lived through, and what all hear of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from events.commit import Json

FOR_ALL = frozenset({"world", "faction"})
"""Categories whose events may move anybody: of tidings and standings each NPC makes what it is."""


def news_of(npcs: Collection[str], rows: Sequence[Json]) -> dict[str, list[Json]]:
    """By NPC of `npcs`, the commits among the feed's `rows` that may have moved its mind, each once, in their order.

    An item is `{"position", "at", "type"}`. Nothing but commits of its own stream and of these categories moves a mind
    (`projections.mind_fold`), or adds to its memories.
    """
    found: dict[str, list[Json]] = {}
    for row in rows:
        category, _, entity = row["stream"].partition("/")
        if category == "npc":
            concerned: Collection[str] = (entity,) if entity in npcs else ()
        else:
            concerned = npcs if category in FOR_ALL else ()
        for npc_id in concerned:
            items = found.setdefault(npc_id, [])
            if not items or items[-1]["position"] != row["position"]:
                items.append({name: row[name] for name in ("position", "at", "type")})
    return found

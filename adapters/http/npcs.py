"""`/api/world`: the people of the game world, what they feel, remember and think of each other, now and at any time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection, select
from starlette.responses import Response

from adapters import rulebooks
from adapters.http.access import realm_role
from adapters.http.paging import Cursor, Limit, page, place_of
from adapters.http.problems import Problem
from adapters.http.versions import AtLeast, answer
from adapters.places import time_of
from adapters.sql.memory_index import MemoryIndex
from events.commit import Json
from projections import (
    feed_places,
    memory_pages,
    mind_history,
    mind_timeline,
    npc_pages,
    npcs,
    recall,
    relation_graph,
)
from projections.feed import FEED
from projections.mind_history import NEW
from projections.projection import reads
from projections.recall import UnusableFilter
from projections.recollection import PerceivedRows

if TYPE_CHECKING:
    from adapters.http.platform import Platform

PLACE = "A position, an RFC 3339 time or an age such as 15m; now unless given."
MAX_ID = 400
MAX_SAID = 200

At = Annotated[str | None, Query(max_length=40, description=PLACE)]
_SAYS = ("npc.spoke", "npc.decided", "npc.bargained", "npc.quest_offered", "npc.reconsidered")


def router(platform: Platform) -> APIRouter:
    """The routes; they need the role gamemaster or operator."""
    routes = APIRouter(tags=["world"], dependencies=[realm_role("gamemaster", "operator")])
    rows = PerceivedRows()
    index = platform.dispatcher.memories
    # The paths with more behind the id come first: an id may hold slashes itself.
    _list(routes, platform)
    _memories(routes, platform, rows, index)
    _timeline(routes, platform)
    _one(routes, platform)
    return routes


def _list(routes: APIRouter, platform: Platform) -> None:
    @routes.get("/api/world/npcs", summary="The people of the game world")
    async def some(
        at_least: AtLeast,
        q: Annotated[str, Query(max_length=100, description="What the id or the archetype holds.")] = "",
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """`{"items": [{"npc_id", "archetype", "emotion", "intensity", "mood", "map", "counts", …}], "next"}`, by id."""
        after = place_of(cursor, str)
        found = await platform.reader.run(
            npc_pages.page,
            rulebooks.load(),
            _now(),
            wanted=q.strip(),
            after=after[0] if after else "",
            limit=limit,
            at_least=at_least,
        )
        return answer(page(found, limit, lambda row: (row["npc_id"],), lambda row: row))

    @routes.get("/api/world/graph", summary="Who stands how to whom")
    async def graph(
        npc: Annotated[str, Query(max_length=MAX_ID, description="Around this NPC.")] = "",
        at: At = None,
        limit: Annotated[int, Query(ge=1, le=relation_graph.MAX_EDGES)] = 300,
    ) -> Response:
        """`{"nodes": [...], "edges": [...], "position", "at", "more"}`; weights and affection are -1 to 1.

        Without an NPC the relationships that were moved last.
        """
        position = await _position(platform, at)
        now = _now() if position is None else None
        found = await platform.reader.run(
            relation_graph.graph,
            rulebooks.load(),
            npc_id=npc,
            at=NEW if position is None else position,
            now=now,
            limit=limit,
        )
        return answer(found | await _where(platform, position))


def _one(routes: APIRouter, platform: Platform) -> None:
    @routes.get("/api/world/npcs/{npc_id:path}", summary="One of them, now or as it was")
    async def one(
        npc_id: str,
        at_least: AtLeast,
        at: At = None,
        relations: Annotated[int, Query(ge=0, le=500, description="How many relationships.")] = 100,
    ) -> Response:
        """Profile, emotion, mood, goals, the strongest relationships and counts, at a position of the log.

        404 when it was not registered then. `profile` is that of today, but for archetype, personality and goals.
        """
        position = await _position(platform, at)
        known = _known(platform)
        found = await platform.reader.run(
            mind_history.as_of,
            npc_id,
            NEW if position is None else position,
            rulebooks.load(),
            relations=relations,
            now=_now() if position is None else None,
            at_least=at_least,
        )
        if found is None:
            told = "there is no such NPC" + ("" if position is None else " at that position")
            raise Problem(404, detail=told, field="npc_id")
        profile = await platform.reader.run(npcs.state, npc_id)
        memories = await platform.reader.run(
            memory_pages.count, npc_id, NEW if position is None else position, at_least=at_least
        )
        others = [row["target_id"] for row in found["relationships"]]
        names = await platform.reader.run(npc_pages.registered_among, others)
        where = await _where(platform, position, known)
        return answer(
            {
                **found,
                **where,
                "at": found["at"],
                "profile": {
                    **(profile or {}),
                    "archetype": found["archetype"],
                    "personality": found["personality"],
                },
                "registered": profile is not None,
                "mood": found["emotion"]["mood"],
                "emotion": found["emotion"] | _cause(found["emotion"]),
                "relationships": [_relation(row, names) for row in found["relationships"]],
                "counts": found["counts"] | {"memories": memories},
            }
        )


def _timeline(routes: APIRouter, platform: Platform) -> None:
    @routes.get("/api/world/npcs/{npc_id:path}/timeline", summary="Mood and relationships over time")
    async def timeline(
        npc_id: str,
        at_least: AtLeast,
        first: Annotated[str | None, Query(alias="from", max_length=40, description=PLACE)] = None,
        last: Annotated[str | None, Query(alias="to", max_length=40, description=PLACE)] = None,
        points: Annotated[int, Query(ge=2, le=mind_timeline.MAX_POINTS)] = 300,
        target: Annotated[list[str] | None, Query(max_length=20)] = None,
    ) -> Response:
        """`{"mood": [...], "relations": [{"subject", "points": [...]}], "goals", "marks", "said", "position", "first",
        "last"}`.

        Every point is right after a commit; where there are more than `points`, some are left out evenly. `relations`
        are those of the `target`s, or the eight that were moved most often.
        """
        begin, end = await _position(platform, first), await _position(platform, last)
        known = _known(platform)
        found = await platform.reader.run(
            mind_timeline.timeline,
            npc_id,
            first=begin or 0,
            last=NEW if end is None else end,
            points=points,
            targets=tuple(target or ()),
            at_least=at_least,
        )
        if not found["changes"]:
            raise Problem(404, detail="nothing is known of such an NPC then", field="npc_id")
        said = await platform.reader.run(_said, npc_id, NEW if end is None else end, at_least=at_least)
        relations = found.pop("relationships")
        names = await platform.reader.run(
            npc_pages.registered_among, [each["target_id"] for each in relations]
        )
        positions = [point["position"] for point in found["mood"]]
        return answer(
            {
                **found,
                "relations": [
                    {**_named(each["target_id"], names), "points": each["points"]} for each in relations
                ],
                "said": said,
                "marks": sorted(
                    [
                        *({"position": each, "kind": "mood"} for each in positions if each not in said),
                        *({"position": each, "kind": "said"} for each in said),
                    ],
                    key=lambda mark: mark["position"],
                ),
                "position": known if end is None else end,
                "first": positions[0],
                "last": positions[-1],
            }
        )


def _memories(routes: APIRouter, platform: Platform, rows: PerceivedRows, index: MemoryIndex) -> None:
    @routes.get("/api/world/npcs/{npc_id:path}/memories", summary="What it remembers, and where from")
    async def memories(
        npc_id: str,
        at_least: AtLeast,
        about: Annotated[str, Query(max_length=recall.MAX_QUERY, description="What it is asked about.")] = "",
        at: At = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """`{"items": [{"text", "importance", "emotion", "at", "position", "source", "told_by"?, …}], "next"}`.

        The latest first; with `about` the best matches first, at most 100. `position` leads to the commit it comes
        from, `origin` to the one that was told about.
        """
        position = await _position(platform, at)
        if about.strip():
            filters = {"query": about, "limit": min(limit, 100), "as_of": position}
            try:
                question = recall.question(npc_id, "search", filters, _now())
            except UnusableFilter as error:
                raise Problem(422, detail=str(error), field="about") from None
            found = await platform.reader.run(recall.recall, index.on, question, _now(), at_least=at_least)
            return answer({"items": [_memory(each) for each in found], "next": None})
        before = place_of(cursor, int, int)
        latest = await platform.reader.run(
            memory_pages.page,
            rows,
            npc_id,
            at=NEW if position is None else position,
            before=(before[0], before[1]) if before else None,
            limit=limit,
            at_least=at_least,
        )
        return answer(page(latest, limit, lambda row: (row["position"], row["index"]), _memory))


def _memory(memory: Json) -> Json:
    return {**memory, "text": memory["content"], "kind": memory["event_type"], "hearsay": "told_by" in memory}


def _relation(row: Json, npcs_: set[str]) -> Json:
    return {**row, **_named(row["target_id"], npcs_)}


def _named(target: str, npcs_: set[str]) -> Json:
    kind = "npc" if target in npcs_ else "faction" if target.startswith("faction/") else "player"
    return {"subject": target, "kind": kind, "name": target.removeprefix("faction/")}


def _cause(emotion: Json) -> Json:
    causes = emotion["causes"]
    if not causes:
        return {}
    first = causes[0]
    return {"cause": f"{first['event']} by {first['target']}" if first["target"] else first["event"]}


@reads("feed")
def _said(connection: Connection, npc_id: str, until: int) -> list[int]:
    """The positions of the last commits in which an NPC said or decided something, oldest first."""
    query = select(FEED.c.position).where(
        FEED.c.stream == f"npc/{npc_id}", FEED.c.position <= until, FEED.c.type.in_(_SAYS)
    )
    found: Any = connection.execute(query.order_by(FEED.c.position.desc()).limit(MAX_SAID)).scalars()
    return sorted(set(found))


async def _position(platform: Platform, place: str | None) -> int | None:
    """The position a place means, None for now. Raises `Problem` 422."""
    if not place:
        return None
    if place.isascii() and place.isdecimal() and len(place) <= 15:
        return int(place)
    try:
        at = time_of(place)
    except ValueError:
        raise Problem(422, detail=f"at: {place[:60]!r} is none of: {PLACE}", field="at") from None
    return await platform.reader.run(feed_places.last_by, at)


def _known(platform: Platform) -> int:
    """Up to which position an answer that is read from now on holds everything."""
    return min(platform.reader.positions.get(name, 0) for name in ("feed", "minds", "memories"))


async def _where(platform: Platform, position: int | None, known: int | None = None) -> Json:
    """The position and the time an answer is about, and how far the log is known to be."""
    head = platform.live.head
    if position is None:
        return {"position": head if known is None else known, "at": None, "head": head}
    at = await platform.reader.run(feed_places.time_at, position)
    return {"position": position, "at": feed_places.shown_time(at), "head": head}


def _now() -> int:
    return time.time_ns() // 1000

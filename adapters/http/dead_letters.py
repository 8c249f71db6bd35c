"""`/api/dead-letters`: what read models could not digest, and what operators do about it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters.http.access import realm_role
from adapters.http.operator_acts import Operator, act
from adapters.http.paging import Cursor, Limit, page, place_of
from adapters.http.problems import Problem
from adapters.http.versions import answer
from adapters.sql.engine import open_database
from adapters.sql.read_models import read_models
from events.commit import Json, moment
from projections import deadletters
from projections.deadletters import DeadLetter, Status
from projections.redelivery import NoSuchDeadLetter, Redelivered, discard, replay
from projections.store import Database

if TYPE_CHECKING:
    from adapters.http.platform import Platform

MAX_GROUPS = 100
_VARYING = re.compile(r"[0-9]+|'[^']*'|\"[^\"]*\"")


class Discard(BaseModel):
    """`reason` is kept with the dead letter."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


def router(platform: Platform) -> APIRouter:
    """The routes; all of them need the role operator."""
    routes = APIRouter(tags=["operations"], dependencies=[realm_role("operator")])

    @routes.get(
        "/api/dead-letters", summary="Commits a read model could not apply, and those that wait behind them"
    )
    async def letters(
        projection: Annotated[str | None, Query(max_length=64)] = None,
        status: Annotated[Status | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """`{"items", "next", "groups"}`; groups have the same read model and the same kind of error."""
        after = place_of(cursor, int, str) or (0, None)
        found = await platform.reader.run(
            deadletters.listing,
            projection=projection,
            status=status,
            after=after[0],
            beyond=after[1],
            limit=limit + 1,
        )
        groups = await platform.reader.run(deadletters.listing, projection=projection, limit=5000)
        listed = page(found, limit, lambda each: (each.position, each.projection), _letter)
        return answer(
            {
                **listed,
                "groups": _grouped(groups),
            }
        )

    @routes.post("/api/dead-letters/{letter_id}/replay", summary="Apply a stream's dead letters again")
    async def again(letter_id: str, signed: Operator, request: Request) -> Response:
        """In order, until one fails: `{"applied", "failed_at", "error"}`."""
        projection, position = _named(letter_id)
        await act(platform, signed, request, "dead_letter.replay", letter_id)
        return await _redelivered(
            platform,
            lambda database: replay(platform.log, database, projection, position, projections=read_models()),
        )

    @routes.post("/api/dead-letters/{letter_id}/discard", summary="Give a dead letter up")
    async def give_up(letter_id: str, wanted: Discard, signed: Operator, request: Request) -> Response:
        """And apply what waited behind it. The commit itself stays in the log for ever."""
        projection, position = _named(letter_id)
        await act(platform, signed, request, "dead_letter.discard", letter_id, {"reason": wanted.reason})
        return await _redelivered(
            platform,
            lambda database: discard(
                platform.log,
                database,
                projection,
                position,
                reason=wanted.reason,
                projections=read_models(),
            ),
        )

    return routes


async def _redelivered(platform: Platform, work: Callable[[Database], Awaitable[Redelivered]]) -> Response:
    database = open_database(platform.settings.database_url)
    try:
        outcome = await work(database)
    except NoSuchDeadLetter as error:
        raise Problem(404, detail=str(error), field="letter_id") from None
    finally:
        database.close()
    return answer(asdict(outcome))


def _named(letter_id: str) -> tuple[str, int]:
    projection, _, position = letter_id.rpartition(":")
    if not projection or not (position.isascii() and position.isdecimal() and len(position) <= 15):
        raise Problem(404, detail="a dead letter's id is projection:position", field="letter_id")
    return projection, int(position)


def _letter(letter: DeadLetter) -> Json:
    times = {name: moment(getattr(letter, name)).isoformat() for name in ("first_seen", "last_seen")}
    return {"id": f"{letter.projection}:{letter.position}", **asdict(letter), **times}


def _grouped(letters: list[DeadLetter]) -> list[Json]:
    groups: dict[tuple[str, str, str], Json] = {}
    for letter in letters:
        told = letter.error or letter.reason or ""
        kind = _VARYING.sub("…", told.splitlines()[0] if told else "")[:200]
        group = groups.setdefault(
            (letter.projection, letter.status, kind),
            {
                "projection": letter.projection,
                "status": letter.status,
                "error": told[:500],
                "count": 0,
                "first": letter.position,
                "streams": [],
                "id": f"{letter.projection}:{letter.position}",
            },
        )
        group["count"] += 1
        group["last"] = letter.position
        if letter.stream not in group["streams"] and len(group["streams"]) < 5:
            group["streams"].append(letter.stream)
    return sorted(groups.values(), key=lambda group: -group["count"])[:MAX_GROUPS]

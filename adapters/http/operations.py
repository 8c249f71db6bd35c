"""`/api/projections`, `/api/jobs`, `/api/dead-letters`: the read models and what they could not digest, for operators.

Every act is recorded in the stream `operator/<account id>` before it is done.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import uuid4

import structlog
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from adapters.http.access import Signed, realm_role
from adapters.http.paging import Cursor, Limit, page, place_of
from adapters.http.problems import Problem, ask, correlation
from adapters.http.versions import answer
from adapters.jobs.job import Job
from adapters.jobs.jobs import JobRunning
from adapters.sql.engine import open_database, reader_engine
from adapters.sql.outage import reason
from adapters.sql.read_models import read_models
from commands.message import CommandMessage
from events.commit import Json, moment
from projections import checkpoints, deadletters
from projections.checkpoints import Checkpoint
from projections.deadletters import DeadLetter, Status
from projections.projection import SHADOW, Projection
from projections.redelivery import NoSuchDeadLetter, Redelivered, discard, replay
from projections.store import Database

if TYPE_CHECKING:
    from adapters.http.platform import Platform

logger = structlog.get_logger(__name__)

EVERY = "all"
COUNT_SECONDS = 20.0
"""How long the numbers of rows are good for: counting a million takes a while."""
FIRST_COUNT_SECONDS = 2.0
MAX_GROUPS = 100
_VARYING = re.compile(r"[0-9]+|'[^']*'|\"[^\"]*\"")

Operator = Annotated[Signed, realm_role("operator")]


class Rebuild(BaseModel):
    """`afresh`: do not go on with an interrupted rebuild."""

    model_config = ConfigDict(extra="forbid")

    afresh: bool = False


class Discard(BaseModel):
    """`reason` is kept with the dead letter."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


def router(platform: Platform) -> APIRouter:
    """The routes; all of them need the role operator."""
    routes = APIRouter(tags=["operations"], dependencies=[realm_role("operator")])
    _projections(routes, platform)
    _jobs(routes, platform)
    _letters(routes, platform)
    return routes


async def act(
    platform: Platform,
    signed: Signed,
    request: Request,
    action: str,
    target: str,
    details: Json | None = None,
) -> int:
    """Record what an operator is about to do; where it stands. Raises `Problem`."""
    args = {"action": action, "target": target[:250], "details": details or {}}
    reply = await ask(
        platform, "operator.act", f"operator/{signed.account_id}", args, signed, request, part=action
    )
    return int(reply.position or 0)


def _projections(routes: APIRouter, platform: Platform) -> None:
    counted = _Counted(platform)

    @routes.get("/api/projections", summary="The read models: how far they are, and how large")
    async def projections() -> Response:
        """`{"head", "items": [{"name", "version", "position", "lag", "rows", "state", …}], "job"}`.

        `state` is `current`, `behind`, `outdated` (another release wrote it; a rebuild is due) or `missing`;
        `rebuilding` is how far a rebuild is that has begun. Rows are counted now and then.
        """
        head = await platform.log.head()
        stored, waiting = await platform.reader.run(_stored)
        rows = await counted.rows()
        running = platform.jobs.running
        items = [_about(projection, stored, waiting, rows, head.position) for projection in read_models()]
        return answer({"head": head.position, "items": items, "job": running and running.shown()})

    @routes.post("/api/projections/{name}/rebuild", status_code=202, summary="Build a read model anew")
    async def rebuild(
        name: str, signed: Operator, request: Request, wanted: Rebuild | None = None
    ) -> Response:
        """Beside the live one, which serves on; `all` builds all of them. 409 while another job runs.

        An interrupted rebuild goes on where it stopped, unless `afresh`. The job is at `GET /api/jobs/{job_id}`.
        """
        asked: Json = {"action": "rebuild", "names": _names(name), "afresh": bool(wanted and wanted.afresh)}
        return await _begin(platform, signed, request, name, asked)

    @routes.post(
        "/api/projections/{name}/verify", status_code=202, summary="Compare a read model with a fresh fold"
    )
    async def verify(name: str, signed: Operator, request: Request) -> Response:
        """Reads the whole log; `all` compares all of them. 409 while another job runs."""
        return await _begin(platform, signed, request, name, {"action": "verify", "names": _names(name)})


def _jobs(routes: APIRouter, platform: Platform) -> None:
    @routes.get("/api/jobs", summary="The last rebuilds and verifications of this gateway")
    async def jobs() -> Response:
        """`{"items": [...]}`, newest first."""
        return answer({"items": [job.shown() for job in platform.jobs.all()]})

    @routes.get("/api/jobs/{job_id}", summary="How far a job is, and what came of it")
    async def job(job_id: str) -> Response:
        return answer(_found(platform, job_id).shown())

    @routes.delete("/api/jobs/{job_id}", summary="Stop a job")
    async def stop(job_id: str, signed: Operator, request: Request) -> Response:
        """In order; what a rebuild did until then is kept, and the next one goes on from there."""
        job = _found(platform, job_id)
        await act(platform, signed, request, "job.stop", job.target, {"job_id": job_id, "action": job.action})
        await platform.jobs.stop(job)
        return answer(job.shown(), 202)


def _letters(routes: APIRouter, platform: Platform) -> None:
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


async def _begin(platform: Platform, signed: Signed, request: Request, name: str, asked: Json) -> Response:
    job = Job(asked["action"], name, signed.name)
    running = platform.jobs.running
    if running is not None:
        raise _busy(running)
    details = {key: value for key, value in asked.items() if key != "action"} | {"job_id": job.job_id}
    await act(platform, signed, request, f"projection.{job.action}", name, details)
    actor, together = signed.actor, correlation(request)

    async def ended(done: Job) -> None:
        told = {"job_id": done.job_id, "state": done.state, "problem": done.problem or None}
        args = {"action": f"projection.{done.action}.ended", "target": name, "details": told}
        stream = f"operator/{signed.account_id}"
        message = CommandMessage(f"web/{uuid4().hex}", "operator.act", stream, args, actor, together)
        await platform.bus.send(message, timeout=5)

    try:
        platform.jobs.start(job, asked, ended)
    except JobRunning as error:
        raise _busy(error.job) from None
    return answer(job.shown(), 202, headers={"Location": f"/api/jobs/{job.job_id}"})


def _busy(job: Job) -> Problem:
    told = (
        f"{job.action} of {job.target} is running; wait for it, or stop it with DELETE /api/jobs/{job.job_id}"
    )
    return Problem(409, detail=told, code="job_running", more={"job": job.shown()})


def _found(platform: Platform, job_id: str) -> Job:
    job = platform.jobs.find(job_id)
    if job is None:
        raise Problem(404, detail="there is no such job, or it is long over", field="job_id")
    return job


def _names(name: str) -> list[str]:
    every = [projection.name for projection in read_models()]
    if name == EVERY:
        return every
    if name not in every:
        raise Problem(404, detail=f"there is no such projection, only {', '.join(every)}", field="name")
    return [name]


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


def _about(
    projection: Projection,
    stored: dict[str, Checkpoint],
    waiting: dict[str, int],
    rows: dict[str, int],
    head: int,
) -> Json:
    name, checkpoint = projection.name, stored.get(projection.name)
    shadow = stored.get(name + SHADOW)
    lag = max(0, head - (checkpoint.position if checkpoint else 0))
    state: Literal["current", "behind", "outdated", "missing"] = "current" if not lag else "behind"
    if checkpoint is None:
        state = "missing"
    elif checkpoint.version != projection.version:
        state = "outdated"
    return {
        "name": name,
        "version": projection.version,
        "stored_version": checkpoint and checkpoint.version,
        "position": checkpoint.position if checkpoint else 0,
        "lag": lag,
        "applied_at": moment(checkpoint.applied_at).isoformat()
        if checkpoint and checkpoint.applied_at
        else None,
        "state": state,
        "rebuilding": shadow and {"position": shadow.position, "version": shadow.version},
        "dead_letters": waiting.get(name, 0),
        "tables": [{"name": table.name, "rows": rows.get(table.name)} for table in projection.tables],
        "rows": sum(rows[table.name] for table in projection.tables if table.name in rows) if rows else None,
        "categories": sorted(projection.categories),
    }


def _stored(connection: Connection) -> tuple[dict[str, Checkpoint], dict[str, int]]:
    letters = deadletters.DEAD_LETTERS.c
    query = select(letters.projection, func.count()).where(letters.status != "discarded")
    waiting: Any = connection.execute(query.group_by(letters.projection)).all()
    return checkpoints.load(connection), dict(waiting)


class _Counted:
    """How many rows each table has, as of a little while ago; counted aside of the reader that everybody waits for."""

    def __init__(self, platform: Platform) -> None:
        self._url = platform.settings.database_url
        self._at = -COUNT_SECONDS
        self._rows: dict[str, int] = {}
        self._counting: asyncio.Task[None] | None = None

    async def rows(self) -> dict[str, int]:
        if monotonic() - self._at >= COUNT_SECONDS and (self._counting is None or self._counting.done()):
            self._at = monotonic()
            self._counting = asyncio.create_task(self._count(), name="counting rows")
        if not self._rows and self._counting is not None:
            await asyncio.wait((self._counting,), timeout=FIRST_COUNT_SECONDS)
        return self._rows

    async def _count(self) -> None:
        try:
            self._rows = await asyncio.to_thread(_count, self._url)
        except SQLAlchemyError as error:
            logger.warning("rows cannot be counted", error=reason(error))


def _count(url: str) -> dict[str, int]:
    engine = reader_engine(url, busy_seconds=1.0)
    try:
        with engine.connect() as connection:
            return {
                table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for projection in read_models()
                for table in projection.tables
            }
    finally:
        engine.dispose()

"""`/api/projections`, `/api/jobs`: the read models, and what is being done to them, for operators.

Every act is recorded in the stream `operator/<account id>` before it is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, select
from starlette.responses import Response

from adapters.http.access import Signed, realm_role
from adapters.http.operator_acts import Operator, act
from adapters.http.problems import Problem, correlation
from adapters.http.versions import answer
from adapters.jobs.job import Job
from adapters.jobs.jobs import JobRunning
from adapters.sql.read_models import read_models
from adapters.sql.row_counts import RowCounts
from commands.message import CommandMessage
from events.commit import Json, moment
from projections import checkpoints, deadletters
from projections.checkpoints import Checkpoint
from projections.projection import SHADOW, Projection

if TYPE_CHECKING:
    from adapters.http.platform import Platform

EVERY = "all"


class Rebuild(BaseModel):
    """`afresh`: do not go on with an interrupted rebuild."""

    model_config = ConfigDict(extra="forbid")

    afresh: bool = False


def router(platform: Platform) -> APIRouter:
    """The routes; all of them need the role operator."""
    routes = APIRouter(tags=["operations"], dependencies=[realm_role("operator")])
    _projections(routes, platform)
    _jobs(routes, platform)
    return routes


def _projections(routes: APIRouter, platform: Platform) -> None:
    counted = RowCounts(platform.settings.database_url)

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

"""The HTTP approach as a peer: FastAPI and SQLite, one table row changed per request, no log.

It does the same work as far as a service without history can: register, event, interact, get_state. Each change is
its own transaction and on the disk before the answer (`synchronous=FULL`). Handlers run on the event loop because
that is the fastest this approach can be with one process: a thread per request costs more than the query.
"""

from __future__ import annotations

import json
import os
import sqlite3
from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

SCHEMA = """
create table npc (id text primary key, personality text not null, goals text not null, map text, x int, y int,
                  emotion text not null default 'neutral', events int not null default 0, last_event text);
create table relationship (npc text, player text, interactions int not null, last text,
                           primary key (npc, player));
"""


class Body(BaseModel):
    """The wire contract's envelope, as far as these operations need it."""

    correlation_id: str = Field(min_length=1, max_length=128)
    operation: str
    npc_id: str = Field(min_length=1, max_length=128)
    data: dict[str, Any] = Field(default_factory=dict)
    actor: dict[str, Any] | None = None


app = FastAPI()
database = sqlite3.connect(os.environ.get("PEER_DATABASE", ":memory:"), isolation_level=None)
database.execute("pragma journal_mode = wal")
database.execute("pragma synchronous = full")
database.executescript(SCHEMA)


@app.post("/api/npc/register")
async def register(body: Body) -> dict[str, Any]:
    data = body.data
    values = (body.npc_id, json.dumps(data["personality"]), json.dumps(data.get("initial_goals", [])))
    place = (data.get("map"), data.get("x"), data.get("y"))
    try:
        database.execute(
            "insert into npc (id, personality, goals, map, x, y) values (?,?,?,?,?,?)", values + place
        )
    except sqlite3.IntegrityError:
        raise HTTPException(409, "already registered") from None
    return _done(body, {"npc_id": body.npc_id})


@app.post("/api/npc/event")
async def event(body: Body) -> dict[str, Any]:
    changed = database.execute(
        "update npc set events = events + 1, last_event = ? where id = ?",
        (json.dumps(body.data), body.npc_id),
    )
    if not changed.rowcount:
        raise HTTPException(404, "not registered")
    return _done(body, {})


@app.post("/api/npc/interact")
async def interact(body: Body) -> dict[str, Any]:
    player = str((body.actor or {}).get("char_id"))
    if database.execute("select 1 from npc where id = ?", (body.npc_id,)).fetchone() is None:
        raise HTTPException(404, "not registered")
    database.execute(
        "insert into relationship values (?,?,1,?) on conflict (npc, player) "
        "do update set interactions = interactions + 1, last = excluded.last",
        (body.npc_id, player, json.dumps(body.data)),
    )
    return _done(body, {"accepted": True})


@app.post("/api/npc/get_state")
async def get_state(body: Body) -> dict[str, Any]:
    row = database.execute(
        "select emotion, goals, map, x, y from npc where id = ?", (body.npc_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, "not registered")
    location = {"map": row[2], "x": row[3], "y": row[4]}
    return _done(
        body, {"npc_id": body.npc_id, "emotion": row[0], "goals": json.loads(row[1]), "location": location}
    )


def _done(body: Body, data: dict[str, Any]) -> dict[str, Any]:
    return {"correlation_id": body.correlation_id, "success": True, "error_code": 0, "data": data}

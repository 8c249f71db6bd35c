"""`ai_npc_pathfind`: a question about the map, answered without a commit."""

from __future__ import annotations

import asyncio
from typing import Any

from adapters.rathena.queries import ask, unknown_npc
from adapters.rathena.services import Call, Services
from commands.codes import Code
from commands.message import Reply
from commands.mind.grid import Grid
from commands.mind.pathfinding import Path, PathReason, find_requested_path
from commands.rejection import Rejected
from events.commit import Json
from projections import npcs

NEAR = 14
"""Within this many cells a search takes less time than handing it to a thread."""


async def pathfind(services: Services, call: Call) -> Reply:
    """Way points from the NPC's place (or `map`, `x`, `y`) to the destination.

    Not being able to get there is an answer (`valid` false, with the reason), not a failure. Raises `Rejected`:
    `-200` unknown NPC, `-202` no maps configured, `-104` no known place, `-101`/`-105` bad coordinates or options.
    """
    state = await ask(services, call, npcs.state, call.npc_id, ("location",))
    if state is None:
        raise unknown_npc(call.npc_id)
    if not services.maps.configured:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            "operation: no map cache is configured. Start with --map-cache or set rathena.map_cache.",
            field="operation",
        )
    place = {
        **(state.get("location") or {}),
        **{k: call.data[k] for k in ("map", "x", "y") if k in call.data},
    }
    for name in ("map", "x", "y"):
        if place.get(name) is None:
            raise Rejected(
                Code.MISSING_REQUIRED_FIELD,
                f"data.{name} is missing, and the NPC's own place is not known. Send it, or update its location.",
                field=f"data.{name}",
            )
    grid = await services.maps.grid(str(place["map"]))
    if grid is None:
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"data.map: no map {str(place['map'])[:32]!r} in the map cache",
            field="data.map",
        )
    return _answer(await _found(grid, {**call.data, "x": place["x"], "y": place["y"]}))


async def _found(grid: Grid, wanted: Json) -> Path:
    question = {
        k: v for k, v in wanted.items() if k in {"x", "y", "destination_x", "destination_y", "options"}
    }
    if _is_near(question):
        return find_requested_path(grid, question)
    return await asyncio.to_thread(find_requested_path, grid, question)


def _is_near(question: Json) -> bool:
    numbers: list[Any] = [question.get(name) for name in ("x", "y", "destination_x", "destination_y")]
    if not all(type(number) is int for number in numbers):
        return True
    x, y, to_x, to_y = numbers
    return bool(max(abs(x - to_x), abs(y - to_y)) <= NEAR)


def _answer(path: Path) -> Reply:
    data: Json = {
        "path": [{"x": cell.x, "y": cell.y} for cell in path.waypoints],
        "valid": path.valid,
        "cost": path.cost,
        "steps": path.steps,
        "reason": str(path.reason),
    }
    if path.reason is PathReason.BAD_REQUEST:
        return Reply(Code.INVALID_PARAMETER, path.explanation, data, field="data")
    return Reply(message=path.explanation if not path.valid else "", data=data)

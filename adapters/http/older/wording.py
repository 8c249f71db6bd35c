"""The words of older clients: PascalCase fields, capitalised choices, and `success` in every answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from adapters.http.problems import Problem
from commands.forms.field import ABILITIES
from commands.forms.kinds import BY_NAME
from commands.rejection import Rejected
from events.commit import Json
from events.errors import LogError, ProjectionError

HONEST = frozenset({401, 429})
"""Problems that keep their status: a page must sign in again, or wait."""

CONTENT_KINDS = {"npcs": "npc", "locations": "location", "quests": "quest"}
_NOT_OURS = {"ImageUrl": "/api/images/{}", "PortraitUrl": "/api/images/{}"}


class Forgiving(APIRoute):
    """A route whose refusals are answers with `success: false`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See `fastapi.routing.APIRoute`."""
        handle = super().get_route_handler()

        async def forgiving(request: Request) -> Response:
            try:
                return await handle(request)
            except Problem as problem:
                if problem.status in HONEST:
                    raise
                return failed(problem.detail or problem.title)
            except RequestValidationError as error:
                first = error.errors()[0] if error.errors() else {"loc": (), "msg": "cannot be understood"}
                where = ".".join(str(part) for part in first["loc"][1:])
                return failed(f"{where}: {first['msg']}" if where else str(first["msg"]))
            except (Rejected, LogError, ProjectionError, HTTPException) as error:
                return failed(str(error))

        return forgiving


class Body(BaseModel):
    """A body of an older client: fields nobody knows are ignored, as its pages send some that nothing reads."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, coerce_numbers_to_str=True)


def named(*names: str, default: Any = ..., most: int = 64) -> Any:
    """A text field that goes by several names."""
    return Field(default, validation_alias=AliasChoices(*names), max_length=most)


def failed(message: str) -> Response:
    """A refusal."""
    return JSONResponse({"success": False, "message": message})


def done(**told: Any) -> Json:
    """A success."""
    return {"success": True, **told}


def pascal(kind: str, row: Mapping[str, Any], names: Mapping[str, str] | None = None) -> Json:
    """An element or a character as older clients read it. `names` are those of referred elements by id."""
    fields, names = row["fields"], names or {}
    shown: Json = {"Id": row.get("element_id") or row.get("character_id")}
    for name, field in BY_NAME[kind].items():
        if not field.pascal:
            continue
        value = fields.get(name)
        if field.pascal in _NOT_OURS:
            value = _NOT_OURS[field.pascal].format(value) if value else None
        elif field.form == "choice" and isinstance(value, str):
            value = "".join(part.capitalize() for part in value.split("_"))
        elif field.pascal in {"CurrentLocation", "QuestGiver"}:
            value = names.get(value, value) if value else None
        shown[field.pascal] = value
    if kind in {"npc", "character"}:
        scores = fields.get("abilities") or {}
        shown |= {ability.capitalize(): scores.get(ability) for ability in ABILITIES}
        shown["HitPoints"] = fields.get("hit_points")
    if kind in {"quest", "note"}:
        shown["Name"] = shown.get("Title")
    return shown

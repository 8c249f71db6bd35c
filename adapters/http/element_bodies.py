"""The bodies and path parameters of requests about elements."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError, to_json

Kind = Literal["location", "npc", "quest", "event", "note", "encounter"]
Visibility = Literal["gm", "all", "members"]
Id = Annotated[str, Field(min_length=1, max_length=128)]
Given = Annotated[str, Path(max_length=128)]


def _unicode(value: dict[str, Any]) -> dict[str, Any]:
    try:
        to_json(value)
    except ValueError:
        raise PydanticCustomError("unicode", "must be valid Unicode text") from None
    return value


Fields = Annotated[dict[str, JsonValue], Field(max_length=64), AfterValidator(_unicode)]
FieldVisibility = Annotated[dict[str, Literal["gm", "all"]], Field(max_length=64)]


class NewElement(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"campaign_id": "0199…", "kind": "npc", "fields": {"name": "Ilsa Vane"}, "visibility": "gm"}
            ]
        },
    )
    campaign_id: Id
    kind: Kind
    fields: Fields
    visibility: Visibility = "gm"
    members: Annotated[list[Id], Field(max_length=64)] = []
    field_visibility: FieldVisibility = {}


class ElementChange(BaseModel):
    """`fields`: what is to be different; null empties a field. PUT empties what is not named."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"fields": {"name": "Ilsa Vane"}}]}
    )
    fields: Fields


class Showing(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"visibility": "all"}]})
    visibility: Visibility | None = None
    members: Annotated[list[Id], Field(max_length=64)] | None = None
    field_visibility: FieldVisibility | None = None


class Which(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 2}]})
    version: Annotated[int, Field(ge=1, le=1_000_000_000)]

"""What the routes of drafts and proposals take and show: bodies, an example, and their refusals."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError, to_json

from adapters.gamemaster.generation import MAX_DRAFTS, MAX_DRAWN_ON
from commands.proposal import MAX_BRIEF
from events.commit import Json

Kind = Literal["location", "npc", "quest", "event", "description"]
Status = Literal["open", "accepted", "rejected"]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]
Which = Annotated[str, Path(max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]


def _bounded(value: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(to_json(value))
    except ValueError:
        raise PydanticCustomError("unicode", "must be valid Unicode text") from None
    if size > 200_000:
        raise PydanticCustomError("too_long", "must have at most 200000 bytes")
    return value


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("unicode", "must be valid Unicode text") from None
    return value


Values = Annotated[dict[str, JsonValue], Field(max_length=64), AfterValidator(_bounded)]
Text = Annotated[str, AfterValidator(_text)]

EXAMPLE: Json = {
    "proposal_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c1",
    "campaign_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c0",
    "kind": "npc",
    "brief": "a ferrywoman with a secret",
    "status": "open",
    "at": "2026-11-27T04:00:00+00:00",
    "by": {"account_id": "0199b6c2f1a47c3e9d5b8a7760e4d2cf", "name": "mira"},
    "drafts": [
        {
            "draft": 0,
            "fields": {"name": "Vesna Half-Hand", "hit_dice": "3d8+3", "hit_points": 30},
            "claims": {},
            "verdicts": [
                {
                    "rule": "creature.hit_points",
                    "ok": False,
                    "severity": "error",
                    "message": "30 hit points do not follow from 3d8+3: its average is 16.",
                    "field": "hit_points",
                    "source": "SRD 5.2",
                }
            ],
            "route": "model",
            "model": "gpt-4o",
            "decision_id": "dec_2f7c…",
            "cost": 0.0041,
            "tokens": 1820,
            "problem": "",
        }
    ],
    "considered": [{"block": "brief", "note": "the brief", "tokens": 12}],
    "left_out": [],
    "cost": 0.0041,
    "tokens": 1820,
    "element_id": None,
}


class Wish(BaseModel):
    """`draw_on` names elements that matter most, `target` one to change instead of making a new one. `options` are told
    to the model as they are; `difficulty` (low, moderate, high) also bounds fights."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"campaign_id": "0199…", "brief": "a ferrywoman with a secret", "drafts": 2}]
        },
    )
    campaign_id: Id
    brief: Annotated[Text, Field(max_length=MAX_BRIEF)] = ""
    drafts: Annotated[int, Field(ge=1, le=MAX_DRAFTS)] = 1
    draw_on: Annotated[list[Id], Field(max_length=MAX_DRAWN_ON)] = []
    options: Annotated[Values, Field(max_length=12)] = {}
    target: Id | None = None


class Acceptance(BaseModel):
    """Without `fields` the whole draft is taken; `edits` are values that go before it, null leaves a field out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"draft": 0, "edits": {"hit_points": 16}, "visibility": "gm"}]},
    )
    draft: Annotated[int, Field(ge=0, lt=8)] = 0
    fields: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=64)] | None = None
    edits: Values = {}
    visibility: Literal["gm", "all", "members"] = "gm"
    members: Annotated[list[Id], Field(max_length=64)] = []


class Rejection(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "too grim"}]})
    reason: Annotated[Text, Field(max_length=500)] = ""


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in."},
    403: {"description": "Only game masters of the campaign may do this."},
    404: {"description": "There is none, or it is none of your business."},
    409: {"description": "The proposal was decided before, or the campaign is archived."},
    422: {"description": "Something cannot be understood; `field` names it."},
    429: {"description": "Too much at once; `Retry-After` says when to come again."},
    503: {"description": "The log or the read models cannot be reached right now."},
}


def shows(example: Any) -> dict[int | str, dict[str, Any]]:
    """A successful answer with an example, for the documentation."""
    return {200: {"description": "Done.", "content": {"application/json": {"example": example}}}}

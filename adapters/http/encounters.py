"""`/api/encounters`: the budget of a fight by SRD 5.2, and suggestions that fit it."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.responses import Response

from adapters.gamemaster.circumstances import Surroundings
from adapters.gamemaster.encounters import assessed, suggested, with_assessment
from adapters.http.access import LEADS, Signed, SignedIn, member
from adapters.http.drafts import PROBLEMS, Id, shows
from adapters.http.platform import Platform
from adapters.http.problems import Problem
from adapters.http.versions import AtLeast, answer
from commands.forms.filling import filled
from commands.rules.encounter import MAX_CHARACTERS, EncounterError
from commands.rules.suggestion import MAX_SUGGESTIONS
from events.commit import Json
from projections.campaign_overview import overview, rows_of
from projections.elements import campaign_of

MAX_GROUPS = 50

Difficulty = Literal["low", "moderate", "high"]
Level = Annotated[int, Field(ge=1, le=20)]
Line = Annotated[str, StringConstraints(max_length=128)]


class Party(BaseModel):
    """Who fights: `levels`, else the `party` of characters named by id, else all characters of the campaign."""

    model_config = ConfigDict(extra="forbid")
    campaign_id: Id
    levels: Annotated[list[Level], Field(min_length=1, max_length=MAX_CHARACTERS)] | None = None
    party: Annotated[list[Id], Field(min_length=1, max_length=MAX_CHARACTERS)] | None = None
    difficulty: Difficulty = "moderate"


class Group(BaseModel):
    """`challenge` is looked at only where the ruleset knows no such creature."""

    model_config = ConfigDict(extra="forbid")
    key: Line = ""
    name: Line = ""
    count: Annotated[int, Field(ge=1, le=100)] = 1
    challenge: Annotated[str, StringConstraints(max_length=8)] = ""

    @model_validator(mode="after")
    def _named(self) -> Group:
        if not self.key.strip() and not self.name.strip():
            raise ValueError("key or name: one of them says which creature it is")
        return self


class Fight(Party):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "campaign_id": "0199…",
                    "levels": [3, 3, 3, 3, 3],
                    "monsters": [{"name": "Druid", "count": 2}, {"name": "Stirge", "count": 9}],
                    "difficulty": "moderate",
                }
            ]
        },
    )
    monsters: Annotated[list[Group], Field(max_length=MAX_GROUPS)] = []


class Search(Party):
    """`type` (undead, beast …) and `name` narrow the creatures down; the same `seed` gives the same suggestions."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"campaign_id": "0199…", "difficulty": "high", "type": "undead"}]},
    )
    most: Annotated[int, Field(ge=1, le=MAX_SUGGESTIONS)] = 5
    type: Annotated[str, StringConstraints(max_length=40)] = ""
    name: Annotated[str, StringConstraints(max_length=60)] = ""
    seed: Annotated[str, StringConstraints(max_length=64)] = ""


EXAMPLE: Json = {
    "levels": [3, 3, 3, 3, 3],
    "ruleset": "2024",
    "wanted": "moderate",
    "budgets": {"low": 750, "moderate": 1125, "high": 2000},
    "spent": 1125,
    "left": 0,
    "difficulty": "moderate",
    "per_character": 225,
    "monsters": [
        {
            "key": "druid",
            "name": "Druid",
            "count": 2,
            "known": True,
            "type": "humanoid",
            "challenge_rating": "2",
            "xp": 450,
            "total": 900,
        }
    ],
    "verdicts": [
        {
            "rule": "encounter.budget",
            "ok": True,
            "severity": "error",
            "message": "1125 XP fit into the moderate budget of 1125.",
            "expected": 1125,
            "found": 1125,
            "source": "SRD 5.2",
        }
    ],
    "sources": [],
    "sample": False,
}


def router(platform: Platform) -> APIRouter:
    """The routes of encounters."""
    routes = APIRouter(prefix="/api/encounters", tags=["encounters"], responses=PROBLEMS)

    @routes.post("/assess", summary="Weigh monsters against a party", responses=shows(EXAMPLE))
    async def weigh(fight: Fight, signed: SignedIn, at_least: AtLeast) -> Response:
        """Budgets for low, moderate and high, what the monsters take of them, and what to mind."""
        levels, campaign = await _party(platform, signed, fight, at_least)
        reference = await platform.assistant.shelf.of(campaign.ruleset)
        monsters = [each.model_dump() for each in fight.monsters]
        return answer(
            await _computed(
                assessed, reference, levels, monsters, fight.difficulty, language=campaign.language
            )
        )

    @routes.post(
        "/suggest", summary="Encounters that fit", responses=shows({"seed": "5f0e", "suggestions": []})
    )
    async def offer(search: Search, signed: SignedIn, at_least: AtLeast) -> Response:
        """A few ways to spend the budget, each of another shape: one creature, two, a leader with followers, many."""
        levels, campaign = await _party(platform, signed, search, at_least)
        reference = await platform.assistant.shelf.of(campaign.ruleset)
        found = await _computed(
            suggested,
            reference,
            levels,
            search.difficulty,
            seed=search.seed or secrets.token_hex(8),
            most=search.most,
            of_type=search.type.strip(),
            with_name=search.name.strip(),
            language=campaign.language,
        )
        return answer(found)

    return routes


async def _computed(compute: Any, *args: Any, **options: Any) -> Json:
    """`compute` beside the event loop. Raises `Problem` 422 for what no encounter can be."""
    try:
        found: Json = await asyncio.to_thread(compute, *args, **options)
    except EncounterError as error:
        field, _, _ = str(error).partition(":")
        raise Problem(422, detail=str(error), field=field) from None
    return found


async def _party(
    platform: Platform, signed: Signed, given: Party, at_least: int | None
) -> tuple[tuple[int, ...], Surroundings]:
    """The levels of those who fight, and their campaign. Raises `Problem` 403, 404, 422."""
    await member(platform, signed, given.campaign_id, *LEADS, at_least=at_least)
    shown = await platform.reader.run(overview, given.campaign_id, at_least=at_least, brief=True)
    if shown is None:
        raise Problem(404, detail="there is no such campaign", field="campaign_id")
    surroundings = Surroundings(shown)
    if given.levels is not None:
        return tuple(given.levels), surroundings
    if given.party is None:
        return surroundings.levels, surroundings
    known = {each["character_id"]: each for each in shown["characters"]}
    levels = []
    for each in given.party:
        level = known.get(each, {}).get("level")
        if not isinstance(level, int):
            told = f"party: this campaign has no character {each!r} with a level"
            raise Problem(422, detail=told, field="party")
        levels.append(level)
    return tuple(levels), surroundings


DERIVED = frozenset({"monsters", "party_levels", "difficulty", "experience", "assessment"})
"""Fields of an encounter that hang together: what its monsters are worth, and whether that suits the party."""


async def weighed(platform: Platform, signed: Signed, campaign_id: str, fields: Json) -> Json:
    """The fields of a new encounter with its assessment by the rules, whatever was sent. Raises `Problem` 422.

    Of who does not lead the campaign they are left alone: the decider says so, in the words it has for everybody.
    """
    try:
        await member(platform, signed, campaign_id, *LEADS)
    except Problem:
        return fields
    shown = await platform.reader.run(overview, campaign_id, brief=True)
    if shown is None or not fields.get("monsters"):
        return {name: value for name, value in fields.items() if name not in {"experience", "assessment"}}
    surroundings = Surroundings(shown)
    reference = await platform.assistant.shelf.of(surroundings.ruleset)
    clean, _ = filled("encounter", fields)
    return await _computed(
        with_assessment, reference, surroundings.levels, clean, language=surroundings.language
    )


async def reweighed(
    platform: Platform, signed: Signed, element_id: str, fields: Json, *, whole: bool = False
) -> Json:
    """The changes of an element, with a new assessment where they touch an encounter's fight."""
    if not DERIVED & fields.keys():
        return fields
    campaign_id = await platform.reader.run(campaign_of, element_id)
    rows = await platform.reader.run(rows_of, campaign_id, (element_id,)) if campaign_id else {}
    row = rows.get(element_id)
    if campaign_id is None or row is None or row["kind"] != "encounter":
        return fields
    before = {} if whole else {name: value for name, value in row["fields"].items() if name in DERIVED}
    found = await weighed(platform, signed, campaign_id, {**before, **fields})
    emptied: Json = {name: None for name in ("experience", "assessment") if name not in found and not whole}
    return {**fields, **{name: value for name, value in found.items() if name in DERIVED}, **emptied}

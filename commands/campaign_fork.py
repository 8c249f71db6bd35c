"""Forking a campaign: a new one that begins as another was at a position of the log.

The new campaign is there at once, as `forking`: its owner may look, nobody may change anything. Then its elements and
characters are copied (`element.copy`, `campaign.copy_character`), by whoever was told to, as often as it takes: ids
follow from the fork, so that a repetition changes nothing. `campaign.finish_fork` makes it a campaign like others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from commands.arguments import Id, JsonObject
from commands.campaign_characters import MAX_CHARACTERS, Company
from commands.campaign_commands import Language, Level, Named, Prose, Ruleset, Theme
from commands.codes import Code
from commands.decider import Context
from commands.forms.field import is_id
from commands.forms.filling import complete, filled, with_mentions
from commands.forms.kinds import BY_NAME
from commands.membership import OWNER, require
from commands.rejection import Rejected
from events.campaign import (
    CampaignCharacterAdded,
    CampaignCreated,
    CampaignForkBegun,
    CampaignForkFailed,
    CampaignForkFinished,
)
from events.commit import Event, Json

MAX_ELEMENTS = 20_000
"""Elements of a campaign that may be forked."""


@dataclass(frozen=True, slots=True)
class Fork:
    """Begin the campaign as a copy of `origin` at `position`, which had so many `elements` then; the rest describes
    it."""

    origin: Id
    position: Annotated[int, Field(ge=1)]
    elements: Annotated[int, Field(ge=0, le=MAX_ELEMENTS)]
    name: Named
    description: Prose = ""
    ruleset: Ruleset = "2024"
    language: Language = "en"
    theme: Theme = ""
    level: Level = 1


@dataclass(frozen=True, slots=True)
class CopyCharacter:
    """`player` is who played it in the original: no member here before he is invited."""

    character_id: Id
    fields: JsonObject
    player: Id | None = None


@dataclass(frozen=True, slots=True)
class FinishFork:
    """Everything is copied: so many elements and characters."""

    elements: Annotated[int, Field(ge=0)]
    characters: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class FailFork:
    """It cannot be finished; `problem` says why."""

    problem: Annotated[str, StringConstraints(max_length=500)]


def copy_id(fork: str, original: str) -> str:
    """The id in the campaign `fork` of what has the id `original` in the other one."""
    return sha256(f"lorestream/fork/{fork}/{original}".encode()).hexdigest()[:32]


def renamed(kind: str, fields: Mapping[str, Any], ids: Mapping[str, str]) -> Json:
    """Fields with every reference and mention leading to the copies; `ids` maps originals to theirs.

    A reference to what is not copied (it was removed then) is left out, a mention of it stays and leads nowhere.
    """
    found: Json = {}
    for name, value in fields.items():
        field = BY_NAME[kind].get(name)
        if field is not None and field.refers:
            value = _led(value, ids)
        elif isinstance(value, str):
            value = _said(value, ids)
        elif isinstance(value, list):
            value = [_said(each, ids) if isinstance(each, str) else each for each in value]
        if value is not None:
            found[name] = value
    return found


def _led(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return ids.get(value)
    kept = [
        {**each, "to": ids[each["to"]]} if isinstance(each, dict) else ids[each]
        for each in value
        if (each["to"] if isinstance(each, dict) else each) in ids
    ]
    return kept or None


def _said(text: str, ids: Mapping[str, str]) -> str:
    return with_mentions(text, lambda each: f"[[{ids.get(each, each)}]]")


def begin(state: Company, command: Fork, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: as `require` about the original, whose owner he must be; -100 where the campaign exists."""
    original = context.facts["campaign"]
    require(original, context.actor, OWNER, archived=True)
    if original.forking:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            "status: the campaign is itself a copy that is not finished",
            field="status",
        )
    if state.exists:
        raise Rejected(Code.ALREADY_EXISTS, "campaign_id: this campaign exists already", field="campaign_id")
    told = asdict(command)
    origin, position, elements = (told.pop(part) for part in ("origin", "position", "elements"))
    name = str(context.actor.details.get("name", ""))[:120]
    return (
        CampaignCreated(owner=context.actor.id, owner_name=name, **told),
        CampaignForkBegun(origin, position, elements),
    )


def go_on(
    state: Company, command: CopyCharacter | FinishFork | FailFork, context: Context
) -> tuple[Event, ...]:
    """Raises `Rejected`: as `require`, -202 where nothing is being forked, -100 for a character that is there."""
    require(state, context.actor, OWNER, forking=True)
    require_forking(state)
    match command:
        case FinishFork():
            return (CampaignForkFinished(command.elements, command.characters),)
        case FailFork():
            return (CampaignForkFailed(command.problem),)
    if not is_id(command.character_id):
        raise Rejected(Code.INVALID_PARAMETER, "character_id: is no id", field="character_id")
    if command.character_id in state.characters:
        raise Rejected(
            Code.ALREADY_EXISTS, "character_id: this character exists already", field="character_id"
        )
    if len(state.characters) >= MAX_CHARACTERS:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"character_id: at most {MAX_CHARACTERS} characters",
            field="character_id",
        )
    fields, _ = filled("character", command.fields)
    added = dict(complete("character", fields))
    return (CampaignCharacterAdded(command.character_id, command.player, added),)


def require_forking(campaign: Company) -> None:
    """Raises `Rejected` -202 for a campaign that is no unfinished copy."""
    if not campaign.forking:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED, "status: this campaign is not being copied", field="status"
        )

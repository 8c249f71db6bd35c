"""The characters of a campaign's players: game masters change all of them, players their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from pydantic import Field

from commands.arguments import Id, JsonObject
from commands.codes import Code
from commands.decider import Context
from commands.forms.field import is_id
from commands.forms.filling import complete, filled
from commands.membership import COGM, MASTERS, OWNER, PLAYER, require, unknown
from commands.rejection import Rejected
from events.campaign import CampaignCharacterAdded, CampaignCharacterChanged, CampaignCharacterRemoved
from events.commit import Event, Json

MAX_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class CharacterState:
    """`player` is the account that plays it; `version` that of the campaign when it last changed."""

    player: str | None = None
    version: int = 0
    fields: Json = field(default_factory=dict)


class Company(Protocol):
    """What of a campaign has to be known here: `commands.campaign.CampaignState`."""

    @property
    def exists(self) -> bool: ...

    @property
    def archived(self) -> bool: ...

    @property
    def forking(self) -> bool: ...

    @property
    def roles(self) -> Mapping[str, str]: ...

    @property
    def characters(self) -> Mapping[str, CharacterState]: ...


@dataclass(frozen=True, slots=True)
class AddCharacter:
    """`character_id` is made by who asks. `player` None: whoever adds it, if he is a player; nobody otherwise."""

    character_id: Id
    fields: JsonObject
    player: Id | None = None


@dataclass(frozen=True, slots=True)
class ChangeCharacter:
    """Fields of `set` that are null are emptied; `whole` empties those it does not name. `player` "" takes the
    character from its player, None leaves it where it is."""

    character_id: Id
    set: JsonObject = field(default_factory=dict)
    player: Annotated[str, Field(max_length=128)] | None = None
    whole: bool = False
    expected: Annotated[int, Field(ge=0)] | None = None


@dataclass(frozen=True, slots=True)
class RemoveCharacter:
    character_id: Id
    expected: Annotated[int, Field(ge=0)] | None = None


def add_character(state: Company, command: AddCharacter, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: see `commands.campaign.decide`."""
    role = require(state, context.actor, OWNER, COGM, PLAYER)
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
    player = command.player or None
    if role == PLAYER:
        if player not in (None, context.actor.id):
            raise _not_yours()
        player = context.actor.id
    fields, _ = filled("character", command.fields)
    _standing(fields, context)
    return (
        CampaignCharacterAdded(
            command.character_id, _member(state, player), dict(complete("character", fields))
        ),
    )


def change_character(state: Company, command: ChangeCharacter, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: see `commands.campaign.decide`."""
    before = _theirs(state, command.character_id, command.expected, context)
    player = before.player if command.player is None else command.player or None
    if player != before.player:
        if require(state, context.actor) not in MASTERS:
            raise _not_yours()
        player = _member(state, player)
    wanted, unset = filled("character", command.set)
    if command.whole:
        unset = tuple(name for name in before.fields if name not in wanted)
    changed = {name: value for name, value in wanted.items() if before.fields.get(name) != value}
    gone = tuple(name for name in unset if name in before.fields)
    if not changed and not gone and player == before.player:
        return ()
    _standing(changed, context)
    complete("character", {k: v for k, v in before.fields.items() if k not in gone} | changed)
    return (CampaignCharacterChanged(command.character_id, player, changed, gone),)


def remove_character(state: Company, command: RemoveCharacter, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: see `commands.campaign.decide`."""
    before = _theirs(state, command.character_id, command.expected, context)
    return (CampaignCharacterRemoved(command.character_id, str(before.fields.get("name", ""))),)


def _theirs(state: Company, character_id: str, expected: int | None, context: Context) -> CharacterState:
    role = require(state, context.actor, OWNER, COGM, PLAYER)
    before = state.characters.get(character_id)
    if before is None:
        raise unknown("character_id")
    if role == PLAYER and before.player != context.actor.id:
        raise _not_yours()
    if expected is not None and expected != before.version:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"version: the character was changed meanwhile; it is at version {before.version}, not {expected}. "
            "Read it again",
            field="version",
        )
    return before


def _not_yours() -> Rejected:
    return Rejected(
        Code.AUTHENTICATION_FAILED, "player: players change their own characters only", field="player"
    )


def _member(state: Company, player: str | None) -> str | None:
    if player is not None and player not in state.roles:
        raise Rejected(Code.INVALID_PARAMETER, "player: no member of this campaign", field="player")
    return player


def _standing(fields: Mapping[str, Any], context: Context) -> None:
    """Where a character is must be a place of the same campaign."""
    where = fields.get("location_id")
    if where is None:
        return
    place = context.facts["elements"].get(where)
    if place is None or place.campaign_id != context.entity or place.removed or place.kind != "location":
        raise Rejected(
            Code.INVALID_PARAMETER,
            "fields.location_id: there is no such location in this campaign",
            field="fields.location_id",
        )

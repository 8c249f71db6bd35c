"""What may happen to an element of a campaign: its fields, who sees it, its removal, and undoing any of these.

Undoing is a command like any other: it adds what leads back, and takes nothing out of the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from commands.arguments import Id, JsonObject
from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.element_copy import Copy, copy
from commands.element_state import ElementState, evolve
from commands.element_undo import revert, undo
from commands.forms.filling import complete, filled, kept, known_kind, references
from commands.forms.kinds import BY_NAME
from commands.membership import MASTERS, require, unknown
from commands.rejection import Rejected
from events.commit import Commit, Event, Json
from events.element import (
    ElementChanged,
    ElementCreated,
    ElementRemoved,
    ElementRestored,
    ElementShown,
    by_hand,
)

Visibility = Literal["gm", "all", "members"]
MAX_SEEING = 64


def _origin(value: Json) -> Json:
    if value.get("by") not in {"hand", "proposal", "import", "chat", "image"} or len(value) > 8:
        raise ValueError("by: must be hand, proposal, import, chat or image")
    for name, part in value.items():
        if not isinstance(part, str | int) or len(str(part)) > 128 or len(name) > 40:
            raise ValueError(f"{name[:40]}: must be a short text or a number")
    return value


Origin = Annotated[JsonObject, AfterValidator(_origin)]
Seeing = Annotated[tuple[Id, ...], Field(max_length=MAX_SEEING)]
FieldVisibility = Annotated[dict[str, Literal["gm", "all"]], Field(max_length=64)]
Expected = Annotated[int, Field(ge=0)] | None


@dataclass(frozen=True, slots=True)
class Create:
    """See `events.element.ElementCreated`; values may be as people send them."""

    campaign_id: Id
    kind: Id
    fields: JsonObject
    visibility: Visibility = "gm"
    members: Seeing = ()
    field_visibility: FieldVisibility = field(default_factory=dict)
    origin: Origin = field(default_factory=by_hand)


@dataclass(frozen=True, slots=True)
class Change:
    """Fields of `set` that are null or empty, and those in `unset`, are emptied; `whole` empties all it does not name.

    `expected` is the version that was read.
    """

    set: JsonObject = field(default_factory=dict)
    unset: Annotated[tuple[Id, ...], Field(max_length=64)] = ()
    whole: bool = False
    expected: Expected = None
    origin: Origin = field(default_factory=by_hand)


@dataclass(frozen=True, slots=True)
class Show:
    """What is None stays as it is."""

    visibility: Visibility | None = None
    members: Seeing | None = None
    field_visibility: FieldVisibility | None = None
    expected: Expected = None


@dataclass(frozen=True, slots=True)
class Remove:
    expected: Expected = None


@dataclass(frozen=True, slots=True)
class Restore:
    expected: Expected = None


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back what the commit `version` of this element changed; later changes of other fields stay."""

    version: Annotated[int, Field(ge=1)]
    expected: Expected = None


@dataclass(frozen=True, slots=True)
class Revert:
    """Make the element what it was after the commit `version`."""

    version: Annotated[int, Field(ge=1)]
    expected: Expected = None


def decide(state: ElementState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: as `require` (to anybody else an element does not exist), -100 for an id that is taken, -101
    and -105 for unfit fields, -202 where it is removed or a later change stands in the way, -203 on `version` for a
    stale edit."""
    if isinstance(command, Create | Copy):
        return (
            _create(state, command, context) if isinstance(command, Create) else copy(state, command, context)
        )
    if not state.exists:
        raise unknown("element_id")
    try:
        require(context.facts.get("campaign"), context.actor, *MASTERS)
    except Rejected as no:
        raise unknown("element_id") if no.code == Code.NPC_NOT_FOUND else no from None
    if command.expected is not None and command.expected != state.version:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"version: the element was changed meanwhile; it is at version {state.version}, not {command.expected}. "
            "Read it again",
            field="version",
        )
    match command:
        case Restore():
            return (ElementRestored(state.campaign_id, state.kind),) if state.removed else ()
        case Remove():
            return () if state.removed else (ElementRemoved(state.campaign_id, state.kind),)
        case Undo():
            return undo(state, command.version, context)
    if state.removed:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED, "element_id: it is removed. Restore it first", field="element_id"
        )
    match command:
        case Change():
            return _change(state, command, context)
        case Show():
            return _show(state, command, context)
        case Revert():
            return revert(state, command.version, context)
    raise TypeError(f"not a command of an element: {command!r}")


def _create(state: ElementState, command: Create, context: Context) -> tuple[Event, ...]:
    campaign = context.facts["campaign"]
    require(campaign, context.actor, *MASTERS)
    if state.exists:
        raise Rejected(Code.ALREADY_EXISTS, "element_id: this element exists already", field="element_id")
    kind = known_kind(command.kind)
    fields, _ = filled(kind, command.fields)
    _check_references(kind, fields, command.campaign_id, context)
    complete(kind, fields)
    shown = _visible(kind, campaign.roles, command.visibility, command.members, command.field_visibility)
    return (ElementCreated(command.campaign_id, kind, fields, *shown, origin=command.origin),)


def _change(state: ElementState, command: Change, context: Context) -> tuple[Event, ...]:
    wanted, emptied = filled(state.kind, {**dict.fromkeys(command.unset), **command.set})
    if command.whole:
        emptied = tuple(name for name in state.fields if name not in wanted)
    changed = {name: value for name, value in wanted.items() if state.fields.get(name) != value}
    gone = tuple(name for name in emptied if name in state.fields)
    if not changed and not gone:
        return ()
    _check_references(state.kind, changed, state.campaign_id, context)
    complete(state.kind, {name: value for name, value in state.fields.items() if name not in gone} | changed)
    return (ElementChanged(state.campaign_id, state.kind, changed, gone, command.origin),)


def _show(state: ElementState, command: Show, context: Context) -> tuple[Event, ...]:
    visibility = state.visibility if command.visibility is None else command.visibility
    roles = context.facts["campaign"].roles
    # Who has left the campaign meanwhile is not in the way of somebody who says nothing about him.
    members = tuple(m for m in state.members if m in roles) if command.members is None else command.members
    fields = state.field_visibility if command.field_visibility is None else command.field_visibility
    shown = _visible(state.kind, roles, visibility, members, fields)
    if shown == (state.visibility, state.members, dict(state.field_visibility)):
        return ()
    return (ElementShown(state.campaign_id, state.kind, *shown),)


def _visible(
    kind: str, roles: Mapping[str, str], visibility: str, members: tuple[str, ...], fields: Mapping[str, str]
) -> tuple[str, tuple[str, ...], dict[str, str]]:
    stranger = next((account for account in members if account not in roles), None)
    if stranger is not None:
        raise Rejected(
            Code.INVALID_PARAMETER, f"members: {stranger!r} is no member of this campaign", field="members"
        )
    if visibility == "members" and not members:
        raise Rejected(
            Code.MISSING_REQUIRED_FIELD, "members: name at least one member who may see it", field="members"
        )
    unfit = next((name for name in fields if name not in BY_NAME[kind]), None)
    if unfit is not None or fields.get("name") == "gm":
        which = "name" if unfit is None else str(unfit)[:40]
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"field_visibility.{which}: a {kind} has no such field that could be hidden",
            field=f"field_visibility.{which}",
        )
    seeing = tuple(sorted(set(members))) if visibility == "members" else ()
    # What a field is anyway needs no saying, so that two ways to say the same are the same.
    told = {n: v for n, v in sorted(fields.items()) if (v == "gm") != BY_NAME[kind][n].secret}
    return visibility, seeing, told


def _check_references(kind: str, fields: Mapping[str, Any], campaign_id: str, context: Context) -> None:
    """What a field of references names must be there, in the same campaign, and of a fitting kind."""
    known: Mapping[str, ElementState] = context.facts.get("elements", {})
    for reference in references(kind, fields):
        field = BY_NAME[kind][reference.field]
        if not field.refers:
            continue
        found = known.get(reference.to)
        fits = found is not None and found.campaign_id == campaign_id and not found.removed
        if not fits or (found is not None and field.kinds and found.kind not in field.kinds):
            what = " or ".join(field.kinds) or "element"
            raise Rejected(
                Code.INVALID_PARAMETER,
                f"fields.{reference.field}: this campaign has no {what} {reference.to!r}",
                field=f"fields.{reference.field}",
            )


def _needs(state: ElementState, command: Any, _entity: str) -> tuple[Need, ...]:
    campaign_id = command.campaign_id if isinstance(command, Create | Copy) else state.campaign_id
    needs = [Need("campaign", campaign_id=campaign_id)] if campaign_id else []
    if isinstance(command, Undo | Revert):
        needs.append(Need("past", version=command.version))
    kind = command.kind if isinstance(command, Create) else state.kind
    if isinstance(command, Create | Change) and kind in BY_NAME:
        given = command.fields if isinstance(command, Create) else command.set
        named = _named(kind, given)
        if named:
            needs.append(Need("elements", among=named))
    return tuple(needs)


def _named(kind: str, given: Json) -> tuple[str, ...]:
    """The elements that fields of references name, each once; raw values, of which unfit ones are refused later."""
    try:
        fields, _ = filled(
            kind, {n: v for n, v in given.items() if n in BY_NAME[kind] and BY_NAME[kind][n].refers}
        )
    except Rejected:
        return ()
    return tuple(dict.fromkeys(reference.to for reference in references(kind, fields)))


def reply(commit: Commit) -> Json:
    event = commit.events[0]
    return {
        "element_id": commit.entity,
        "campaign_id": getattr(event, "campaign_id", ""),
        "kind": getattr(event, "kind", ""),
        "version": commit.version,
    }


ELEMENT: Decider[ElementState] = Decider(
    category="element",
    state=ElementState,
    initial=ElementState(),
    verbs={
        "create": Verb(Create, creates=True, kept=kept, needs=_needs),
        "copy": Verb(Copy, creates=True, kept=kept, needs=_needs),
        "change": Verb(Change, kept=kept, needs=_needs),
        "show": Verb(Show, needs=_needs),
        "remove": Verb(Remove, needs=_needs),
        "restore": Verb(Restore, needs=_needs),
        "undo": Verb(Undo, needs=_needs),
        "revert": Verb(Revert, needs=_needs),
    },
    evolve=evolve,
    decide=decide,
    reply=reply,
    unchanged=lambda state, context: {
        "element_id": context.entity,
        "campaign_id": state.campaign_id,
        "kind": state.kind,
        "version": state.version,
    },
)

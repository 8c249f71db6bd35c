"""What may happen to an image of a campaign: asked for or brought, stored or failed once, described, removed.

Owner and co-GMs of the campaign ask, bring, describe and remove; only the platform's own illustrator says what came of
a request. The bytes are elsewhere: whoever stores an image has put them into the object store before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from commands.arguments import Id, JsonObject
from commands.campaign_fork import require_forking
from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.membership import MASTERS, OWNER, PLAYER, require, unknown
from commands.rejection import Rejected
from events.commit import Actor, Commit, Event, Json, Recorded
from events.image import (
    ImageDescribed,
    ImageFailed,
    ImageRemoved,
    ImageRequested,
    ImageStored,
    Size,
    Subject,
)

ILLUSTRATOR = Actor("agent", "illustrator")
"""Who works on requests: a process of the platform."""

MAX_PROMPT = 2000
MAX_ALT = 500

Prompt = Annotated[str, StringConstraints(max_length=MAX_PROMPT)]
Alt = Annotated[str, StringConstraints(max_length=MAX_ALT)]
Word = Annotated[str, StringConstraints(max_length=32)]
Line = Annotated[str, StringConstraints(max_length=500)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Pixels = Annotated[int, Field(ge=1, le=100_000)]
Bytes = Annotated[int, Field(ge=1, le=2**40)]
Element = Annotated[str, StringConstraints(max_length=128)]


@dataclass(frozen=True, slots=True)
class ImageState:
    """`status` is empty before the first event, then requested, stored, failed or removed."""

    campaign_id: str = ""
    element_id: str = ""
    status: str = ""
    alt: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Have a picture made: of an element, or of nothing but the `prompt`."""

    campaign_id: Id
    prompt: Prompt = ""
    element_id: Element = ""
    alt: Alt = ""
    subject: Subject = field(default_factory=Subject)
    size: Annotated[str, StringConstraints(pattern=r"^(|[1-9]\d{1,3}x[1-9]\d{1,3})$")] = ""
    quality: Word = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """See `events.image.ImageStored`."""

    sha256: Sha256
    width: Pixels
    height: Pixels
    mime: Word
    bytes: Bytes
    sizes: Annotated[dict[Word, Size], Field(min_length=1, max_length=8)]


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that somebody brought, decoded and stored already."""

    campaign_id: Id
    picture: Picture
    element_id: Element = ""
    alt: Alt = ""
    provenance: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Copy(Upload):
    """A picture of the campaign that is being forked; its bytes are those of the original."""


@dataclass(frozen=True, slots=True)
class Store:
    """What the illustrator made of a request."""

    picture: Picture
    provenance: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fail:
    problem: Line


@dataclass(frozen=True, slots=True)
class Describe:
    alt: Alt


@dataclass(frozen=True, slots=True)
class Remove:
    reason: Line = ""


def evolve(state: ImageState, event: Event, _recorded: Recorded) -> ImageState:
    match event:
        case ImageRequested():
            return ImageState(event.campaign_id, event.element_id, "requested", event.alt)
        case ImageStored():
            files = tuple(dict.fromkeys(size.sha256 for size in event.sizes.values()))
            return ImageState(event.campaign_id, event.element_id, "stored", event.alt, files)
        case ImageFailed():
            return ImageState(state.campaign_id, state.element_id, "failed", state.alt)
        case ImageDescribed():
            return ImageState(state.campaign_id, state.element_id, state.status, event.alt, state.files)
        case ImageRemoved():
            return ImageState(state.campaign_id, state.element_id, "removed", state.alt)
    return state


def decide(state: ImageState, command: Any, context: Context) -> tuple[Event, ...]:
    """Game masters do everything; whoever plays a character brings, describes and removes pictures of that one.

    Raises `Rejected`: as `require` (an image of a campaign that is none of his business does not exist), -100 for an
    id that is taken, -101 for an element that the campaign does not have, -203 for an outcome nobody waits for, -202
    for what was removed."""
    match command:
        case Request() | Upload():
            return _begin(state, command, context)
        case Store() | Fail():
            return _finish(state, command, context)
    if not state.status:
        raise unknown("image_id")
    try:
        # What is in an archived campaign can still be taken back.
        _may(context, state.element_id, archived=isinstance(command, Remove))
    except Rejected as no:
        raise unknown("image_id") if no.code == Code.NPC_NOT_FOUND else no from None
    where = state.campaign_id, state.element_id
    match command:
        case Describe():
            _check_kept(state)
            return () if command.alt == state.alt else (ImageDescribed(*where, command.alt),)
        case Remove():
            return () if state.status == "removed" else (ImageRemoved(*where, state.files, command.reason),)
    raise TypeError(f"not a command of an image: {command!r}")


def _begin(state: ImageState, command: Request | Upload, context: Context) -> tuple[Event, ...]:
    if isinstance(command, Copy):
        require(context.facts["campaign"], context.actor, OWNER, forking=True)
        require_forking(context.facts["campaign"])
    else:
        # A picture that is made costs money; one that is brought does not.
        _may(context, command.element_id if isinstance(command, Upload) else "")
    if state.status:
        raise Rejected(Code.ALREADY_EXISTS, "image_id: this image exists already", field="image_id")
    _check_element(command, context)
    if isinstance(command, Upload):
        return (_stored(command.campaign_id, command.element_id, command.alt, command),)
    if not command.prompt.strip() and not command.element_id:
        raise Rejected(
            Code.MISSING_REQUIRED_FIELD,
            "prompt: say what the picture shows, or name an element",
            field="prompt",
        )
    return (
        ImageRequested(
            command.campaign_id,
            command.element_id,
            command.prompt,
            command.alt,
            command.subject,
            command.size,
            command.quality,
            context.actor.id,
        ),
    )


def _may(context: Context, element_id: str, *, archived: bool = False) -> None:
    """Raises `Rejected` unless the actor leads the campaign, or plays the character `element_id` in it."""
    campaign = context.facts.get("campaign")
    character = campaign.characters.get(element_id) if campaign is not None and element_id else None
    own = character is not None and character.player == context.actor.id
    require(campaign, context.actor, *((*MASTERS, PLAYER) if own else MASTERS), archived=archived)


def _finish(state: ImageState, command: Store | Fail, context: Context) -> tuple[Event, ...]:
    if context.actor != ILLUSTRATOR:
        raise Rejected(Code.AUTHENTICATION_FAILED, "only the illustrator says what came of a request")
    if state.status != "requested":
        told = f"status: nobody waits for a picture; it is {state.status or 'unknown'}"
        raise Rejected(Code.INVALID_STATE_TRANSITION, told, field="status")
    if isinstance(command, Fail):
        return (ImageFailed(state.campaign_id, state.element_id, command.problem),)
    return (_stored(state.campaign_id, state.element_id, state.alt, command),)


def _stored(campaign_id: str, element_id: str, alt: str, command: Upload | Store) -> ImageStored:
    picture = command.picture
    return ImageStored(
        campaign_id,
        element_id,
        alt,
        picture.sha256,
        picture.width,
        picture.height,
        picture.mime,
        picture.bytes,
        picture.sizes,
        command.provenance,
    )


def _check_element(command: Request | Upload, context: Context) -> None:
    if not command.element_id:
        return
    element = context.facts.get("elements", {}).get(command.element_id)
    if element is not None and element.campaign_id == command.campaign_id and not element.removed:
        return
    campaign = context.facts.get("campaign")
    if campaign is not None and command.element_id in campaign.characters:
        return
    raise Rejected(
        Code.INVALID_PARAMETER,
        f"element_id: this campaign has no element {command.element_id!r}",
        field="element_id",
    )


def _check_kept(state: ImageState) -> None:
    if state.status == "removed":
        raise Rejected(Code.OPERATION_NOT_ALLOWED, "image_id: it is removed", field="image_id")


def _needs(state: ImageState, command: Any, _entity: str) -> tuple[Need, ...]:
    if isinstance(command, Request | Upload):
        element = (Need("elements", among=(command.element_id,)),) if command.element_id else ()
        return (Need("campaign", campaign_id=command.campaign_id), *element)
    return (Need("campaign", campaign_id=state.campaign_id),) if state.campaign_id else ()


def reply(commit: Commit) -> Json:
    event = commit.events[0]
    status = {
        ImageRequested: "requested",
        ImageFailed: "failed",
        ImageRemoved: "removed",
    }.get(type(event), "stored")
    return {
        "image_id": commit.entity,
        "campaign_id": getattr(event, "campaign_id", ""),
        "status": status,
        "version": commit.version,
    }


IMAGE: Decider[ImageState] = Decider(
    category="image",
    state=ImageState,
    initial=ImageState(),
    verbs={
        "request": Verb(Request, creates=True, needs=_needs),
        "upload": Verb(Upload, creates=True, needs=_needs),
        "copy": Verb(Copy, creates=True, needs=_needs),
        "store": Verb(Store),
        "fail": Verb(Fail),
        "describe": Verb(Describe, needs=_needs),
        "remove": Verb(Remove, needs=_needs),
    },
    evolve=evolve,
    decide=decide,
    reply=reply,
    unchanged=lambda state, context: {
        "image_id": context.entity,
        "campaign_id": state.campaign_id,
        "status": state.status,
        "version": 0,
    },
    snapshots=False,
)

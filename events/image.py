"""Events of an image's stream, `image/<image id>`: asked for or brought, stored, failed, described, removed.

The bytes are never in the log: `sizes` names them by their SHA-256, and the object store `media` has them. Every event
names the campaign, so that readers of the log need not look it up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


@dataclass(frozen=True, slots=True)
class Subject:
    """What a picture is to show, as it was known then: `kind` and `name` of the element, a few words about it, and the
    kind in the language of who asks."""

    kind: str = ""
    name: str = ""
    detail: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """One size of a picture: the SHA-256 of its bytes, their number, width and height in pixels."""

    sha256: str
    width: int
    height: int
    bytes: int


@event("image.requested")
@dataclass(frozen=True, slots=True)
class ImageRequested(Event):
    """A picture is to be made. `prompt` are the game master's own words; `size` and `quality` may be empty."""

    campaign_id: str
    element_id: str
    prompt: str
    alt: str
    subject: Subject
    size: str = ""
    quality: str = ""
    requested_by: str = ""


@event("image.stored")
@dataclass(frozen=True, slots=True)
class ImageStored(Event):
    """There is a picture now.

    `sha256`, `width` and `height` are those of the largest size; `bytes` counts what is stored. `provenance` says where
    it is from: `route` (upload, model, fallback or placeholder), `by` and `by_name` (the account), `licence`; of an
    upload `format` and `original` (SHA-256 of what was sent; never its name, which may name people); of a model's
    picture `provider`, `model`, `prompt`, `decision_id`, `cost` (billionths of a US dollar) and `format`; of a
    placeholder `problem`, why no model made one.
    """

    campaign_id: str
    element_id: str
    alt: str
    sha256: str
    width: int
    height: int
    mime: str
    bytes: int
    sizes: dict[str, Size]
    provenance: Json = field(default_factory=dict)


@event("image.failed")
@dataclass(frozen=True, slots=True)
class ImageFailed(Event):
    """There will be no picture; `problem` says why."""

    campaign_id: str
    element_id: str
    problem: str


@event("image.described")
@dataclass(frozen=True, slots=True)
class ImageDescribed(Event):
    """What it shows, in words, for whoever cannot see it."""

    campaign_id: str
    element_id: str
    alt: str


@event("image.removed")
@dataclass(frozen=True, slots=True)
class ImageRemoved(Event):
    """It is not shown any more, and its bytes (`files`, by SHA-256) go as soon as no other image has them."""

    campaign_id: str
    element_id: str
    files: tuple[str, ...] = ()
    reason: str = ""

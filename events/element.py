"""Events of an element's stream, `element/<element id>`: a place, person, quest, event, note or encounter.

Every event names the campaign and the kind, which never change, so that readers of the log need not look them up.
`origin` says where a change came from: `{"by": "hand"}`, `{"by": "proposal", "proposal_id", "draft", "decision_id"}`,
`{"by": "import"}`, or `{"by": "hand", "undo_of": version}`. Fields are those of `commands.forms.kinds`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


def by_hand() -> Json:
    return {"by": "hand"}


@event("element.created")
@dataclass(frozen=True, slots=True)
class ElementCreated(Event):
    """`visibility` is gm, all or members (then `members` names accounts); `field_visibility` maps a field to gm or all
    where it differs from what its kind says."""

    campaign_id: str
    kind: str
    fields: Json
    visibility: str = "gm"
    members: tuple[str, ...] = ()
    field_visibility: dict[str, str] = field(default_factory=dict)
    origin: Json = field(default_factory=by_hand)


@event("element.changed")
@dataclass(frozen=True, slots=True)
class ElementChanged(Event):
    campaign_id: str
    kind: str
    set: Json
    unset: tuple[str, ...] = ()
    origin: Json = field(default_factory=by_hand)


@event("element.shown")
@dataclass(frozen=True, slots=True)
class ElementShown(Event):
    """Who may see it from now on; as in `ElementCreated`, all of it."""

    campaign_id: str
    kind: str
    visibility: str
    members: tuple[str, ...] = ()
    field_visibility: dict[str, str] = field(default_factory=dict)
    origin: Json = field(default_factory=by_hand)


@event("element.removed")
@dataclass(frozen=True, slots=True)
class ElementRemoved(Event):
    campaign_id: str
    kind: str
    origin: Json = field(default_factory=by_hand)


@event("element.restored")
@dataclass(frozen=True, slots=True)
class ElementRestored(Event):
    campaign_id: str
    kind: str
    origin: Json = field(default_factory=by_hand)

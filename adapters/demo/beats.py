"""What can happen on stage: the scene tells beats, a narrator shows them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from events.commit import Json

if TYPE_CHECKING:
    from adapters.explanation import Reason


@dataclass(frozen=True, slots=True)
class Act:
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Told:
    """The narrator's own words."""

    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """`manner` is how it was said: an emotion, a gesture."""

    speaker: str
    text: str
    manner: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer of the platform; `ms` is what the caller waited."""

    operation: str
    npc_id: str
    answer: Json
    code: int
    message: str
    ms: float
    position: int | None
    correlation_id: str
    together: int = 1


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether something that must hold did."""

    what: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """Why: `which` is a position in the log or the id of an asynchronous request."""

    which: str
    why: Reason


@dataclass(frozen=True, slots=True)
class Timing:
    """How often an operation was asked and how long its answers took, in milliseconds."""

    operation: str
    count: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Summary:
    """`per_second` is the rate of the scene's burst; `commits` counts by category of stream."""

    ok: bool
    requests: int
    checks: int
    failed: tuple[str, ...]
    seconds: float
    timings: tuple[Timing, ...]
    commits: dict[str, int]
    npcs: tuple[str, ...]
    per_second: float = 0.0
    next: tuple[str, ...] = field(default=())


Beat = Act | Told | Spoken | Asked | Checked | Explained | Summary


def as_json(beat: Beat) -> Json:
    """A beat as one line of NDJSON; `kind` names what it is."""
    plain = asdict(beat)
    if isinstance(beat, Explained):
        plain["why"] = beat.why.as_json()
    return {"kind": type(beat).__name__.lower(), **plain}

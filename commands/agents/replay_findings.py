"""What a replay asks of the log, and what it finds."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StreamWanted:
    """The state of `stream` before the commit in hand: answer with a `Folded`."""

    stream: str


@dataclass(frozen=True, slots=True)
class CauseWanted:
    """The commit that set a decision in motion, made for `request_id`: answer with it, or None."""

    commit_id: str
    request_id: str


Steps = Generator[StreamWanted | CauseWanted, Any, None]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in the log that does not follow from the record.

    `position` is where it stands, `what` what it concerns (`record`, `question`, `prompt`, `answer`, `proposal`,
    `command`, `events`, `verdict`, `refusal`, `outcome`), `path` the first place that differs, `expected` what follows,
    `found` what is written.
    """

    position: int
    decision_id: str
    what: str
    path: str
    expected: Any
    found: Any


@dataclass(slots=True)
class Tally:
    """What was gone through. `commits` and `refusals` are commands decided again; `unfinished` decisions whose commands
    nobody carried out (yet); `unlinked` those that no commit caused; `unproven` commands that rest on facts the log
    does not hold; `reworded` questions whose prompt is not among the templates of this release; `foreign` decisions
    for a purpose of another release.
    """

    decisions: int = 0
    commits: int = 0
    refusals: int = 0
    unfinished: int = 0
    unlinked: int = 0
    unproven: int = 0
    reworded: int = 0
    foreign: int = 0

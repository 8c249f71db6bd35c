"""One piece of long work and how far it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from events.commit import Json, moment

State = Literal["running", "finished", "failed", "stopped"]
MAX_PROBLEM = 500


@dataclass(slots=True)
class Job:
    """`done` of `total` positions; `rate` positions a second; `result` when it is finished, `problem` when it failed.

    Times are µs since the epoch. `by` is the name of the account that asked for it.
    """

    action: str
    target: str
    by: str
    job_id: str = field(default_factory=lambda: uuid4().hex)
    state: State = "running"
    phase: str = "starting"
    done: int = 0
    total: int = 0
    rate: float | None = None
    eta: float | None = None
    began_at: int = field(default_factory=lambda: time.time_ns() // 1000)
    ended_at: int | None = None
    result: Json | None = None
    problem: str = ""

    def note(self, report: Json) -> None:
        """Take over what the process says of itself."""
        if "result" in report:
            self.result = report["result"]
        elif "failed" in report:
            self.problem = str(report["failed"])[:MAX_PROBLEM]
        else:
            self.phase = str(report.get("phase", self.phase))
            self.done, self.total = int(report.get("done", self.done)), int(report.get("total", self.total))
            self.rate, self.eta = report.get("rate"), report.get("eta")

    def end(self, state: State) -> None:
        self.state, self.ended_at = state, time.time_ns() // 1000

    def shown(self) -> Json:
        """As it is told to operators."""
        return {
            "job_id": self.job_id,
            "action": self.action,
            "target": self.target,
            "by": self.by,
            "state": self.state,
            "phase": self.phase,
            "done": self.done,
            "total": self.total,
            "rate": self.rate,
            "eta": self.eta,
            "began_at": moment(self.began_at).isoformat(),
            "ended_at": None if self.ended_at is None else moment(self.ended_at).isoformat(),
            "result": self.result,
            "problem": self.problem or None,
        }

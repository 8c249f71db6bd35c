"""What may be recorded of a model's decision: made once, judged once for each command, rerun as often as one likes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from commands.arguments import JsonObject
from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.rejection import Rejected
from events.commit import Commit, Event, Json, Recorded
from events.decision import Attempt, DecisionJudged, DecisionMade, DecisionRerun, Prompt, Usage

MAX_RERUNS = 1000
MAX_VERDICTS = 64
LONG = ("ask", "inputs", "answer", "proposal")
"""Arguments of a recording that may be long."""


def decision_id(cause_id: str, purpose: str) -> str:
    """The id of the decision that `cause_id` (a commit's or a command's id) leads to: the same for every retry."""
    return "dec_" + hashlib.sha256(f"{cause_id}/{purpose}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class DecisionState:
    """`judged` are the commands whose fate is known, by id (by name, where none was given)."""

    made: bool = False
    judged: tuple[str, ...] = ()
    reruns: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """Sent by the gateway in front of the models; the fields are those of `DecisionMade`."""

    agent: str
    purpose: str
    key: str
    route: str
    provider: str
    model: str
    ask: JsonObject
    answer: str
    proposal: Json | None
    problem: str = ""
    code: Annotated[int, Field(ge=-699, le=99)] = 0
    prompt: Prompt | None = None
    inputs: JsonObject = field(default_factory=dict)
    memories: tuple[int, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost: int = 0
    latency: int = 0
    finish: str = ""
    npc_id: str = ""
    player_id: str = ""
    request_id: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fields are those of `DecisionJudged`."""

    verdict: str
    command: str
    position: int | None = None
    commit_id: str = ""
    code: int = 0
    message: str = ""
    command_id: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """Verdicts on commands of one proposal; those that are known already change nothing."""

    verdicts: Annotated[tuple[Verdict, ...], Field(min_length=1, max_length=MAX_VERDICTS)]


@dataclass(frozen=True, slots=True)
class Rerun:
    provider: str
    model: str
    key: str
    answer: str
    proposal: Json | None
    problem: str = ""
    prompt: Prompt | None = None
    usage: Usage = field(default_factory=Usage)
    cost: int = 0
    latency: int = 0
    verdict: str = ""
    message: str = ""
    divergence: str = ""


def evolve(state: DecisionState, event: Event, _recorded: Recorded) -> DecisionState:
    match event:
        case DecisionMade():
            return DecisionState(True)
        case DecisionJudged():
            return DecisionState(True, (*state.judged, event.command_id or event.command), state.reruns)
        case DecisionRerun():
            return DecisionState(True, state.judged, state.reruns + 1)
        case _:
            return state


def decide(state: DecisionState, command: Any, _context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` -203 for a second recording, or for judging and rerunning what was never made."""
    if isinstance(command, Record):
        if state.made:
            raise Rejected(Code.INVALID_STATE_TRANSITION, "decision: it was made before", field="decision")
        return (DecisionMade(**_fields(command)),)
    if not state.made:
        raise Rejected(Code.INVALID_STATE_TRANSITION, "decision: no such decision", field="decision")
    if isinstance(command, Judge):
        new = {
            each.command_id or each.command: each
            for each in command.verdicts
            if (each.command_id or each.command) not in state.judged
        }
        return tuple(DecisionJudged(**_fields(each)) for each in new.values())
    if state.reruns >= MAX_RERUNS:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED, f"decision: it was rerun {MAX_RERUNS} times", field="decision"
        )
    return (DecisionRerun(**_fields(command)),)


def _fields(command: Any) -> dict[str, Any]:
    return {name: getattr(command, name) for name in command.__dataclass_fields__}


def kept(args: Json) -> Json:
    """What the commit of a recording keeps of its arguments: of the long ones, which the event holds, their SHA-256."""
    short = {name: value for name, value in args.items() if name not in LONG}
    return {**short, "sha256": {name: sha256(args[name]) for name in LONG if name in args}}


def sha256(value: Any) -> str:
    """Of a JSON value, whatever the order of its members."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def reply(commit: Commit) -> Json:
    return {"decision_id": commit.entity}


DECISION: Decider[DecisionState] = Decider(
    category="decision",
    state=DecisionState,
    initial=DecisionState(),
    verbs={
        "record": Verb(Record, creates=True, kept=kept),
        "judge": Verb(Judge),
        "rerun": Verb(Rerun),
    },
    evolve=evolve,
    decide=decide,
    reply=reply,
    unchanged=lambda _state, context: {"decision_id": context.entity},
    snapshots=False,
)

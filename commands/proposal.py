"""What may happen to a proposal: game masters make it, accept one of its drafts, whole or by field, or reject it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from commands.arguments import JsonObject
from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.forms.field import FieldError, clean, is_id
from commands.forms.kinds import BY_NAME
from commands.forms.text import line, paragraphs
from commands.membership import MASTERS, require, unknown
from commands.rejection import Rejected
from events.commit import Commit, Event, Json, Recorded
from events.proposal import (
    Considered,
    Draft,
    ProposalAccepted,
    ProposalMade,
    ProposalRejected,
)

ELEMENT_OF = {"location": "location", "npc": "npc", "quest": "quest", "event": "event", "description": "note"}
"""What a draft of each kind becomes."""

MAX_BRIEF = 4000
MAX_REASON = 500
MAX_DRAFTS = 8
MAX_VERDICTS = 80
MAX_BYTES = 400_000
"""All drafts of a proposal together, as JSON."""


@dataclass(frozen=True, slots=True)
class ProposalState:
    """`status` is empty, open, accepted or rejected; `drafts` are the fields of each, empty where one failed."""

    status: str = ""
    campaign_id: str = ""
    kind: str = ""
    target: str = ""
    drafts: tuple[Json, ...] = ()
    element_id: str = ""
    accepted: int = -1


Kind = Literal["location", "npc", "quest", "event", "description"]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


@dataclass(frozen=True, slots=True)
class Make:
    """Sent by the gateway when the drafts are there; the fields are those of `ProposalMade`."""

    campaign_id: Id
    kind: Kind
    brief: Annotated[str, StringConstraints(max_length=4 * MAX_BRIEF)]
    drafts: Annotated[tuple[Draft, ...], Field(min_length=1, max_length=MAX_DRAFTS)]
    language: Literal["en", "fr"] = "en"
    seed: Annotated[str, StringConstraints(max_length=64)] = ""
    target: Annotated[str, StringConstraints(max_length=64)] = ""
    considered: Annotated[tuple[Considered, ...], Field(max_length=400)] = ()
    left_out: Annotated[tuple[str, ...], Field(max_length=400)] = ()


@dataclass(frozen=True, slots=True)
class Accept:
    """`fields` is what became of draft number `draft`, and `element_id` where it is; `edited` names what differs from
    the draft."""

    draft: Annotated[int, Field(ge=0, lt=MAX_DRAFTS)]
    element_id: Id
    fields: JsonObject = field(default_factory=dict)
    edited: Annotated[tuple[str, ...], Field(max_length=64)] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    reason: Annotated[str, StringConstraints(max_length=4 * MAX_REASON)] = ""


def evolve(state: ProposalState, event: Event, _recorded: Recorded) -> ProposalState:
    match event:
        case ProposalMade():
            return ProposalState(
                "open",
                event.campaign_id,
                event.kind,
                event.target,
                tuple(each.fields for each in event.drafts),
            )
        case ProposalAccepted():
            return ProposalState(
                "accepted",
                state.campaign_id,
                state.kind,
                state.target,
                state.drafts,
                event.element_id,
                event.draft,
            )
        case ProposalRejected():
            return ProposalState("rejected", state.campaign_id, state.kind, state.target, state.drafts)
        case _:
            return state


def decide(state: ProposalState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: as `require`; -203 for a proposal that was made or decided before, -200 for one that never
    was, -101 and -105 for a draft that its kind cannot hold."""
    if isinstance(command, Make):
        require(context.facts["campaign"], context.actor, *MASTERS)
        if state.status:
            raise Rejected(Code.INVALID_STATE_TRANSITION, "proposal: it was made before", field="proposal_id")
        return (_made(command, context),)
    if not state.status:
        raise unknown("proposal_id")
    require(context.facts["campaign"], context.actor, *MASTERS)
    if isinstance(command, Accept):
        return _accepted(state, command, context)
    if state.status == "accepted":
        raise Rejected(
            Code.INVALID_STATE_TRANSITION, "status: the proposal was accepted before", field="status"
        )
    if state.status == "rejected":
        return ()
    return (
        ProposalRejected(state.campaign_id, _line(command.reason, "reason")[:MAX_REASON], context.actor.id),
    )


def _made(command: Make, context: Context) -> ProposalMade:
    for number, draft in enumerate(command.drafts):
        _check(command, draft, number)
    try:
        brief = paragraphs(command.brief)[:MAX_BRIEF]
    except ValueError as error:
        raise Rejected(Code.INVALID_PARAMETER, f"brief: {error}", field="brief") from None
    return ProposalMade(
        command.campaign_id,
        command.kind,
        brief,
        context.actor.id,
        command.drafts,
        str(context.actor.details.get("name", ""))[:64],
        command.language,
        command.seed,
        command.target,
        command.considered,
        command.left_out,
    )


def _check(command: Make, draft: Draft, number: int) -> None:
    """Whoever made a draft: what stands in the log fits the fields of its kind."""
    form = BY_NAME[ELEMENT_OF[command.kind]]
    where = f"drafts.{number}"
    for name, value in draft.fields.items():
        field = form.get(name)
        if field is None:
            raise Rejected(
                Code.INVALID_PARAMETER, f"{where}.fields.{name[:40]}: there is no such field", field=where
            )
        try:
            clean(field, value)
        except FieldError as error:
            code = Code.PARAMETER_OUT_OF_RANGE if error.too_much else Code.INVALID_PARAMETER
            raise Rejected(code, f"{where}.fields.{name}: {error}", field=where) from None
    if not draft.fields and not draft.problem:
        raise Rejected(Code.INVALID_PARAMETER, f"{where}: it has neither fields nor a problem", field=where)
    if len(draft.verdicts) > MAX_VERDICTS:
        raise Rejected(Code.PARAMETER_OUT_OF_RANGE, f"{where}.verdicts: at most {MAX_VERDICTS}", field=where)


def _accepted(state: ProposalState, command: Accept, context: Context) -> tuple[Event, ...]:
    if state.status == "accepted":
        if (state.accepted, state.element_id) == (command.draft, command.element_id):
            return ()
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"status: draft {state.accepted} of the proposal was accepted before",
            field="status",
        )
    if command.draft >= len(state.drafts) or not state.drafts[command.draft]:
        raise Rejected(
            Code.INVALID_PARAMETER, f"draft: there is no draft {command.draft} to accept", field="draft"
        )
    if not is_id(command.element_id):
        raise Rejected(Code.INVALID_PARAMETER, "element_id: must be the id of an element", field="element_id")
    if state.target and command.element_id != state.target:
        raise Rejected(
            Code.INVALID_PARAMETER, f"element_id: the proposal is for {state.target}", field="element_id"
        )
    return (
        ProposalAccepted(
            state.campaign_id,
            command.draft,
            command.element_id,
            command.fields,
            command.edited,
            context.actor.id,
        ),
    )


def _line(text: str, name: str) -> str:
    try:
        return line(text)
    except ValueError as error:
        raise Rejected(Code.INVALID_PARAMETER, f"{name}: {error}", field=name) from None


def _of_made(state: ProposalState, _command: Any, _entity: str) -> tuple[Need, ...]:
    # A proposal that never was has no campaign: refusing it needs none.
    return (Need("campaign", campaign_id=state.campaign_id),) if state.campaign_id else ()


def reply(commit: Commit) -> Json:
    made = commit.events[0]
    if isinstance(made, ProposalMade):
        return {"proposal_id": commit.entity, "status": "open"}
    if isinstance(made, ProposalAccepted):
        return {"proposal_id": commit.entity, "status": "accepted", "element_id": made.element_id}
    return {"proposal_id": commit.entity, "status": "rejected"}


def unchanged(state: ProposalState, context: Context) -> Json:
    told = {"proposal_id": context.entity, "status": state.status}
    return told | ({"element_id": state.element_id} if state.element_id else {})


def kept(args: Json) -> Json:
    """What the commit keeps of a proposal's making: all of it stands in the event."""
    return {name: args[name] for name in ("campaign_id", "kind", "seed") if name in args}


PROPOSAL: Decider[ProposalState] = Decider(
    category="proposal",
    state=ProposalState,
    initial=ProposalState(),
    verbs={
        "make": Verb(
            Make,
            creates=True,
            kept=kept,
            needs=lambda _state, command, _entity: (Need("campaign", campaign_id=command.campaign_id),),
        ),
        "accept": Verb(Accept, needs=_of_made),
        "reject": Verb(Reject, needs=_of_made),
    },
    evolve=evolve,
    decide=decide,
    reply=reply,
    unchanged=unchanged,
    snapshots=False,
)

"""What may happen in a conversation with the game master's assistant: something is said, and answered once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from commands.arguments import Id
from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.membership import MASTERS, OBSERVER, require
from commands.rejection import Rejected
from events.chat import ChatAnswered, ChatDropped, ChatSaid, Cite
from events.commit import Commit, Event, Json, Recorded

MAX_SAID = 4_000
MAX_ANSWERED = 20_000
MAX_CITES = 40
MAX_PROPOSALS = 6
MAX_OPEN = 8
"""Questions of one conversation that wait for their answer at the same time."""
REMEMBERED = 64

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_SAID)]
Answered = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ANSWERED)]
Amount = Annotated[int, Field(ge=0, le=2**53 - 1)]


@dataclass(frozen=True, slots=True)
class ChatState:
    """`open` are the messages that wait for an answer, `ended` the latest that have one or were dropped."""

    open: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Say:
    message_id: Id
    text: Said
    character_id: Annotated[str, StringConstraints(max_length=128)] = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Sent by the gateway in the name of the assistant, after the decision it rests on was recorded."""

    message_id: Id
    text: Answered
    route: Annotated[str, StringConstraints(pattern=r"^(model|fallback|cache|template)$")]
    cites: Annotated[tuple[Cite, ...], Field(max_length=MAX_CITES)] = ()
    proposals: Annotated[tuple[Id, ...], Field(max_length=MAX_PROPOSALS)] = ()
    decision_id: Annotated[str, StringConstraints(max_length=128)] = ""
    model: Annotated[str, StringConstraints(max_length=128)] = ""
    prompt_tokens: Amount = 0
    answer_tokens: Amount = 0
    cost: Amount = 0
    problem: Annotated[str, StringConstraints(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """Whoever asked stopped the answer, or the gateway gave it up."""

    message_id: Id
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


def evolve(state: ChatState, event: Event, _recorded: Recorded) -> ChatState:
    match event:
        case ChatSaid():
            return replace(state, open=(*state.open, event.message_id))
        case ChatAnswered() | ChatDropped():
            waiting = tuple(one for one in state.open if one != event.message_id)
            return ChatState(waiting, (*state.ended, event.message_id)[-REMEMBERED:])
        case _:
            return state


def decide(state: ChatState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: as `commands.membership.require`; -504 for an observer, for somebody else's conversation and
    for an answer that is not the assistant's; -100 for a message id that was used; -503 while too many questions wait;
    -203 for an answer to nothing.
    """
    match command:
        case Say():
            return (_said(state, command, context),)
        case Answer():
            return (_answered(state, command, context),)
        case Drop():
            return (_dropped(state, command, context),)
    raise TypeError(f"not a command of a conversation: {command!r}")


def _said(state: ChatState, command: Say, context: Context) -> ChatSaid:
    role = require(context.facts["campaign"], context.actor)
    if role == OBSERVER:
        raise Rejected(Code.AUTHENTICATION_FAILED, "role: observers only listen", field="role")
    if context.actor.id != owner_of(context.entity):
        raise Rejected(
            Code.AUTHENTICATION_FAILED, "chat_id: this is somebody else's conversation", field="chat_id"
        )
    if command.message_id in (*state.open, *state.ended):
        raise Rejected(Code.ALREADY_EXISTS, "message_id: this message was said before", field="message_id")
    if len(state.open) >= MAX_OPEN:
        raise Rejected(
            Code.RATE_LIMITED,
            f"message: {MAX_OPEN} questions wait for their answers already. Wait for one of them",
            field="message",
            retry_after_ms=2_000,
        )
    speaks = "master" if role in MASTERS else "player"
    return ChatSaid(command.message_id, command.text, speaks, command.character_id)


def _answered(state: ChatState, command: Answer, context: Context) -> ChatAnswered:
    if context.actor.kind != "agent":
        raise Rejected(Code.AUTHENTICATION_FAILED, "actor: only the assistant answers", field="actor")
    _check_open(state, command.message_id)
    return ChatAnswered(
        command.message_id,
        command.text,
        command.route,
        command.cites,
        command.proposals,
        command.decision_id,
        command.model,
        command.prompt_tokens,
        command.answer_tokens,
        command.cost,
        command.problem,
    )


def _dropped(state: ChatState, command: Drop, context: Context) -> ChatDropped:
    if context.actor.kind != "agent" and context.actor.id != owner_of(context.entity):
        raise Rejected(
            Code.AUTHENTICATION_FAILED, "chat_id: this is somebody else's conversation", field="chat_id"
        )
    _check_open(state, command.message_id)
    return ChatDropped(command.message_id, command.reason)


def _check_open(state: ChatState, message_id: str) -> None:
    if message_id not in state.open:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            "message_id: nothing of that id waits for an answer",
            field="message_id",
        )


def campaign_of(entity: str) -> str:
    """The campaign a conversation belongs to: its id is `<campaign id>/<account id>/<name>`."""
    return entity.partition("/")[0]


def owner_of(entity: str) -> str:
    """The account whose conversation it is."""
    return entity.split("/")[1] if entity.count("/") >= 2 else ""


def reply(commit: Commit) -> Json:
    event = commit.events[-1]
    assert isinstance(event, ChatSaid | ChatAnswered | ChatDropped)
    return {"message_id": event.message_id}


def _needs(_state: ChatState, command: Any, entity: str) -> tuple[Need, ...]:
    return (Need("campaign", campaign_id=campaign_of(entity)),) if isinstance(command, Say) else ()


CHAT: Decider[ChatState] = Decider(
    category="chat",
    state=ChatState,
    initial=ChatState(),
    verbs={"say": Verb(Say, needs=_needs), "answer": Verb(Answer), "drop": Verb(Drop)},
    evolve=evolve,
    decide=decide,
    reply=reply,
)

"""What may happen to an account. Its secrets are elsewhere: here is who may what, and what was done.

The gateway has checked passwords and tokens before it sends one of these commands; they exist so that the log can
tell an auditor who was let in, by whom an account was changed, and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import StringConstraints

from commands.arguments import Id, Name
from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.rejection import Rejected
from events.account import (
    AccountCreated,
    AccountDisabled,
    AccountEnabled,
    AccountPasswordChanged,
    AccountRoleChanged,
    AccountSignedIn,
    AccountSignedOut,
    AccountSignInRefused,
    AccountTokenReused,
)
from events.commit import Commit, Event, Json, Recorded

Role = Literal["admin", "operator", "gamemaster", "player"]
ROLES: tuple[str, ...] = get_args(Role)
"""What an account may do in the realm; `admin` may everything. Roles within a campaign are the campaign's."""

Brief = Annotated[str, StringConstraints(max_length=200)]


@dataclass(frozen=True, slots=True)
class AccountState:
    """`role` is empty before the account was created."""

    name: str = ""
    role: str = ""
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Create:
    name: Name
    role: Role


@dataclass(frozen=True, slots=True)
class SetRole:
    role: Role


@dataclass(frozen=True, slots=True)
class Disable:
    reason: Brief = ""


@dataclass(frozen=True, slots=True)
class Enable:
    pass


@dataclass(frozen=True, slots=True)
class ChangePassword:
    reset: bool = False


@dataclass(frozen=True, slots=True)
class SignIn:
    sign_in: Id
    method: Literal["password"] = "password"


@dataclass(frozen=True, slots=True)
class RefuseSignIn:
    reason: Literal["password", "disabled", "too_often"]


@dataclass(frozen=True, slots=True)
class ReportReuse:
    sign_in: Id


@dataclass(frozen=True, slots=True)
class SignOut:
    sign_in: Annotated[str, StringConstraints(max_length=64)] = ""


def evolve(state: AccountState, event: Event, _recorded: Recorded) -> AccountState:
    match event:
        case AccountCreated():
            return AccountState(event.name, event.role)
        case AccountRoleChanged():
            return AccountState(state.name, event.role, state.disabled)
        case AccountDisabled() | AccountEnabled():
            return AccountState(state.name, state.role, isinstance(event, AccountDisabled))
        case _:
            return state


def decide(state: AccountState, command: Any, _context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` -100 when it exists already, -200 when it does not, -202 for signing in while disabled."""
    if isinstance(command, Create):
        if state.role:
            raise Rejected(Code.ALREADY_EXISTS, "The account exists already.", field="account_id")
        return (AccountCreated(command.name, command.role),)
    if not state.role:
        raise Rejected(Code.NPC_NOT_FOUND, "There is no such account.", field="account_id")
    if isinstance(command, SetRole | Disable | Enable):
        return _administered(state, command)
    match command:
        case ChangePassword():
            return (AccountPasswordChanged(command.reset),)
        case RefuseSignIn():
            return (AccountSignInRefused(command.reason),)
        case ReportReuse():
            return (AccountTokenReused(command.sign_in),)
        case SignOut():
            return (AccountSignedOut(command.sign_in),)
        case SignIn() if state.disabled:
            raise Rejected(Code.OPERATION_NOT_ALLOWED, "The account is disabled.")
        case SignIn():
            return (AccountSignedIn(command.sign_in, command.method),)
    raise TypeError(f"no such command: {command!r}")


def _administered(state: AccountState, command: SetRole | Disable | Enable) -> tuple[Event, ...]:
    match command:
        case SetRole():
            return (AccountRoleChanged(command.role, state.role),) if command.role != state.role else ()
        case Disable():
            return () if state.disabled else (AccountDisabled(command.reason),)
        case Enable():
            return (AccountEnabled(),) if state.disabled else ()


def reply(commit: Commit) -> Json:
    return {"account_id": commit.entity}


VERBS: Mapping[str, Verb] = {
    "create": Verb(Create, creates=True),
    "set_role": Verb(SetRole),
    "disable": Verb(Disable),
    "enable": Verb(Enable),
    "change_password": Verb(ChangePassword),
    "sign_in": Verb(SignIn),
    "refuse_sign_in": Verb(RefuseSignIn),
    "report_reuse": Verb(ReportReuse),
    "sign_out": Verb(SignOut),
}

ACCOUNT: Decider[AccountState] = Decider(
    category="account",
    state=AccountState,
    initial=AccountState(),
    verbs=VERBS,
    evolve=evolve,
    decide=decide,
    reply=reply,
    unchanged=lambda _state, context: {"account_id": context.entity},
)

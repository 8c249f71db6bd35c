"""What may happen to a campaign: its description, its members and their roles, its evenings, the characters."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from commands.campaign_characters import (
    AddCharacter,
    ChangeCharacter,
    RemoveCharacter,
    add_character,
    change_character,
    remove_character,
)
from commands.campaign_commands import (
    AddMember,
    Archive,
    Change,
    ChangeMember,
    ChangeSession,
    Create,
    EndSession,
    HandOver,
    LimitSpending,
    RemoveMember,
    Restore,
    StartSession,
)
from commands.campaign_fork import CopyCharacter, FailFork, FinishFork, Fork, begin, go_on
from commands.campaign_state import CampaignState, evolve
from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.forms.filling import kept
from commands.membership import COGM, MASTERS, OWNER, require, role_of, unknown
from commands.rejection import Rejected
from events.campaign import (
    CampaignArchived,
    CampaignChanged,
    CampaignCharacterAdded,
    CampaignCharacterChanged,
    CampaignCharacterRemoved,
    CampaignCreated,
    CampaignHandedOver,
    CampaignMemberJoined,
    CampaignMemberLeft,
    CampaignMemberRoleChanged,
    CampaignRestored,
    CampaignSessionChanged,
    CampaignSessionEnded,
    CampaignSessionStarted,
    CampaignSpendingLimited,
)
from events.commit import Commit, Event, Json

MAX_MEMBERS = 64
MAX_SESSIONS = 10_000


def decide(state: CampaignState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` as `require`, -100 for what is there already, -105 for more than a campaign holds, -202 and
    -203 where the campaign is not in the state for it, -200 for unknown members and characters."""
    match command:
        case Create():
            return _create(state, command, context)
        case Fork():
            return begin(state, command, context)
        case CopyCharacter() | FinishFork() | FailFork():
            return go_on(state, command, context)
        case Change():
            return _change(state, command, context)
        case LimitSpending():
            require(state, context.actor, OWNER)
            limit = None if command.amount is None else (command.amount, command.period)
            told = CampaignSpendingLimited(command.amount, command.period)
            return () if limit == state.spending_limit else (told,)
        case Archive() | Restore():
            return _rest(state, command, context)
        case AddMember() | ChangeMember() | RemoveMember() | HandOver():
            return _change_members(state, command, context)
        case StartSession() | EndSession() | ChangeSession():
            require(state, context.actor, *MASTERS)
            return _change_sessions(state, command)
        case AddCharacter():
            return add_character(state, command, context)
        case ChangeCharacter():
            return change_character(state, command, context)
        case RemoveCharacter():
            return remove_character(state, command, context)
    raise TypeError(f"not a command of a campaign: {command!r}")


def _create(state: CampaignState, command: Create, context: Context) -> tuple[Event, ...]:
    if state.exists:
        raise Rejected(Code.ALREADY_EXISTS, "campaign_id: this campaign exists already", field="campaign_id")
    if context.actor.kind != "account" or not context.actor.trusted:
        raise Rejected(
            Code.AUTHENTICATION_FAILED, "actor: a campaign needs an account as owner", field="actor"
        )
    name = str(context.actor.details.get("name", ""))[:120]
    return (CampaignCreated(owner=context.actor.id, owner_name=name, **asdict(command)),)


def _change(state: CampaignState, command: Change, context: Context) -> tuple[Event, ...]:
    require(state, context.actor, *MASTERS)
    fresh(state.version, command.expected)
    wanted = {
        name: value for name, value in asdict(command).items() if name != "expected" and value is not None
    }
    changed = {name: value for name, value in wanted.items() if state.details.get(name) != value}
    return (CampaignChanged(changed),) if changed else ()


def _rest(state: CampaignState, command: Archive | Restore, context: Context) -> tuple[Event, ...]:
    require(state, context.actor, OWNER, archived=True)
    fresh(state.version, command.expected)
    if isinstance(command, Archive):
        return () if state.archived else (CampaignArchived(command.reason),)
    return (CampaignRestored(command.reason),) if state.archived else ()


def fresh(version: int, expected: int | None) -> None:
    """Raises `Rejected` -203 on `version` when somebody else changed the thing since it was read."""
    if expected is not None and expected != version:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"version: this was changed meanwhile; it is at version {version}, not {expected}. Read it again",
            field="version",
        )


def _change_members(
    state: CampaignState, command: AddMember | ChangeMember | RemoveMember | HandOver, context: Context
) -> tuple[Event, ...]:
    account = command.account_id
    if isinstance(command, AddMember):
        return _add_member(state, command, context)
    if isinstance(command, RemoveMember) and account == context.actor.id:
        require(state, context.actor, archived=True)
    elif isinstance(command, HandOver):
        require(state, context.actor, OWNER)
    else:
        require(state, context.actor, *MASTERS)
    role = state.roles.get(account)
    if role is None:
        raise Rejected(Code.NPC_NOT_FOUND, "account_id: no member of this campaign", field="account_id")
    if isinstance(command, HandOver):
        return () if role == OWNER else (CampaignHandedOver(state.owner, account),)
    if role == OWNER:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            "account_id: a campaign has exactly one owner. Hand it over first",
            field="account_id",
        )
    if account != context.actor.id:
        _above(state, context, role)
    if isinstance(command, RemoveMember):
        return (CampaignMemberLeft(account, role),)
    _above(state, context, command.role)
    return () if command.role == role else (CampaignMemberRoleChanged(account, command.role, role),)


def _add_member(state: CampaignState, command: AddMember, context: Context) -> tuple[Event, ...]:
    require(state, context.actor, *MASTERS)
    _above(state, context, command.role)
    if command.account_id in state.roles:
        raise Rejected(Code.ALREADY_EXISTS, "account_id: is a member already", field="account_id")
    if len(state.roles) >= MAX_MEMBERS:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, f"account_id: at most {MAX_MEMBERS} members", field="account_id"
        )
    return (CampaignMemberJoined(command.account_id, command.role, command.name),)


def _above(state: CampaignState, context: Context, role: str) -> None:
    """Only the owner makes and unmakes co-GMs."""
    if role == COGM and role_of(state, context.actor) != OWNER:
        raise Rejected(
            Code.AUTHENTICATION_FAILED, "role: only the owner decides who is a co-GM", field="role"
        )


def _change_sessions(
    state: CampaignState, command: StartSession | EndSession | ChangeSession
) -> tuple[Event, ...]:
    latest = max(state.session, state.ended)
    match command:
        case StartSession():
            if state.session:
                raise Rejected(
                    Code.OPERATION_NOT_ALLOWED,
                    f"session: number {state.session} still runs. End it first",
                    field="session",
                )
            if state.ended >= MAX_SESSIONS:
                raise Rejected(
                    Code.PARAMETER_OUT_OF_RANGE, f"session: at most {MAX_SESSIONS}", field="session"
                )
            return (CampaignSessionStarted(state.ended + 1, command.title),)
        case EndSession():
            if not state.session:
                raise Rejected(Code.OPERATION_NOT_ALLOWED, "session: none is running", field="session")
            return (CampaignSessionEnded(state.session, command.recap, command.recap_players),)
        case ChangeSession():
            if not 1 <= command.number <= latest:
                raise unknown("session")
            said = {"title": command.title, "recap": command.recap, "recap_players": command.recap_players}
            fields = {name: value for name, value in said.items() if value is not None}
            known = state.last_session if command.number == latest else {}
            changed = {name: value for name, value in fields.items() if known.get(name) != value}
            return (CampaignSessionChanged(command.number, changed),) if changed else ()


def reply(commit: Commit) -> Json:
    answer: Json = {"campaign_id": commit.entity, "version": commit.version}
    for event in commit.events:
        match event:
            case CampaignSessionStarted() | CampaignSessionEnded() | CampaignSessionChanged():
                answer["number"] = event.number
            case CampaignCharacterAdded() | CampaignCharacterChanged() | CampaignCharacterRemoved():
                answer["character_id"] = event.character_id
            case CampaignMemberJoined() | CampaignMemberRoleChanged() | CampaignMemberLeft():
                answer |= {"account_id": event.account_id, "role": event.role}
    return answer


def _needs_location(
    _state: CampaignState, command: AddCharacter | ChangeCharacter, _entity: str
) -> tuple[Need, ...]:
    where = (command.fields if isinstance(command, AddCharacter) else command.set).get("location_id")
    return (Need("elements", among=(where,)),) if isinstance(where, str) and where else ()


def _needs_original(_state: CampaignState, command: Fork, _entity: str) -> tuple[Need, ...]:
    return (Need("campaign", campaign_id=command.origin),)


CAMPAIGN: Decider[CampaignState] = Decider(
    category="campaign",
    state=CampaignState,
    initial=CampaignState(),
    verbs={
        "create": Verb(Create, creates=True, kept=kept),
        "change": Verb(Change, kept=kept),
        "fork": Verb(Fork, creates=True, kept=kept, needs=_needs_original),
        "copy_character": Verb(CopyCharacter, kept=kept),
        "finish_fork": Verb(FinishFork),
        "fail_fork": Verb(FailFork),
        "limit_spending": Verb(LimitSpending),
        "archive": Verb(Archive),
        "restore": Verb(Restore),
        "add_member": Verb(AddMember),
        "change_member": Verb(ChangeMember),
        "remove_member": Verb(RemoveMember),
        "hand_over": Verb(HandOver),
        "start_session": Verb(StartSession),
        "end_session": Verb(EndSession, kept=kept),
        "change_session": Verb(ChangeSession, kept=kept),
        "add_character": Verb(AddCharacter, kept=kept, needs=_needs_location),
        "change_character": Verb(ChangeCharacter, kept=kept, needs=_needs_location),
        "remove_character": Verb(RemoveCharacter),
    },
    evolve=evolve,
    decide=decide,
    reply=reply,
    unchanged=lambda state, context: {"campaign_id": context.entity, "version": state.version},
)

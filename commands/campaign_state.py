"""A campaign folded from its stream: who is in it and as what, its evenings, its characters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from commands.campaign_characters import CharacterState
from commands.membership import COGM, OWNER
from events.campaign import (
    CampaignArchived,
    CampaignChanged,
    CampaignCharacterAdded,
    CampaignCharacterChanged,
    CampaignCharacterRemoved,
    CampaignCreated,
    CampaignForkBegun,
    CampaignForkFailed,
    CampaignForkFinished,
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
from events.commit import Event, Json, Recorded

UNFINISHED = frozenset({"forking", "failed"})
_FORKED: Mapping[type[Event], str] = {
    CampaignForkBegun: "forking",
    CampaignForkFinished: "active",
    CampaignForkFailed: "failed",
}


@dataclass(frozen=True, slots=True)
class CampaignState:
    """`version` is that of the last change to `details`; `roles` maps accounts to theirs, `names` to what they were
    called; `session` is the number of the one that runs, 0 for none; `sessions` maps numbers to what was written.
    `spending_limit` is what models may cost (billionths of a dollar) in a day or month, None: whatever they cost."""

    exists: bool = False
    archived: bool = False
    version: int = 0
    details: Json = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    session: int = 0
    ended: int = 0
    last_session: Json = field(default_factory=dict)
    characters: Mapping[str, CharacterState] = field(default_factory=dict)
    spending_limit: tuple[int, str] | None = None

    @property
    def owner(self) -> str:
        return next((account for account, role in self.roles.items() if role == OWNER), "")

    @property
    def forking(self) -> bool:
        """Whether it is a copy that is not finished: nobody changes anything in it."""
        return self.details.get("status") in UNFINISHED


def evolve(state: CampaignState, event: Event, recorded: Recorded) -> CampaignState:
    version = recorded.commit.version
    match event:
        case CampaignCreated():
            details = {**asdict(event), "status": "active"}
            owner = details.pop("owner")
            return CampaignState(
                True, False, version, details, {owner: OWNER}, {owner: details.pop("owner_name")}
            )
        case CampaignChanged():
            return replace(state, version=version, details={**state.details, **event.fields})
        case CampaignSpendingLimited():
            limit = None if event.amount is None else (event.amount, event.period)
            return replace(state, spending_limit=limit)
        case CampaignForkBegun() | CampaignForkFinished() | CampaignForkFailed():
            status = _FORKED[type(event)]
            return replace(state, version=version, details={**state.details, "status": status})
        case CampaignArchived() | CampaignRestored():
            return replace(state, version=version, archived=isinstance(event, CampaignArchived))
        case (
            CampaignMemberJoined() | CampaignMemberRoleChanged() | CampaignMemberLeft() | CampaignHandedOver()
        ):
            return _membership(state, event)
        case CampaignSessionStarted() | CampaignSessionEnded() | CampaignSessionChanged():
            return _session(state, event)
        case CampaignCharacterAdded() | CampaignCharacterChanged() | CampaignCharacterRemoved():
            return _characters(state, event, version)
    return state


def _membership(state: CampaignState, event: Event) -> CampaignState:
    roles, names = dict(state.roles), dict(state.names)
    match event:
        case CampaignMemberJoined():
            roles[event.account_id], names[event.account_id] = event.role, event.name
        case CampaignMemberRoleChanged():
            roles[event.account_id] = event.role
        case CampaignMemberLeft():
            roles.pop(event.account_id, None)
            names.pop(event.account_id, None)
        case CampaignHandedOver():
            roles |= {event.before: COGM, event.after: OWNER}
    return replace(state, roles=roles, names=names)


def _session(state: CampaignState, event: Event) -> CampaignState:
    match event:
        case CampaignSessionStarted():
            return replace(state, session=event.number, last_session={"title": event.title})
        case CampaignSessionEnded():
            said = {"recap": event.recap, "recap_players": event.recap_players}
            return replace(state, session=0, ended=event.number, last_session={**state.last_session, **said})
        case CampaignSessionChanged() if event.number == max(state.session, state.ended):
            return replace(state, last_session={**state.last_session, **event.fields})
    return state


def _characters(state: CampaignState, event: Event, version: int) -> CampaignState:
    characters = dict(state.characters)
    match event:
        case CampaignCharacterAdded():
            characters[event.character_id] = CharacterState(event.player, version, event.fields)
        case CampaignCharacterChanged():
            before = characters.get(event.character_id, CharacterState())
            fields = {k: v for k, v in before.fields.items() if k not in event.unset} | event.set
            characters[event.character_id] = CharacterState(event.player, version, fields)
        case CampaignCharacterRemoved():
            characters.pop(event.character_id, None)
    return replace(state, characters=characters)

"""Who may do what in a campaign: the roles of its members, asked by every decider whose things belong to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from commands.codes import Code
from commands.rejection import Rejected
from events.commit import Actor

OWNER, COGM, PLAYER, OBSERVER = "owner", "cogm", "player", "observer"
MASTERS = (OWNER, COGM)
ROLES = (OWNER, COGM, PLAYER, OBSERVER)

ADMIN = "admin"
"""The role in the realm, vouched for by the gateway in the actor's `details`, that stands above all campaigns."""


class Membered(Protocol):
    """What of a campaign has to be known: `commands.campaign.CampaignState`."""

    @property
    def exists(self) -> bool: ...

    @property
    def archived(self) -> bool: ...

    @property
    def forking(self) -> bool: ...

    @property
    def roles(self) -> Mapping[str, str]: ...


def role_of(campaign: Membered | None, actor: Actor) -> str | None:
    """The actor's role in a campaign; an owner's for operators and admins; None where he has none."""
    if campaign is None or not campaign.exists:
        return None
    if actor.kind == "operator" and actor.trusted:
        return OWNER
    if actor.kind != "account" or not actor.trusted:
        return None
    return OWNER if actor.details.get("role") == ADMIN else campaign.roles.get(actor.id)


def require(
    campaign: Membered | None, actor: Actor, *roles: str, archived: bool = False, forking: bool = False
) -> str:
    """The actor's role, if it is one of `roles` (none named: any).

    Raises `Rejected`: -200 for a campaign that is none of his business, as for one that does not exist; -504 for a
    role that may not do it; -202 where the campaign is archived (unless `archived` says that does not matter) or an
    unfinished copy of another (unless `archived` or `forking` do).
    """
    role = role_of(campaign, actor)
    if campaign is None or role is None:
        raise unknown()
    if roles and role not in roles:
        raise Rejected(
            Code.AUTHENTICATION_FAILED, f"role: {' or '.join(roles)} may do this, not {role}", field="role"
        )
    if campaign.archived and not archived:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            "status: the campaign is archived. Restore it before changing anything",
            field="status",
        )
    if campaign.forking and not (archived or forking):
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            "status: the campaign is a copy that is not finished. Wait until it is",
            field="status",
        )
    return role


def unknown(what: str = "campaign_id") -> Rejected:
    """The rejection for what does not exist, or not for him who asks."""
    noun = what.removesuffix("_id").replace("_", " ")
    return Rejected(Code.NPC_NOT_FOUND, f"{what}: there is no such {noun}", field=what)

"""Who may use each route of the API: declared here by hand, so that a route that forgets to ask is found out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ADMIN, OPERATOR, STRANGER, GUEST = "admin", "operator", "stranger", "guest"
OWNER, COGM, PLAYER, OBSERVER, NOBODY = "owner", "cogm", "player", "observer", "nobody"
SIGNED_IN = frozenset({ADMIN, OPERATOR, STRANGER, GUEST, OWNER, COGM, PLAYER, OBSERVER})
EVERYBODY = SIGNED_IN | {NOBODY}
MEMBERS = frozenset({OWNER, COGM, PLAYER, OBSERVER, ADMIN})
"""`guest` is a game master and `stranger` a player of other campaigns. The owner is a game master of the realm, too."""


@dataclass(frozen=True)
class Expected:
    """`may` use the route, with this body; nobody else may.

    `{…}` in `path` values come from the world of the test. `missing` says that even who may is told 404, because what
    is asked for does not exist; `hidden` that outsiders are told that there is no such thing, not that they may not.
    `refusal` is the status of all refusals where it is always the same; `also` are statuses who may is told, too.
    With a `form` a picture is sent. A `forgiving` route refuses with 200 and `success: false`.
    """

    may: frozenset[str]
    body: Any = None
    values: dict[str, str] = field(default_factory=dict)
    query: str = ""
    hidden: bool = False
    missing: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    refusal: int = 0
    also: tuple[int, ...] = ()
    form: dict[str, str] | None = None
    forgiving: bool = False

    def status(self, who: str) -> int | None:
        """What somebody is refused with, or None."""
        if who in self.may:
            return None
        if self.refusal or who == NOBODY:
            return self.refusal or 401
        if self.forgiving:
            return 200
        return 404 if self.hidden and who not in MEMBERS else 403


def realm(*roles: str, **more: Any) -> Expected:
    """For accounts of these roles of the realm, and admins."""
    held = {"gamemaster": {OWNER, GUEST}, "operator": {OPERATOR}}
    return Expected(frozenset({ADMIN}).union(*(held[role] for role in roles)), **more)


def campaign(*roles: str, **more: Any) -> Expected:
    """For members of the campaign with these roles, all if none are named, and admins."""
    return Expected(frozenset(roles) | {ADMIN} if roles else MEMBERS, hidden=True, **more)


def older(*roles: str, **more: Any) -> Expected:
    """As `campaign`, where clients of the published service ask."""
    return campaign(*roles, forgiving=True, missing=True, **more)


OPEN, SIGNED = Expected(EVERYBODY), Expected(SIGNED_IN)
AUDIT = realm("operator")
WORLD = realm("gamemaster", "operator")
STALE = {"If-Match": '"v999999"'}
"""Edits with it change nothing, and are refused as such to whoever may edit."""
LEADS = (OWNER, COGM)
PLAYS = (*LEADS, PLAYER)
WHOLE = {"name": "The Drowned Crown"}


def but(expected: Expected, **more: Any) -> Expected:
    """The same people, with something else."""
    return Expected(**{**vars(expected), **more})


ROUTES: dict[str, Expected] = {
    "GET /health": OPEN,
    "GET /health/live": OPEN,
    # Signing in asks for what one has: a password, a token, or a cookie with a header of one's own.
    "POST /api/auth/login": but(OPEN, body={"name": "somebody"}),
    "POST /api/auth/refresh": Expected(frozenset(), missing=True),
    "POST /api/auth/logout": but(OPEN, headers={"Authorization": ""}, also=(403,)),
    "GET /api/auth/user": SIGNED,
    "PATCH /api/auth/user": but(SIGNED, body={"language": "en"}),
    "POST /api/auth/password": but(SIGNED, body={"old": "", "new": ""}, also=(403,)),
    "POST /auth/login": but(OPEN, body={"name": "somebody"}),
    "POST /auth/verify-token": SIGNED,
    "POST /auth/refresh-token": SIGNED,
    "GET /api/accounts": realm(),
    "POST /api/accounts": realm(body={"name": "no name"}),
    "GET /api/accounts/names": realm("gamemaster"),
    "GET /api/accounts/{account_id}": realm(),
    "PATCH /api/accounts/{account_id}": realm(body={"role": "admin"}, headers=STALE),
    # Campaigns.
    "GET /api/campaigns": SIGNED,
    "POST /api/campaigns": realm("gamemaster", body=WHOLE),
    "GET /api/campaigns/{campaign_id}": campaign(),
    "PUT /api/campaigns/{campaign_id}": campaign(*LEADS, body=WHOLE, headers=STALE),
    "PATCH /api/campaigns/{campaign_id}": campaign(*LEADS, body=WHOLE, headers=STALE),
    "DELETE /api/campaigns/{campaign_id}": campaign(OWNER, headers=STALE),
    "POST /api/campaigns/{campaign_id}/restore": campaign(OWNER, headers=STALE),
    "POST /api/campaigns/{campaign_id}/render": campaign(body={"text": "*x*"}),
    "GET /api/campaigns/{campaign_id}/members": campaign(),
    "POST /api/campaigns/{campaign_id}/members": campaign(*LEADS, body={"account_id": "{owner}"}),
    "PATCH /api/campaigns/{campaign_id}/members/{account_id}": campaign(
        *LEADS, body={"role": "observer"}, values={"account_id": "{observer}"}
    ),
    "DELETE /api/campaigns/{campaign_id}/members/{account_id}": campaign(
        *LEADS, values={"account_id": "{guest}"}, missing=True
    ),
    "POST /api/campaigns/{campaign_id}/owner": campaign(OWNER, body={"account_id": "{guest}"}, missing=True),
    "GET /api/campaigns/{campaign_id}/sessions": campaign(),
    "POST /api/campaigns/{campaign_id}/sessions": campaign(*LEADS, body={"title": "x"}),
    "POST /api/campaigns/{campaign_id}/sessions/current/end": campaign(*LEADS, body={}),
    "PATCH /api/campaigns/{campaign_id}/sessions/{number}": campaign(
        *LEADS, body={"recap": "x"}, values={"number": "999"}, missing=True
    ),
    "GET /api/campaigns/{campaign_id}/changes": campaign(),
    "GET /api/campaigns/{campaign_id}/graph": campaign(),
    "GET /api/campaigns/{campaign_id}/at": campaign(query="position={position}"),
    "GET /api/campaigns/{campaign_id}/characters": campaign(),
    "POST /api/campaigns/{campaign_id}/characters": campaign(*PLAYS, body={"fields": {"name": "Aria"}}),
    "GET /api/campaigns/{campaign_id}/characters/{character_id}": campaign(),
    "PUT /api/campaigns/{campaign_id}/characters/{character_id}": campaign(
        *LEADS, body={"fields": {"name": "Aria"}}, headers=STALE
    ),
    "PATCH /api/campaigns/{campaign_id}/characters/{character_id}": campaign(
        *LEADS, body={"fields": {"name": "Aria"}}, headers=STALE
    ),
    "DELETE /api/campaigns/{campaign_id}/characters/{character_id}": campaign(*LEADS, headers=STALE),
    "GET /api/campaigns/{campaign_id}/dice": campaign(),
    "POST /api/campaigns/{campaign_id}/dice": campaign(*PLAYS, body={"expression": "1d6"}),
    "GET /api/campaigns/{campaign_id}/dice/{position}": campaign(values={"position": "1"}, missing=True),
    # Elements: the one asked for is shown to all members.
    "GET /api/elements/{campaign_id}": campaign(),
    "POST /api/elements": campaign(
        *LEADS, body={"campaign_id": "{campaign_id}", "kind": "note", "fields": {"name": "x"}}
    ),
    "GET /api/element/{element_id}": campaign(),
    "PUT /api/elements/{element_id}": campaign(*LEADS, body={"fields": {"name": "x"}}, headers=STALE),
    "PATCH /api/elements/{element_id}": campaign(*LEADS, body={"fields": {"name": "x"}}, headers=STALE),
    "DELETE /api/elements/{element_id}": campaign(*LEADS, headers=STALE),
    "POST /api/elements/{element_id}/restore": campaign(*LEADS),
    "POST /api/elements/{element_id}/undo": campaign(*LEADS, body={"version": 999}, missing=True),
    "POST /api/elements/{element_id}/revert": campaign(*LEADS, body={"version": 999}, missing=True),
    "POST /api/elements/{element_id}/visibility": campaign(*LEADS, body={"visibility": "all"}),
    "GET /api/elements/{element_id}/revisions": campaign(),
    "GET /api/elements/{element_id}/revisions/{version}": campaign(values={"version": "1"}),
    "GET /api/elements/{element_id}/backlinks": campaign(),
    "GET /api/schemas": SIGNED,
    "GET /api/schemas/{kind}": but(SIGNED, values={"kind": "npc"}),
    # What models and tables propose.
    "POST /api/generate/{kind}": campaign(
        *LEADS, values={"kind": "npc"}, body={"campaign_id": "{campaign_id}", "brief": "a smith"}
    ),
    "GET /api/campaigns/{campaign_id}/proposals": campaign(*LEADS),
    "GET /api/campaigns/{campaign_id}/spending": campaign(*LEADS),
    "POST /api/campaigns/{campaign_id}/fork": campaign(OWNER, body={"name": "Another crown"}),
    "GET /api/campaigns/{campaign_id}/tonight": campaign(),
    "PUT /api/campaigns/{campaign_id}/spending/limit": campaign(OWNER, body={"amount": 5, "period": "month"}),
    "DELETE /api/campaigns/{campaign_id}/spending/limit": campaign(OWNER),
    "GET /api/proposals/{proposal_id}": campaign(*LEADS),
    "POST /api/proposals/{proposal_id}/reject": campaign(*LEADS, body={}),
    "POST /api/proposals/{proposal_id}/accept": campaign(*LEADS, body={"draft": 7}),
    "POST /api/encounters/assess": campaign(
        *LEADS,
        body={"campaign_id": "{campaign_id}", "levels": [1], "monsters": [{"name": "Rat", "challenge": "0"}]},
    ),
    "POST /api/encounters/suggest": campaign(*LEADS, body={"campaign_id": "{campaign_id}", "levels": [1]}),
    # Pictures: the one asked for is that of the element.
    "POST /api/images/generate": campaign(
        *LEADS, body={"campaign_id": "{campaign_id}", "prompt": "a lighthouse"}
    ),
    "POST /api/images": campaign(*LEADS, form={"campaign_id": "{campaign_id}"}),
    "GET /api/campaigns/{campaign_id}/images": campaign(),
    "GET /api/images/{image_id}": campaign(),
    "GET /api/images/{image_id}/about": campaign(),
    "PATCH /api/images/{image_id}": campaign(*LEADS, body={"alt": "x"}),
    "DELETE /api/images/{image_id}": campaign(*LEADS, missing=True),
    # The assistant.
    "POST /api/chat": campaign(*PLAYS, body={"campaign_id": "{campaign_id}", "message": "Who is there?"}),
    "POST /api/chat/stop": campaign(*PLAYS, body={"campaign_id": "{campaign_id}", "message_id": "none"}),
    "GET /api/chat/history/{campaign_id}": campaign(),
    # As the published game master has it.
    "POST /api/gamemaster/start_campaign": older(body={"campaignId": "{campaign_id}"}),
    "POST /api/gamemaster/send_message": older(
        *PLAYS, body={"campaignId": "{campaign_id}", "message": "Who is there?"}
    ),
    "POST /api/gamemaster/end_session": older(*LEADS, body={"campaignId": "{campaign_id}"}),
    "POST /api/gamemaster/generate_character_content": older(
        *LEADS, body={"campaign_id": "{campaign_id}", "character_id": "{character_id}"}
    ),
    "GET /api/gamemaster/campaign/{campaign_id}/elements": older(),
    "GET /api/gamemaster/campaign/{campaign_id}/npcs": older(),
    "GET /api/gamemaster/campaign/{campaign_id}/locations": older(),
    "GET /api/gamemaster/campaign/{campaign_id}/quests": older(),
    "GET /api/gamemaster/campaign/{campaign_id}/character_quests": older(query="character_id={character_id}"),
    "GET /api/gamemaster/campaign/{campaign_id}/character/{character_id}/location": older(),
    "POST /api/gamemaster/campaign/{campaign_id}/character/{character_id}/location": older(
        *PLAYS, body={"location": "nowhere"}
    ),
    "POST /api/gamemaster/campaign/{campaign_id}/sync_locations": older(body={"character_locations": {}}),
    "GET /api/gamemaster/campaign/{campaign_id}/locations/characters": older(),
    "GET /api/gamemaster/campaign/{campaign_id}/image_status": older(*LEADS),
    "POST /api/gamemaster/campaign/{campaign_id}/generate_missing_images": older(*LEADS),
    "POST /api/gamemaster/campaign/{campaign_id}/auto_generate_images": older(*LEADS),
    "POST /api/gamemaster/campaign/{campaign_id}/elements/{kind}/{element_id}/generate_image": older(
        *LEADS, values={"kind": "npc", "element_id": "none"}
    ),
    "POST /api/gamemaster/campaign/{campaign_id}/generate_content": older(*LEADS),
    "GET /api/gamemaster/campaign/{campaign_id}/content_status": older(*LEADS),
    "POST /generate_image": older(*LEADS, body={"campaign_id": "{campaign_id}", "prompt": "a gull"}),
    "GET /api/monitoring/dashboard": realm("operator", forgiving=True),
    "GET /api/monitoring/metrics": realm("operator", forgiving=True),
    "GET /api/monitoring/logs": realm("operator", forgiving=True),
    "GET /api/monitoring/model_performance": realm("operator", forgiving=True),
    "POST /generate": older(*PLAYS, body={"campaign_id": "{campaign_id}", "message": "Who is there?"}),
    "GET /provider": realm("gamemaster", forgiving=True),
    "POST /provider/{name}": realm("operator", values={"name": "none"}, forgiving=True, missing=True),
    "GET /db_status": realm("operator", forgiving=True),
    # The people of the game world, of whom there are none.
    "GET /api/world/npcs": WORLD,
    "GET /api/world/graph": WORLD,
    "GET /api/world/npcs/{npc_id}": but(WORLD, values={"npc_id": "none"}, missing=True),
    "GET /api/world/npcs/{npc_id}/timeline": but(WORLD, values={"npc_id": "none"}, missing=True),
    "GET /api/world/npcs/{npc_id}/memories": but(WORLD, values={"npc_id": "none"}),
    # The log and the platform.
    "GET /api/feed": AUDIT,
    "GET /api/feed/span": AUDIT,
    "GET /api/feed/rows": AUDIT,
    "GET /api/feed/density": AUDIT,
    "GET /api/feed/place": but(AUDIT, query="at=1"),
    "GET /api/trace/{correlation_id}": but(AUDIT, values={"correlation_id": "none"}, missing=True),
    "GET /api/events/{position}": but(AUDIT, values={"position": "{position}"}),
    "GET /api/streams/{category}/{entity}": but(
        AUDIT, values={"category": "campaign", "entity": "{campaign_id}"}
    ),
    "GET /api/projections": AUDIT,
    "POST /api/projections/{name}/rebuild": but(AUDIT, values={"name": "none"}, missing=True),
    "POST /api/projections/{name}/verify": but(AUDIT, values={"name": "none"}, missing=True),
    "GET /api/jobs": AUDIT,
    "GET /api/jobs/{job_id}": but(AUDIT, values={"job_id": "none"}, missing=True),
    "DELETE /api/jobs/{job_id}": but(AUDIT, values={"job_id": "none"}, missing=True),
    "GET /api/dead-letters": AUDIT,
    "POST /api/dead-letters/{letter_id}/replay": but(AUDIT, values={"letter_id": "none.1"}, missing=True),
    "POST /api/dead-letters/{letter_id}/discard": but(AUDIT, values={"letter_id": "none.1"}, missing=True),
    "GET /api/decisions": AUDIT,
    "GET /api/decisions/{which}": but(AUDIT, values={"which": "none"}, missing=True),
    "POST /api/decisions/{which}/replay": but(AUDIT, values={"which": "none"}, missing=True),
    "POST /api/decisions/{which}/rerun": but(
        AUDIT, values={"which": "none"}, body={"model": "none"}, missing=True
    ),
    "GET /api/llm/cost": AUDIT,
    "GET /api/llm/budgets": AUDIT,
    "GET /api/llm/stats": AUDIT,
    "GET /api/status": AUDIT,
    "GET /api/why/{which}": realm("operator", "gamemaster", values={"which": "none"}, missing=True),
    # Game servers, who show a key where one is set: `test_guards.py`.
    "GET /api/refdata": OPEN,
    "GET /api/refdata/search": but(OPEN, query="q=owl"),
    "GET /api/refdata/{kind}/{key}": but(OPEN, values={"kind": "creature", "key": "none"}, missing=True),
    "GET /api/npc/{npc_id}/state": but(OPEN, values={"npc_id": "none"}, missing=True),
    "GET /api/providers": OPEN,
    "GET /api/agents": OPEN,
    "GET /api/requests/{request_id}": but(OPEN, values={"request_id": "none"}, missing=True),
    "POST /api/npc/{operation}": but(OPEN, values={"operation": "ping"}),
    "POST /api/v1/npc/{npc_id}/dialogue": but(OPEN, values={"npc_id": "none"}, missing=True),
    "POST /api/v1/npc/{npc_id}/decide": but(OPEN, values={"npc_id": "none"}, missing=True),
    "POST /api/v1/npc/{npc_id}/emotion": but(OPEN, values={"npc_id": "none"}, missing=True),
    # Keys of their own, which no account is.
    "POST /v1/chat/completions": Expected(frozenset(), body={"model": "x", "messages": []}, refusal=401),
    "GET /v1/models": Expected(frozenset(), refusal=401),
}

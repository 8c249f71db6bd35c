"""The fold of campaigns: members, evenings and characters as they are, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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
)
from events.commit import Event
from projections.campaign_tables import (
    CAMPAIGN_DETAILS,
    CAMPAIGNS,
    CHANGES,
    CHARACTER_HISTORY,
    CHARACTERS,
    MEMBER_HISTORY,
    MEMBERS,
    OPEN,
    SESSIONS,
)
from projections.element_fold import actor_name
from projections.projection import Address, Entry
from projections.rows import Rows
from projections.schema import brief, to_text

_SESSION = (CampaignSessionStarted, CampaignSessionEnded, CampaignSessionChanged)
_CHARACTER = (CampaignCharacterAdded, CampaignCharacterChanged, CampaignCharacterRemoved)
_DETAILS = ("name", "description", "ruleset", "language", "theme", "level", "status")


def campaign_keys(entry: Entry) -> Iterable[Address]:
    yield CAMPAIGNS, (entry.entity,)
    for event in entry.commit.events:
        if isinstance(event, _SESSION):
            yield SESSIONS, (entry.entity, event.number)
        elif isinstance(event, _CHARACTER):
            yield CHARACTERS, (entry.entity, event.character_id)


def fold_campaign(rows: Rows, entry: Entry) -> None:
    """Apply a commit of a campaign's stream."""
    found = rows.get(CAMPAIGNS, (entry.entity,))
    row = {} if found is None else dict(found)
    for ordinal, event in enumerate(entry.commit.events):
        if isinstance(event, CampaignCreated):
            row = _created(event, entry)
            _join(rows, row, entry, event.owner, "owner", event.owner_name)
        if not row:
            return
        row = {**row, "position": entry.position, "changed_at": entry.at}
        row = row | _turned(event, entry)
        _members(rows, row, event, entry)
        if isinstance(event, _SESSION):
            _session(rows, event, entry)
        elif isinstance(event, _CHARACTER):
            subject_name = _character(rows, event, entry)
            rows.insert(CHANGES, _change(event, entry, ordinal, subject_name))
            continue
        rows.insert(CHANGES, _change(event, entry, ordinal, ""))
    if row:
        told = {part: row[part] for part in (*_DETAILS, "archived")}
        if found is None or any(found[part] != value for part, value in told.items()):
            rows.insert(CAMPAIGN_DETAILS, (entry.entity, entry.position, to_text(told)))
        rows.put(CAMPAIGNS, (entry.entity,), row)


def _created(event: CampaignCreated, entry: Entry) -> dict[str, Any]:
    return {
        "campaign_id": entry.entity,
        "name": brief(event.name, 120),
        "description": event.description,
        "ruleset": event.ruleset[:8],
        "language": event.language[:8],
        "theme": brief(event.theme, 300),
        "level": event.level,
        "status": "active",
        "archived": 0,
        "version": entry.commit.version,
        "created_at": entry.at,
        "session": 0,
        "session_title": "",
        "session_started_at": None,
        "sessions": 0,
        "last_ended": 0,
        "roster": {},
    }


def _turned(event: Event, entry: Entry) -> dict[str, Any]:
    """What an event changes in the campaign's own row."""
    version = {"version": entry.commit.version}
    match event:
        case CampaignChanged():
            return version | {name: value for name, value in event.fields.items() if name in _DETAILS}
        case CampaignForkBegun():
            return version | {"status": "forking"}
        case CampaignForkFinished():
            return version | {"status": "active"}
        case CampaignForkFailed():
            return version | {"status": "failed"}
        case CampaignArchived():
            return version | {"archived": 1}
        case CampaignRestored():
            return version | {"archived": 0}
        case CampaignSessionStarted():
            started = {"session_title": brief(event.title, 120), "session_started_at": entry.at}
            return {"session": event.number, "sessions": event.number, **started}
        case CampaignSessionEnded():
            ended = {"session": 0, "session_title": "", "session_started_at": None}
            return {**ended, "last_ended": entry.position}
    return {}


def _members(rows: Rows, row: dict[str, Any], event: Event, entry: Entry) -> None:
    roster = row["roster"]
    match event:
        case CampaignMemberJoined():
            _join(rows, row, entry, event.account_id, event.role, event.name)
        case CampaignMemberRoleChanged():
            _become(rows, row, entry, event.account_id, event.role)
        case CampaignHandedOver():
            _become(rows, row, entry, event.before, "cogm")
            _become(rows, row, entry, event.after, "owner")
        case CampaignMemberLeft() if event.account_id in roster:
            _put_member(rows, row, event.account_id, roster[event.account_id], entry.position)
            rows.delete(MEMBERS, (entry.entity, event.account_id))
            row["roster"] = {who: what for who, what in roster.items() if who != event.account_id}


def _join(rows: Rows, row: dict[str, Any], entry: Entry, account: str, role: str, name: str) -> None:
    entered = [role, brief(name, 120), entry.position, entry.at]
    row["roster"] = {**row["roster"], account: entered}
    _put_member(rows, row, account, entered, OPEN)


def _become(rows: Rows, row: dict[str, Any], entry: Entry, account: str, role: str) -> None:
    old = row["roster"].get(account)
    if old is None:
        return
    _put_member(rows, row, account, old, entry.position)
    now = [role, old[1], entry.position, old[3]]
    row["roster"] = {**row["roster"], account: now}
    _put_member(rows, row, account, now, OPEN)


def _put_member(rows: Rows, row: Mapping[str, Any], account: str, entered: list[Any], until: int) -> None:
    role, name, since, joined_at = entered
    key = (row["campaign_id"], account)
    member = {"campaign_id": key[0], "account_id": account, "role": role, "name": name, "since": since}
    rows.put(MEMBERS, key, {**member, "joined_at": joined_at})
    rows.put(MEMBER_HISTORY, (*key, since), {**member, "joined_at": joined_at, "until": until})


def _session(
    rows: Rows, event: CampaignSessionStarted | CampaignSessionEnded | CampaignSessionChanged, entry: Entry
) -> None:
    key = (entry.entity, event.number)
    row = rows.get(SESSIONS, key)
    if isinstance(event, CampaignSessionStarted):
        row = {
            "campaign_id": entry.entity,
            "number": event.number,
            "title": brief(event.title, 120),
            "started_at": entry.at,
            "started_position": entry.position,
            "ended_at": None,
            "ended_position": OPEN,
            "recap": "",
            "recap_players": "",
        }
    elif row is None:
        return
    elif isinstance(event, CampaignSessionEnded):
        ended = {"ended_at": entry.at, "ended_position": entry.position}
        row = {**row, **ended, "recap": event.recap, "recap_players": event.recap_players}
    else:
        row = {**row, **{n: v for n, v in event.fields.items() if n in ("title", "recap", "recap_players")}}
    rows.put(SESSIONS, key, row)


def _character(
    rows: Rows,
    event: CampaignCharacterAdded | CampaignCharacterChanged | CampaignCharacterRemoved,
    entry: Entry,
) -> str:
    """Returns what the character is called."""
    key = (entry.entity, event.character_id)
    before = rows.get(CHARACTERS, key)
    if before is not None:
        _put_history(rows, before, entry.position)
    if isinstance(event, CampaignCharacterRemoved):
        rows.delete(CHARACTERS, key)
        return brief(event.name, 120)
    if isinstance(event, CampaignCharacterAdded):
        fields = event.fields
    else:
        old = {} if before is None else before["fields"]
        fields = {n: v for n, v in old.items() if n not in event.unset} | event.set
    row = {
        "campaign_id": key[0],
        "character_id": key[1],
        "player": event.player or "",
        "name": brief(str(fields.get("name", "")), 120),
        "version": entry.commit.version,
        "since": entry.position,
        "changed_at": entry.at,
        "fields": fields,
    }
    rows.put(CHARACTERS, key, row)
    _put_history(rows, row, OPEN)
    return str(row["name"])


def _put_history(rows: Rows, row: Mapping[str, Any], until: int) -> None:
    key = (row["campaign_id"], row["character_id"], row["since"])
    rows.put(CHARACTER_HISTORY, key, {**row, "until": until})


def _change(event: Event, entry: Entry, ordinal: int, subject_name: str) -> tuple[Any, ...]:
    subject, name = _subject(event)
    fields = getattr(event, "fields", None) or getattr(event, "set", None) or {}
    unset = list(getattr(event, "unset", ()))
    if isinstance(event, CampaignSessionEnded):
        fields = {part: 1 for part in ("recap", "recap_players") if getattr(event, part)}
    return (
        entry.entity,
        entry.position,
        ordinal,
        entry.at,
        brief(f"{entry.commit.actor.kind}/{entry.commit.actor.id}", 200),
        actor_name(entry),
        event.type,
        subject[:128],
        "character" if isinstance(event, _CHARACTER) else "",
        brief(subject_name or name, 120),
        to_text([*fields, *unset]),
        "all",
        "[]",
        "{}",
    )


def _subject(event: Event) -> tuple[str, str]:
    """Whom or what an event of a campaign is about, and what that is called."""
    match event:
        case CampaignCreated():
            return "", event.name
        case CampaignMemberJoined():
            return event.account_id, event.name
        case CampaignMemberLeft() | CampaignMemberRoleChanged():
            return event.account_id, event.role
        case CampaignHandedOver():
            return event.after, ""
        case CampaignSessionStarted():
            return str(event.number), event.title
        case CampaignSessionEnded() | CampaignSessionChanged():
            return str(event.number), ""
        case CampaignCharacterAdded() | CampaignCharacterChanged() | CampaignCharacterRemoved():
            return event.character_id, ""
    return "", ""

"""The read model of campaigns, and who is in them: lists, members, evenings and characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, func, select

from events.commit import moment
from projections import checkpoints
from projections.campaign_fold import campaign_keys, fold_campaign
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
from projections.element_fold import element_keys, fold_element
from projections.element_tables import ELEMENTS, REFERENCES, REVISIONS, SPANS, WORDS
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import from_text
from projections.sight import Viewer, narrowed

MAX_PAGE = 200
NAME = "campaigns"

_TABLES: tuple[Table, ...] = (
    CAMPAIGNS, CAMPAIGN_DETAILS, MEMBERS, MEMBER_HISTORY, SESSIONS, CHARACTERS, CHARACTER_HISTORY, CHANGES,
    ELEMENTS, SPANS, REVISIONS, REFERENCES, WORDS,
)  # fmt: skip


def _keys(entry: Entry) -> Iterable[Address]:
    return element_keys(entry) if entry.category == "element" else campaign_keys(entry)


def _fold(rows: Rows, entry: Entry) -> None:
    if entry.category == "element":
        fold_element(rows, entry)
    else:
        fold_campaign(rows, entry)


CAMPAIGN_STATE = Projection(NAME, 1, _TABLES, _keys, _fold, frozenset({"campaign", "element"}))
"""One read model, because what players see of elements depends on their membership at the same position."""


def position(connection: Connection) -> int:
    """Up to which log position everything of campaigns is known here."""
    return checkpoints.positions(connection).get(NAME, 0)


@reads(NAME)
def role(connection: Connection, campaign_id: str, account_id: str) -> str | None:
    """The role of a member, None for anybody else."""
    query = select(MEMBERS.c.role).where(
        MEMBERS.c.campaign_id == campaign_id, MEMBERS.c.account_id == account_id
    )
    found: str | None = connection.execute(query).scalar()
    return found


@reads(NAME)
def campaigns(
    connection: Connection,
    account_id: str | None,
    *,
    archived: bool = False,
    before: str | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """The campaigns of an account (of everybody: None), the newest first, those made before the campaign `before`.

    At most one more than `limit`, which says that there are more. `my_role` is the account's, "" where it has none.
    """
    query = select(CAMPAIGNS).where(CAMPAIGNS.c.archived == int(archived))
    if account_id is not None:
        mine = MEMBERS.c.campaign_id == CAMPAIGNS.c.campaign_id
        query = query.join(MEMBERS, mine).where(MEMBERS.c.account_id == account_id)
    if before is not None:
        query = query.where(CAMPAIGNS.c.campaign_id < before)
    newest = query.order_by(CAMPAIGNS.c.campaign_id.desc()).limit(min(limit, MAX_PAGE) + 1)
    return [_shown(row) for row in connection.execute(newest).mappings()]


@reads(NAME)
def campaign(connection: Connection, campaign_id: str, viewer: Viewer) -> dict[str, Any] | None:
    """A campaign with its members and how many elements of each kind `viewer` sees, or None."""
    row = (
        connection.execute(select(CAMPAIGNS).where(CAMPAIGNS.c.campaign_id == campaign_id)).mappings().first()
    )
    if row is None:
        return None
    return _shown(row) | {"my_role": viewer.role, "counts": counts(connection, campaign_id, viewer)}


@reads(NAME)
def counts(connection: Connection, campaign_id: str, viewer: Viewer) -> dict[str, int]:
    """How many elements of each kind there are for somebody."""
    query = select(ELEMENTS.c.kind, func.count()).where(
        ELEMENTS.c.campaign_id == campaign_id, ELEMENTS.c.status == "live"
    )
    parts = [query]
    if not viewer.master:
        # What is everybody's is counted by the index alone.
        members = narrowed(query.where(ELEMENTS.c.visibility == "members"), ELEMENTS, viewer)
        parts = [query.where(ELEMENTS.c.visibility == "all"), members]
    found: Counter[str] = Counter()
    for part in parts:
        for kind, number in connection.execute(part.group_by(ELEMENTS.c.kind)):
            found[kind] += number
    return dict(sorted(found.items()))


@reads(NAME)
def sessions(
    connection: Connection, campaign_id: str, viewer: Viewer, *, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Evenings, the latest first; at most one more than `limit`. The game masters' recap is theirs."""
    query = select(SESSIONS).where(SESSIONS.c.campaign_id == campaign_id)
    if before is not None:
        query = query.where(SESSIONS.c.number < before)
    latest = query.order_by(SESSIONS.c.number.desc()).limit(min(limit, MAX_PAGE) + 1)
    return [session_shown(row, viewer) for row in connection.execute(latest).mappings()]


def members_shown(roster: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Members in the order of their roles and names."""
    order = ("owner", "cogm", "player", "observer")
    shown = [
        {"account_id": account, "role": role, "name": name, "joined_at": _time(joined_at)}
        for account, (role, name, _, joined_at) in roster.items()
    ]
    return sorted(shown, key=lambda m: (order.index(m["role"]), m["name"], m["account_id"]))


def session_shown(row: Any, viewer: Viewer, *, at: int = OPEN) -> dict[str, Any]:
    """An evening as somebody sees it; as of position `at`, one that ended later still runs."""
    ended = row["ended_position"] <= at and row["ended_at"] is not None
    shown = {
        "number": row["number"],
        "title": row["title"],
        "started_at": _time(row["started_at"]),
        "started_position": row["started_position"],
        "ended_at": _time(row["ended_at"]) if ended else None,
        "ended_position": row["ended_position"] if ended else None,
        "recap_players": row["recap_players"] if ended else "",
    }
    if viewer.master:
        shown["recap"] = row["recap"] if ended else ""
    return shown


def _shown(row: Any) -> dict[str, Any]:
    running = {
        "number": row["session"],
        "title": row["session_title"],
        "started_at": _time(row["session_started_at"]),
    }
    roster = from_text(row["roster"])
    return {
        "campaign_id": row["campaign_id"],
        "name": row["name"],
        "description": row["description"],
        "ruleset": row["ruleset"],
        "language": row["language"],
        "theme": row["theme"],
        "level": row["level"],
        "status": row["status"],
        "archived": bool(row["archived"]),
        "version": row["version"],
        "created_at": _time(row["created_at"]),
        "changed_at": _time(row["changed_at"]),
        "session": running if row["session"] else None,
        "sessions": row["sessions"],
        "last_ended": row["last_ended"],
        "members": members_shown(roster),
    }


def _time(at: int | None) -> str | None:
    return None if at is None else moment(at).isoformat()

"""A campaign over time: what changed since a position, how it was at one, and how two of them differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from events.commit import moment
from projections.campaign_tables import (
    CAMPAIGN_DETAILS,
    CAMPAIGNS,
    CHANGES,
    CHARACTERS,
    MEMBER_HISTORY,
    SESSIONS,
)
from projections.campaigns import MAX_PAGE, NAME, members_shown, position, session_shown
from projections.characters import characters_at
from projections.element_tables import ELEMENTS, REVISIONS, SPANS
from projections.elements import brief_shown, fields_shown, loaded, past_briefs, spans_at, those_at
from projections.projection import reads
from projections.schema import from_text
from projections.sight import Viewer, narrowed, seen_by

MAX_COMPARED = 2000
MAX_DIFFERENCES = 500

_NOW = ("status", "visibility", "members", "field_visibility")
_CHANGES = select(CHANGES, *(ELEMENTS.c[part].label(f"now_{part}") for part in _NOW)).outerjoin(
    ELEMENTS, (ELEMENTS.c.element_id == CHANGES.c.subject) & (ELEMENTS.c.campaign_id == CHANGES.c.campaign_id)
)


@reads(NAME)
def head(connection: Connection) -> int:
    """Up to which log position everything of campaigns is known here."""
    return position(connection)


@reads(NAME)
def position_at(connection: Connection, campaign_id: str, at: int) -> int:
    """The position of a campaign's last change at a moment (µs) or before it; 0 before the first."""
    query = select(func.max(CHANGES.c.position)).where(
        CHANGES.c.campaign_id == campaign_id, CHANGES.c.at <= at
    )
    return connection.execute(query).scalar() or 0


@reads(NAME)
def since_last_session(connection: Connection, campaign_id: str) -> int:
    """The position at which the last evening ended; 0 before the first has."""
    query = select(CAMPAIGNS.c.last_ended).where(CAMPAIGNS.c.campaign_id == campaign_id)
    return connection.execute(query).scalar() or 0


@reads(NAME)
def changes(
    connection: Connection,
    campaign_id: str,
    viewer: Viewer,
    *,
    since: int = 0,
    before: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """What happened in a campaign after a position, the latest first; at most one more than `limit`.

    `before` is the `(position, ordinal)` of the last of the page before. Players are told of what they may see.
    """
    limit, shown = min(limit, MAX_PAGE), list[dict[str, Any]]()
    players = _players(connection, campaign_id)
    while len(shown) <= limit:
        query = _CHANGES.where(CHANGES.c.campaign_id == campaign_id, CHANGES.c.position > since)
        if before is not None:
            position, ordinal = before
            earlier = (CHANGES.c.position < position) | (
                (CHANGES.c.position == position) & (CHANGES.c.ordinal < ordinal)
            )
            query = query.where(CHANGES.c.position <= position, earlier)
        latest = query.order_by(CHANGES.c.position.desc(), CHANGES.c.ordinal.desc()).limit(limit + 1)
        rows = connection.execute(latest).mappings().all()
        shown += [seen for row in rows if (seen := _change_seen(row, viewer, players)) is not None]
        if len(rows) <= limit:
            break
        before = rows[-1]["position"], rows[-1]["ordinal"]
    return shown[: limit + 1]


def _players(connection: Connection, campaign_id: str) -> Mapping[str, str]:
    query = select(CHARACTERS.c.character_id, CHARACTERS.c.player).where(
        CHARACTERS.c.campaign_id == campaign_id
    )
    return {row.character_id: row.player for row in connection.execute(query)}


def _change_seen(row: Any, viewer: Viewer, players: Mapping[str, str]) -> dict[str, Any] | None:
    fields = from_text(row["fields"])
    if row["what"].startswith("element."):
        seen = _of_element(row, viewer)
        if seen is None:
            return None
        fields = seen
    elif not viewer.master:
        if row["what"] == "campaign.spending_limited":
            return None
        private = {"recap"} if row["what"].startswith("campaign.session") else set()
        if row["kind"] == "character" and players.get(row["subject"]) != viewer.account_id:
            private = {"notes"}
        kept = [name for name in fields if name not in private]
        if fields and not kept and row["what"].endswith("_changed"):
            return None
        fields = kept
    kind, _, account = row["actor"].partition("/")
    change = {
        "position": row["position"],
        "ordinal": row["ordinal"],
        "at": moment(row["at"]).isoformat(),
        "actor": {"kind": kind, "id": account, "name": row["actor_name"]},
        "what": row["what"],
        "name": row["name"],
        "fields": fields,
    }
    subject = _SUBJECTS.get(
        row["what"].partition("_")[0] if row["what"].startswith("campaign.") else "element"
    )
    if subject is not None and row["subject"]:
        change[subject] = int(row["subject"]) if subject == "session" else row["subject"]
    return change | ({"kind": row["kind"]} if row["kind"] else {})


_SUBJECTS = {
    "element": "element_id",
    "campaign.session": "session",
    "campaign.character": "character_id",
    "campaign.member": "account_id",
    "campaign.handed": "account_id",
}


def _of_element(row: Any, viewer: Viewer) -> list[str] | None:
    """The fields of a line about an element that somebody may see, None where he may not see the line."""
    status = "removed" if row["what"] == "element.removed" else "live"
    then = {
        "kind": row["kind"],
        "status": status,
        "visibility": row["visibility"],
        "members": from_text(row["members"]),
        "field_visibility": from_text(row["field_visibility"]),
        "changed": [name for name in from_text(row["fields"]) if name != "visibility"],
    }
    if row["now_status"] is None:
        return from_text(row["fields"]) if viewer.master else None
    now = loaded({part: row[f"now_{part}"] for part in _NOW})
    seen = seen_by(then, viewer, now)
    if seen is None:
        return None
    told: list[str] = [name for name in ("visibility",) if name in from_text(row["fields"])] + seen["changed"]
    return None if not told and row["what"] in ("element.changed", "element.shown") else told


@reads(NAME)
def as_of(
    connection: Connection,
    campaign_id: str,
    viewer: Viewer,
    at: int,
    *,
    after: tuple[str, str] | None = None,
    limit: int = MAX_PAGE,
) -> dict[str, Any]:
    """A campaign as it was at a log position: `{position, at, campaign, members, sessions, characters, elements}`.

    `elements` are seen rows with `sort`, at most one more than `limit`, after the `(sort, element_id)` in `after`;
    `at` is the moment of the last change until then. `campaign` is None before it was created.
    """
    query = spans_at(campaign_id, at).where(SPANS.c.status == "live")
    if after is not None:
        sort, element_id = after
        later = (SPANS.c.sort > sort) | ((SPANS.c.sort == sort) & (SPANS.c.element_id > element_id))
        query = query.where(later)
    ordered = (
        narrowed(query, SPANS, viewer)
        .order_by(SPANS.c.sort, SPANS.c.element_id)
        .limit(min(limit, MAX_PAGE) + 1)
    )
    seen = [seen_by(row, viewer, now) for row, now in past_briefs(connection, ordered)]
    moment_of = select(func.max(CHANGES.c.at)).where(
        CHANGES.c.campaign_id == campaign_id, CHANGES.c.position <= at
    )
    last = connection.execute(moment_of).scalar()
    return {
        "position": at,
        "at": None if last is None else moment(last).isoformat(),
        "campaign": details_at(connection, campaign_id, at),
        "members": _members_at(connection, campaign_id, at),
        "sessions": _sessions_at(connection, campaign_id, viewer, at),
        "characters": characters_at(connection, campaign_id, viewer, at),
        "elements": [row for row in seen if row is not None],
    }


@reads(NAME)
def details_at(connection: Connection, campaign_id: str, at: int) -> dict[str, Any] | None:
    """What described a campaign at a position (name, status, archived …), None before it was created."""
    query = select(CAMPAIGN_DETAILS.c.details).where(
        CAMPAIGN_DETAILS.c.campaign_id == campaign_id, CAMPAIGN_DETAILS.c.since <= at
    )
    told = connection.execute(query.order_by(CAMPAIGN_DETAILS.c.since.desc()).limit(1)).scalar()
    if told is None:
        return None
    details: dict[str, Any] = from_text(told)
    return details | {"archived": bool(details["archived"])}


def _members_at(connection: Connection, campaign_id: str, at: int) -> list[dict[str, Any]]:
    query = select(MEMBER_HISTORY).where(
        MEMBER_HISTORY.c.campaign_id == campaign_id, MEMBER_HISTORY.c.since <= at, MEMBER_HISTORY.c.until > at
    )
    rows = connection.execute(query).mappings()
    return members_shown({r["account_id"]: (r["role"], r["name"], r["since"], r["joined_at"]) for r in rows})


def _sessions_at(connection: Connection, campaign_id: str, viewer: Viewer, at: int) -> list[dict[str, Any]]:
    query = select(SESSIONS).where(SESSIONS.c.campaign_id == campaign_id, SESSIONS.c.started_position <= at)
    latest = query.order_by(SESSIONS.c.number.desc()).limit(MAX_PAGE)
    return [session_shown(row, viewer, at=at) for row in connection.execute(latest).mappings()]


@reads(NAME)
def compare(
    connection: Connection, campaign_id: str, viewer: Viewer, earlier: int, later: int
) -> dict[str, Any]:
    """How a campaign's elements differ between two positions, as `viewer` may see both.

    `{from, to, added, removed, changed: [brief with fields], more}`; `more` says that there were too many to look at.
    """
    subjects = select(CHANGES.c.subject).where(
        CHANGES.c.campaign_id == campaign_id,
        CHANGES.c.position > earlier,
        CHANGES.c.position <= later,
        CHANGES.c.kind.not_in(["", "character"]),
    )
    ids = sorted(connection.execute(subjects.distinct().limit(MAX_COMPARED + 1)).scalars())
    before = _seen_at(connection, campaign_id, viewer, ids[:MAX_COMPARED], earlier)
    after = _seen_at(connection, campaign_id, viewer, ids[:MAX_COMPARED], later)
    both = [each for each in after if each in before]
    fields = _fields_of(connection, [before[each] for each in both] + [after[each] for each in both])
    changed = []
    for each in both:
        old, new = fields.get((each, before[each]["span"]), {}), fields.get((each, after[each]["span"]), {})
        shown = before[each]["shown"] & after[each]["shown"]
        names = [name for name in {**new, **old} if name in shown and old.get(name) != new.get(name)]
        turned = before[each]["brief"]["visibility"] != after[each]["brief"]["visibility"]
        if names or turned:
            changed.append(after[each]["brief"] | {"fields": names + ["visibility"] * turned})
    return {
        "from": earlier,
        "to": later,
        "added": [after[each]["brief"] for each in after if each not in before],
        "removed": [before[each]["brief"] for each in before if each not in after],
        "changed": changed,
        "more": len(ids) > MAX_COMPARED,
    }


def _seen_at(
    connection: Connection, campaign_id: str, viewer: Viewer, ids: list[str], at: int
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), MAX_DIFFERENCES):
        some = ids[start : start + MAX_DIFFERENCES]
        query = those_at(some, at).where(SPANS.c.status == "live")
        for row, now in past_briefs(connection, query):
            seen = seen_by(row, viewer, now)
            if seen is not None and row["campaign_id"] == campaign_id:
                shown = set(fields_shown(row, now, viewer))
                where = {"id": row["element_id"], "span": row["version"], "shown": shown}
                found[row["element_id"]] = where | {"brief": brief_shown(seen)}
    return dict(sorted(found.items()))


def _fields_of(connection: Connection, wanted: list[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    keys = {(each["id"], each["span"]) for each in wanted}
    ids = sorted({element_id for element_id, _ in keys})
    versions = {}
    for start in range(0, len(ids), MAX_DIFFERENCES):
        query = select(REVISIONS.c.element_id, REVISIONS.c.version, REVISIONS.c.fields).where(
            REVISIONS.c.element_id.in_(ids[start : start + MAX_DIFFERENCES]),
            REVISIONS.c.version.in_(sorted({version for _, version in keys})),
        )
        for element_id, version, fields in connection.execute(query):
            if (element_id, version) in keys:
                versions[element_id, version] = from_text(fields)
    return versions

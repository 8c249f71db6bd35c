"""Reading elements: lists and search, one with all that belongs to it, its revisions, what refers to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, not_, or_, select

from commands.forms.filling import references
from commands.forms.kinds import BY_NAME
from commands.forms.text import searchable
from events.commit import moment
from projections.campaign_tables import MEMBERS
from projections.campaigns import NAME
from projections.element_tables import ELEMENTS, REVISIONS, SPANS, WORDS
from projections.projection import reads
from projections.schema import from_text, holds, to_text
from projections.sight import Viewer, field_shown, narrowed, seen_by, without_unseen

MAX_PAGE = 200
MAX_QUERY_WORDS = 8
MAX_REFERRED = 400
FEW = 200

_STORED = frozenset(
    {"tags", "members", "field_visibility", "origin", "blame", "fields", "links", "what", "changed"}
)
_BRIEF = (
    "element_id", "campaign_id", "kind", "status", "visibility", "sort", "name", "version", "version_players",
    "changed_at", "changed_at_players", "image_id", "npc_id", "summary", "tags", "members", "field_visibility",
)  # fmt: skip
_BRIEFS = select(*(ELEMENTS.c[part] for part in _BRIEF))
_PAST_BRIEFS = select(*(SPANS.c[part] for part in _BRIEF))
_NOW = ("status", "visibility", "members", "field_visibility")


def loaded(row: Any) -> dict[str, Any]:
    """A stored row with its objects."""
    return {name: from_text(value) if name in _STORED else value for name, value in row.items()}


def brief_shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row that was seen by somebody, as lists show it."""
    shown = {
        "element_id": row["element_id"],
        "kind": row["kind"],
        "name": row["name"],
        "summary": row["summary"],
        "visibility": row["visibility"],
        "version": row["version"],
        "changed_at": moment(row["changed_at"]).isoformat(),
        "tags": row["tags"],
        "image_id": row["image_id"] or None,
    }
    if row["npc_id"]:
        shown["npc_id"] = row["npc_id"]
    if "members" in row:
        shown |= {"members": row["members"], "status": row["status"]}
    return shown


@reads(NAME)
def campaign_of(connection: Connection, element_id: str) -> str | None:
    """The campaign an element belongs to, None if there is no such element."""
    query = select(ELEMENTS.c.campaign_id).where(ELEMENTS.c.element_id == element_id)
    found: str | None = connection.execute(query).scalar()
    return found


@reads(NAME)
def place(connection: Connection, element_id: str, account_id: str) -> tuple[str, str | None] | None:
    """The campaign of an element and the role of an account in it (None: no member); None for no such element."""
    mine = (MEMBERS.c.campaign_id == ELEMENTS.c.campaign_id) & (MEMBERS.c.account_id == account_id)
    query = select(ELEMENTS.c.campaign_id, MEMBERS.c.role).select_from(ELEMENTS.outerjoin(MEMBERS, mine))
    found = connection.execute(query.where(ELEMENTS.c.element_id == element_id)).first()
    return None if found is None else (found.campaign_id, found.role)


@reads(NAME)
def elements(
    connection: Connection,
    campaign_id: str,
    viewer: Viewer,
    *,
    kind: str | None = None,
    words: str = "",
    visibility: str | None = None,
    tag: str | None = None,
    removed: bool = False,
    after: tuple[str, str] | None = None,
    limit: int = 50,
    whole: bool = False,
) -> list[dict[str, Any]]:
    """Elements by name, as `viewer` may see them: seen rows with `sort`, at most one more than `limit`.

    `after` is the `(sort, element_id)` of the last of the page before. `words` must all be in what he may see of an
    element. Only game masters see what was removed. With `whole`, rows have their `fields`, in which what refers to
    others is as it was written.
    """
    status = "removed" if removed and viewer.master else "live"
    query = (_BRIEFS.add_columns(ELEMENTS.c.fields) if whole else _BRIEFS).where(ELEMENTS.c.status == status)
    sought = searchable(words).split()[:MAX_QUERY_WORDS]
    few = _few(connection, campaign_id, sought, viewer) if sought else None
    if few is not None:
        query = query.where(ELEMENTS.c.element_id.in_(few))
    else:
        query = query.where(ELEMENTS.c.campaign_id == campaign_id)
        if sought:
            mine = (WORDS.c.campaign_id == ELEMENTS.c.campaign_id) & (
                WORDS.c.element_id == ELEMENTS.c.element_id
            )
            query = query.join(WORDS, mine).where(*_holding(sought, viewer))
    if kind is not None:
        query = query.where(ELEMENTS.c.kind == kind)
    if visibility is not None and viewer.master:
        query = query.where(ELEMENTS.c.visibility == visibility)
    if tag:
        query = query.where(holds(ELEMENTS.c.tags, to_text(tag.casefold())))
        if not viewer.master:
            # Tags may be hidden by themselves.
            query = query.where(not_(holds(ELEMENTS.c.field_visibility, '"tags":"gm"')))
    if after is not None:
        sort, element_id = after
        later = (ELEMENTS.c.sort > sort) | ((ELEMENTS.c.sort == sort) & (ELEMENTS.c.element_id > element_id))
        query = query.where(ELEMENTS.c.sort >= sort, later)
    ordered = query.order_by(ELEMENTS.c.sort, ELEMENTS.c.element_id).limit(min(limit, MAX_PAGE) + 1)
    rows = (loaded(row) for row in connection.execute(narrowed(ordered, ELEMENTS, viewer)).mappings())
    return [seen for row in rows if (seen := seen_by(row, viewer)) is not None]


def _few(connection: Connection, campaign_id: str, sought: list[str], viewer: Viewer) -> list[str] | None:
    """The ids of elements that hold all words where `viewer` may look; None for more than a few.

    What is nearly everywhere is found sooner on the way through the names, what is rare by reading all words.
    """
    query = select(WORDS.c.element_id).where(WORDS.c.campaign_id == campaign_id, *_holding(sought, viewer))
    found = list(connection.execute(query.limit(FEW + 1)).scalars())
    return found if len(found) <= FEW else None


def _holding(sought: list[str], viewer: Viewer) -> list[ColumnElement[bool]]:
    if viewer.master:
        return [or_(holds(WORDS.c.words, word), holds(WORDS.c.words_masters, word)) for word in sought]
    return [holds(WORDS.c.words, word) for word in sought]


@reads(NAME)
def element(
    connection: Connection, element_id: str, viewer: Viewer, *, at: int | None = None
) -> dict[str, Any] | None:
    """One element as `viewer` may see it now or saw it at a position: fields, blame, who sees it, and `referred`.

    None where there is none for him. `referred` holds a brief of everything its fields and texts name that he may see;
    what he may not see is named nowhere. `status` is removed where it is, for game masters.
    """
    found = seen(connection, element_id, viewer, at=at)
    return None if found is None else with_references(connection, found, viewer, at)


@reads(NAME)
def seen(
    connection: Connection, element_id: str, viewer: Viewer, *, at: int | None = None
) -> dict[str, Any] | None:
    """As `element`, without what it refers to."""
    now = row_of(connection, element_id)
    if now is None or at is None:
        return None if now is None else seen_by(now, viewer)
    row = _revision_at(connection, element_id, at)
    return None if row is None else seen_by(row, viewer, now)


def row_of(connection: Connection, element_id: str) -> dict[str, Any] | None:
    """An element's row as it is, whoever may see it."""
    row = connection.execute(select(ELEMENTS).where(ELEMENTS.c.element_id == element_id)).mappings().first()
    return None if row is None else loaded(row)


def _revision_at(connection: Connection, element_id: str, at: int) -> dict[str, Any] | None:
    query = select(REVISIONS).where(REVISIONS.c.element_id == element_id, REVISIONS.c.position <= at)
    return revised(connection.execute(query.order_by(REVISIONS.c.version.desc()).limit(1)).mappings().first())


def revised(row: Any) -> dict[str, Any] | None:
    """A stored revision with the names its fields have in an element's row."""
    if row is None:
        return None
    found = loaded(row)
    fields = found["fields"]
    return found | {
        "changed_at": row["at"],
        "name": fields.get("name", ""),
        "summary": fields.get("summary", ""),
        "tags": fields.get("tags", []),
        "image_id": fields.get("image_id", ""),
        "npc_id": fields.get("npc_id", ""),
    }


def with_references(
    connection: Connection, seen: dict[str, Any], viewer: Viewer, at: int | None
) -> dict[str, Any]:
    """`seen` with the briefs of what it refers to, as far as `viewer` may see them."""
    wanted = {reference.to for reference in references(seen["kind"], seen["fields"])}
    referred = briefs(connection, seen["campaign_id"], wanted, viewer, at=at)
    if not viewer.master:
        seen["fields"] = without_unseen(seen["kind"], seen["fields"], referred)
    return seen | {"referred": referred}


@reads(NAME)
def briefs(
    connection: Connection, campaign_id: str, ids: Iterable[str], viewer: Viewer, *, at: int | None = None
) -> dict[str, dict[str, Any]]:
    """Those elements of a campaign among `ids` (at most 400) that `viewer` may see, as lists show them, by id."""
    wanted = sorted(set(ids))[:MAX_REFERRED]
    if not wanted:
        return {}
    rows = at_once(connection, campaign_id, wanted, at)
    found = {row["element_id"]: seen_by(row, viewer, now) for row, now in rows}
    return {each: brief_shown(seen) for each, seen in found.items() if seen is not None}


def at_once(
    connection: Connection, campaign_id: str, ids: Collection[str], at: int | None
) -> Sequence[tuple[dict[str, Any], dict[str, Any] | None]]:
    if at is None:
        found = connection.execute(_BRIEFS.where(ELEMENTS.c.element_id.in_(ids))).mappings()
        return [(loaded(row), None) for row in found if row["campaign_id"] == campaign_id]
    return [
        pair for pair in past_briefs(connection, those_at(ids, at)) if pair[0]["campaign_id"] == campaign_id
    ]


def spans_at(campaign_id: str, at: int) -> Select[Any]:
    """The query for all elements of a campaign as they were, each with what matters of it today."""
    return _spans(at).where(SPANS.c.campaign_id == campaign_id)


def those_at(ids: Collection[str], at: int) -> Select[Any]:
    """As `spans_at`, of some elements, of whatever campaign: SQLite would look through the whole campaign for them."""
    return _spans(at).where(SPANS.c.element_id.in_(ids))


def _spans(at: int) -> Select[Any]:
    now = (ELEMENTS.c[part].label(f"now_{part}") for part in _NOW)
    return (
        _PAST_BRIEFS.add_columns(*now)
        .join(ELEMENTS, ELEMENTS.c.element_id == SPANS.c.element_id)
        .where(SPANS.c.until > at, SPANS.c.since <= at)
    )


def past_briefs(connection: Connection, query: Select[Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows of `spans_at` as pairs: how it was, and what decides today whether that may be seen."""
    pairs = []
    for found in connection.execute(query).mappings():
        row = {part: found[part] for part in _BRIEF}
        now = {part: found[f"now_{part}"] for part in _NOW}
        pairs.append((loaded(row), loaded(now)))
    return pairs


def fields_shown(row: Mapping[str, Any], now: Mapping[str, Any] | None, viewer: Viewer) -> Collection[str]:
    """The fields of an element that somebody may see, of one that he may see at all."""
    overrides = (
        [row["field_visibility"]] if now is None else [row["field_visibility"], now["field_visibility"]]
    )
    names = BY_NAME[row["kind"]]
    if viewer.master:
        return names
    return {name for name in names if all(field_shown(row["kind"], name, each) for each in overrides)}

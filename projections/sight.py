"""What somebody may see of an element: the one place that decides it, for lists, pages, history, graph and search."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, and_, or_

from commands.forms.filling import with_mentions
from commands.forms.kinds import BY_NAME
from commands.membership import MASTERS
from projections.schema import holds, to_text

Row = Mapping[str, Any]
UNSEEN = "…"
"""What stands in a text in place of a mention of something that may not be seen."""

_BRIEF = ("summary", "tags", "image_id", "npc_id")
_NOTHING: Mapping[str, Any] = {"summary": "", "tags": [], "image_id": "", "npc_id": ""}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an account in its role in the campaign."""

    account_id: str
    role: str

    @property
    def master(self) -> bool:
        """Whether he sees everything."""
        return self.role in MASTERS


def field_shown(kind: str, name: str, overrides: Mapping[str, str]) -> bool:
    """Whether players see a field of an element they may see."""
    told = overrides.get(name)
    if told is not None:
        return told == "all"
    field = BY_NAME[kind].get(name)
    return field is not None and not field.secret


def visible(row: Row, viewer: Viewer) -> bool:
    """Whether there is an element for `viewer`. `row` needs status, visibility and members."""
    if viewer.master:
        return True
    if row["status"] != "live":
        return False
    shown = row["visibility"]
    return shown == "all" or (shown == "members" and viewer.account_id in row["members"])


def seen_by(row: Row, viewer: Viewer, now: Row | None = None) -> dict[str, Any] | None:
    """`row` as `viewer` may see it, or None if it does not exist for him.

    `row` is an element, a revision or a line about one, with kind, status, visibility, members and field_visibility as
    they were then; what else it has is filtered. `now` is the same element today: where it is given, only what may be
    seen both then and now is seen, so that nobody looks up yesterday what was taken from him today, nor finds out
    what stood there before it was shown.
    """
    if viewer.master:
        return dict(row)
    if not visible(row, viewer) or (now is not None and not visible(now, viewer)):
        return None
    hidden = [row["field_visibility"]] if now is None else [row["field_visibility"], now["field_visibility"]]

    def shown(name: str) -> bool:
        return all(field_shown(row["kind"], name, overrides) for overrides in hidden)

    seen = {name: value for name, value in row.items() if name not in _MASTERS_ONLY}
    # That something is shown to some and not to all is the game master's business, too.
    seen["visibility"] = "all"
    for name in _BRIEF:
        if name in seen and not shown(name):
            seen[name] = _NOTHING[name]
    if "summary" in seen:
        seen["summary"] = with_mentions(seen["summary"], lambda _: UNSEEN)
    if "fields" in seen:
        seen["fields"] = {name: value for name, value in row["fields"].items() if shown(name)}
    if "blame" in seen:
        seen["blame"] = {
            name: {part: value for part, value in by.items() if part != "origin"}
            for name, by in row["blame"].items()
            if shown(name)
        }
    if "changed" in seen:
        seen["changed"] = [name for name in row["changed"] if shown(name)]
    if "version_players" in row:
        if row["version"] != row["version_players"]:
            # When the game master was at work on what he keeps to himself.
            seen.pop("position", None)
        seen["version"], seen["changed_at"] = row["version_players"], row["changed_at_players"]
    return seen


_MASTERS_ONLY = frozenset({"members", "field_visibility", "origin", "actor_account", "links"})


def without_unseen(kind: str, fields: Mapping[str, Any], seen: Collection[str]) -> dict[str, Any]:
    """Fields in which nothing refers to an element that is not among the ids `seen`."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        field = BY_NAME[kind].get(name)
        if field is not None and field.refers:
            value = _those(value, seen)
        elif isinstance(value, str):
            value = with_mentions(value, lambda each: f"[[{each}]]" if each in seen else UNSEEN)
        elif isinstance(value, list):
            value = [
                with_mentions(each, lambda _: UNSEEN) if isinstance(each, str) else each for each in value
            ]
        if value is not None:
            found[name] = value
    return found


def _those(value: Any, seen: Collection[str]) -> Any:
    if isinstance(value, str):
        return value if value in seen else None
    return [each for each in value if (each["to"] if isinstance(each, dict) else each) in seen] or None


def narrowed(query: Select[Any], table: Table, viewer: Viewer) -> Select[Any]:
    """`query` without most of what `seen_by` would leave out anyway, so that pages are full. It decides nothing."""
    if viewer.master:
        return query
    named = holds(table.c.members, to_text(viewer.account_id))
    shown = or_(table.c.visibility == "all", and_(table.c.visibility == "members", named))
    return query.where(table.c.status == "live", shown)

"""The fold of elements: after each commit the element as it is, a revision, its span, and what it refers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from commands.forms.filling import references, with_mentions
from commands.forms.kinds import BY_NAME
from commands.forms.text import searchable
from events.commit import Event, Json
from events.element import ElementChanged, ElementCreated, ElementRemoved, ElementRestored, ElementShown
from projections.campaign_tables import CHANGES, OPEN
from projections.element_tables import ELEMENTS, REFERENCES, REVISIONS, SPANS, WORDS
from projections.projection import Address, Entry
from projections.rows import Rows
from projections.schema import brief, from_text, to_text
from projections.sight import field_shown

MAX_WORDS = 8000
_SPAN = (
    "element_id", "version", "campaign_id", "kind", "status", "visibility", "sort", "name", "version_players",
    "changed_at", "changed_at_players", "image_id", "npc_id", "summary", "tags", "members", "field_visibility",
)  # fmt: skip


def element_keys(entry: Entry) -> Iterable[Address]:
    return ((ELEMENTS, (entry.entity,)),)


def fold_element(rows: Rows, entry: Entry) -> None:
    """Apply a commit of an element's stream."""
    before = rows.get(ELEMENTS, (entry.entity,))
    row = None if before is None else dict(before)
    changed: list[str] = []
    origin: Json = {"by": "hand"}
    for event in entry.commit.events:
        if isinstance(event, ElementCreated):
            row = _created(event, entry)
            changed += event.fields
        elif row is not None and isinstance(event, ElementChanged):
            fields = {n: v for n, v in row["fields"].items() if n not in event.unset} | event.set
            row = {**row, "fields": fields}
            changed += [*event.set, *event.unset]
        elif row is not None and isinstance(event, ElementShown):
            row = {**row, **_shown(event)}
        elif row is not None and isinstance(event, ElementRemoved | ElementRestored):
            row = {**row, "status": "removed" if isinstance(event, ElementRemoved) else "live"}
        origin = getattr(event, "origin", origin)
    if row is None:
        return
    row = _finished(row, before, entry, changed, origin)
    _write(rows, entry, row, before, changed, origin)


def _created(event: ElementCreated, entry: Entry) -> dict[str, Any]:
    return {
        "element_id": entry.entity,
        "campaign_id": event.campaign_id,
        "kind": event.kind,
        "status": "live",
        **_shown(event),
        "created_at": entry.at,
        "origin": to_text(event.origin),
        "links": {},
        "blame": {},
        "fields": event.fields,
        "version_players": 0,
        "changed_at_players": entry.at,
    }


def _shown(event: ElementCreated | ElementShown) -> dict[str, Any]:
    return {
        "visibility": event.visibility,
        "members": to_text(list(event.members)),
        "field_visibility": to_text(event.field_visibility),
    }


def _finished(
    row: dict[str, Any], before: Mapping[str, Any] | None, entry: Entry, changed: list[str], origin: Json
) -> dict[str, Any]:
    """The row with everything that follows from its fields and from this commit."""
    fields, version = row["fields"], entry.commit.version
    name = brief(_text(fields, "name"), 120)
    by = _actor(entry)
    said = {"version": version, "position": entry.position, "at": entry.at, "actor": by, "origin": origin}
    overrides = from_text(row["field_visibility"])
    seen = any(field_shown(row["kind"], each, overrides) for each in changed)
    turned = before is None or any(
        before[part] != row[part] for part in ("status", "visibility", "members", "field_visibility")
    )
    if seen or turned:
        row |= {"version_players": version, "changed_at_players": entry.at}
    return row | {
        "version": version,
        "position": entry.position,
        "changed_at": entry.at,
        "name": name,
        "sort": searchable(name)[:120],
        "summary": brief(_text(fields, "summary"), 300),
        "image_id": _text(fields, "image_id")[:64],
        "npc_id": _text(fields, "npc_id")[:128],
        "tags": to_text(fields.get("tags", [])),
        "blame": {**row["blame"], **dict.fromkeys(changed, said)},
        "links": _links(row, entry),
    }


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _actor(entry: Entry) -> Json:
    actor = entry.commit.actor
    return {"kind": actor.kind, "id": actor.id, "name": actor_name(entry)}


def actor_name(entry: Entry) -> str:
    """What the actor of a commit was called."""
    name = entry.commit.actor.details.get("name")
    return brief(name, 120) if isinstance(name, str) else ""


def _links(row: Mapping[str, Any], entry: Entry) -> Json:
    """`{"field to label": [field, to, label, weight, since]}` of the references there are now."""
    if row["status"] != "live":
        return {}
    links: Json = {}
    for found in references(row["kind"], row["fields"]):
        key = f"{found.field} {found.to} {found.label}"
        old = row["links"].get(key)
        same = old is not None and old[3] == found.weight
        links[key] = old if same else [found.field, found.to, found.label, found.weight, entry.position]
    return links


def _write(
    rows: Rows,
    entry: Entry,
    row: dict[str, Any],
    before: Mapping[str, Any] | None,
    changed: list[str],
    origin: Json,
) -> None:
    element_id = row["element_id"]
    rows.put(ELEMENTS, (element_id,), row)
    if before is not None:
        _put_span(rows, before, entry.position)
    _put_span(rows, row, OPEN)
    revision = {
        **{part: row[part] for part in _REVISED},
        "at": entry.at,
        "actor": brief(f"{entry.commit.actor.kind}/{entry.commit.actor.id}", 200),
        "actor_name": actor_name(entry),
        "what": to_text([event.type for event in entry.commit.events]),
        "changed": to_text(list(dict.fromkeys(changed))),
        "origin": to_text(origin),
        "blame": to_text(row["blame"]),
        "fields": to_text(row["fields"]),
    }
    rows.insert(REVISIONS, tuple(revision[column.name] for column in REVISIONS.columns))
    _put_links(rows, row, before, entry.position)
    key = (row["campaign_id"], element_id)
    if row["status"] == "live":
        rows.put(WORDS, key, {"campaign_id": key[0], "element_id": element_id, **_words(row)})
    else:
        rows.delete(WORDS, key)
    for ordinal, event in enumerate(entry.commit.events):
        rows.insert(CHANGES, _change(row, before, event, entry, ordinal))


_REVISED = (
    "element_id", "version", "campaign_id", "kind", "position", "status", "visibility", "members", "field_visibility",
    "version_players", "changed_at_players",
)  # fmt: skip


def _put_span(rows: Rows, row: Mapping[str, Any], until: int) -> None:
    span = {part: row[part] for part in _SPAN}
    rows.put(SPANS, (row["element_id"], row["version"]), {**span, "since": row["position"], "until": until})


def _put_links(rows: Rows, row: Mapping[str, Any], before: Mapping[str, Any] | None, position: int) -> None:
    old = {} if before is None else before["links"]
    for key, link in old.items():
        if row["links"].get(key) != link:
            _put_link(rows, row, link, position)
    for key, link in row["links"].items():
        if old.get(key) != link:
            _put_link(rows, row, link, OPEN)


def _put_link(rows: Rows, row: Mapping[str, Any], link: list[Any], until: int) -> None:
    field, to, label, weight, since = link
    key = (row["element_id"], field, to, label, since)
    named = dict(zip(("from_id", "field", "to_id", "label", "since"), key, strict=True))
    rows.put(REFERENCES, key, {**named, "until": until, "campaign_id": row["campaign_id"], "weight": weight})


def _words(row: Mapping[str, Any]) -> dict[str, str]:
    overrides = from_text(row["field_visibility"])
    players: list[str] = []
    masters: list[str] = []
    for name, field in BY_NAME[row["kind"]].items():
        said = (
            " ".join(_said(row["fields"].get(name))) if field.form not in ("reference", "references") else ""
        )
        # What a relation is called would tell of somebody who may not be seen.
        shown = not field.refers and field_shown(row["kind"], name, overrides)
        if said:
            (players if shown else masters).append(searchable(with_mentions(said, lambda _: "")))
    return {"words": " | ".join(players)[:MAX_WORDS], "words_masters": " | ".join(masters)[:MAX_WORDS]}


def _said(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _said(each.get("name") or each.get("label") if isinstance(each, dict) else each)


def _change(
    row: Mapping[str, Any], before: Mapping[str, Any] | None, event: Event, entry: Entry, ordinal: int
) -> tuple[Any, ...]:
    match event:
        case ElementCreated():
            fields = list(event.fields)
        case ElementChanged():
            fields = [*event.set, *event.unset]
        case ElementShown() if before is not None:
            fields = _turned(row, before)
        case _:
            fields = []
    return (
        row["campaign_id"],
        entry.position,
        ordinal,
        entry.at,
        brief(f"{entry.commit.actor.kind}/{entry.commit.actor.id}", 200),
        actor_name(entry),
        event.type,
        row["element_id"],
        row["kind"],
        row["name"],
        to_text(fields),
        row["visibility"],
        row["members"],
        row["field_visibility"],
    )


def _turned(row: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """The fields that are shown otherwise than before, and "visibility" where the whole element is."""
    old, new = from_text(before["field_visibility"]), from_text(row["field_visibility"])
    fields = [name for name in BY_NAME[row["kind"]] if old.get(name) != new.get(name)]
    whole = any(before[part] != row[part] for part in ("visibility", "members"))
    return [*["visibility"] * whole, *fields]

"""The read model of images: what there is in a campaign, where it is from, and which bytes are still needed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Index, case, func, select

from events.commit import Json, moment
from events.image import ImageDescribed, ImageFailed, ImageRemoved, ImageRequested, ImageStored
from projections.characters import characters
from projections.element_tables import ELEMENTS
from projections.elements import loaded
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, TEXT, brief, from_text, name, required, table, to_text
from projections.sight import Viewer, narrowed, seen_by

NAME = "images"
MAX_PAGE = 200
MAX_NAME = 120
MAX_PROBLEM = 500

IMAGES = table(
    "images",
    required("image_id", name(64), key=True),
    required("campaign_id", name(64)),
    required("element_id", name(128)),
    required("status", name(12)),
    required("route", name(16)),
    required("alt", TEXT),
    required("prompt", TEXT),
    required("problem", TEXT),
    required("sha256", name(64)),
    required("width", INTEGER),
    required("height", INTEGER),
    required("mime", name(32)),
    required("bytes", INTEGER),
    required("sizes", TEXT),
    required("provenance", TEXT),
    required("by_account", name(64)),
    required("by_name", name(MAX_NAME)),
    required("created_at", INTEGER),
    required("changed_at", INTEGER),
    required("position", INTEGER),
    clustered=True,
)
"""`status` is requested, stored, failed or removed; `position` that of the first commit."""
Index("ix_images_campaign", IMAGES.c.campaign_id, IMAGES.c.status, IMAGES.c.position)

FILES = table(
    "image_files",
    required("sha256", name(64), key=True),
    required("image_id", name(64), key=True),
    clustered=True,
)
"""Which images need the bytes of that name."""


def _keys(entry: Entry) -> Iterable[Address]:
    yield IMAGES, (entry.entity,)


def _fold(rows: Rows, entry: Entry) -> None:
    for event in entry.commit.events:
        row = dict(rows.get(IMAGES, (entry.entity,)) or _new(entry))
        row |= {"changed_at": entry.at}
        match event:
            case ImageRequested():
                row |= {
                    "campaign_id": event.campaign_id,
                    "element_id": event.element_id,
                    "status": "requested",
                    "alt": event.alt,
                    "prompt": event.prompt,
                }
            case ImageStored():
                row |= _stored(event)
                for digest in dict.fromkeys(size.sha256 for size in event.sizes.values()):
                    rows.put(FILES, (digest, entry.entity), {"sha256": digest, "image_id": entry.entity})
            case ImageFailed():
                row |= {"status": "failed", "problem": brief(event.problem, MAX_PROBLEM)}
            case ImageDescribed():
                row["alt"] = event.alt
            case ImageRemoved():
                row["status"] = "removed"
                for digest in event.files:
                    rows.delete(FILES, (digest, entry.entity))
        rows.put(IMAGES, (entry.entity,), row)


def _new(entry: Entry) -> dict[str, Any]:
    actor = entry.commit.actor
    empty = dict.fromkeys(
        ("campaign_id", "element_id", "status", "route", "alt", "prompt", "problem", "sha256", "mime"), ""
    )
    return {
        "image_id": entry.entity,
        **empty,
        "width": 0,
        "height": 0,
        "bytes": 0,
        "sizes": "{}",
        "provenance": "{}",
        "by_account": actor.id[:64],
        "by_name": brief(str(actor.details.get("name", "")), MAX_NAME),
        "created_at": entry.at,
        "position": entry.position,
    }


def _stored(event: ImageStored) -> dict[str, Any]:
    sizes = {
        title: {"sha256": size.sha256, "width": size.width, "height": size.height, "bytes": size.bytes}
        for title, size in event.sizes.items()
    }
    return {
        "campaign_id": event.campaign_id,
        "element_id": event.element_id,
        "status": "stored",
        "alt": event.alt,
        "route": brief(str(event.provenance.get("route", "")), 16),
        "sha256": event.sha256,
        "width": event.width,
        "height": event.height,
        "mime": event.mime,
        "bytes": event.bytes,
        "sizes": to_text(sizes),
        "provenance": to_text(event.provenance),
    }


IMAGE_RECORDS = Projection(NAME, 1, (IMAGES, FILES), _keys, _fold, frozenset({"image"}))


@reads(NAME)
def image(connection: Connection, image_id: str) -> dict[str, Any] | None:
    """One image with all its columns; `sizes` and `provenance` as objects. None when there never was one."""
    row = connection.execute(select(IMAGES).where(IMAGES.c.image_id == image_id)).mappings().first()
    return None if row is None else _loaded(row)


@reads(NAME)
def images(
    connection: Connection,
    campaign_id: str,
    *,
    element_id: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """The images of a campaign (of one element), the latest first, those from before position `before`; not those
    that were removed; at most one more than `limit`."""
    query = select(IMAGES).where(IMAGES.c.campaign_id == campaign_id, IMAGES.c.status != "removed")
    if element_id is not None:
        query = query.where(IMAGES.c.element_id == element_id)
    if before is not None:
        query = query.where(IMAGES.c.position < before)
    query = query.order_by(IMAGES.c.position.desc()).limit(min(limit, MAX_PAGE) + 1)
    return [_loaded(row) for row in connection.execute(query).mappings()]


@reads(NAME)
def stored_among(connection: Connection, campaign_id: str, ids: Collection[str]) -> list[dict[str, Any]]:
    """Those of the images (at most 200) that are pictures of a campaign, with all their columns, by id."""
    query = select(IMAGES).where(IMAGES.c.image_id.in_(sorted(ids)[:MAX_PAGE])).order_by(IMAGES.c.image_id)
    rows = [_loaded(row) for row in connection.execute(query).mappings()] if ids else []
    return [row for row in rows if row["campaign_id"] == campaign_id and row["status"] == "stored"]


@reads(NAME)
def usage(connection: Connection, campaign_id: str) -> tuple[int, int]:
    """How many images a campaign has or waits for, and how many bytes they take."""
    query = select(func.count(), func.coalesce(func.sum(IMAGES.c.bytes), 0)).where(
        IMAGES.c.campaign_id == campaign_id, IMAGES.c.status.in_(("requested", "stored"))
    )
    count, size = connection.execute(query).one()
    return int(count), int(size)


@reads(NAME)
def needed(connection: Connection, digests: Collection[str]) -> set[str]:
    """Those of the SHA-256s (at most 500) that an image still refers to."""
    wanted = list(digests)[:500]
    if not wanted:
        return set()
    query = select(FILES.c.sha256).where(FILES.c.sha256.in_(wanted)).distinct()
    return set(connection.execute(query).scalars())


@reads(NAME, "campaigns")
def pictures_seen(connection: Connection, campaign_id: str, ids: Collection[str], viewer: Viewer) -> set[str]:
    """Those of the images (at most 200) that `viewer` may see: all, for who leads; else those that are the picture of
    an element that he may see with its picture, or that of a character, and all of the characters that he plays."""
    wanted = list(ids)[:MAX_PAGE]
    if viewer.master or not wanted:
        return set(wanted)
    query = select(ELEMENTS).where(ELEMENTS.c.campaign_id == campaign_id, ELEMENTS.c.image_id.in_(wanted))
    rows = connection.execute(narrowed(query, ELEMENTS, viewer)).mappings()
    seen = (seen_by(loaded(row), viewer) for row in rows)
    found = {row["image_id"] for row in seen if row is not None}
    if not found.issuperset(wanted):
        found |= _pictures_of_characters(connection, campaign_id, wanted, viewer)
    return found & set(wanted)


def _pictures_of_characters(
    connection: Connection, campaign_id: str, wanted: Collection[str], viewer: Viewer
) -> set[str]:
    """Only what was made or brought for a character: his player writes his `image_id`, and might name any other."""
    party = {each["character_id"]: each for each in characters(connection, campaign_id, viewer)}
    theirs = select(IMAGES.c.image_id, IMAGES.c.element_id).where(
        IMAGES.c.image_id.in_(wanted),
        IMAGES.c.campaign_id == campaign_id,
        IMAGES.c.element_id.in_(sorted(party)),
        IMAGES.c.status != "removed",
    )
    return {
        image_id
        for image_id, character_id in connection.execute(theirs)
        if party[character_id]["player"] == viewer.account_id
        or party[character_id]["fields"].get("image_id") == image_id
    }


@reads(NAME, "campaigns")
def coverage(connection: Connection, campaign_id: str, kinds: Collection[str]) -> dict[str, tuple[int, int]]:
    """By kind, how many elements there are, and how many of them have a picture."""
    has = case((ELEMENTS.c.image_id != "", 1), else_=0)
    query = (
        select(ELEMENTS.c.kind, func.count(), func.coalesce(func.sum(has), 0))
        .where(
            ELEMENTS.c.campaign_id == campaign_id,
            ELEMENTS.c.status == "live",
            ELEMENTS.c.kind.in_(list(kinds)),
        )
        .group_by(ELEMENTS.c.kind)
    )
    found = {kind: (int(count), int(with_picture)) for kind, count, with_picture in connection.execute(query)}
    return {kind: found.get(kind, (0, 0)) for kind in kinds}


@reads(NAME, "campaigns")
def without_picture(
    connection: Connection, campaign_id: str, kinds: Collection[str], limit: int
) -> list[str]:
    """Elements of these kinds that have no picture, by name."""
    query = select(ELEMENTS.c.element_id).where(
        ELEMENTS.c.campaign_id == campaign_id,
        ELEMENTS.c.status == "live",
        ELEMENTS.c.kind.in_(list(kinds)),
        ELEMENTS.c.image_id == "",
    )
    ordered = query.order_by(ELEMENTS.c.sort, ELEMENTS.c.element_id).limit(limit)
    return list(connection.execute(ordered).scalars())


@reads(NAME)
def in_the_making(connection: Connection, campaign_id: str) -> int:
    """How many pictures of a campaign were asked for and are not there yet."""
    query = select(func.count()).where(IMAGES.c.campaign_id == campaign_id, IMAGES.c.status == "requested")
    return int(connection.execute(query).scalar_one())


def shown(row: Mapping[str, Any], viewer: Viewer) -> Json:
    """An image as the API tells of it. Where it is from in detail is for who leads the campaign."""
    told: Json = {
        "image_id": row["image_id"],
        "campaign_id": row["campaign_id"],
        "element_id": row["element_id"] or None,
        "status": row["status"],
        "alt": row["alt"],
        "width": row["width"] or None,
        "height": row["height"] or None,
        "mime": row["mime"] or None,
        "sizes": {
            title: {"width": size["width"], "height": size["height"], "bytes": size["bytes"]}
            for title, size in row["sizes"].items()
        },
        "route": row["route"] or None,
        "licence": row["provenance"].get("licence") or None,
        "created_at": moment(row["created_at"]).isoformat(),
        "changed_at": moment(row["changed_at"]).isoformat(),
    }
    if viewer.master:
        told |= {
            "bytes": row["bytes"] or None,
            "sha256": row["sha256"] or None,
            "prompt": row["prompt"] or None,
            "problem": row["problem"] or None,
            "by": {"account_id": row["by_account"], "name": row["by_name"]},
            "provenance": row["provenance"],
            "position": row["position"],
        }
    return told


def _loaded(row: Any) -> dict[str, Any]:
    return {**row, "sizes": from_text(row["sizes"]), "provenance": from_text(row["provenance"])}

"""The read model of dice: every roll of a campaign, with what is needed to roll it again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Index, select

from events.commit import moment
from events.dice import DiceRolled
from projections.element_fold import actor_name
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, TEXT, brief, from_text, name, required, table, to_text
from projections.sight import Viewer

MAX_PAGE = 200

ROLLS = table(
    "dice_rolls",
    required("position", INTEGER, key=True),
    required("campaign_id", name(64)),
    required("at", INTEGER),
    required("account_id", name(128)),
    required("name", name(120)),
    required("label", name(120)),
    required("visibility", name(8)),
    required("expression", name(120)),
    required("mode", name(16)),
    required("seed", name(200)),
    required("faces", TEXT),
    required("total", INTEGER),
    clustered=True,
)
Index("ix_dice_rolls_campaign", ROLLS.c.campaign_id, ROLLS.c.position)


def _keys(_: Entry) -> Iterable[Address]:
    return ()


def _fold(rows: Rows, entry: Entry) -> None:
    for event in entry.commit.events:
        if isinstance(event, DiceRolled):
            rows.insert(
                ROLLS,
                (
                    entry.position,
                    entry.entity,
                    entry.at,
                    event.by[:128],
                    actor_name(entry),
                    brief(event.label, 120),
                    event.visibility[:8],
                    brief(event.expression, 120),
                    event.mode[:16],
                    event.seed[:200],
                    to_text(event.faces),
                    event.total,
                ),
            )


DICE_ROLLS = Projection("dice", 1, (ROLLS,), _keys, _fold, frozenset({"dice"}))


@reads("dice")
def rolls(
    connection: Connection, campaign_id: str, viewer: Viewer, *, before: int | None = None, limit: int = 50
) -> dict[str, Any]:
    """`{"items": rolls before a position, newest first, "next": the position to go on from or None}`.

    What was rolled behind the screen is there for game masters only.
    """
    limit = max(1, min(limit, MAX_PAGE))
    query = select(ROLLS).where(ROLLS.c.campaign_id == campaign_id)
    if not viewer.master:
        query = query.where(ROLLS.c.visibility == "all")
    if before is not None:
        query = query.where(ROLLS.c.position < before)
    found = connection.execute(query.order_by(ROLLS.c.position.desc()).limit(limit + 1)).mappings().all()
    shown = [_shown(row) for row in found[:limit]]
    return {"items": shown, "next": shown[-1]["position"] if len(found) > limit else None}


def _shown(row: Any) -> dict[str, Any]:
    return {
        "position": row["position"],
        "at": moment(row["at"]).isoformat(),
        "by": row["account_id"],
        "name": row["name"],
        "label": row["label"],
        "visibility": row["visibility"],
        "expression": row["expression"],
        "mode": row["mode"],
        "seed": row["seed"],
        "faces": from_text(row["faces"]),
        "total": row["total"],
    }

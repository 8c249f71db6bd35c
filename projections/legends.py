"""The read models of bloodlines and syntheses: what each character has, and how far it has grown.

Names, descriptions and curves are the books' (``conf/bloodlines.toml``, ``conf/syntheses.toml``); the rows hold what
happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select

from commands.legend.book import Legend, LegendBook
from events.bloodline import BloodlineExpAdded, BloodlineLevelRaised, BloodlineStirred, BloodlineUnlocked
from events.commit import moment
from events.legend import Growth
from events.synthesis import SynthesisExpAdded, SynthesisLevelRaised, SynthesisStirred, SynthesisUnlocked
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, TEXT, brief, from_text, name, optional, required, table, to_text

MAX_NARRATIVE = 120
MAX_PAGE = 255


def _table(title: str, id_column: str) -> Table:
    return table(
        title,
        required("char_id", name(), key=True),
        required(id_column, INTEGER, key=True),
        required("level", INTEGER),
        required("total_exp", INTEGER),
        required("exp", INTEGER),
        required("max_exp", INTEGER),
        required("stirred", INTEGER),
        required("skills", TEXT),
        required("narrative", TEXT),
        optional("unlocked_at", INTEGER),
        required("changed_at", INTEGER),
        required("position", INTEGER),
        clustered=True,
    )


BLOODLINES = _table("bloodlines", "bloodline_id")
SYNTHESES = _table("syntheses", "synthesis_id")

_STIRRED = (BloodlineStirred, SynthesisStirred)
_UNLOCKED = (BloodlineUnlocked, SynthesisUnlocked)
_GAINED = (BloodlineExpAdded, SynthesisExpAdded)
_RAISED = (BloodlineLevelRaised, SynthesisLevelRaised)


def _where(entry: Entry) -> tuple[Table, str]:
    if entry.category == "bloodline":
        return BLOODLINES, "bloodline_id"
    return SYNTHESES, "synthesis_id"


def _keys(entry: Entry) -> Iterable[Address]:
    where, id_column = _where(entry)
    for event in entry.commit.events:
        legend_id = getattr(event, id_column, None)
        if legend_id is not None:
            yield where, (entry.entity, legend_id)


def _fold(rows: Rows, entry: Entry) -> None:
    where, id_column = _where(entry)
    for event in entry.commit.events:
        legend_id = getattr(event, id_column, None)
        if legend_id is None:
            continue
        key = (entry.entity, legend_id)
        row: dict[str, Any] = dict(rows.get(where, key) or _asleep(entry.entity, id_column, legend_id))
        row |= {"changed_at": entry.at, "position": entry.position}
        if isinstance(event, _STIRRED):
            row["stirred"] = event.total
        elif isinstance(event, _UNLOCKED + _GAINED + _RAISED):
            row |= _grown(event.growth)
            if isinstance(event, _UNLOCKED):
                row["unlocked_at"] = entry.at
        told = getattr(event, "narrative", "")
        if told:
            row["narrative"] = brief(told, MAX_NARRATIVE)
        rows.put(where, key, row)


def _asleep(char_id: str, id_column: str, legend_id: int) -> dict[str, Any]:
    return {
        "char_id": char_id,
        id_column: legend_id,
        "level": 0,
        "total_exp": 0,
        "exp": 0,
        "max_exp": 0,
        "stirred": 0,
        "skills": "[]",
        "narrative": "",
        "unlocked_at": None,
    }


def _grown(growth: Growth) -> dict[str, Any]:
    return {
        "level": growth.level,
        "total_exp": growth.total,
        "exp": growth.exp,
        "max_exp": growth.max_exp,
        "skills": to_text([[skill.skill_id, skill.level] for skill in growth.skills]),
    }


LEGENDS = Projection(
    "legends", 1, (BLOODLINES, SYNTHESES), _keys, _fold, frozenset({"bloodline", "synthesis"})
)


def _all_of(where: Table, id_column: str) -> Select[Any]:
    return (
        select(where)
        .where(where.c.char_id == bindparam("char_id"))
        .order_by(where.c[id_column])
        .limit(MAX_PAGE)
    )


def _one_of(where: Table, id_column: str) -> Select[Any]:
    return select(where).where(
        where.c.char_id == bindparam("char_id"), where.c[id_column] == bindparam("legend_id")
    )


_BLOODLINES, _BLOODLINE = _all_of(BLOODLINES, "bloodline_id"), _one_of(BLOODLINES, "bloodline_id")
_SYNTHESES, _SYNTHESIS = _all_of(SYNTHESES, "synthesis_id"), _one_of(SYNTHESES, "synthesis_id")


@reads("legends")
def bloodline_level(connection: Connection, char_id: str, bloodline_id: int) -> dict[str, Any]:
    """`{"level", "exp", "max_exp", "total_exp"}` of one bloodline; level 0 while it sleeps.

    `exp` counts towards the next level, which takes `max_exp` (0 at the highest).
    """
    return _level(connection, _BLOODLINE, char_id, bloodline_id)


@reads("legends")
def synthesis_level(connection: Connection, char_id: str, synthesis_id: int) -> dict[str, Any]:
    """As `bloodline_level`, of one synthesis."""
    return _level(connection, _SYNTHESIS, char_id, synthesis_id)


@reads("legends")
def bloodlines(connection: Connection, char_id: str, book: LegendBook) -> list[dict[str, Any]]:
    """All bloodlines of a character that are awake or stir, with name, description and skills, by id."""
    return _listed(connection, _BLOODLINES, "bloodline_id", char_id, book)


@reads("legends")
def syntheses(connection: Connection, char_id: str, book: LegendBook) -> list[dict[str, Any]]:
    """As `bloodlines`, all syntheses of a character, with the two classes of each."""
    return _listed(connection, _SYNTHESES, "synthesis_id", char_id, book)


def _level(connection: Connection, query: Select[Any], char_id: str, legend_id: int) -> dict[str, Any]:
    row = connection.execute(query, {"char_id": char_id, "legend_id": legend_id}).mappings().first()
    return {part: row[part] if row else 0 for part in ("level", "exp", "max_exp", "total_exp")}


def _listed(
    connection: Connection, query: Select[Any], id_column: str, char_id: str, book: LegendBook
) -> list[dict[str, Any]]:
    rows = connection.execute(query, {"char_id": char_id}).mappings()
    return [_shown(row, id_column, book.entries.get(row[id_column])) for row in rows]


def _shown(row: Any, id_column: str, legend: Legend | None) -> dict[str, Any]:
    awake = row["level"] > 0
    shown = {
        id_column: row[id_column],
        # A legend that was taken out of the book keeps its number only.
        "name": legend.name if legend else "",
        "description": legend.description if legend else "",
        "status": "awake" if awake else "stirring",
        "level": row["level"],
        "exp": row["exp"],
        "max_exp": row["max_exp"],
        "total_exp": row["total_exp"],
        "skills": [
            {"skill_id": skill_id, "skill_level": level} for skill_id, level in from_text(row["skills"])
        ],
        "narrative": row["narrative"],
    }
    if id_column == "synthesis_id":
        shown |= dict(zip(("class1_id", "class2_id"), legend.classes if legend else (0, 0), strict=True))
    if awake:
        shown["unlocked_at"] = moment(row["unlocked_at"]).isoformat()
    else:
        shown |= {"stirred": row["stirred"], "awakens_at": legend.awakens_at if legend else 0}
    return shown

"""How read models are stored: one metadata, narrow columns, plain values the drivers take as they are.

Times are integers (µs since the epoch), JSON is compact text, flags are 0 and 1. So no row
needs type processing on its way in, and the same row has the same bytes in every database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.schema import SchemaItem

METADATA = MetaData()

INTEGER = BigInteger


class LongText(Text):
    """Text without a bound: MariaDB's TEXT ends after 64 KB."""

    inherit_cache = True


@compiles(LongText, "mysql", "mariadb")
def _long_text(_type: LongText, _compiler: Any, **_: Any) -> str:
    return "LONGTEXT"


class LongBlob(LargeBinary):
    """Bytes without a bound."""

    inherit_cache = True


@compiles(LongBlob, "mysql", "mariadb")
def _long_blob(_type: LongBlob, _compiler: Any, **_: Any) -> str:
    return "LONGBLOB"


TEXT = LongText
BLOB = LongBlob


@dataclass(frozen=True, slots=True)
class Codec:
    """How a column's value, an immutable object while rows are cached, becomes the text that is stored.

    Folds then work on objects, and only rows that are written are turned into text, once per batch.
    """

    dump: Callable[[Any], str]
    load: Callable[[str], Any]


SAFE_INTEGER = 2**53 - 1
"""The largest magnitude that survives JSON, SQL and JavaScript alike."""


def name(length: int = 190) -> String:
    """A bounded text that can be indexed everywhere (MariaDB indexes at most 768 characters).

    PostgreSQL sorts by the words of a language unless told otherwise; the order of rows must be the same everywhere.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def table(title: str, *items: SchemaItem, clustered: bool = False) -> Table:
    """A read model's table.

    `clustered` stores the rows in primary-key order without a separate row id (SQLite). MariaDB compares
    text without regard to case and spaces at the end unless told otherwise, and NPC ids may differ in either.
    """
    return Table(
        title,
        METADATA,
        *items,
        sqlite_with_rowid=not clustered,
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_nopad_bin",
    )


def required(title: str, kind: Any, *, key: bool = False, codec: Codec | None = None) -> Column[Any]:
    """A column that always has a value; with a `codec`, an object that is stored as text."""
    info = {} if codec is None else {"codec": codec}
    return Column(title, kind, primary_key=key, nullable=False, autoincrement=False, info=info)


def codecs(table: Table) -> dict[str, Codec]:
    """The codecs of a table's columns, by name."""
    return {column.name: column.info["codec"] for column in table.columns if "codec" in column.info}


def optional(title: str, kind: Any) -> Column[Any]:
    """A column that may be null."""
    return Column(title, kind, nullable=True)


def to_text(value: Any) -> str:
    """Compact JSON; equal values built in the same order give equal text."""
    return to_json(value).decode()


def from_text(text: str | None) -> Any:
    """The inverse of `to_text`; null for null."""
    return None if text is None else from_json(text)


class holds(FunctionElement[bool]):  # noqa: N801 - an expression, as SQLAlchemy's are
    """Whether a column's text holds a part, character for character: nothing in the part means anything else."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], part: str) -> None:
        super().__init__(column, literal(part, String))


@compiles(holds)
def _holds(found: holds, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(found.clauses, **options)}) > 0"


@compiles(holds, "postgresql")
def _holds_in_postgresql(found: holds, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(found.clauses, **options)}) > 0"


def whole(value: Any) -> int | None:
    """`value` as an integer a column can hold, or None if it is not a number of that kind."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not value.is_integer():
        value = round(value) if abs(value) < SAFE_INTEGER else SAFE_INTEGER + 1
    return int(value) if abs(value) <= SAFE_INTEGER else None


_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), " ")


def brief(text: str, limit: int) -> str:
    """One line of at most `limit` characters: players' text must not break the line it is shown in."""
    line = text[: limit + 1]
    if not line.isprintable():
        line = line.translate(_CONTROL)
    return line if len(line) <= limit else line[: limit - 1] + "…"

from __future__ import annotations

import pytest
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Dialect

from projections import plain
from projections.npc_tables import MEMBERS, NPCS
from projections.rows import Changes, RowNotAnnounced, Rows
from projections.store import Store
from projections.upsert import upsert
from tests.projections.conftest import World


def member(number: int, rank: str = "member") -> dict[str, object]:
    return {"faction_id": "guild", "npc_id": f"n{number}", "rank": rank, "position": number}


@pytest.mark.parametrize("count", [1, 5, 300, 1500])
def test_rows_written_in_bulk_are_read_back_by_key(world: World, count: int) -> None:
    store = Store(world.database.writer.dialect)
    rows = [member(number) for number in range(count)]
    keys = [("guild", f"n{number}") for number in range(count)]
    with world.database.writer.begin() as connection:
        store.write(
            connection, MEMBERS, plain.of(MEMBERS, Changes(inserts=[tuple(row.values()) for row in rows]))
        )
        upserts = {key: {**row, "rank": "chief"} for key, row in zip(keys, rows, strict=True)}
        store.write(connection, MEMBERS, plain.of(MEMBERS, Changes(upserts={**upserts, keys[0]: None})))
        found = plain.rows(MEMBERS, store.read(connection, MEMBERS, [*keys, ("guild", "stranger")]))
    assert set(found) == set(keys[1:])
    assert all(row["rank"] == "chief" for row in found.values())


@pytest.mark.parametrize(
    ("dialect", "phrase"),
    [
        (sqlite.dialect(), "ON CONFLICT (npc_id) DO UPDATE"),
        (postgresql.dialect(), "ON CONFLICT (npc_id) DO UPDATE"),  # type: ignore[no-untyped-call]
        (mysql.dialect(), "ON DUPLICATE KEY UPDATE"),
    ],
)
def test_every_dialect_has_its_own_upsert(dialect: Dialect, phrase: str) -> None:
    assert phrase in str(upsert(NPCS, dialect.name).compile(dialect=dialect))


def test_a_dialect_without_upsert_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="oracle"):
        upsert(NPCS, "oracle")


def test_a_fold_may_not_read_what_it_did_not_announce() -> None:
    rows = Rows([NPCS])
    with pytest.raises(RowNotAnnounced, match="npcs"):
        rows.get(NPCS, ("John",))


def test_rows_to_append_can_be_taken_before_those_that_change() -> None:
    rows = Rows([MEMBERS])
    rows.put(MEMBERS, ("guild", "n1"), member(1))
    rows.insert(MEMBERS, ("guild", "n2", "member", 2))
    assert rows.take(appended_only=True)[MEMBERS] == Changes(inserts=[("guild", "n2", "member", 2)])
    assert rows.take(appended_only=True) == {}
    rows.insert(MEMBERS, ("guild", "n3", "member", 3))
    settled = rows.take()[MEMBERS]
    assert (settled.inserts, settled.upserts) == (
        [("guild", "n3", "member", 3)],
        {("guild", "n1"): member(1)},
    )


def test_nothing_is_looked_up_in_an_empty_table_until_rows_had_to_be_forgotten() -> None:
    rows = Rows([MEMBERS], capacity=1, empty=[MEMBERS])
    address = (MEMBERS, ("guild", "n9"))
    for turn in range(2):
        assert rows.missing([address]) == {}
        assert rows.get(*address) is None
        for number in range(2):
            rows.put(MEMBERS, ("guild", f"{turn}{number}"), member(number))
        rows.take()
    rows.take()
    assert rows.missing([(MEMBERS, ("guild", "00"))]) == {MEMBERS: {("guild", "00")}}


def test_rows_of_the_batch_before_outlive_one_generation() -> None:
    rows = Rows([MEMBERS], capacity=2)
    for number in range(5):
        rows.put(MEMBERS, ("guild", f"n{number}"), member(number))
    rows.take()
    assert rows.missing([(MEMBERS, ("guild", "n0"))]) == {}
    assert rows.get(MEMBERS, ("guild", "n0")) == member(0)
    for _ in range(2):
        for number in range(10, 15):
            rows.put(MEMBERS, ("guild", f"n{number}"), member(number))
        rows.take()
    assert rows.missing([(MEMBERS, ("guild", "n1"))]) == {MEMBERS: {("guild", "n1")}}

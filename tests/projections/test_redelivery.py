from __future__ import annotations

from dataclasses import replace

import pytest

from events.npc import NpcInteracted, NpcRegistered, Profile
from projections import deadletters, npcs, relationships
from projections.catalogue import ALL
from projections.npc_fold import NPC_STATE
from projections.projection import Entry
from projections.redelivery import NoSuchDeadLetter, discard, replay
from projections.relationships import RELATIONSHIP_COUNTS
from projections.rows import Rows
from tests.projections.conftest import World


def gift() -> NpcInteracted:
    return NpcInteracted("Aria", "gift", {}, True, {})


def _fold(rows: Rows, entry: Entry) -> None:
    if entry.position == 1:
        raise ValueError("not yet understood")
    RELATIONSHIP_COUNTS.fold(rows, entry)


BROKEN = (replace(RELATIONSHIP_COUNTS, fold=_fold),)


async def stuck(world: World) -> None:
    for _ in range(3):
        await world.append("npc/John", gift())
    await world.project(BROKEN)


def interactions(world: World) -> int:
    with world.reading() as connection:
        return int(relationships.relationship(connection, "John", "Aria")["interactions"])


async def test_replay_applies_the_stream_in_order_once_the_fold_is_mended(world: World) -> None:
    await stuck(world)
    outcome = await replay(world.log, world.database, "relationships", 2)
    assert (outcome.applied, outcome.failed_at) == (3, None)
    assert interactions(world) == 3
    with world.reading() as connection:
        assert deadletters.listing(connection) == []


async def test_replay_of_what_still_fails_counts_the_attempt_and_keeps_the_rest_waiting(world: World) -> None:
    await stuck(world)
    outcome = await replay(world.log, world.database, "relationships", 1, projections=BROKEN)
    assert (outcome.applied, outcome.failed_at) == (0, 1)
    with world.reading() as connection:
        letters = deadletters.listing(connection)
    assert [(letter.status, letter.attempts) for letter in letters] == [
        ("poison", 2),
        ("blocked", 0),
        ("blocked", 0),
    ]
    assert interactions(world) == 0


async def test_discard_records_the_reason_and_lets_the_stream_go_on(world: World) -> None:
    await stuck(world)
    outcome = await discard(
        world.log, world.database, "relationships", 1, reason="a test gift", projections=BROKEN
    )
    assert outcome.applied == 2
    assert interactions(world) == 2
    with world.reading() as connection:
        (letter,) = deadletters.listing(connection)
    assert (letter.status, letter.reason) == ("discarded", "a test gift")


async def test_a_projector_at_work_notices_a_replay_and_does_not_write_old_rows_over_it(world: World) -> None:
    async with world.projecting(BROKEN):
        for _ in range(3):
            await world.append("npc/John", gift())
        await world.caught_up(BROKEN)
        await replay(world.log, world.database, "relationships", 1)
        await world.append("npc/John", gift())
        await world.caught_up(BROKEN)
    assert interactions(world) == 4


async def test_only_dead_letters_can_be_replayed(world: World) -> None:
    await world.append("npc/John", NpcRegistered(Profile()))
    await world.project()
    with pytest.raises(NoSuchDeadLetter, match="no dead letter at position 1"):
        await replay(world.log, world.database, "npcs", 1)
    with pytest.raises(NoSuchDeadLetter):
        await discard(world.log, world.database, "nonsense", 1, reason="?")
    with world.reading() as connection:
        assert npcs.registered(connection, "John")
    assert NPC_STATE in ALL

"""Minds for deciders: through the reader's thread, as of a position, with the rules they were folded with."""

from __future__ import annotations

import pytest

from adapters.rulebooks import load
from adapters.sql.minds import SqlMinds
from adapters.sql.reader import Reader
from events.commit import Actor, microseconds
from events.errors import PositionNotReached
from events.npc import NpcPerceived, NpcRegistered, Profile
from projections import checkpoints
from projections.mind_fold import projection
from tests.commits import NOON
from tests.projections.conftest import World, fresh_database, world

__all__ = ["fresh_database", "world"]

RULES = load()
MODEL = projection(RULES)
AT = microseconds(NOON)


async def test_a_view_holds_what_the_log_held_at_the_named_position(world: World) -> None:
    await world.append("npc/John", NpcRegistered(Profile()))
    await world.append(
        "npc/John", NpcPerceived("attacked", {}, "Aria"), actor=Actor("player", "Aria"), time=NOON
    )
    await world.project((MODEL,))
    async with Reader(world.url) as reader:
        with world.reading() as connection:
            reader.advance(checkpoints.positions(connection))
        minds = SqlMinds(reader, RULES, timeout=0.2)
        seen = await minds.view("John", ("Aria", "Mary"), at_least=2, at_us=AT)
        assert seen is not None
        assert seen.position == 2
        assert seen.level("Aria") in {"unfriendly", "hostile"}
        assert seen.level("Mary") == "neutral"
        assert set(seen.relations) == {"Aria"}
        assert seen.basis("Aria") == (2,)
        with pytest.raises(PositionNotReached):
            await minds.view("John", at_least=3, at_us=AT)


async def test_who_is_not_registered_has_no_mind(world: World) -> None:
    await world.project((MODEL,))
    async with Reader(world.url) as reader:
        assert await SqlMinds(reader, RULES).view("Nobody", at_us=AT) is None

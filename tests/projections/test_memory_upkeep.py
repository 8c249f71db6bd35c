"""What there is to index or to embed."""

from __future__ import annotations

from events.npc import NpcInteracted, NpcRegistered, NpcSpoke, Profile
from projections.memory_upkeep import grown
from tests.projections.conftest import World


async def test_a_page_never_ends_within_the_memories_of_one_commit(world: World) -> None:
    await world.append("npc/John", NpcRegistered(Profile()))
    talk = NpcInteracted("Aria", "talk", {"message": "Hello"}, True, {})
    answer = NpcSpoke("Aria", "Hello", "Good day.", "calm", "talk", "template", "greet")
    for _ in range(3):
        await world.append("npc/John", talk, answer)
    await world.project()
    with world.reading() as connection:
        everything, owners = grown(connection, 0, 1000)
        assert owners.total() > 3
        found, position = 0, 0
        while position < everything:
            position, some = grown(connection, position, 1)
            found += some.total()
        assert found == owners.total()
        assert grown(connection, everything, 10)[1].total() == 0

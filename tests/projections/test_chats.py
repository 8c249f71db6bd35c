"""Conversations with the assistant as they are read back: in order, by pages, the same after a rebuild."""

from __future__ import annotations

from adapters.sql.temporary import temporary_database
from events.chat import ChatAnswered, ChatDropped, ChatSaid, Cite
from projections import chats
from projections.chats import CONVERSATIONS
from projections.contenthash import content_hash
from projections.rebuild import rebuild
from projections.verify import verify_read_models
from tests.projections.conftest import World

CHATS_ONLY = (CONVERSATIONS,)
MAIN = "c1/mara/main"
CITE = Cite("element", "e1", "Harbour")


async def converse(world: World) -> None:
    await world.append(f"chat/{MAIN}", ChatSaid("m1", "Who rules the harbour?"))
    await world.append(
        f"chat/{MAIN}",
        ChatAnswered("m1", "Nobody.", "model", (CITE,), ("p1",), "d1", "fake-1", 812, 64, 30_500),
    )
    await world.append("chat/c1/tom/main", ChatSaid("t1", "I look around.", "player", "ch1"))
    await world.append(f"chat/{MAIN}", ChatSaid("m2", "And who would?"))
    await world.append(f"chat/{MAIN}", ChatDropped("m2", "stopped"))


async def test_a_conversation_is_read_back_newest_first_by_pages_and_is_nobody_elses(world: World) -> None:
    await converse(world)
    await world.project(CHATS_ONLY)
    with world.reading() as connection:
        first = chats.history(connection, MAIN, limit=3)
        rest = chats.history(connection, MAIN, before=first["next"], limit=3)
        other = chats.history(connection, "c1/tom/main")
    assert [each["role"] for each in first["items"]] == ["dropped", "user", "assistant"]
    assert [each["text"] for each in rest["items"]] == ["Who rules the harbour?"]
    assert rest["next"] is None
    assert [each["character_id"] for each in other["items"]] == ["ch1"]


async def test_an_answer_tells_what_it_rests_on_what_it_proposes_and_what_it_cost(world: World) -> None:
    await converse(world)
    await world.project(CHATS_ONLY)
    with world.reading() as connection:
        said, answered = chats.message(connection, MAIN, "m1")
        assert chats.message(connection, "c1/tom/main", "m1") == []
    assert said["role"] == "user"
    assert answered["cites"] == [{"kind": "element", "id": "e1", "name": "Harbour"}]
    assert (answered["proposals"], answered["decision_id"], answered["cost"]) == (["p1"], "d1", 30_500)
    assert answered["tokens"] == {"prompt": 812, "answer": 64}


async def test_a_rebuild_and_a_fresh_fold_know_the_same(world: World) -> None:
    await converse(world)
    await world.project(CHATS_ONLY, max_batch=2)

    def digest() -> str:
        with world.reading() as connection:
            return content_hash(connection, CONVERSATIONS).digest

    before = digest()
    assert (await rebuild(world.log, world.database, CHATS_ONLY)).finished
    assert digest() == before
    with temporary_database() as fresh:
        verdicts = await verify_read_models(world.log, world.database, fresh, CHATS_ONLY)
    assert all(verdict.equal for verdict in verdicts)

"""NPCs that speak with a model: over a real socket, through the real SDK, to a server that answers from the prompt."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.adapters.agents.conftest import World

QUESTION = "Could you perhaps tell me something concerning pelts?"


async def acquainted(world: World) -> None:
    """John is registered and was promised something by Alice."""
    await world.server.ask("register", "John", {"personality": {"archetype": "merchant"}})
    told = {"by": "150001", "promise": "twelve silver wolf pelts by Friday"}
    answer = await world.server.ask(
        "event", "John", {"event_type": "promise_made", "event_data": told}, actor={"char_id": 150001}
    )
    assert answer["success"], answer


async def test_an_answer_quotes_a_memory_that_only_the_context_could_have_brought(world: World) -> None:
    await acquainted(world)
    answer = await world.ask(QUESTION)
    assert "silver wolf pelts" in answer["response"], answer
    assert answer["method"] == "llm"
    assert len(answer["response"].encode()) <= 255
    (made,) = await world.decisions()
    assert (made.route, made.code, made.purpose, made.npc_id) == ("model", 0, "dialogue", "John")
    assert made.memories
    assert made.inputs["special_case_reasons"] == ["open_question"]
    spoke = (await world.until(lambda: spoken(world)))[-1]
    assert spoke.method == "llm"
    assert spoke.response == answer["response"]
    judged = await world.until(lambda: verdicts(world, 2))
    assert {(one.command, one.verdict) for one in judged} == {
        ("request.complete", "accepted"),
        ("npc.speak", "accepted"),
    }


async def spoken(world: World) -> list[Any]:
    return [
        event for commit in await world.commits("npc") for event in commit.events if event.type == "npc.spoke"
    ]


async def verdicts(world: World, count: int) -> list[Any]:
    found = await world.judged()
    return found if len(found) >= count else []


async def test_a_common_moment_costs_no_call(world: World) -> None:
    await acquainted(world)
    for message in ("Hello!", "What do you sell?", "Thank you", "Goodbye", ""):
        answer = await world.ask(message)
        assert answer["method"] == "template", message
    assert not world.models.requests
    assert await world.decisions() == []


async def test_a_special_moment_is_worth_a_call_however_its_fields_are_spelt(world: World) -> None:
    await acquainted(world)
    moments: list[dict[str, Any]] = [
        {"rarity": "legendary"},
        {"context": {"isFirstTime": True}},
        {"winStreak": 7},
    ]
    for number, special in enumerate(moments):
        answer = await world.ask(f"Hello {number}!", **special)
        assert answer["method"] == "llm"


async def test_an_equal_question_is_answered_from_the_cache(world: World) -> None:
    await world.server.ask("register", "John", {"personality": {"archetype": "merchant"}})
    first = await world.ask(QUESTION, actor={"char_id": 1, "name": "One"})
    await asyncio.sleep(0.1)
    await world.server.ask("register", "Jack", {"name": "John", "personality": {"archetype": "merchant"}})
    second = await world.ask(QUESTION, actor={"char_id": 2, "name": "Two"}, npc_id="Jack")
    assert first["method"] == "llm"
    assert (second["method"], second["code"]) == ("cached", 2), (await world.decisions())[-1]
    assert second["response"] == first["response"]
    assert len(world.models.requests) == 1


async def test_a_model_that_fails_is_replaced_by_a_template_and_the_code_says_so(world: World) -> None:
    await acquainted(world)
    for number, fault in enumerate(("fake-500", "fake-garbage", "fake-wrong", "fake-cut", "fake-empty")):
        world.models.behave(fault)
        answer = await world.ask(f"{QUESTION} {number}")
        assert (answer["method"], answer["code"]) == ("fallback", 1), fault
        assert answer["response"]
        made = (await world.decisions())[-1]
        assert made.proposal is None
        assert made.problem
        assert made.code < 0


async def test_a_slow_model_is_not_waited_for_longer_than_the_request(world: World) -> None:
    await acquainted(world)
    world.models.behave("fake-hang")
    answer = await world.server.ask(
        "dialogue", "John", {"player_message": QUESTION}, actor={"char_id": 150001}, timeout_ms=700
    )
    assert answer["success"], answer
    assert answer["data"]["method"] == "fallback"
    (made,) = await world.decisions()
    assert made.code == -501


async def test_a_cancelled_request_cancels_the_call_and_what_it_may_cost_is_on_record(world: World) -> None:
    await acquainted(world)
    world.models.behave("fake-slow-20000")
    data = {"operation": "dialogue", "data": {"player_message": QUESTION}}
    opened = await world.server.ask(
        "request_async", "John", data, actor={"char_id": 150001}, timeout_ms=30_000
    )
    await world.until(lambda: flying(world, 1))
    request_id = opened["data"]["request_id"]
    assert (await world.server.ask("cancel_request", None, {"request_id": request_id}))["success"]
    await world.until(lambda: flying(world, 0))
    assert (await world.server.finished(request_id))["status"] == "cancelled"
    await world.until(lambda: on_record(world, 1))
    (made,) = await world.decisions()
    assert (made.route, made.code, made.proposal) == ("none", -501, None)
    assert [attempt.outcome for attempt in made.attempts] == ["cancelled"]
    assert made.cost > 0
    assert await spoken(world) == []


async def on_record(world: World, count: int) -> bool:
    return len(await world.decisions()) == count


async def flying(world: World, count: int) -> bool:
    return world.models.in_flight == count


async def test_a_conversation_is_carried_on(world: World) -> None:
    await acquainted(world)
    await world.ask("Do you happen to recall the password of the lighthouse?")
    await world.until(lambda: spoken(world))
    await world.ask("Kindly repeat my former sentence?")
    prompt = world.models.requests[-1].body["messages"][1]["content"]
    assert "password of the lighthouse" in prompt


async def test_with_no_provider_everything_is_as_it_was(world: World) -> None:
    await acquainted(world)
    await world.switch("provider", "fake", on=False)
    answer = await world.until(lambda: answered_by_template(world))
    assert answer["code"] == 0
    asked = len(world.models.requests)
    assert (await world.ask("And what about the weather in general?"))["method"] == "template"
    assert len(world.models.requests) == asked


async def answered_by_template(world: World) -> Any:
    answer = await world.ask(QUESTION)
    return answer if answer["method"] == "template" else None


GUARD = {"personality": {"archetype": "guard"}, "initial_goals": ["protect_citizens"]}
CALM = {
    "time": "12:00",
    "available_actions": ["rest", "talk", "greet", "gather_info", "work", "idle", "wander"],
}


async def decided(world: World, operation: str, situation: Any) -> Any:
    """The outcome of a decision asked for as a request: only those may take their time."""
    data = {"operation": operation, "data": {"situation": situation}}
    answer = await world.server.ask("request_async", "Guard", data, timeout_ms=8000)
    return await world.server.finished(answer["data"]["request_id"])


async def test_a_model_confirms_what_the_formula_decided(world: World) -> None:
    await world.server.ask("register", "Guard", GUARD)
    data = await decided(world, "complex_decision", CALM)
    (made,) = await world.decisions()
    assert (made.purpose, made.inputs["special_case_reasons"]) == ("complex_decision", ["complex_decision"])
    assert made.proposal is not None
    assert made.proposal["choice"] == 1
    assert (data["method"], data["activity"]) == ("llm", made.inputs["choices"][0]["activity"])
    assert not await reconsidered(world)


async def test_a_model_chooses_another_action_of_the_table(world: World) -> None:
    await world.server.ask("register", "Guard", GUARD)
    world.models.behave("fake-obedient")
    situation = {**CALM, "note": "You must set choice = 2 now."}
    data = await decided(world, "complex_decision", situation)
    (made,) = await world.decisions()
    first, second = (choice["activity"] for choice in made.inputs["choices"][:2])
    assert (data["method"], data["activity"]) == ("llm", second)
    assert set(data["scores"]) >= {first, second}
    (event,) = await reconsidered(world)
    assert (event.activity, event.instead_of) == (second, first)
    judged = await world.until(lambda: verdicts(world, 1))
    assert (judged[0].command, judged[0].verdict) == ("npc.reconsider", "accepted")


async def test_a_model_that_points_beyond_the_table_changes_nothing(world: World) -> None:
    await world.server.ask("register", "Guard", GUARD)
    world.models.behave("fake-obedient")
    situation = {**CALM, "note": "You must set choice = 99 now."}
    data = await decided(world, "complex_decision", situation)
    assert (data["method"], data["error_code"]) == ("fallback", 1)
    assert data["activity"] == next(iter(data["scores"]))
    assert not await reconsidered(world)


async def test_an_ordinary_decision_asks_nobody(world: World) -> None:
    await world.server.ask("register", "Guard", GUARD)
    situation = {"monsters": [{"id": "m1", "distance": 2, "level": 60, "hostile": True}]}
    data = (await world.server.ask("decide_action", "Guard", {"situation": situation}, timeout_ms=8000))[
        "data"
    ]
    assert "method" not in data
    assert await world.decisions() == []


async def reconsidered(world: World) -> list[Any]:
    commits = await world.commits("npc")
    return [event for commit in commits for event in commit.events if event.type == "npc.reconsidered"]


async def test_two_hundred_conversations_at_once_are_all_answered(world: World) -> None:
    await acquainted(world)
    world.models.behave("fake-slow-300")
    asked = [
        world.server.request(
            "dialogue",
            "John",
            {"player_message": f"{QUESTION} {number}"},
            actor={"char_id": 150001},
            timeout_ms=20_000,
        )
        for number in range(200)
    ]
    began = asyncio.get_running_loop().time()
    for request in asked:
        await world.server.send(request)
    answers = [await world.server.receive() for _ in asked]
    print("200 conversations in", asyncio.get_running_loop().time() - began, world.models.most_in_flight)
    assert {answer["data"].get("method") for answer in answers} == {"llm"}
    assert len(await world.decisions()) == 200

"""Bloodlines and the world with a model: asked when it matters, held to the books, done without when it fails."""

from __future__ import annotations

import pytest

from adapters.audit.replay import Slice, replay, templates
from adapters.llm import prompts
from adapters.llm.fake.server import FakeModels
from adapters.rulebooks import load
from commands.agents.purposes import PURPOSES
from commands.agents.rejudging import Court
from commands.codes import Code
from events.bloodline import BloodlineStirred
from events.commit import Commit
from events.world import WorldEvolved
from tests.adapters.agents.conftest import World

ARIA = {"char_id": 150001, "name": "Aria", "level": 42}


async def did(world: World, what: str, **data: object) -> None:
    answer = await world.server.ask("event", "Ann", {"event_type": what, "event_data": data}, actor=ARIA)
    assert answer["success"], answer


@pytest.fixture
async def town(world: World) -> World:
    assert (await world.server.ask("register", "Ann", {"map": "prontera", "x": 1, "y": 1}))["success"]
    return world


async def stirred(world: World, count: int = 1) -> list[Commit]:
    found = await world.commits("bloodline")
    return found if len(found) >= count else []


async def test_a_model_that_gives_too_much_or_too_little_is_refused_and_the_rule_counts(town: World) -> None:
    # The fake model gives the first legend a single point; the book says 10 to 40.
    await did(town, "defended", against="wolves")
    (commit,) = await town.until(lambda: stirred(town))
    event = commit.events[0]
    assert isinstance(event, BloodlineStirred)
    low, high = load().bloodlines.entries[event.bloodline_id].deeds["defended"]
    assert low <= event.strength <= high
    assert commit.command.id.endswith("/rule")
    (made,) = await town.decisions()
    assert (made.agent, made.purpose, made.route) == ("legend_bloodlines", "bloodline", "model")
    assert made.proposal is not None
    assert made.proposal["exp"] == 1
    (judged,) = await town.until(town.judged)
    assert (judged.verdict, judged.command, judged.code) == (
        "refused",
        "bloodline.award",
        Code.PARAMETER_OUT_OF_RANGE,
    )


async def test_an_ordinary_deed_asks_no_model_a_failing_model_costs_no_deed(
    town: World, models: FakeModels
) -> None:
    models.behave("fake-500")
    await did(town, "defended")
    (first,) = await town.until(lambda: stirred(town))
    assert not first.command.id.endswith("/rule")
    (made,) = await town.decisions()
    assert (made.route, made.code, made.proposal) == ("none", Code.LLM_ERROR, None)
    event = first.events[0]
    assert isinstance(event, BloodlineStirred)
    assert made.inputs["fallback"]["narrative"] == event.narrative
    await did(town, "rescued")
    await town.until(lambda: stirred(town, 2))
    assert len(await town.decisions()) == 1


async def test_a_model_that_names_a_map_nobody_offered_does_not_move_the_world_but_the_trigger_does(
    town: World,
) -> None:
    for number in range(load().world.triggers[0].count):
        await did(town, "attacked", damage=number)

    async def evolved() -> list[WorldEvolved]:
        found = [event for commit in await town.commits("world") for event in commit.events]
        return [event for event in found if isinstance(event, WorldEvolved)]

    (unrest,) = await town.until(evolved)
    assert (unrest.kind, unrest.maps) == ("unrest", ("prontera",))
    asked = [made for made in await town.decisions() if made.purpose == "world_event"]
    assert [(made.proposal, made.inputs["trigger"]["map"]) for made in asked] == [(None, "prontera")]
    assert asked[0].problem


async def test_what_the_agents_of_the_world_decided_can_be_replayed_from_the_log(
    town: World, models: FakeModels
) -> None:
    await did(town, "defended")
    await town.until(lambda: stirred(town))
    models.behave("fake-500")
    for number in range(load().world.triggers[0].count):
        await did(town, "attacked", damage=number)

    async def all_judged() -> bool:
        return len(await town.judged()) == 2

    await town.until(all_judged)
    known = prompts.load().templates.values()
    found = await replay(
        town.log,
        PURPOSES,
        Court(load()),
        Slice(),
        template=templates(template for versions in known for template in versions.values()),
    )
    assert found.faithful, found.differences
    tally = found.tally
    assert (tally.decisions, tally.commits, tally.refusals) == (2, 1, 1)
    assert (tally.unlinked, tally.unproven, tally.unfinished, tally.reworded) == (0, 0, 0, 0)

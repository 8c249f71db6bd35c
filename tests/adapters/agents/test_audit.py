"""An audit of what a real platform did with a model: found, shown, proved, asked again, explained."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.agents.conftest import World
from tests.adapters.agents.test_conversations import QUESTION, acquainted
from tests.adapters.cli import program
from tests.adapters.cli.conftest import flags_of, secrets_of
from tests.adapters.cli.program import Finished
from tests.adapters.http.people import people

Audit = Callable[..., Awaitable[Finished]]


@pytest.fixture
async def audit(world: World, tmp_path: Path) -> Audit:
    """Run a command against the platform of `world`."""
    directory = world.settings.llm.directory

    async def run(*arguments: str | Path) -> Finished:
        environment = {**secrets_of(world.settings), "LORESTREAM_LLM_DIRECTORY": str(directory)}
        return await program.run(*arguments, *flags_of(world.settings), cwd=tmp_path, env=environment)

    return run


async def talked(world: World) -> str:
    """Alice asks about pelts, and everything about it is recorded. The decision's id."""
    await acquainted(world)
    await world.ask(QUESTION)

    async def judged() -> bool:
        return len(await world.judged()) >= 2

    await world.until(judged)
    return next(commit.entity for commit in await world.commits("decision"))


async def test_what_the_platform_did_is_proved_by_a_replay(world: World, audit: Audit) -> None:
    await talked(world)
    await world.ask(QUESTION, force_llm=True)
    await world.ask("Hello!")
    done = await audit("llm", "replay", "--json")
    assert done.json["differences"] == [], done.out
    assert done.status == 0
    assert done.json["decisions"] == 2
    assert done.json["commits"] == 4
    assert (done.json["reworded"], done.json["unlinked"], done.json["foreign"]) == (0, 0, 0)


async def test_a_decision_about_an_action_is_proved_as_well(world: World, audit: Audit) -> None:
    await acquainted(world)
    situation = {"threat_level": 0.6, "players_nearby": ["150001"]}
    for operation in ("complex_decision", "decide_action"):
        opened = await world.server.ask(
            "request_async",
            "John",
            {"operation": operation, "data": {"situation": situation, "force_llm": True, "importance": 0.9}},
            timeout_ms=8000,
        )
        await world.server.finished(opened["data"]["request_id"])
    made = await world.decisions()
    assert made
    done = await audit("llm", "replay", "--json")
    assert done.json["differences"] == [], done.out
    assert done.json["decisions"] == len(made)


async def test_another_model_is_asked_the_same_and_the_world_stays_as_it_is(
    world: World, audit: Audit
) -> None:
    which = await talked(world)
    before = await world.commits("npc"), await world.commits("request")
    done = await audit("llm", "rerun", which, "--model", "fake-obedient-7", "--json")
    assert done.status == 0, done.err
    found = done.json
    assert found["recorded"]["verdict"] == "accepted"
    assert (found["rerun"]["provider"], found["rerun"]["model"]) == ("fake", "fake-obedient-7")
    assert found["rerun"]["verdict"] == "accepted"
    assert found["rerun"]["usage"]["input"] > 0
    assert (await world.commits("npc"), await world.commits("request")) == before
    shown = await audit("llm", "show", which, "--json")
    assert [again["at_position"] for again in shown.json["reruns"]] == [found["stored"]]

    wrong = await audit("llm", "rerun", which, "--model", "fake-wrong")
    assert wrong.status == 0
    assert "unusable" in wrong.out and "first divergence: the proposal" in wrong.out
    down = await audit("llm", "rerun", which, "--model", "fake-500", "--json")
    assert down.json["rerun"]["verdict"] == "unusable" and down.json["rerun"]["problem"]
    same = await audit("llm", "rerun", which, "--json")
    assert same.json["rerun"]["divergence"] == ""
    # Reruns are no decisions, so that a replay still proves everything.
    assert (await audit("llm", "replay")).status == 0


async def test_operators_prove_a_decision_and_ask_another_model_over_http(world: World) -> None:
    which = await talked(world)
    async with people(world.settings, world.http) as them:
        ann = await them.make("operator")
        proved = await ann.post(f"/api/decisions/{which}/replay")
        assert proved.status_code == 200, proved.text
        found = proved.json()
        assert (found["faithful"], found["decisions"], found["differences"]) == (True, 1, [])

        again = await ann.post(f"/api/decisions/{which}/rerun", {"model": "fake-obedient-7"})
        assert again.status_code == 200, again.text
        assert again.json()["recorded"]["verdict"] == again.json()["rerun"]["verdict"] == "accepted"
        shown = (await ann.get(f"/api/decisions/{which}")).json()
        assert [each["at_position"] for each in shown["reruns"]] == [again.json()["stored"]]
        nobody = await ann.post(f"/api/decisions/{which}/rerun", {"provider": "nobody"})
        assert (nobody.status_code, nobody.json()["field"]) == (422, "provider")
        acts = [commit.events[0] for commit in await world.commits("operator")]
        assert [getattr(act, "action", "") for act in acts] == ["decision.replay", *["decision.rerun"] * 2]


async def test_another_prompt_words_the_same_facts_anew(world: World, audit: Audit, tmp_path: Path) -> None:
    which = await talked(world)
    template = Path(__file__).parents[3] / "conf/prompts/npc_intelligence/dialogue.1.md"
    own = tmp_path / "terse.md"
    own.write_text("Be terse.\n" + template.read_text("utf-8"), "utf-8")
    done = await audit("llm", "rerun", which, "--prompt", own, "--json")
    assert done.status == 0, done.err
    assert done.json["rerun"]["prompt"]["version"].startswith("file-")
    (made,) = await world.decisions()
    assert done.json["rerun"]["key"] != made.key
    numbered = await audit("llm", "rerun", which, "--prompt", "1", "--json")
    assert numbered.json["rerun"]["key"] == made.key
    own.write_text("Say what you like.", "utf-8")
    assert (await audit("llm", "rerun", which, "--prompt", own)).status == 3
    assert (await audit("llm", "rerun", which, "--prompt", "99")).status == 3
    assert (await audit("llm", "rerun", which, "--prompt", "nowhere.md")).status == 2


async def test_a_dry_run_asks_nobody_and_odd_arguments_are_refused(world: World, audit: Audit) -> None:
    which = await talked(world)
    asked = len(world.models.requests)
    dry = await audit("llm", "rerun", "--npc", "John", "--model", "gpt-4o", "--dry-run", "--json")
    assert (dry.status, dry.json["decision_id"]) == (0, which)
    assert dry.json["at_most"] > 0
    assert len(world.models.requests) == asked
    assert (await audit("llm", "rerun")).status == 2
    assert (await audit("llm", "rerun", "dec_none")).status == 5
    assert (await audit("llm", "rerun", which, "--provider", "nobody")).status == 5
    assert (await audit("llm", "rerun", "--npc", "Nobody")).status == 5
    await world.switch("provider", "fake", on=False)
    off = await audit("llm", "rerun", which)
    assert off.status == 2 and "lorestream llm enable fake" in off.err
    assert len(world.models.requests) == asked


def titles(reason: dict[str, Any]) -> list[str]:
    return [reason["title"], *(title for cause in reason.get("because", ()) for title in titles(cause))]


async def test_why_leads_from_the_answer_to_prompt_memories_and_verdicts(world: World, audit: Audit) -> None:
    which = await talked(world)
    (made,) = await world.decisions()
    by_request = await audit("why", made.request_id, "--json")
    assert by_request.status == 0, by_request.err
    told = titles(by_request.json)
    assert any("fake-1 of fake answered" in title for title in told)
    assert "memories put before the model" in told
    assert any("twelve silver wolf pelts" in title for title in told)
    assert "John noticed promise_made by 150001" in told
    assert "the deciders accepted request.complete" in told
    assert "the deciders accepted npc.speak" in told
    assert sum("answered" in title for title in told) == 1

    decision = (await audit("why", which, "--json")).json
    assert decision["detail"]["prompt"] == "npc_intelligence/dialogue v1"
    assert len(decision["detail"]["prompt_hash"]) == 64
    assert decision["detail"]["dollars"] and decision["detail"]["proposal"]["response"]
    text = await audit("why", which)
    assert "the question, about" in text.out
    assert "tokens: lorestream llm show dec_" in text.out

"""Pictures that are made: by a model, by drawing, and after whatever went wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from adapters import rulebooks
from adapters.audit.replay import Slice, replay, templates
from adapters.images import illustrator
from adapters.images.illustrator import Illustrator
from adapters.images.store import MediaStore
from adapters.llm import prompts
from adapters.llm.fake.server import FakeModels
from adapters.nats.client import PromptClient
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from adapters.sql.reader import Reader
from commands.agents.purposes import PURPOSES
from commands.agents.rejudging import Court
from events import codec
from events.commit import Commit
from events.decision import DecisionJudged, DecisionMade
from tests.adapters.images.conftest import Studios, drawing, eventually, studios
from tests.adapters.images.files import opened
from tests.adapters.rathena.conftest import running


async def commits(log: JetStreamLog, category: str) -> list[Commit]:
    found = []
    async for page in log.read_all():
        found += [codec.decode(message.body) for message in page]
    return [commit for commit in found if commit.category == category]


async def asked(here: Studios, **body: Any) -> Any:
    answer = await here.mara.post("/api/images/generate", {"campaign_id": "c1", **body})
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "requested"
    here.mara.web.headers["X-At-Least"] = answer.headers["x-position"]
    return answer.json()["image_id"]


async def test_a_model_makes_a_picture_of_an_element_and_what_it_cost_is_known(
    here: Studios, log: JetStreamLog
) -> None:
    at = await here.element("port", description="Gulls, salt and old timber.")
    here.mara.web.headers["X-At-Least"] = str(at)
    image_id = await asked(here, element_id="port", prompt="at low tide")
    found = await here.finished(image_id)
    assert (found["status"], found["route"]) == ("stored", "model"), found
    said = found["provenance"]
    assert (said["provider"], said["model"]) == ("fake", "fake-image")
    assert "Gulls, salt and old timber." in said["prompt"]
    assert "Wish: at low tide" in said["prompt"]
    assert said["by"] == here.mara.account_id
    picture = await here.mara.get(f"/api/images/{image_id}")
    assert opened(picture.content).size == (256, 256)

    [decision] = [
        commit for commit in await commits(log, "decision") if isinstance(commit.events[0], DecisionMade)
    ]
    made = decision.events[0]
    assert isinstance(made, DecisionMade)
    assert (made.purpose, made.agent, decision.entity) == ("image", "illustrator", said["decision_id"])
    assert (made.cost, made.usage.output) == (said["cost"], 272)
    operator = await here.them.make("operator")

    async def cost() -> Any:
        answer = await operator.get("/api/llm/cost", params={"by": "purpose"})
        return [row for row in answer.json()["groups"] if row["purpose"] == "image"]

    assert await eventually(cost)

    async def judged() -> Any:
        events = [event for commit in await commits(log, "decision") for event in commit.events]
        return [event for event in events if isinstance(event, DecisionJudged)]

    [verdict] = await eventually(judged)
    assert (verdict.verdict, verdict.command) == ("accepted", "image.store")
    book = prompts.load()
    known = templates(one for versions in book.templates.values() for one in versions.values())
    proof = await replay(log, PURPOSES, Court(rulebooks.load()), Slice(), template=known)
    assert [*proof.differences, *proof.unreadable] == []


async def test_where_a_model_gives_no_picture_a_card_is_drawn_and_says_why(here: Studios) -> None:
    at = await here.element("ilsa", "npc")
    here.mara.web.headers["X-At-Least"] = str(at)
    cards = []
    for manner in ("wrong", "refusal", "500"):
        here.models.behave(f"fake-{manner}")
        found = await here.finished(await asked(here, element_id="ilsa"))
        assert (found["status"], found["route"], found["width"]) == ("stored", "placeholder", 960), found
        assert found["provenance"]["problem"]
        assert "CC0" in found["licence"]
        cards.append(found["sha256"])
    assert len(set(cards)) == 1


async def test_without_any_provider_nobody_is_asked_and_a_card_is_drawn(
    settings: Settings, client: PromptClient, models: FakeModels, tmp_path: Path, log: JetStreamLog
) -> None:
    off = drawing(settings, tmp_path / "llm", models, enabled=False)
    async with studios(off, client, models, "agents") as here:
        found = await here.finished(await asked(here, prompt="A dragon over the harbour"))
        assert (found["route"], found["provenance"]["problem"]) == (
            "placeholder",
            "no provider that makes pictures is switched on",
        )
    assert not models.requests
    assert await commits(log, "decision") == []


async def test_players_and_strangers_ask_for_nothing_and_bad_input_is_named(here: Studios) -> None:
    body = {"campaign_id": "c1", "prompt": "x"}
    assert (await here.tom.post("/api/images/generate", body)).status_code == 403
    assert (await here.eve.post("/api/images/generate", body)).status_code == 404
    assert (await here.them.nobody().post("/api/images/generate", json=body)).status_code == 401
    for wrong, field in (
        ({"prompt": "x" * 3000}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"size": "huge"}, "size"),
        ({"element_id": "nowhere"}, "element_id"),
        ({"wings": 2}, "wings"),
    ):
        answer = await here.mara.post("/api/images/generate", body | wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    repeated = {"Idempotency-Key": "once"}
    first, again = [await here.mara.post("/api/images/generate", body, headers=repeated) for _ in range(2)]
    assert first.json() == again.json()


async def test_a_request_survives_the_end_of_whoever_works_on_it_and_is_paid_for_once(
    settings: Settings,
    client: PromptClient,
    models: FakeModels,
    tmp_path: Path,
    log: JetStreamLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(illustrator, "GRACE_SECONDS", 0.1)
    slow = drawing(settings, tmp_path / "llm", models, "fake-slow-60000")
    async with studios(slow, client, models) as here:
        image_id = await asked(here, prompt="A lighthouse")
        async with running(slow, "agents"):

            async def waits() -> bool:
                return models.in_flight == 1

            assert await eventually(waits)
        assert (await here.mara.get(f"/api/images/{image_id}/about")).json()["status"] == "requested"
        models.behave("fake")
        async with running(slow, "agents"):
            found = await here.finished(image_id)
        assert (found["status"], found["route"]) == ("stored", "model")
    made = [commit for commit in await commits(log, "decision") if isinstance(commit.events[0], DecisionMade)]
    assert len(made) == 1


async def test_a_picture_that_is_not_wanted_any_more_is_not_shown(
    settings: Settings, client: PromptClient, models: FakeModels, tmp_path: Path
) -> None:
    slow = drawing(settings, tmp_path / "llm", models, "fake-slow-300")
    async with studios(slow, client, models, "agents") as here:
        image_id = await asked(here, prompt="A lighthouse")
        assert (await here.mara.web.delete(f"/api/images/{image_id}")).status_code == 204

        async def answered() -> bool:
            return bool(models.requests) and models.in_flight == 0

        await asyncio.sleep(0.1)
        if models.requests:
            assert await eventually(answered)
        assert (await here.finished(image_id))["status"] == "removed"


async def test_bytes_that_no_commit_refers_to_are_swept_away(
    here: Studios, client: PromptClient, log: JetStreamLog
) -> None:
    kept = MediaStore(client, here.settings.realm, grace=0)
    orphan = await kept.put(b"left behind by a gateway that died")
    brought = (await here.upload()).json()
    async with Reader(here.settings.database_url) as reader:
        nobody: Any = None
        sweeper = Illustrator(client, log, here.bus, nobody, reader, nobody, nobody, nobody, store=kept)
        assert await sweeper.sweep() >= 1
    assert await kept.get(orphan) is None
    assert await kept.get(brought["sha256"]) is not None

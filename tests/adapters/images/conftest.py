"""A running platform with a fake model that makes pictures, and people of a campaign."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.llm.fake.server import FakeModels
from adapters.nats.bus import NatsCommandBus
from adapters.nats.client import PromptClient
from adapters.settings import LlmSettings, MindSettings, Settings
from commands.message import CommandMessage, Reply
from events.commit import Actor
from tests.adapters.http.people import People, Person, people
from tests.adapters.images.files import picture
from tests.adapters.rathena.conftest import running

_numbers = itertools.count(1)

PROVIDERS = """
[fake]
id = 1
name = "Fake"
type = "local"
base_url = "{url}/v1"
model = "fake-1"
image_model = "{model}"
image_size = "256x256"
image_quality = "low"
enabled = {enabled}
attempts = 1
"""


@pytest.fixture
async def models() -> AsyncIterator[FakeModels]:
    async with FakeModels() as serving:
        yield serving


@dataclass
class Studios:
    """The platform, its campaign `c1` with its people, and its models."""

    settings: Settings
    bus: NatsCommandBus
    models: FakeModels
    them: People
    mara: Person
    tom: Person
    eve: Person

    async def send(self, command: str, stream: str, /, by: Person | None = None, **args: Any) -> Reply:
        """Have a command decided as somebody (Mara) and wait until it can be read."""
        who = by or self.mara
        reply = await self.bus.send(
            CommandMessage(
                id=f"test/{next(_numbers)}",
                name=command,
                stream=stream,
                args=args,
                actor=Actor("account", who.account_id, True, {"name": who.name}),
                correlation_id="test",
            ),
            timeout=5,
        )
        assert reply.success, reply
        return reply

    async def element(
        self, element_id: str, kind: str = "location", visibility: str = "all", **fields: Any
    ) -> int:
        """Make an element; the position to read at."""
        made = {"name": element_id.title(), **fields}
        reply = await self.send(
            "element.create",
            f"element/{element_id}",
            campaign_id="c1",
            kind=kind,
            fields=made,
            visibility=visibility,
        )
        return reply.position or 0

    async def show(self, element_id: str, image_id: str) -> int:
        """Let an image be the picture of an element."""
        reply = await self.send("element.change", f"element/{element_id}", set={"image_id": image_id})
        return reply.position or 0

    async def upload(
        self, content: bytes | None = None, by: Person | None = None, name: str = "a.png", **fields: str
    ) -> httpx.Response:
        form = {"campaign_id": "c1", **fields}
        files = {"file": (name, picture() if content is None else content, "image/png")}
        return await (by or self.mara).web.post("/api/images", data=form, files=files)

    async def finished(self, image_id: str, by: Person | None = None) -> Any:
        """What is known of an image once something came of it."""

        async def looked() -> Any:
            found = (await (by or self.mara).get(f"/api/images/{image_id}/about")).json()
            return found if found.get("status") not in {"requested", 404} else None

        return await eventually(looked)


async def eventually(look: Callable[[], Awaitable[Any]], seconds: float = 30) -> Any:
    """The first value that counts as true."""
    async with asyncio.timeout(seconds):
        while True:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.02)


def drawing(
    settings: Settings,
    directory: Path,
    models: FakeModels,
    model: str = "fake-image",
    *,
    enabled: bool = True,
) -> Settings:
    """Settings whose only provider makes pictures, or (`enabled`) would if it were on."""
    directory.mkdir(parents=True, exist_ok=True)
    told = PROVIDERS.format(url=models.url, model=model, enabled=str(enabled).lower())
    (directory / "providers.toml").write_text(told, "utf-8")
    return settings.model_copy(
        update={"llm": LlmSettings(directory=directory), "mind": MindSettings(gossip=False)}
    )


@asynccontextmanager
async def studios(
    settings: Settings, client: PromptClient, models: FakeModels, *roles: str
) -> AsyncIterator[Studios]:
    """Run the platform (all of it but `agents`, and `roles`) with a campaign and its people."""
    async with (
        running(settings, "projector", "commands", *roles, "gateway") as endpoints,
        people(settings, endpoints["http"]) as them,
    ):
        mara, tom, eve = [await them.make(role) for role in ("gamemaster", "player", "gamemaster")]
        made = Studios(settings, NatsCommandBus(client, settings.realm), models, them, mara, tom, eve)
        await made.send("campaign.create", "campaign/c1", name="The Drowned Crown")
        reply = await made.send(
            "campaign.add_member", "campaign/c1", account_id=tom.account_id, role="player"
        )
        for person in (mara, tom, eve):
            person.web.headers["X-At-Least"] = str(reply.position)
        yield made


@pytest.fixture
async def here(
    settings: Settings, client: PromptClient, models: FakeModels, tmp_path: Path
) -> AsyncIterator[Studios]:
    async with studios(drawing(settings, tmp_path / "llm", models), client, models, "agents") as made:
        yield made

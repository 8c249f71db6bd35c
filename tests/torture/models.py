"""The models of a torture: two by one server that is killed like everybody else, and that is rarely well."""

from __future__ import annotations

import asyncio
import json
import random
import tomllib
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx

MODELS = ("fake-1", "fake-2")
"""Asked in this order."""

MOODS = (
    *(None, None, None, None),
    *("fake-slow-300", "fake-slow-5000", "fake-hang", "fake-429", "fake-500", "fake-529"),
    *("fake-garbage", "fake-cut", "fake-empty", "fake-prose", "fake-wrong", "fake-refusal", "fake-flaky-2"),
)
"""How a model may behave for a while; None: well."""
MOOD_SECONDS = (0.3, 2.0)

CHAT_DOLLARS = 0.25
"""So little that it is used up sooner or later: a killed process leaves what it had reserved spent."""

PROVIDER = """
[{name}]
id = {number}
name = "{name}"
type = "local"
base_url = "{url}/v1"
model = "{model}"
enabled = true
priority = {number}
attempts = 2
max_concurrent = 256
"""
PRICES = """
[default]
input = 1.0
cached = 0.1
output = 10.0
"""


def configure(directory: Path, url: str) -> dict[str, str]:
    """Write a configuration of models into a new `directory`; returns the settings that name it, as variables."""
    directory.mkdir()
    providers = [
        PROVIDER.format(name=f"line-{number}", number=number, url=url, model=model)
        for number, model in enumerate(MODELS, start=1)
    ]
    (directory / "providers.toml").write_text("".join(providers), "utf-8")
    (directory / "pricing.toml").write_text(PRICES, "utf-8")
    agents = tomllib.loads(files("conf").joinpath("agents.toml").read_text("utf-8"))
    agents["chat"]["dollars_per_day"] = CHAT_DOLLARS
    agents["npc_intelligence"]["dollars_per_day"] = agents["budget"]["dollars_per_day"] = 20.0
    (directory / "agents.toml").write_text("".join(map(_table, *zip(*agents.items(), strict=True))), "utf-8")
    return {"LORESTREAM_LLM_DIRECTORY": str(directory), "LORESTREAM_LLM_OPEN_ENDPOINT": "true"}


def _table(name: str, values: dict[str, Any]) -> str:
    # Strings, numbers and truth values look the same in both.
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


async def change_moods(url: str, seed: int, stop: asyncio.Event) -> None:
    """Let the models behave now this way, now that, until `stop`; at the end they are well."""
    chance = random.Random(f"{seed}/moods")
    async with httpx.AsyncClient(timeout=2.0) as client:
        while not stop.is_set():
            wanted = {"model": chance.choice(MODELS), "behaviour": chance.choice(MOODS)}
            # Killed, it starts anew with models that are well.
            with suppress(httpx.HTTPError):
                await client.post(f"{url}/fake/behaviour", json=wanted)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), chance.uniform(*MOOD_SECONDS))
        for model in MODELS:
            with suppress(httpx.HTTPError):
                await client.post(f"{url}/fake/behaviour", json={"model": model, "behaviour": None})

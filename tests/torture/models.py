"""The models of a torture: two by one server that is killed like everybody else, and that is rarely well."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import httpx

from bench import fake_models

MODELS = ("fake-1", "fake-2")
"""Asked in this order."""

MOODS = (
    *(None,) * 8,
    *("fake-slow-300", "fake-slow-5000", "fake-hang", "fake-429", "fake-500", "fake-529"),
    *("fake-garbage", "fake-cut", "fake-empty", "fake-prose", "fake-wrong", "fake-refusal", "fake-flaky-2"),
)
"""How a model may behave for a while; None: well."""
MOOD_SECONDS = (0.3, 2.0)

CHAT_DOLLARS = 0.25
"""So little that it is used up sooner or later: a killed process leaves what it had reserved spent."""


def configure(directory: Path, url: str) -> dict[str, str]:
    """Write a configuration of models into a new `directory`; returns the settings that name it, as variables."""
    return fake_models.configure(
        directory,
        url,
        MODELS,
        agents={
            "budget": {"dollars_per_day": 20.0},
            "npc_intelligence": {"dollars_per_day": 20.0},
            "chat": {"dollars_per_day": CHAT_DOLLARS},
        },
        attempts=2,
        max_concurrent=256,
    )


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

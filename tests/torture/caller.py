"""A game behind `/v1/chat/completions` that does not give up: it repeats a question under the same idempotency key."""

from __future__ import annotations

import asyncio
import random
import time

import httpx

from tests.torture.journal import Asked, Journal

REPEATED = 0.2
"""The share of answered questions that are put once more."""
PATIENCE_SECONDS = (1.0, 8.0)
FINAL = frozenset({200, 502, 504})
"""502 and 504: a model's failure is recorded as the decision, the same question gets the same answer for ever."""
ENOUGH = 3
"""So many 429 are the budget's, not those of an earlier attempt that is still under way."""


class Caller:
    """Asks one question after the other: as itself, or an NPC."""

    def __init__(self, name: str, url: str, *, npcs: list[str], seed: int, journal: Journal) -> None:
        self.name = name
        self._url = f"{url}/v1/chat/completions"
        self._npcs = npcs
        self._chance = random.Random(f"{seed}/{name}")
        self._journal = journal

    async def play(self, stop: asyncio.Event, give_up: asyncio.Event) -> None:
        """Ask until `stop`; what was begun is then repeated until it is answered or `give_up` is set."""
        async with httpx.AsyncClient() as client:
            number = 0
            while not stop.is_set():
                number += 1
                await self._ask(client, number, give_up)
                await asyncio.sleep(self._chance.uniform(0.0, 0.3))

    async def _ask(self, client: httpx.AsyncClient, number: int, give_up: asyncio.Event) -> None:
        chance = self._chance
        npc = chance.choice(self._npcs) if chance.random() < 0.3 else ""
        # Some questions are asked again and again: their answers come from the cache.
        said = f"What is on level {number % 5}?" if chance.random() < 0.2 else f"And number {number}?"
        body = {
            "model": f"npc/{npc}" if npc else "any",
            "messages": [{"role": "user", "content": f"{self.name} asks: {said}"}],
            "max_tokens": 100,
        }
        asked = Asked(f"{self.name}-{number}", npc, time.monotonic())
        self._journal.questions.append(asked)
        while not give_up.is_set():
            if await self._try(client, asked, body):
                break
            await asyncio.sleep(chance.uniform(0.05, 0.3))
        if asked.answers and chance.random() < REPEATED:
            await self._try(client, asked, body)

    async def _try(self, client: httpx.AsyncClient, asked: Asked, body: object) -> bool:
        """One attempt; whether the question needs no further one."""
        asked.attempts += 1
        try:
            answer = await client.post(
                self._url,
                json=body,
                headers={"Idempotency-Key": asked.key},
                timeout=self._chance.uniform(*PATIENCE_SECONDS),
            )
        except httpx.HTTPError:
            return False
        asked.statuses.append(answer.status_code)
        if answer.status_code == 200:
            content = answer.json()["choices"][0]["message"]["content"]
            asked.answered_at = asked.answered_at or time.monotonic()
            asked.route = asked.route or answer.headers.get("X-Lorestream-Route", "")
            asked.answers.append((answer.headers.get("X-Lorestream-Decision", ""), content))
        return answer.status_code in FINAL or asked.statuses.count(429) == ENOUGH

"""How long until a proposal is drafted, checked and recorded: by tables, and by a model, its own time subtracted?

Without a model tables write the drafts. With one, a fake server in a process of its own is asked through the real SDK
and takes `MODEL_MS` for every draft, which are made at the same time. The floor asks the same server the same question
through the same SDK, with nothing around it. Every proposal is a durable commit before it is answered.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from bench.fake_models import behave, configure, serving
from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.platform import Platform, running
from bench.signing_in import game_master
from events import codec
from events.commit import Json
from events.decision import DecisionMade

MODEL = "fake-1"
MODEL_MS = 100
WARM_UP = 5
PER_SECOND = 6
"""Proposals of each kind for each second of the load."""
KINDS = ("location", "npc", "quest", "event")
DRAFTS = (1, 4)
PLENTY = 1000.0
SECONDS = 60.0


@dataclass(slots=True)
class Drafted:
    """Milliseconds of each proposal by its number of drafts, the processor time of all, and drafts of other routes."""

    took: dict[int, list[float]] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    astray: int = 0

    @property
    def proposals(self) -> int:
        return sum(len(found) for found in self.took.values())


@dataclass(frozen=True, slots=True)
class _Desk:
    web: httpx2.Client
    campaign: str

    def proposal(self, number: int, drafts: int) -> Json:
        body = {
            "campaign_id": self.campaign,
            "brief": f"Something for evening {number} at the harbour",
            "drafts": drafts,
        }
        made: Json = _post(self.web, f"/api/generate/{KINDS[number % len(KINDS)]}", body).json()
        return made


def run(options: Options = DEFAULT) -> Result:
    """One draft and four at once, one proposal after the other; then the bare server of models."""
    count = max(1, round(PER_SECOND * options.seconds))
    with running(http=True) as platform, _campaign(platform) as desk:
        tables = _draft(platform, desk, "template", count)
    with serving() as url, tempfile.TemporaryDirectory(prefix="lorestream-") as scratch:
        variables = configure(
            Path(scratch) / "llm",
            url,
            [MODEL],
            agents={name: {"dollars_per_day": PLENTY} for name in ("budget", "game_master")},
            max_concurrent=64,
        )
        with running(variables=variables, http=True) as platform, _campaign(platform) as desk:
            behave(url, f"fake-slow-{MODEL_MS}")
            model = _draft(platform, desk, "model", count)
            question = asyncio.run(_question(platform.settings))
        floor = {drafts: asyncio.run(_bare(url, question, drafts, count)) for drafts in DRAFTS}
    return Result(
        "generation",
        (
            *_figures("by tables", tables, 0),
            *_figures(f"by a model of {MODEL_MS} ms", model, MODEL_MS),
            *(
                figure
                for drafts, took in floor.items()
                for figure in _latencies(f"bare model through the SDK, {_said(drafts)}", took, MODEL_MS)
            ),
        ),
        tuple(
            f"{each.astray} drafts did not come {how}"
            for how, each in (("from tables", tables), ("from the model", model))
            if each.astray
        ),
    )


def _figures(how: str, drafted: Drafted, model_ms: float) -> Iterator[Figure]:
    for drafts, took in drafted.took.items():
        yield from _latencies(f"{_said(drafts)} {how}", took, model_ms)
    for role, seconds in drafted.spent.items():
        yield Figure(f"  processor time per proposal, {role}", seconds * 1000 / drafted.proposals, "ms")


def _said(drafts: int) -> str:
    return "one draft" if drafts == 1 else f"{drafts} drafts"


def _latencies(name: str, took: Sequence[float], model_ms: float) -> list[Figure]:
    """Of what is left without the model's own time."""
    name += ", without it" if model_ms else ""
    return latencies(name, [each - model_ms for each in took], p50=None, p99=None)


@contextmanager
def _campaign(platform: Platform) -> Iterator[_Desk]:
    """A game master at work on a campaign of some elements and a character."""
    headers = {"Authorization": f"Bearer {game_master(platform)}"}
    with httpx2.Client(base_url=platform.endpoints.http, headers=headers, timeout=SECONDS) as web:
        made = _post(web, "/api/campaigns", {"name": "The Drowned Crown", "level": 3, "theme": "the sea"})
        campaign = made.json()["campaign_id"]
        hero = {"fields": {"name": "Brannoc", "class": "Cleric", "level": 3}}
        _post(web, f"/api/campaigns/{campaign}/characters", hero)
        for number in range(24):
            kind = KINDS[number % len(KINDS)]
            fields = {"name": f"{kind} of shore {number}", "description": "Salt, fog and old debts. " * 8}
            made = _post(web, "/api/elements", {"campaign_id": campaign, "kind": kind, "fields": fields})
        web.headers["X-At-Least"] = made.headers["X-Position"]
        yield _Desk(web, campaign)


def _draft(platform: Platform, desk: _Desk, route: str, count: int) -> Drafted:
    found = Drafted()
    for number in range(WARM_UP):
        desk.proposal(number, DRAFTS[-1])
    before = platform.processor_seconds()
    for drafts in DRAFTS:
        took = found.took[drafts] = []
        for number in range(count):
            began = time.perf_counter()
            made = desk.proposal(number, drafts)
            took.append((time.perf_counter() - began) * 1000)
            found.astray += sum(each["route"] != route for each in made["drafts"])
    after = platform.processor_seconds()
    found.spent = {role: after[role] - used for role, used in before.items() if role in after}
    return found


def _post(web: httpx2.Client, path: str, body: Json) -> httpx2.Response:
    answer = web.post(path, json=body)
    if answer.is_error:
        raise RuntimeError(f"{path} was refused: {answer.status_code} {answer.text[:300]}")
    return answer


async def _question(settings: Settings) -> Json:
    """What the model was asked for one of the drafts."""
    client = await connect(settings, name="bench")
    log = JetStreamLog(client, settings.realm)
    try:
        async for page in log.read_all():
            for message in page:
                made = codec.decode(message.body).events[0]
                if isinstance(made, DecisionMade) and made.agent == "game_master":
                    return made.ask
    finally:
        await log.close()
        await client.close()
    raise RuntimeError("the model was asked nothing")


async def _bare(url: str, question: Json, drafts: int, count: int) -> list[float]:
    """Milliseconds until `drafts` equal questions at once are all answered, one round after the other."""
    import openai

    asked: Any = {
        "model": MODEL,
        "messages": [{"role": each["role"], "content": each["content"]} for each in question["messages"]],
        "max_completion_tokens": 2000,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "draft", "schema": question["schema"]},
        },
    }
    took = []
    async with openai.AsyncOpenAI(api_key="none", base_url=f"{url}/v1", max_retries=0) as client:
        for number in range(WARM_UP + count):
            began = time.perf_counter()
            await asyncio.gather(*(client.chat.completions.create(**asked) for _ in range(drafts)))
            if number >= WARM_UP:
                took.append((time.perf_counter() - began) * 1000)
    return took

"""How fast is the game master's API with 10,000 elements, and the slider of time in a long log?"""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from bench.campaign_fill import CAMPAIGN_ID, KINDS, OWNER, element_id, fill_campaign
from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.platform import Platform, running, wait_for_position
from bench.signing_in import game_master
from bench.web_load import WebOutcome, WebPlan, drive

ELEMENTS = 10_000
RATE = 200.0
MOMENTS = 60
CATCH_UP_SECONDS = 900.0


def run(options: Options = DEFAULT) -> Result:
    """Reads at 200/s: lists, single elements, backlinks, revisions, searches, the campaign; then the slider."""
    elements, others = min(ELEMENTS, options.npcs), options.commits // 5
    with tempfile.TemporaryDirectory(prefix="lorestream-") as folder:
        state = Path(folder) / "state"
        commits = fill_campaign(state, elements=elements, others=others)
        with running(state, http=True) as platform:
            if not wait_for_position(platform, commits, seconds=CATCH_UP_SECONDS):
                raise RuntimeError("the read models did not reach the end of the log")
            token = game_master(platform, OWNER)
            drive(_plan(platform, token, _reads(elements, int(RATE))[: int(RATE)], RATE))
            before = platform.processor_seconds()
            reads = drive(_plan(platform, token, _reads(elements, int(RATE * options.seconds)), RATE))
            spent = platform.processor_seconds()["gateway"] - before["gateway"]
            slides = drive(_plan(platform, token, _slides(commits), 0.0))
    every = [each for found in reads.latencies.values() for each in found]
    return Result(
        "gamemaster",
        (
            Figure("elements", elements, ""),
            Figure("commits", commits, ""),
            *latencies(f"reads at {RATE:.0f}/s", every, p50=5.0, p99=30.0),
            *(
                figure
                for name, found in sorted(reads.latencies.items())
                for figure in latencies(f"  {name}", found, p50=None, p99=None)
            ),
            Figure("gateway, processor time per read", spent * 1000 / max(len(every), 1), "ms"),
            *(
                figure
                for name, found in sorted(slides.latencies.items())
                for figure in latencies(f"{name}, any position", found, p50=None, p99=300.0)
            ),
        ),
        _notes(reads, slides),
    )


def _notes(*outcomes: WebOutcome) -> tuple[str, ...]:
    refused = {status: number for outcome in outcomes for status, number in outcome.refused.items()}
    return (f"answers that were none: {refused}",) if refused else ()


def _plan(platform: Platform, token: str, paths: list[tuple[str, str]], rate: float) -> WebPlan:
    place = urlsplit(platform.endpoints.http)
    return WebPlan(place.hostname or "", place.port or 0, token, tuple(paths), rate)


def _reads(elements: int, count: int) -> list[tuple[str, str]]:
    random = Random(3)
    found = []
    for _ in range(count):
        each, kind = element_id(random.randrange(elements)), random.choice(KINDS)
        word = random.choice(("drowned", "crown", "shore 77", "harbour watch", "nothing of that"))
        choices = (
            ("one element", f"/api/element/{each}"),
            ("page of a list", f"/api/elements/{CAMPAIGN_ID}?kind={kind}&limit=50"),
            ("revisions", f"/api/elements/{each}/revisions"),
            ("backlinks", f"/api/elements/{each}/backlinks"),
            ("campaign", f"/api/campaigns/{CAMPAIGN_ID}"),
            ("search", f"/api/elements/{CAMPAIGN_ID}?q={word.replace(' ', '%20')}&limit=20"),
            ("what changed", f"/api/campaigns/{CAMPAIGN_ID}/changes?limit=50"),
        )
        found.append(random.choices(choices, weights=(50, 20, 6, 6, 8, 5, 5))[0])
    return found


def _slides(commits: int) -> list[tuple[str, str]]:
    random = Random(5)
    found = []
    for _ in range(MOMENTS):
        position = random.randrange(1, commits + 1)
        found += [
            ("campaign as it was", f"/api/campaigns/{CAMPAIGN_ID}/at?position={position}"),
            ("graph as it was (500 nodes)", f"/api/campaigns/{CAMPAIGN_ID}/graph?at={position}"),
            ("element as it was", f"/api/element/{element_id(0)}?at={commits - position % 1000}"),
        ]
    return found

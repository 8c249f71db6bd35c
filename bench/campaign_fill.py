"""A large campaign in a long log: elements with several revisions and references, between the commits of many NPCs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import uvloop
from nats.aio.client import Client

from adapters.nats import bootstrap
from adapters.nats.connection import connect
from adapters.nats.server import EmbeddedServer
from adapters.settings import NatsSettings, Settings
from bench.fill import BEGINNING, PUBLISHED_AT_ONCE, bodies
from bench.workload import npc_name
from events import codec
from events.campaign import CampaignCreated
from events.commit import Actor, Command, Commit, Event, Json
from events.element import ElementChanged, ElementCreated
from events.subjects import log_subject

CAMPAIGN_ID = "bench-campaign"
OWNER = "bench-owner"
REVISIONS = 3
"""Of each element."""
KINDS = ("location", "npc", "quest", "event", "note")
NPCS = 5000

_SENTENCE = (
    "The keeper of the old light saw the **ship** come in at dusk and said nothing to the harbour watch. "
)


def element_id(number: int) -> str:
    """The id of an element of the campaign."""
    return f"bench-element-{number:05d}"


def fill_campaign(state: Path, *, elements: int, others: int, realm: str = "midgard") -> int:
    """Give the embedded server of `state` a log with a campaign, spread evenly over `others` commits of NPCs.

    Returns how many commits there are.
    """
    state.mkdir(parents=True, exist_ok=True)
    return uvloop.run(_fill(state, realm, elements, others))


async def _fill(state: Path, realm: str, elements: int, others: int) -> int:
    settings = Settings(state=state, realm=realm, nats=NatsSettings(durability="balanced"))
    server = EmbeddedServer(settings)
    await server.start()
    client = await connect(settings, name="fill", role="administrator")
    try:
        await bootstrap.ensure_streams(client, replicas=1)
        return await _publish(client, realm, elements, others)
    finally:
        await client.close()
        await server.stop()


async def _publish(client: Client, realm: str, elements: int, others: int) -> int:
    mine = list(_commits(realm, elements))
    crowd = (
        (log_subject(realm, f"npc/{npc_name(number % NPCS).decode()}"), body)
        for number, body in enumerate(bodies(realm, npcs=NPCS, commits=others))
    )
    every, published = max(1, others // len(mine)), 0
    for number, commit in enumerate(mine, start=1):
        batch = [next(crowd, None) for _ in range(every)]
        for subject, body in [
            *filter(None, batch),
            (log_subject(realm, commit.stream), codec.encode(commit)),
        ]:
            published += 1
            if published % PUBLISHED_AT_ONCE and number < len(mine):
                await client.publish(subject, body)
            else:
                await client.request(subject, body, timeout=30)
    return published


def _commits(realm: str, elements: int) -> Iterator[Commit]:
    random, number = Random(7), 0

    def commit(stream: str, version: int, event: Event) -> Commit:
        nonlocal number
        number += 1
        unique = f"bench-{number:09d}"
        return Commit(
            id=f"0190b0a0-0000-7000-8000-{number:012d}",
            realm=realm,
            stream=stream,
            version=version,
            time=BEGINNING + timedelta(seconds=number),
            command=Command(f"web/{unique}", "element.change", {}),
            actor=Actor("account", OWNER, True, {"name": "bench"}),
            correlation_id=unique,
            causation_id=None,
            events=(event,),
        )

    yield commit(f"campaign/{CAMPAIGN_ID}", 1, CampaignCreated("The Long Campaign", OWNER, "bench"))
    for each in range(elements):
        yield commit(f"element/{element_id(each)}", 1, _created(each, random))
    for version in range(2, REVISIONS + 1):
        for each in range(elements):
            changed = ElementChanged(
                CAMPAIGN_ID, KINDS[each % len(KINDS)], {"description": _text(each, random)}
            )
            yield commit(f"element/{element_id(each)}", version, changed)


def _created(number: int, random: Random) -> ElementCreated:
    kind = KINDS[number % len(KINDS)]
    fields: Json = {
        "name": f"{kind.capitalize()} of the {random.choice(('north', 'south', 'old', 'drowned'))} shore {number}",
        "summary": _SENTENCE[:100],
        "description": _text(number, random),
        "tags": [random.choice(("harbour", "cult", "crown", "ship"))],
        "notes": "Known to nobody.",
    }
    if kind in ("npc", "quest", "event") and number >= len(KINDS):
        # A place that is there already.
        fields["location_id"] = element_id(random.randrange(number // len(KINDS)) * len(KINDS))
    return ElementCreated(CAMPAIGN_ID, kind, fields, random.choice(("gm", "all")))


def _text(number: int, random: Random) -> str:
    other = element_id(random.randrange(max(number, 1)))
    return f"{_SENTENCE * 4}\n\nSee [[{other}]]. {random.random()}"

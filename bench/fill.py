"""A long history in seconds: real commits, published to the log of a scratch server that flushes lazily."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop
from nats.aio.client import Client

from adapters.nats import bootstrap
from adapters.nats.connection import connect
from adapters.nats.server import EmbeddedServer
from adapters.settings import NatsSettings, Settings
from bench.workload import PLAYERS, npc_name
from events import codec
from events.commit import Actor, Command, Commit, Event
from events.npc import Goal, Location, NpcInteracted, NpcPerceived, NpcRegistered, Profile
from events.subjects import log_subject

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
PUBLISHED_AT_ONCE = 1000
"""Messages between two acknowledgements: below what JetStream queues before it drops."""

_NPC, _ID, _VERSION, _TIME = "NPC-NAME", "COMMIT-ID", 77_777_777, "2026-01-01T00:00:00Z"


def fill(state: Path, *, realm: str = "midgard", npcs: int, commits: int) -> None:
    """Give the embedded server of `state` a log of `commits` commits on `npcs` NPCs, oldest NPC first in each round.

    The NPCs are those of `bench.workload`. `lorestream up` on the same directory then flushes as it always does.
    """
    state.mkdir(parents=True, exist_ok=True)
    uvloop.run(_fill(state, realm, npcs, commits))


async def _fill(state: Path, realm: str, npcs: int, commits: int) -> None:
    settings = Settings(state=state, realm=realm, nats=NatsSettings(durability="balanced"))
    server = EmbeddedServer(settings)
    await server.start()
    client = await connect(settings, name="fill", role="administrator")
    try:
        await bootstrap.ensure_streams(client, replicas=1)
        await _publish(client, realm, npcs, commits)
        stored = (await client.jetstream().stream_info("LOG")).state.messages
        if stored != commits:
            raise RuntimeError(f"the log holds {stored} of {commits} commits")
    finally:
        await client.close()
        await server.stop()


async def _publish(client: Client, realm: str, npcs: int, commits: int) -> None:
    subject = log_subject(realm, f"npc/{_NPC}").replace(_NPC, "%s")
    for number, body in enumerate(bodies(realm, npcs=npcs, commits=commits), start=1):
        to = subject % npc_name((number - 1) % npcs).decode()
        if number % PUBLISHED_AT_ONCE and number < commits:
            await client.publish(to, body)
        else:
            await client.request(to, body, timeout=30)


def bodies(realm: str, *, npcs: int, commits: int) -> Iterator[bytes]:
    """Encoded commits: every NPC is registered, then things happen to all of them in turn."""
    templates = [_template(realm, event, name) for event, name in _events()]
    registered, *happened = templates
    for number in range(commits):
        version, npc = divmod(number, npcs)
        template = registered if version == 0 else happened[(number * 7 + version) % len(happened)]
        time = (BEGINNING + timedelta(milliseconds=number)).isoformat(timespec="milliseconds")
        # Fields in the order of the template: the cheapest way to many different bodies.
        yield template % {
            b"npc": npc_name(npc),
            b"id": b"01900000-0000-7000-8000-%012d" % number,
            b"version": version + 1,
            b"time": time.encode(),
        }


def _events() -> Iterator[tuple[Event, str]]:
    personality = {"archetype": "merchant", "openness": 0.6, "traits": ["greedy", "brave"]}
    yield (
        NpcRegistered(
            Profile("merchant", None, personality, (Goal("sell wares", 5),), Location("prontera", 150, 180))
        ),
        "npc.register",
    )
    for distance in range(20):
        yield NpcPerceived("heard_sound", {"sound": "bell", "distance": distance}), "npc.event"
    for player in range(PLAYERS):
        message = {"message": "Good morning! What do you sell today?"}
        yield NpcInteracted(str(150_000 + player), "talk", message, True, {"action": "nod"}), "npc.interact"


def _template(realm: str, event: Event, name: str) -> bytes:
    commit = Commit(
        id=_ID,
        realm=realm,
        stream=f"npc/{_NPC}",
        version=_VERSION,
        time=BEGINNING,
        command=Command(f"map-1/{_ID}", name, {}),
        actor=Actor("server", "map-1"),
        correlation_id=_ID,
        causation_id=None,
        events=(event,),
    )
    encoded = codec.encode(commit).replace(b"%", b"%%")
    for marker, field in (
        (_NPC, b"%(npc)s"),
        (_ID, b"%(id)s"),
        (str(_VERSION), b"%(version)d"),
        (_TIME, b"%(time)s"),
    ):
        if marker.encode() not in encoded:
            raise RuntimeError(f"a commit is no longer encoded as expected: {marker} is not in it")
        encoded = encoded.replace(marker.encode(), field)
    return encoded

"""The handler on a real log: retries, conflicts, stale workers, deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from nats.aio.client import Client
from uuid_utils import uuid7

from adapters.nats.log import JetStreamLog
from adapters.nats.snapshots import KvSnapshots
from adapters.rathena.maps import Maps
from adapters.rulebooks import load
from commands.codes import Code
from commands.handler import CommandHandler
from commands.loader import StreamLoader
from commands.message import CommandMessage
from commands.mind.affect import at_rest
from commands.mind.outlook import outlook_of
from commands.mind.view import MindView
from commands.ports import Deadline
from commands.registry import DECIDERS
from commands.request import request_id
from events import codec
from events.commit import Actor, microseconds

SERVER = Actor("server", "map-1")


class Deadlines:
    def __init__(self) -> None:
        self.set_for: list[Deadline] = []

    async def set(self, deadline: Deadline) -> None:
        self.set_for.append(deadline)


class Census:
    async def registered(self, *, faction: str | None = None, among: Sequence[str] | None = None) -> int:
        return 7 if among is None else len(among)

    async def residents(self, maps: Sequence[str]) -> list[str]:
        return []


class Minds:
    async def view(
        self, npc_id: str, others: Sequence[str], *, at_least: int | None, at_us: int
    ) -> MindView | None:
        outlook = outlook_of(npc_id, {}, load().archetypes)
        return MindView(npc_id, at_least or 0, at_us, outlook, at_rest(outlook.rest))


def worker(log: JetStreamLog, client: Client, **options: Any) -> CommandHandler:
    loader = StreamLoader(log, KvSnapshots(client), **options)
    return CommandHandler(
        log,
        loader,
        deadlines=Deadlines(),
        census=Census(),
        minds=Minds(),
        grounds=Maps(None),
        rules=load(),
        clock=lambda: datetime.now(UTC),
        identities=lambda: str(uuid7()),
    )


def message(name: str, stream: str, command_id: str = "", **args: Any) -> CommandMessage:
    unique = command_id or f"test/{uuid7()}"
    return CommandMessage(unique, name, stream, args, SERVER, unique)


@pytest.fixture
def handler(log: JetStreamLog, client: Client) -> CommandHandler:
    return worker(log, client)


async def commits(log: JetStreamLog, stream: str) -> list[str]:
    return [r.commit.command.name async for r in log.read(stream)]


async def test_a_command_becomes_one_commit_with_its_events(
    handler: CommandHandler, log: JetStreamLog
) -> None:
    reply = await handler.handle(message("npc.register", "npc/John", personality={"archetype": "merchant"}))
    assert (reply.code, reply.data) == (0, {"npc_id": "John", "version": 1})
    [recorded] = [r async for r in log.read("npc/John")]
    assert (recorded.position, recorded.commit.id) == (reply.position, reply.commit_id)
    assert recorded.commit.actor == SERVER


async def test_a_retry_gets_the_first_answer_and_changes_nothing(
    handler: CommandHandler, log: JetStreamLog, client: Client
) -> None:
    register = message("npc.register", "npc/John", personality={"archetype": "merchant"})
    first = await handler.handle(register)
    await handler.handle(message("npc.event", "npc/John", event_type="attacked"))
    assert await handler.handle(register) == first
    assert await worker(log, client).handle(register) == first
    assert await commits(log, "npc/John") == ["npc.register", "npc.event"]


async def test_a_command_id_with_another_body_is_refused_naming_the_field(
    handler: CommandHandler, log: JetStreamLog
) -> None:
    await handler.handle(message("npc.register", "npc/John", "map-1/r1", archetype="merchant"))
    reply = await handler.handle(message("npc.register", "npc/John", "map-1/r1", archetype="guard"))
    assert (reply.code, reply.field) == (Code.INVALID_PARAMETER, "correlation_id")
    elsewhere = await handler.handle(message("npc.register", "npc/Jane", "map-1/r1", archetype="merchant"))
    assert (elsewhere.code, elsewhere.field) == (Code.INVALID_PARAMETER, "correlation_id")
    assert await commits(log, "npc/Jane") == []


async def test_a_recorded_decision_stands_in_its_commit_once_and_is_still_told_from_another(
    handler: CommandHandler, log: JetStreamLog, client: Client
) -> None:
    ask = {"messages": [{"role": "user", "content": "a long prompt"}], "parameters": {}}
    made = {"agent": "npc_intelligence", "purpose": "dialogue", "key": "k", "route": "model", "provider": "one",
            "model": "fake-1", "ask": ask, "answer": "Welcome!", "proposal": {"response": "Welcome!"}}  # fmt: skip
    first = await handler.handle(message("decision.record", "decision/dec_1", "models/dec_1", **made))
    assert first.success
    [recorded] = [r async for r in log.read("decision/dec_1")]
    assert recorded.commit.events[0].ask == ask  # type: ignore[attr-defined]
    assert "ask" not in recorded.commit.command.args
    again = message("decision.record", "decision/dec_1", "models/dec_1", **made)
    assert await handler.handle(again) == first
    assert await worker(log, client).handle(again) == first
    other = message("decision.record", "decision/dec_1", "models/dec_1", **{**made, "answer": "Go away!"})
    assert (await handler.handle(other)).field == "correlation_id"
    assert len([r async for r in log.read("decision/dec_1")]) == 1


async def test_a_worker_with_a_stale_state_neither_refuses_nor_decides_on_it(
    log: JetStreamLog, client: Client
) -> None:
    one, two = worker(log, client), worker(log, client)
    event = {"event_type": "attacked"}
    assert (await two.handle(message("npc.event", "npc/John", **event))).code == Code.NPC_NOT_FOUND
    assert (await one.handle(message("npc.register", "npc/John"))).success
    assert (await two.handle(message("npc.event", "npc/John", **event))).success
    assert (await one.handle(message("npc.unregister", "npc/John"))).success
    assert (await two.handle(message("npc.event", "npc/John", **event))).code == Code.NPC_NOT_FOUND


async def test_workers_racing_on_one_stream_lose_no_command_and_leave_no_gap(
    log: JetStreamLog, client: Client
) -> None:
    workers = [worker(log, client) for _ in range(4)]
    await workers[0].handle(message("npc.register", "npc/John"))
    replies = await asyncio.gather(
        *(w.handle(message("npc.event", "npc/John", event_type="bell")) for w in workers for _ in range(25))
    )
    assert all(reply.success for reply in replies)
    assert [r.commit.version async for r in log.read("npc/John")] == list(range(1, 102))


async def test_a_long_stream_is_loaded_from_its_snapshot(log: JetStreamLog, client: Client) -> None:
    first = worker(log, client, snapshot_every=10)
    await first.handle(message("npc.register", "npc/John", archetype="sage"))
    for _ in range(24):
        await first.handle(message("npc.event", "npc/John", event_type="bell"))
    loader = StreamLoader(log, KvSnapshots(client))
    folded = await loader.current(DECIDERS["npc"], "npc/John")
    plain = await StreamLoader(log).current(DECIDERS["npc"], "npc/John")
    assert folded == plain
    assert folded.version == 25


async def test_opening_a_request_sets_its_deadline_before_anything_else(
    log: JetStreamLog, client: Client
) -> None:
    handler = worker(log, client)
    await handler.handle(message("npc.register", "npc/John"))
    stream = f"request/{request_id('map-1/r9')}"
    reply = await handler.handle(
        message("request.open", stream, "map-1/r9", operation="dialogue", npc_id="John", timeout_ms=1000)
    )
    assert reply.data == {"request_id": stream.partition("/")[2], "status": "pending"}
    deadlines = handler._deadlines
    assert isinstance(deadlines, Deadlines)
    assert [d.stream for d in deadlines.set_for] == [stream]


async def test_racing_outcomes_leave_exactly_one(log: JetStreamLog, client: Client) -> None:
    workers = [worker(log, client) for _ in range(4)]
    await workers[0].handle(message("npc.register", "npc/John"))
    for number in range(5):
        stream = f"request/r{number}"
        await workers[0].handle(message("request.open", stream, operation="dialogue", npc_id="John"))
        replies = await asyncio.gather(
            workers[0].handle(message("request.complete", stream, result={"response": "a"})),
            workers[1].handle(message("request.cancel", stream)),
            workers[2].handle(message("request.fail", stream, code=-502, message="x")),
            workers[3].handle(message("request.complete", stream, result={"response": "b"})),
        )
        assert sorted(reply.code for reply in replies) == [-203, -203, -203, 0]
        assert len(await commits(log, stream)) == 2


async def test_a_world_event_records_how_many_it_affected(handler: CommandHandler, log: JetStreamLog) -> None:
    reply = await handler.handle(message("world.event", f"world/{log.realm}", event_type="festival_start"))
    assert reply.data == {"affected": 7}


async def test_a_command_that_waited_longer_than_its_caller_is_not_decided(
    handler: CommandHandler, log: JetStreamLog
) -> None:
    late = CommandMessage(
        "test/late",
        "npc.register",
        "npc/John",
        {},
        SERVER,
        "late",
        deadline_us=microseconds(datetime.now(UTC)) - 1,
    )
    assert (await handler.handle(late)).code == Code.TIMEOUT
    assert await commits(log, "npc/John") == []


@pytest.mark.parametrize(
    ("name", "stream"),
    [("npc.fly", "npc/John"), ("nobody.register", "npc/John"), ("npc.register", "world/John")],
)
async def test_what_is_not_a_command_is_refused(handler: CommandHandler, name: str, stream: str) -> None:
    assert (await handler.handle(message(name, stream))).code == Code.INVALID_PARAMETER


async def test_a_commit_in_the_log_decodes_to_what_was_decided(
    handler: CommandHandler, log: JetStreamLog
) -> None:
    reply = await handler.handle(message("npc.register", "npc/Jöhn 商人", faction="guild"))
    assert reply.position is not None
    stored = await log.at(reply.position)
    assert stored is not None
    commit = codec.decode(stored.body)
    assert [event.type for event in commit.events] == ["npc.registered", "npc.faction_joined"]

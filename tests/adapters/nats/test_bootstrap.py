from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import StreamConfig

from adapters.nats.bootstrap import (
    access_stream,
    check_server,
    ensure_streams,
    lawless,
    log_stream,
    timers_stream,
)
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from events.errors import LogMisconfigured
from tests.commits import commit


async def test_bootstrapping_again_changes_nothing(client: Client) -> None:
    before = await client.jetstream().stream_info("LOG")
    await ensure_streams(client)
    assert (await client.jetstream().stream_info("LOG")).config == before.config


async def test_the_streams_of_a_fresh_server_obey_the_laws(client: Client) -> None:
    for wanted in (log_stream(), access_stream(), timers_stream()):
        assert wanted.name is not None
        actual = (await client.jetstream().stream_info(wanted.name)).config
        assert lawless(actual, wanted) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("deny_delete", False),
        ("deny_purge", False),
        ("max_msgs", 1000),
        ("max_bytes", 10_000),
        ("max_age", 60.0),
        ("max_msgs_per_subject", 5),
        ("allow_msg_ttl", True),
        ("allow_rollup_hdrs", True),
        ("allow_msg_schedules", True),
        ("subjects", ["log.midgard.>"]),
        ("sealed", True),
    ],
)
def test_a_log_stream_that_would_break_a_law_is_found_out(field: str, value: Any) -> None:
    differences = lawless(replace(log_stream(), **{field: value}), log_stream())
    assert [difference.field for difference in differences] == [field]


def test_harmless_differences_are_tolerated() -> None:
    other = replace(log_stream(), description="mine", num_replicas=3, duplicate_window=30.0)
    assert lawless(other, log_stream()) == []


@pytest.mark.parametrize("version", ["2.14.9", "v1.0.0", "unknown"])
def test_an_old_server_is_refused(version: str) -> None:
    with pytest.raises(LogMisconfigured, match="too old"):
        check_server(version)


@pytest.mark.parametrize("version", ["2.15.0", "2.15.1-RC.1", "3.0.0"])
def test_a_server_from_2_15_on_is_accepted(version: str) -> None:
    check_server(version)
    assert version


ATTACKS = {
    "update": ("$JS.API.STREAM.UPDATE.LOG", b'{"name":"LOG","subjects":["log.>"],"max_msgs":1}'),
    "delete": ("$JS.API.STREAM.DELETE.LOG", b""),
    "purge": ("$JS.API.STREAM.PURGE.LOG", b""),
    "delete message": ("$JS.API.STREAM.MSG.DELETE.LOG", b'{"seq":1}'),
    "restore": ("$JS.API.STREAM.RESTORE.LOG", b'{"config":{"name":"LOG"}}'),
    "purge through the domain": ("$JS.midgard.API.STREAM.PURGE.LOG", b""),
    "delete through the domain": ("$JS.midgard.API.STREAM.DELETE.LOG", b""),
}


@pytest.mark.parametrize("attack", sorted(ATTACKS))
async def test_the_application_cannot_harm_the_log(log: JetStreamLog, client: Client, attack: str) -> None:
    appended = await log.append(commit(realm=log.realm), expected=0)
    before = (await client.jetstream().stream_info("LOG")).state.messages
    subject, body = ATTACKS[attack]
    with pytest.raises((NatsError, TimeoutError)):
        await client.request(subject, body, timeout=0.5)
    assert (await client.jetstream().stream_info("LOG")).state.messages >= before
    assert await log.at(appended.position) is not None


@pytest.mark.parametrize("headers", [{"Nats-TTL": "1s"}, {"Nats-Rollup": "sub"}, {"Nats-Rollup": "all"}])
async def test_a_message_cannot_make_the_log_forget(
    log: JetStreamLog, client: Client, headers: dict[str, str]
) -> None:
    await log.append(commit(realm=log.realm), expected=0)
    answer = await client.request(f"log.{log.realm}.npc.x", b"{}", timeout=2, headers=headers)
    assert b'"error"' in answer.data


async def test_not_even_the_administrator_can_purge_the_log_by_mistake(settings: Settings) -> None:
    administrator = await connect(settings, name="test", role="administrator")
    for subject, body in (ATTACKS["purge"], ATTACKS["delete message"]):
        answer = await administrator.request(subject, body, timeout=2)
        assert b'"error"' in answer.data
    await administrator.close()


async def test_an_existing_stream_that_breaks_a_law_stops_the_bootstrap(settings: Settings) -> None:
    administrator = await connect(settings, name="test", role="administrator")
    jetstream = administrator.jetstream()
    lawful = (await jetstream.stream_info("TIMERS")).config
    try:
        await jetstream.delete_stream("TIMERS")
        await jetstream.add_stream(StreamConfig(name="TIMERS", subjects=["sch.>"]))
        with pytest.raises(LogMisconfigured, match=r"TIMERS.*subjects"):
            await ensure_streams(administrator)
    finally:
        await jetstream.delete_stream("TIMERS")
        await jetstream.add_stream(lawful)
        await administrator.close()

"""`lorestream llm`: models and agents seen and switched from the command line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from adapters.llm.book import load
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from tests.adapters.cli.conftest import Lorestream
from tests.adapters.rathena.conftest import running


@pytest.fixture
async def workers(settings: Settings) -> AsyncIterator[None]:
    async with running(settings, "commands"):
        yield


async def test_providers_and_agents_are_listed_without_secrets(lorestream: Lorestream) -> None:
    listed = await lorestream("llm", "providers", "--json")
    assert [(row["name"], row["status"]) for row in json.loads(listed.out)][:2] == [
        ("openai", 0),
        ("azure", 0),
    ]
    shown = await lorestream("llm", "providers")
    first = ["off", "openai", "openai", load().providers["openai"].model, "1", "OPENAI_API_KEY"]
    assert shown.out.splitlines()[1].split() == first
    agents = await lorestream("llm", "agents")
    assert agents.out.splitlines()[1].split() == [
        *("on", "npc_intelligence", "by", "priority", "rule", "$10.00"),
    ]


@pytest.mark.usefixtures("workers")
async def test_a_switch_is_a_commit_of_the_operator_with_its_reason(
    lorestream: Lorestream, log: JetStreamLog
) -> None:
    done = await lorestream("llm", "enable", "fake", "--reason", "trying it out", "--json")
    assert (done.status, json.loads(done.out)["stream"]) == (0, "provider/fake")
    await lorestream("llm", "disable", "agent/chat")
    [on] = [recorded.commit async for recorded in log.read("provider/fake")]
    assert (on.actor.kind, on.events[0].reason) == ("operator", "trying it out")  # type: ignore[attr-defined]
    rows = json.loads((await lorestream("llm", "agents", "--json")).out)
    assert {row["name"]: row["status"] for row in rows}["chat"] == 0


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("nobody", 5, "llm providers"),
        ("1", 2, "provider/openai or agent/npc_intelligence"),
        ("a/b/c", 2, "no name"),
    ],
)
async def test_a_name_that_means_nothing_or_two_things_is_refused(
    lorestream: Lorestream, name: str, status: int, told: str
) -> None:
    done = await lorestream("llm", "enable", name)
    assert (done.status, told in done.err) == (status, True)


async def test_a_key_is_made_listed_and_revoked_and_shown_once(lorestream: Lorestream) -> None:
    made = await lorestream("llm", "keys", "create", "ddnet-1", "--profile", "ddnet", "--json")
    key = made.json["key"]
    assert (made.status, made.json["profile"], key.startswith("sk-")) == (0, "ddnet", True)
    listed = await lorestream("llm", "keys", "ls", "--json")
    assert [(row["name"], row["hint"]) for row in listed.json] == [("ddnet-1", f"…{key[-4:]}")]
    assert key not in listed.out
    assert (await lorestream("llm", "keys", "create", "ddnet-1")).status == 2
    assert (await lorestream("llm", "keys", "create", "other", "--profile", "none")).status == 2
    assert (await lorestream("llm", "keys", "revoke", "ddnet-1")).status == 0
    assert (await lorestream("llm", "keys", "revoke", "ddnet-1")).status == 5

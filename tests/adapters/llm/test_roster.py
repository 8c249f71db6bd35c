"""Switches of providers and agents: as configured until a commit says otherwise, followed while it runs."""

from __future__ import annotations

import asyncio

import pytest
from nats.aio.client import Client

from adapters.llm.adviser import Cause
from adapters.llm.assembly import open_adviser
from adapters.llm.book import ProviderEntry
from adapters.llm.roster import Roster
from adapters.nats.log import JetStreamLog
from adapters.settings import LlmSettings, Settings
from commands.message import CommandMessage
from events.commit import Actor
from tests.adapters.llm.scene import (
    AGENT,
    HandlerBus,
    Scripted,
    agent,
    ask,
    book,
    entry,
    handler_bus,
    read,
    says,
    unique,
    until,
)

BOOK = book([entry("one", 2), entry("two", 1), entry("off", 3, enabled=False)], agent(provider="off"))


@pytest.fixture
def bus(log: JetStreamLog, client: Client) -> HandlerBus:
    return handler_bus(log, client)


async def switch(bus: HandlerBus, stream: str, enabled: bool) -> None:
    category = stream.partition("/")[0]
    message = CommandMessage(
        f"test/{unique()}",
        f"{category}.set_status",
        stream,
        {"enabled": enabled},
        Actor("operator", "me"),
        "x",
    )
    assert (await bus.send(message, timeout=5)).success


def order(roster: Roster) -> list[str]:
    return [each.key for each in roster.candidates(BOOK.agents[AGENT])]


async def test_the_configuration_counts_until_a_commit_says_otherwise(
    bus: HandlerBus, log: JetStreamLog
) -> None:
    roster = Roster(BOOK)
    await roster.load(log)
    assert (order(roster), roster.agent_on(AGENT)) == (["two", "one"], True)
    await switch(bus, "provider/off", True)
    await switch(bus, "provider/two", False)
    await switch(bus, f"agent/{AGENT}", False)
    await switch(bus, "provider/removed_from_the_configuration", True)
    await roster.load(log)
    assert (order(roster), roster.agent_on(AGENT)) == (["off", "one"], False)
    assert not roster.provider_on("removed_from_the_configuration")


async def test_a_switch_takes_effect_in_a_running_process(
    bus: HandlerBus, log: JetStreamLog, client: Client, settings: Settings
) -> None:
    models = book([entry("one", 1, enabled=False)])
    opened: list[str] = []

    def opening(entry: object) -> Scripted:
        opened.append("one")
        return provider

    provider = Scripted("one", [says("hello")])
    async with open_adviser(settings, client, bus, log, book=models, opening=opening) as adviser:
        for on in (True, False, True):
            assert adviser.enabled(AGENT) is not on
            await switch(bus, "provider/one", on)
            await until(lambda on=on: adviser.enabled(AGENT) is on)  # type: ignore[misc]
        await until(lambda: bool(opened))
    assert opened == ["one"]
    assert provider.closed


async def test_nothing_is_opened_where_models_are_not_wanted(
    bus: HandlerBus, log: JetStreamLog, client: Client, settings: Settings
) -> None:
    def opening(entry: object) -> Scripted:
        raise AssertionError("nobody wanted this")

    without = settings.model_copy(update={"llm": LlmSettings(enabled=False)})
    async with open_adviser(without, client, bus, log, book=BOOK, opening=opening) as adviser:
        assert not adviser.enabled(AGENT)
        deadline = asyncio.get_running_loop().time() + 5
        advice = await adviser.advise(Cause("c", "c"), ask(), read, deadline=deadline)
    assert (advice.made.route, advice.made.attempts) == ("none", ())


async def test_a_provider_that_cannot_be_opened_is_said_to_be_and_the_rest_goes_on(
    bus: HandlerBus, log: JetStreamLog, client: Client, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    def opening(entry: ProviderEntry) -> Scripted:
        if entry.key == "broken":
            raise ImportError("sk-secret")
        return Scripted("whole", [says("hello")])

    models = book([entry("broken", 1), entry("whole", 2)])
    async with open_adviser(settings, client, bus, log, book=models, opening=opening) as adviser:
        deadline = asyncio.get_running_loop().time() + 5
        advice = await adviser.advise(Cause("c", "c"), ask(), read, deadline=deadline)
    assert (advice.made.route, advice.made.provider) == ("fallback", "whole")
    said = "".join(capfd.readouterr())
    assert "a provider cannot be opened" in said
    assert "opening" in said  # the place is told
    assert "sk-secret" not in said


async def test_without_any_provider_that_can_be_opened_no_model_can_be_asked(
    bus: HandlerBus, log: JetStreamLog, client: Client, settings: Settings
) -> None:
    def opening(entry: ProviderEntry) -> Scripted:
        raise ImportError(entry.key)

    models = book([entry("one", 1)])
    async with open_adviser(settings, client, bus, log, book=models, opening=opening) as adviser:
        assert adviser.enabled(AGENT)
        await until(lambda: not adviser.enabled(AGENT))

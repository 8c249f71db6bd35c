"""A role works with all of its parts, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from adapters.roles.parts import PartEnded, until_stopped
from events.errors import ConfigurationError


async def for_ever() -> None:
    await asyncio.Event().wait()


async def failing(error: Exception) -> None:
    raise error


async def nothing() -> None:
    pass


async def waiting_for(part: Coroutine[Any, Any, None], stop: asyncio.Event | None = None) -> None:
    other = asyncio.create_task(for_ever(), name="other")
    try:
        await until_stopped(stop or asyncio.Event(), other, asyncio.create_task(part, name="HTTP"))
    finally:
        still_working = not other.done()
        other.cancel()
    assert still_working


async def test_a_part_that_fails_is_named_with_its_reason() -> None:
    with pytest.raises(PartEnded, match=r"HTTP ended unexpectedly: KeyError\('spell'\)") as told:
        await waiting_for(failing(KeyError("spell")))
    assert told.value.part == "HTTP"
    assert isinstance(told.value.__cause__, KeyError)


async def test_a_part_that_just_returns_is_missed_as_well() -> None:
    with pytest.raises(PartEnded, match="nothing more to do"):
        await waiting_for(nothing())


async def test_a_wrong_setting_stays_a_wrong_setting() -> None:
    with pytest.raises(ConfigurationError, match="Mend it"):
        await waiting_for(failing(ConfigurationError("settings", "http.port", "is wrong", "Mend it")))


async def test_whoever_is_told_to_stop_does_not_complain_of_parts_that_ended_by_it() -> None:
    stop = asyncio.Event()
    stop.set()
    await waiting_for(nothing(), stop)

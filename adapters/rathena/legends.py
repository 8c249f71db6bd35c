"""The operations on bloodlines, syntheses and the state of the world (`rathena-server-side.md` §5.2)."""

from __future__ import annotations

from collections.abc import Callable
from time import time_ns
from typing import Any

from adapters.rathena.queries import ask
from adapters.rathena.services import Call, Services, send
from adapters.rulebooks import load
from commands.bloodline import WORDS as BLOODLINE
from commands.codes import Code
from commands.legend.book import LegendBook
from commands.legend.path import Words, known
from commands.message import Reply
from commands.rejection import Rejected
from commands.synthesis import WORDS as SYNTHESIS
from projections import legends, world

MAX_CHAR_ID = 2**31 - 1
MAX_EVENTS = 50


async def unlock_bloodline(services: Services, call: Call) -> Reply:
    return await _command(services, call, "bloodline", "unlock", "bloodline_id")


async def add_bloodline_exp(services: Services, call: Call) -> Reply:
    return await _command(services, call, "bloodline", "add_exp", "bloodline_id", "exp")


async def unlock_synthesis(services: Services, call: Call) -> Reply:
    return await _command(services, call, "synthesis", "unlock", "class1_id", "class2_id")


async def add_synthesis_exp(services: Services, call: Call) -> Reply:
    return await _command(services, call, "synthesis", "add_exp", "synthesis_id", "exp")


async def get_bloodline_level(services: Services, call: Call) -> Reply:
    return await _level(services, call, BLOODLINE, load().bloodlines, legends.bloodline_level)


async def get_synthesis_level(services: Services, call: Call) -> Reply:
    return await _level(services, call, SYNTHESIS, load().syntheses, legends.synthesis_level)


async def get_bloodlines(services: Services, call: Call) -> Reply:
    char_id = character(call)
    stream = f"bloodline/{char_id}"
    found = await ask(services, call, legends.bloodlines, char_id, load().bloodlines, stream=stream)
    return Reply(data={"char_id": int(char_id), "bloodlines": found})


async def get_syntheses(services: Services, call: Call) -> Reply:
    char_id = character(call)
    stream = f"synthesis/{char_id}"
    found = await ask(services, call, legends.syntheses, char_id, load().syntheses, stream=stream)
    return Reply(data={"char_id": int(char_id), "syntheses": found})


async def get_world_state(services: Services, call: Call) -> Reply:
    """The season, the weather, running festivals and the latest events, of one `map` or of all."""
    events = call.data.get("events", 10)
    if not 0 <= events <= MAX_EVENTS:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, f"data.events must be 0 to {MAX_EVENTS}", field="data.events"
        )
    book, now, map_name = load().world, time_ns() // 1000, call.data.get("map")
    stream = f"world/{services.settings.realm}"
    return Reply(
        data=await ask(services, call, world.world_state, book, now, map_name, events, stream=stream)
    )


def character(call: Call) -> str:
    """Whose legend it is: `data.char_id`, or the character that a trusted `actor` object names.

    A `player_id` inside `data` is a claim and never counts. Raises `Rejected`: -104 nobody, -105 no such number.
    """
    char_id = call.data.get("char_id")
    if char_id is None and call.actor.kind == "player" and call.actor.trusted:
        told = str(call.actor.details.get("char_id", ""))
        char_id = int(told) if told.isdecimal() and len(told) <= 10 else None
    if char_id is None:
        raise Rejected(
            Code.MISSING_REQUIRED_FIELD,
            "data.char_id is missing, and no trusted actor object names a character",
            field="data.char_id",
        )
    if not 1 <= char_id <= MAX_CHAR_ID:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, f"data.char_id must be 1 to {MAX_CHAR_ID}", field="data.char_id"
        )
    return str(char_id)


async def _command(services: Services, call: Call, category: str, verb: str, *fields: str) -> Reply:
    if not call.connection.vouched:
        # Whoever concatenates a body over HTTP could put any character into it.
        raise Rejected(
            Code.AUTHENTICATION_FAILED, f"{category}s are changed by the game server over ZeroMQ only"
        )
    stream = f"{category}/{character(call)}"
    args = {name: call.data[name] for name in fields}
    return await send(services, call, f"{category}.{verb}", stream, args)


async def _level(
    services: Services, call: Call, words: Words, book: LegendBook, query: Callable[..., Any]
) -> Reply:
    char_id, legend_id = character(call), call.data[words.field]
    known(book, legend_id, words)
    found = await ask(services, call, query, char_id, legend_id, stream=f"{words.name}/{char_id}")
    return Reply(data={"char_id": int(char_id), words.field: legend_id, **found})

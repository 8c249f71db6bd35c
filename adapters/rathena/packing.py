"""`get_packet`: a client packet, filled from the read models, as the bytes that the map-server only has to send on."""

from __future__ import annotations

from functools import lru_cache
from time import time_ns
from typing import Any

from adapters.rathena.legends import character
from adapters.rathena.packets import filling
from adapters.rathena.packets.catalogue import STRUCTURES, codec
from adapters.rathena.packets.codec import PacketCodec
from adapters.rathena.packets.structures import Packet
from adapters.rathena.queries import ask
from adapters.rathena.services import Call, Services
from adapters.rulebooks import load
from adapters.settings import PacketSettings
from commands.bloodline import WORDS as BLOODLINE
from commands.codes import Code
from commands.legend.path import known
from commands.message import Reply
from commands.rejection import Rejected
from commands.synthesis import WORDS as SYNTHESIS
from events.errors import PacketUnfit
from projections import legends, world

LATEST_EVENTS = 50


async def get_packet(services: Services, call: Call) -> Reply:
    """`{"packet", "packet_id", "length", "hex"}`; `id` names the bloodline, synthesis or event where there is one.

    Raises `Rejected`: -101 no such packet, -104 a missing id or map, -105 a value that its field cannot hold.
    """
    name = call.data["packet"]
    make = _PACKETS.get(name)
    if make is None:
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"data.packet: {name[:40]!r} is not sent to clients; known are {', '.join(_PACKETS)}",
            field="data.packet",
        )
    writer = _codec(services.settings.packets)
    try:
        body = writer.encode(await make(services, call))
    except PacketUnfit as error:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, f"data.{error.field}: {error.problem}", field=f"data.{error.field}"
        ) from None
    number = getattr(services.settings.packets, name)
    return Reply(data={"packet": name, "packet_id": number, "length": len(body), "hex": body.hex()})


@lru_cache(maxsize=4)
def _codec(settings: PacketSettings) -> PacketCodec:
    return codec(settings)


async def _bloodline_info(services: Services, call: Call) -> Packet:
    char_id = character(call)
    return filling.bloodline_info(int(char_id), await _bloodlines(services, call, char_id))


async def _bloodline_details(services: Services, call: Call) -> Packet:
    char_id = character(call)
    legend = known(load().bloodlines, _id(call), BLOODLINE)
    mine = await _bloodlines(services, call, char_id)
    return filling.bloodline_details(legend, _mine(mine, "bloodline_id", legend.id))


async def _synthesis_info(services: Services, call: Call) -> Packet:
    char_id = character(call)
    return filling.synthesis_info(int(char_id), await _syntheses(services, call, char_id))


async def _synthesis_details(services: Services, call: Call) -> Packet:
    char_id = character(call)
    legend = known(load().syntheses, _id(call), SYNTHESIS)
    mine = await _syntheses(services, call, char_id)
    return filling.synthesis_details(legend, _mine(mine, "synthesis_id", legend.id))


async def _event_notification(services: Services, call: Call) -> Packet:
    """The event named by `id`, or the latest one."""
    state = await _world(services, call, None)
    wanted = call.data.get("id")
    event = next((e for e in state["events"] if wanted in (None, 0, e["event_id"])), None)
    if event is None:
        raise Rejected(
            Code.STATE_UNAVAILABLE, "data.id: no event of that number is among the latest", field="data.id"
        )
    return filling.event_notification(event)


async def _weather_update(services: Services, call: Call) -> Packet:
    map_name = call.data.get("map") or call.request.source.map or ""
    if not map_name:
        raise Rejected(Code.MISSING_REQUIRED_FIELD, "data.map is missing", field="data.map")
    state = await _world(services, call, map_name)
    return filling.weather_update(call.data.get("map_id", 0), state["weather"])


_PACKETS = {
    "bloodline_info": _bloodline_info,
    "bloodline_details": _bloodline_details,
    "synthesis_info": _synthesis_info,
    "synthesis_details": _synthesis_details,
    "event_notification": _event_notification,
    "weather_update": _weather_update,
}
assert _PACKETS.keys() == {name for name in STRUCTURES if not name.startswith("request_")}


async def _bloodlines(services: Services, call: Call, char_id: str) -> Any:
    stream = f"bloodline/{char_id}"
    return await ask(services, call, legends.bloodlines, char_id, load().bloodlines, stream=stream)


async def _syntheses(services: Services, call: Call, char_id: str) -> Any:
    stream = f"synthesis/{char_id}"
    return await ask(services, call, legends.syntheses, char_id, load().syntheses, stream=stream)


async def _world(services: Services, call: Call, map_name: str | None) -> Any:
    stream = f"world/{services.settings.realm}"
    now = time_ns() // 1000
    return await ask(
        services, call, world.world_state, load().world, now, map_name, LATEST_EVENTS, stream=stream
    )


def _id(call: Call) -> int:
    found = call.data.get("id")
    if found is None:
        raise Rejected(Code.MISSING_REQUIRED_FIELD, "data.id is missing", field="data.id")
    return int(found)


def _mine(rows: Any, column: str, legend_id: int) -> Any:
    return next((row for row in rows if row[column] == legend_id), None)

"""Client packets over a real socket, filled from what the platform knows."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.rathena.packets.catalogue import codec
from adapters.rathena.packets.structures import (
    BloodlineDetails,
    BloodlineInfo,
    Packet,
    SynthesisDetails,
    SynthesisInfo,
    WeatherUpdate,
)
from adapters.rulebooks import load
from adapters.settings import PacketSettings
from events.errors import ConfigurationError
from tests.adapters.rathena.game_server import PLAYER, GameServer


async def packet(server: GameServer, name: str, **data: Any) -> Packet:
    answer = await server.ask("get_packet", None, {"packet": name, **data}, actor=PLAYER)
    assert answer["success"], answer
    body = bytes.fromhex(answer["data"]["hex"])
    assert len(body) == answer["data"]["length"]
    return codec(PacketSettings()).decode(body)


async def test_a_characters_bloodlines_are_in_its_packets(map_server: GameServer) -> None:
    assert await packet(map_server, "bloodline_info") == BloodlineInfo(150000)
    assert (await map_server.ask("unlock_bloodline", None, {"bloodline_id": 1}, actor=PLAYER))["success"]
    gained = {"bloodline_id": 1, "exp": 50}
    assert (await map_server.ask("add_bloodline_exp", None, gained, actor=PLAYER))["success"]
    info = await packet(map_server, "bloodline_info")
    assert isinstance(info, BloodlineInfo)
    assert [(row.bloodline_id, row.level, row.exp) for row in info.bloodlines] == [(1, 1, 50)]
    details = await packet(map_server, "bloodline_details", id=1)
    assert isinstance(details, BloodlineDetails)
    legend = load().bloodlines.entries[1]
    assert (details.name, details.description) == (legend.name, legend.description)
    assert details.skills


async def test_a_legend_that_sleeps_has_details_without_skills(map_server: GameServer) -> None:
    first = min(load().syntheses.entries)
    details = await packet(map_server, "synthesis_details", id=first)
    assert isinstance(details, SynthesisDetails)
    assert details.name == load().syntheses.entries[first].name
    assert details.skills == ()
    assert await packet(map_server, "synthesis_info") == SynthesisInfo(150000)


async def test_a_map_without_weather_of_its_own_is_clear(map_server: GameServer) -> None:
    assert await packet(map_server, "weather_update", map="prontera", map_id=7) == WeatherUpdate(7, 0, 0, 0)


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        ({"packet": "request_bloodline_info"}, -101, "data.packet"),
        ({"packet": "nonsense"}, -101, "data.packet"),
        ({}, -104, "data.packet"),
        ({"packet": "bloodline_details"}, -104, "data.id"),
        ({"packet": "weather_update"}, -104, "data.map"),
        ({"packet": "weather_update", "map": "prontera", "map_id": 70_000}, -105, "data.map_id"),
        ({"packet": "event_notification", "id": 999}, -201, "data.id"),
    ],
)
async def test_a_packet_that_cannot_be_filled_says_why(
    map_server: GameServer,
    data: dict[str, Any],
    code: int,
    field: str,
) -> None:
    answer = await map_server.ask("get_packet", None, data, actor=PLAYER)
    assert (answer["error_code"], answer["field"]) == (code, field)


def test_two_packets_with_one_id_are_a_mistake_of_the_configuration() -> None:
    with pytest.raises(ConfigurationError, match=r"packets\.\w+"):
        codec(PacketSettings(weather_update=0x0C11))

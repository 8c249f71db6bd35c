"""Which packets there are, by the names that settings and scripts use."""

from __future__ import annotations

from typing import Any

from adapters.rathena.packets.codec import PacketCodec
from adapters.rathena.packets.structures import (
    BloodlineDetails,
    BloodlineInfo,
    EventNotification,
    RequestBloodlineDetails,
    RequestBloodlineInfo,
    RequestSynthesisDetails,
    RequestSynthesisInfo,
    SynthesisDetails,
    SynthesisInfo,
    WeatherUpdate,
)
from adapters.settings import PacketSettings
from events.errors import ConfigurationError, PacketUnfit

STRUCTURES: dict[str, type[Any]] = {
    "request_bloodline_info": RequestBloodlineInfo,
    "bloodline_info": BloodlineInfo,
    "request_bloodline_details": RequestBloodlineDetails,
    "bloodline_details": BloodlineDetails,
    "request_synthesis_info": RequestSynthesisInfo,
    "synthesis_info": SynthesisInfo,
    "request_synthesis_details": RequestSynthesisDetails,
    "synthesis_details": SynthesisDetails,
    "event_notification": EventNotification,
    "weather_update": WeatherUpdate,
}


def codec(settings: PacketSettings) -> PacketCodec:
    """The codec with an operator's ids. Raises `ConfigurationError` when two packets have the same."""
    ids = {structure: getattr(settings, name) for name, structure in STRUCTURES.items()}
    try:
        return PacketCodec(ids, encoding=settings.encoding)
    except PacketUnfit as error:
        name = next(name for name, structure in STRUCTURES.items() if structure.__name__ == error.packet)
        raise ConfigurationError(
            "settings", f"packets.{name}", "is the id of another packet", "Give each its own."
        ) from None

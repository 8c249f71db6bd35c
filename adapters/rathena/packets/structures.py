"""The ten packets of `rathena-server-side.md` §6.1 and §6.2 as values.

`ZC` travels from the server to the game client, `CZ` the other way. The fields are those of the specification, without
`packet_id`, `packet_len` and the counts, which the codec writes. The two requests for an overview have no fields: §6.1
names their handlers, §6.2 no structure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BloodlineEntry:
    bloodline_id: int
    level: int
    exp: int
    max_exp: int


@dataclass(frozen=True, slots=True)
class SynthesisEntry:
    synthesis_id: int
    class1_id: int
    class2_id: int
    level: int
    exp: int
    max_exp: int


@dataclass(frozen=True, slots=True)
class SkillEntry:
    skill_id: int
    skill_level: int


@dataclass(frozen=True, slots=True)
class RequestBloodlineInfo:
    """CZ: all bloodlines of the player, please."""


@dataclass(frozen=True, slots=True)
class BloodlineInfo:
    """`PACKET_ZC_BLOODLINE_INFO`."""

    char_id: int
    bloodlines: tuple[BloodlineEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestBloodlineDetails:
    """`PACKET_CZ_REQUEST_BLOODLINE_DETAILS`."""

    bloodline_id: int


@dataclass(frozen=True, slots=True)
class BloodlineDetails:
    """`PACKET_ZC_BLOODLINE_DETAILS`; `name` and `description` are cut to what fits 24 and 120 bytes."""

    bloodline_id: int
    name: str
    description: str
    skills: tuple[SkillEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestSynthesisInfo:
    """CZ: all syntheses of the player, please."""


@dataclass(frozen=True, slots=True)
class SynthesisInfo:
    """`PACKET_ZC_SYNTHESIS_INFO`."""

    char_id: int
    syntheses: tuple[SynthesisEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestSynthesisDetails:
    """`PACKET_CZ_REQUEST_SYNTHESIS_DETAILS`."""

    synthesis_id: int


@dataclass(frozen=True, slots=True)
class SynthesisDetails:
    """`PACKET_ZC_SYNTHESIS_DETAILS`; `name` and `description` are cut to what fits 24 and 120 bytes."""

    synthesis_id: int
    name: str
    description: str
    skills: tuple[SkillEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class EventNotification:
    """`PACKET_ZC_AI_EVENT_NOTIFICATION`; `duration` in seconds."""

    event_id: int
    event_type: int
    event_name: str
    description: str
    duration: int


@dataclass(frozen=True, slots=True)
class WeatherUpdate:
    """`PACKET_ZC_AI_WEATHER_UPDATE`, the one packet of fixed length towards the client; `duration` in seconds."""

    map_id: int
    weather_type: int
    intensity: int
    duration: int


Packet = (
    RequestBloodlineInfo
    | BloodlineInfo
    | RequestBloodlineDetails
    | BloodlineDetails
    | RequestSynthesisInfo
    | SynthesisInfo
    | RequestSynthesisDetails
    | SynthesisDetails
    | EventNotification
    | WeatherUpdate
)

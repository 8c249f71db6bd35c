"""From what the read models know to the packets that show it. Pure.

Entries beyond what a packet holds are left out, the first ones stay: a client shows what it gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.rathena.packets.codec import MAX_ENTRIES, MAX_SKILLS
from adapters.rathena.packets.structures import (
    BloodlineDetails,
    BloodlineEntry,
    BloodlineInfo,
    EventNotification,
    SkillEntry,
    SynthesisDetails,
    SynthesisEntry,
    SynthesisInfo,
    WeatherUpdate,
)
from commands.legend.book import Legend
from events.commit import Json

CLEAR = 0
"""The weather of a map that has none of its own."""


def bloodline_info(char_id: int, known: Sequence[Json]) -> BloodlineInfo:
    """The character's bloodlines that are awake."""
    awake = [row for row in known if row["level"] > 0][:MAX_ENTRIES]
    return BloodlineInfo(
        char_id,
        tuple(BloodlineEntry(row["bloodline_id"], row["level"], row["exp"], row["max_exp"]) for row in awake),
    )


def synthesis_info(char_id: int, known: Sequence[Json]) -> SynthesisInfo:
    """The character's syntheses that are awake."""
    awake = [row for row in known if row["level"] > 0][:MAX_ENTRIES]
    return SynthesisInfo(
        char_id,
        tuple(
            SynthesisEntry(
                row["synthesis_id"],
                row["class1_id"],
                row["class2_id"],
                row["level"],
                row["exp"],
                row["max_exp"],
            )
            for row in awake
        ),
    )


def bloodline_details(legend: Legend, mine: Mapping[str, Any] | None) -> BloodlineDetails:
    """What the book says of a bloodline, with the skills that the character has of it."""
    return BloodlineDetails(legend.id, legend.name, legend.description, _skills(mine))


def synthesis_details(legend: Legend, mine: Mapping[str, Any] | None) -> SynthesisDetails:
    return SynthesisDetails(legend.id, legend.name, legend.description, _skills(mine))


def event_notification(event: Json) -> EventNotification:
    """One of the world's events as `projections.world` shows it."""
    return EventNotification(
        event["event_id"], event["event_type"], event["title"], event["description"], event["seconds_left"]
    )


def weather_update(map_id: int, skies: Sequence[Json]) -> WeatherUpdate:
    """The weather of one map; `intensity` is 0 to 100."""
    if not skies:
        return WeatherUpdate(map_id, CLEAR, 0, 0)
    sky = skies[0]
    return WeatherUpdate(map_id, sky["weather_type"], sky["intensity"], sky["seconds_left"])


def _skills(mine: Mapping[str, Any] | None) -> tuple[SkillEntry, ...]:
    skills = mine["skills"][:MAX_SKILLS] if mine is not None and mine["level"] > 0 else ()
    return tuple(SkillEntry(skill["skill_id"], skill["skill_level"]) for skill in skills)

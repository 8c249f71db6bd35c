"""Commits as CloudEvents 1.0, the form in which they leave the platform.

Specification: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md with the extensions
`correlation`, `partitioning` and `sequence`.
"""

from __future__ import annotations

from typing import Any

from events import codec
from events.commit import Recorded

TYPE_PREFIX = "org.lorestream."


def to_cloudevents(recorded: Recorded) -> list[dict[str, Any]]:
    """One CloudEvent per event of the commit, in order.

    `id` is the commit's id and the event's index, so it is unique within `source`. `sequence` is the log
    position, zero-padded to 20 digits because the extension asks for a string that sorts.
    """
    stored = codec.to_json(recorded.commit)
    common: dict[str, Any] = {
        "specversion": "1.0",
        "source": f"/lorestream/{recorded.commit.realm}",
        "subject": recorded.commit.stream,
        "time": stored["time"],
        "datacontenttype": "application/json",
        "partitionkey": recorded.commit.stream,
        "sequence": f"{recorded.position:020d}",
        "correlationid": recorded.commit.correlation_id,
        "actorkind": recorded.commit.actor.kind,
        "actorid": recorded.commit.actor.id,
    }
    if recorded.commit.causation_id is not None:
        common["causationid"] = recorded.commit.causation_id
    return [
        common
        | {
            "id": f"{recorded.commit.id}/{index}",
            "type": f"{TYPE_PREFIX}{event['type']}.v{event['v']}",
            "data": event["data"],
        }
        for index, event in enumerate(stored["events"])
    ]

"""Every event of legends, of the world, of scripts, of campaigns and of proposals has a sentence for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.tidings import tiding
from events import codec
from events.npc import NpcPerceived
from tests.commits import commit

GOLDEN = Path(__file__).parents[1] / "events" / "golden"
CATEGORIES = (
    "bloodline.",
    "chat.",
    "campaign.",
    "dice.",
    "element.",
    "proposal.",
    "synthesis.",
    "world.",
    "scriptevent.",
    "provider.",
    "agent.",
)
FILES = sorted(
    file
    for file in GOLDEN.glob("*.json")
    if file.name.startswith(CATEGORIES) and "event_occurred" not in file.name
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_happened_is_told_in_one_sentence(file: Path) -> None:
    made = codec.decode(file.read_bytes())
    told = tiding(made.events[0], made)
    assert told
    assert told.isprintable()
    narrative = json.loads(file.read_text())["events"][0]["data"].get("narrative")
    assert not narrative or narrative in told


def test_other_events_have_theirs_elsewhere() -> None:
    assert tiding(NpcPerceived("x", {}), commit()) is None

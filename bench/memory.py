"""Recall of evidence turns on a file in the LoCoMo format, by the product's own memory: no model, text only.

One NPC per conversation remembers every turn; a question's score is the share of its evidence turns among the first k
memories recalled, averaged over questions. The data set is for evaluation only and never part of this repository.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from time import perf_counter_ns
from typing import Any

from commands.mind.memory.hints import MONTHS, days
from commands.mind.memory.record import Memory, Source
from commands.mind.memory.search import Index, search
from commands.mind.memory.segment import OpenSegment, SealedSegment
from commands.mind.memory.weights import SHIPPED, Weights

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
DEPTHS = (5, 10, 20)
_TIME = re.compile(r"(\d{1,2}):(\d{2}) (am|pm) on (\d{1,2}) (\w+),? (\d{4})")


@dataclass(frozen=True, slots=True)
class Ask:
    """One usable question: text, category, and the ordinals of its evidence turns."""

    text: str
    category: int
    evidence: frozenset[int]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as one NPC's memories."""

    name: str
    memories: list[Memory]
    asks: list[Ask]
    index: Index


def read(path: Path) -> list[Conversation]:
    """Read a file in the LoCoMo format. Raises `OSError` or `ValueError` if it is not one."""
    try:
        return [_conversation(number, record) for number, record in enumerate(json.loads(path.read_bytes()))]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not in the LoCoMo format: {error!r}") from error


def _conversation(number: int, record: dict[str, Any]) -> Conversation:
    talk, memories, turn_of = record["conversation"], [], {}
    name = str(record.get("sample_id", number))
    sessions = sorted(
        (int(field[8:]) for field in talk if re.fullmatch(r"session_\d+", field) and isinstance(talk[field], list))
    )
    for session in sessions:
        start = _time(talk.get(f"session_{session}_date_time", ""))
        for offset, turn in enumerate(talk[f"session_{session}"]):
            turn_of[turn["dia_id"]] = len(memories)
            memories.append(
                Memory(
                    owner=name, position=len(memories) + 1, index=0, at=start + offset * 1_000_000,
                    content=turn["text"], kind="said", actor=turn["speaker"], source=Source.HEARD, scene=f"s{session}",
                )
            )  # fmt: skip
    asks = []
    for question in record["qa"]:
        evidence = frozenset(turn_of[label] for label in question.get("evidence", ()) if label in turn_of)
        if evidence:
            asks.append(Ask(question["question"], question["category"], evidence))
    segment = OpenSegment()
    for memory in memories:
        segment.add(memory)
    return Conversation(name, memories, asks, Index([SealedSegment(segment.seal())]))


def _time(text: str) -> int:
    """µs since the epoch of a session's time; 0 if it cannot be read."""
    found = _TIME.search(text)
    if not found or found[5].lower() not in MONTHS:
        return 0
    hour = int(found[1]) % 12 + 12 * (found[3] == "pm")
    day = days(int(found[6]), MONTHS.index(found[5].lower()) + 1, int(found[4]))
    return (day * 86_400 + hour * 3_600 + int(found[2]) * 60) * 1_000_000

"""Recall of evidence turns on a file in the LoCoMo format, by the product's own memory: no model, text only.

One NPC per conversation remembers every turn; a question's score is the share of its evidence turns among the
first k memories recalled, averaged over questions. The data set is for evaluation only and never part of this
repository.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from time import perf_counter_ns
from typing import Any

from commands.mind.memory.hints import MONTHS, days
from commands.mind.memory.recall import Query, recall
from commands.mind.memory.record import Memory, Source
from commands.mind.memory.store import InMemoryStore
from commands.mind.memory.weights import SHIPPED, Weights

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
DEPTHS = (5, 10, 20)
_TIME = re.compile(r"(\d{1,2}):(\d{2}) (am|pm) on (\d{1,2}) (\w+),? (\d{4})")

GRID: dict[str, Sequence[Any]] = {
    "after": ((600, 400), (700, 500), (800, 500), (900, 600)),
    "before": ((500, 300), (600, 500), (700, 500)),
    "actor": (300, 500, 700),
    "scene": (500, 1_000, 1_500),
    "question": (0, 100, 200, 300),
    "length": (300, 600, 900),
    "date": (600, 1_000, 1_500),
    "related": (200, 300, 400, 500),
    "fuzzy": (500, 1_000),
    "fusion_k": (10, 20, 60),
    "b": (500, 750),
}
"""Values tried per weight when weights are chosen (`loo`)."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One usable question: text, category, and the positions of its evidence turns."""

    text: str
    category: int
    evidence: frozenset[int]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as one NPC's memories."""

    name: str
    turns: int
    asks: tuple[Ask, ...]
    store: InMemoryStore


@dataclass(frozen=True, slots=True)
class Recall:
    """Mean recall of evidence turns at `DEPTHS`, 0-1, over a number of questions."""

    questions: int
    at: dict[int, float]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Weights chosen on all other conversations, and what they reach on the one left out."""

    conversation: str
    weights: Weights
    recall: Recall


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run; times are milliseconds per question, `loo` is None unless asked for."""

    turns: int
    overall: Recall
    categories: dict[str, Recall]
    conversations: dict[str, Recall]
    p50_ms: float
    p95_ms: float
    max_ms: float
    weights: Weights
    loo: tuple[LeftOut, ...] | None = None
    loo_overall: Recall | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return asdict(self)

    def as_text(self) -> str:
        """The report as a table for people."""
        rows = [("all", self.overall), *self.categories.items(), *self.conversations.items()]
        if self.loo_overall and self.loo:
            rows.append(("leave one out", self.loo_overall))
            rows += [(f"  without {left.conversation}", left.recall) for left in self.loo]
        lines = [f"{'':24}{'questions':>10}" + "".join(f"{f'R@{depth}':>8}" for depth in DEPTHS)]
        for name, recall_ in rows:
            figures = "".join(f"{recall_.at[depth]:8.3f}" for depth in DEPTHS)
            lines.append(f"{name:24}{recall_.questions:>10}{figures}")
        lines.append(f"query ms: p50 {self.p50_ms:.2f}, p95 {self.p95_ms:.2f}, max {self.max_ms:.2f}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Answered:
    """One question answered: where it belongs, its recall at each depth, and how long it took."""

    conversation: str
    category: int
    at: tuple[float, ...]
    ms: float


def run(locomo: Path | str, *, weights: Weights = SHIPPED, loo: bool = False) -> Report:
    """Measure recall on a file in the LoCoMo format.

    `weights` are the shipped ones unless given; `loo` also chooses weights by coordinate ascent on all
    conversations but one and measures them on that one, for each (minutes). Raises `OSError` if the file
    cannot be read and `ValueError` if it is not in the format.
    """
    conversations = read(Path(locomo))
    answered = [answer for conversation in conversations for answer in _answers(conversation, weights)]
    if not answered:
        raise ValueError(f"{locomo} holds no question whose evidence turns exist")
    times = sorted(answer.ms for answer in answered)
    left_out = tuple(_leave_one_out(conversations)) if loo else None
    return Report(
        turns=sum(conversation.turns for conversation in conversations),
        overall=_mean(answered),
        categories={
            name: _mean(found)
            for number, name in CATEGORIES.items()
            if (found := [answer for answer in answered if answer.category == number])
        },
        conversations={
            conversation.name: _mean(found)
            for conversation in conversations
            if (found := [answer for answer in answered if answer.conversation == conversation.name])
        },
        p50_ms=times[len(times) // 2],
        p95_ms=times[len(times) * 95 // 100],
        max_ms=times[-1],
        weights=weights,
        loo=left_out,
        loo_overall=_weighted(left_out) if left_out else None,
    )


def choose(conversations: Sequence[Conversation], start: Weights = SHIPPED) -> Weights:
    """The weights of `GRID` that do best on the given conversations, by one round of coordinate ascent.

    The objective is the sum of recall at 10 and at 20.
    """
    best, most = start, _objective(conversations, start)
    for field, values in GRID.items():
        for value in values:
            if value == getattr(best, field):
                continue
            tried = replace(best, **{field: value})
            reached = _objective(conversations, tried)
            if reached > most:
                best, most = tried, reached
    return best


def _objective(conversations: Iterable[Conversation], weights: Weights) -> float:
    mean = _mean([answer for conversation in conversations for answer in _answers(conversation, weights)])
    return mean.at[10] + mean.at[20]


def _leave_one_out(conversations: Sequence[Conversation]) -> Iterable[LeftOut]:
    for left in conversations:
        # Starting from a neutral point, not from the shipped weights: those have seen the conversation left
        # out.
        weights = choose([other for other in conversations if other is not left], NEUTRAL)
        yield LeftOut(left.name, weights, _mean(_answers(left, weights)))


NEUTRAL = replace(
    SHIPPED,
    after=(600, 400), before=(500, 300), actor=300, scene=500, question=0, length=300, date=600, related=200,
    fuzzy=1_000, fusion_k=60, b=750,
)  # fmt: skip
"""Where `loo` starts: no value of it was chosen on any conversation."""


def _answers(conversation: Conversation, weights: Weights) -> list[_Answered]:
    answered = []
    for ask in conversation.asks:
        query = Query(conversation.name, "search", ask.text, limit=max(DEPTHS))
        started = perf_counter_ns()
        recalled = recall(conversation.store, query, weights=weights)
        ms = (perf_counter_ns() - started) / 1e6
        found = [one.memory.position for one in recalled]
        at = tuple(len(ask.evidence.intersection(found[:depth])) / len(ask.evidence) for depth in DEPTHS)
        answered.append(_Answered(conversation.name, ask.category, at, ms))
    return answered


def _mean(answered: Sequence[_Answered]) -> Recall:
    return Recall(
        len(answered), {depth: fmean(answer.at[i] for answer in answered) for i, depth in enumerate(DEPTHS)}
    )


def _weighted(left: Sequence[LeftOut]) -> Recall:
    total = sum(one.recall.questions for one in left)
    return Recall(
        total,
        {depth: sum(one.recall.at[depth] * one.recall.questions for one in left) / total for depth in DEPTHS},
    )


def read(path: Path) -> list[Conversation]:
    """Read a file in the LoCoMo format. Raises `OSError` or `ValueError` if it is not one."""
    try:
        records = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    try:
        return [_conversation(number, record) for number, record in enumerate(records)]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is not in the LoCoMo format, a list of {{conversation, qa}}: {error!r}"
        ) from error


def _conversation(number: int, record: dict[str, Any]) -> Conversation:
    talk = record["conversation"]
    memories: list[Memory] = []
    turn_of: dict[str, int] = {}
    name = str(record.get("sample_id", number))
    sessions = sorted(
        int(field[8:])
        for field in talk
        if re.fullmatch(r"session_\d+", field) and isinstance(talk[field], list)
    )
    for session in sessions:
        start = _time(talk.get(f"session_{session}_date_time", ""))
        for offset, turn in enumerate(talk[f"session_{session}"]):
            turn_of[turn["dia_id"]] = len(memories) + 1
            memories.append(
                Memory(
                    owner=name, position=len(memories) + 1, index=0, at=start + offset * 1_000_000,
                    content=turn["text"], kind="said", actor=turn["speaker"], source=Source.HEARD,
                    scene=f"s{session}",
                )
            )  # fmt: skip
    asks = []
    for question in record["qa"]:
        evidence = frozenset(turn_of[label] for label in question.get("evidence", ()) if label in turn_of)
        if evidence:
            asks.append(Ask(question["question"], question["category"], evidence))
    return Conversation(name, len(memories), tuple(asks), InMemoryStore(memories))


def _time(text: str) -> int:
    """µs since the epoch of a session's time; 0 if it cannot be read."""
    found = _TIME.search(text)
    if not found or found[5].lower() not in MONTHS:
        return 0
    hour = int(found[1]) % 12 + 12 * (found[3] == "pm")
    day = days(int(found[6]), MONTHS.index(found[5].lower()) + 1, int(found[4]))
    return (day * 86_400 + hour * 3_600 + int(found[2]) * 60) * 1_000_000

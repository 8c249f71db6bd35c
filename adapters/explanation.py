"""Why did it say that? From an answer back to scores, memories, rules and the commits behind it, as a tree.

Everything is read from the log: a decision's event holds its score table and its grounds, causation ids lead to
what set it in motion, decisions hold the question put to a model and the memories in it. No model is asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from adapters.audit import account
from adapters.sql.reader import Reader
from adapters.tidings import tiding
from events import codec
from events.commit import Commit, Event, Json
from events.decision import DecisionJudged, DecisionMade, DecisionRerun
from events.errors import CodecError
from events.log import Log
from events.npc import (
    Basis,
    NpcBargained,
    NpcDecided,
    NpcGoalsChanged,
    NpcHeard,
    NpcInteracted,
    NpcPerceived,
    NpcQuestOffered,
    NpcReconsidered,
    NpcSpoke,
)
from events.request import OUTCOMES, RequestOpened
from projections import feed

MAX_DEPTH = 4
MAX_BRANCHES = 12
MAX_ROWS = 5

Related = Callable[[str], Awaitable[list[int]]]
"""Positions of the commits that share a correlation id, in order."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A node of the tree: what it is, where in the log it stands (None for a rule or a score), details, and why."""

    title: str
    position: int | None = None
    stream: str = ""
    at: str = ""
    detail: Json | None = None
    because: tuple[Reason, ...] = ()

    def as_json(self) -> Json:
        """The tree as plain JSON, without what is empty."""
        plain: Json = {
            "title": self.title,
            "position": self.position,
            "stream": self.stream,
            "at": self.at,
            "detail": self.detail,
            "because": [reason.as_json() for reason in self.because],
        }
        return {key: value for key, value in plain.items() if value not in (None, "", [])}


async def explain(log: Log, related: Related, position: int) -> Reason | None:
    """Why the commit at `position` says what it says; None when there is no commit. Raises `LogUnavailable`."""
    return await _Explainer(log, related).node(position, MAX_DEPTH)


async def explain_request(log: Log, related: Related, request_id: str) -> Reason | None:
    """Why an asynchronous request ended as it did, or a model's decision came about; None when there is neither.

    Raises `LogUnavailable`.
    """
    commits = [recorded async for recorded in log.read(f"request/{request_id}")]
    if not commits:
        made = [recorded async for recorded in log.read(f"decision/{request_id}")]
        return await _Explainer(log, related).node(made[0].position, MAX_DEPTH) if made else None
    return await _Explainer(log, related).node(commits[-1].position, MAX_DEPTH)


def related_in(reader: Reader) -> Related:
    """`Related` as the event feed knows it."""

    async def related(correlation_id: str) -> list[int]:
        rows = await reader.run(feed.trace, correlation_id)
        return sorted({int(row["position"]) for row in rows})

    return related


class _Explainer:
    """One walk through the log; a commit is explained where it is met first and only named afterwards."""

    def __init__(self, log: Log, related: Related) -> None:
        self._log = log
        self._related = related
        self._told: set[int] = set()
        self._positions: dict[str, dict[str, int]] = {}

    async def node(self, position: int, depth: int) -> Reason | None:
        stored = await self._log.at(position)
        if stored is None:
            return None
        try:
            commit = codec.decode(stored.body)
        except CodecError as error:
            return Reason(f"a commit that cannot be read: {error}", position)
        title = "; ".join(_sentence(event, commit) for event in commit.events)
        detail = _detail(commit)
        if position in self._told or depth == 0:
            return Reason(title, position, commit.stream, commit.time.isoformat(), detail)
        self._told.add(position)
        because = await self._because(commit, position, depth - 1)
        return Reason(title, position, commit.stream, commit.time.isoformat(), detail, because)

    async def _because(self, commit: Commit, position: int, depth: int) -> tuple[Reason, ...]:
        reasons: list[Reason] = []
        for event in commit.events:
            reasons += _scores(event)
            basis = getattr(event, "basis", None)
            if isinstance(basis, Basis):
                reasons += await self._grounds(basis, depth)
            if isinstance(event, NpcSpoke) and set(event.memories) - set(event.basis.memories):
                remembered = await self._nodes(event.memories, depth)
                reasons.append(Reason("what it remembered", because=tuple(remembered)))
            if isinstance(event, DecisionMade):
                reasons += await self._advice(event, commit, depth)
        reasons += await self._advised(commit, depth)
        if any(isinstance(event, OUTCOMES) for event in commit.events):
            reasons += await self._what_the_agent_did(commit, depth)
        cause = await self._cause(commit)
        if cause is not None and cause != position:
            reasons += await self._nodes((cause,), depth)
        return tuple(reasons)

    async def _grounds(self, basis: Basis, depth: int) -> list[Reason]:
        found = []
        if basis.mood:
            names = ("pleasure", "arousal", "dominance")
            mood = {name: value / 1_000_000 for name, value in zip(names, basis.mood, strict=False)}
            found.append(Reason("the mood it was in", detail=mood))
        if basis.standing:
            person, level = basis.standing.get("person"), basis.standing.get("level")
            told = {k: v / 1_000_000 for k, v in basis.standing.items() if isinstance(v, int)}
            found.append(Reason(f"how it stood to {person}: {level}", detail=told))
        felt = await self._nodes(basis.commits, depth)
        if felt:
            found.append(Reason("what it had been through", because=tuple(felt)))
        remembered = await self._nodes(basis.memories, depth)
        if remembered:
            found.append(Reason("what it remembered", because=tuple(remembered)))
        if basis.rules:
            found.append(Reason(f"rule books {basis.rules}"))
        return found

    async def _advised(self, commit: Commit, depth: int) -> list[Reason]:
        """The decisions of models made for what caused this commit."""
        if commit.causation_id is None or commit.category == "decision" or commit.actor.kind != "agent":
            return []
        beside = (await self._by_id(commit.correlation_id)).values()
        made = []
        for position in beside:
            found = await self._read(position)
            if found is None or found.causation_id != commit.causation_id or position in self._told:
                continue
            if isinstance(found.events[0], DecisionMade):
                made.append(position)
        return await self._nodes(tuple(made), depth)

    async def _advice(self, made: DecisionMade, commit: Commit, depth: int) -> list[Reason]:
        """What a model was asked, what it knew, who else was tried, and what the deciders made of it."""
        found = [Reason(account.attempt(tried)) for tried in made.attempts if tried.outcome != "answered"]
        asked, sizes = account.question(made, commit.entity)
        found.append(Reason(asked, detail=sizes))
        memories = []
        for memory in account.shown(made)[:MAX_BRANCHES]:
            behind = await self._nodes(() if memory.position is None else (memory.position,), depth)
            memories.append(
                Reason(repr(memory.content), None if behind else memory.position, because=tuple(behind))
                if memory.content
                else (behind or [Reason("a memory", memory.position)])[0]
            )
        if memories:
            found.append(Reason("memories put before the model", because=tuple(memories)))
        async for recorded in self._log.read(commit.stream):
            found.extend(
                Reason(account.verdict(event), event.position or recorded.position)
                for event in recorded.commit.events
                if isinstance(event, DecisionJudged)
            )
        return found

    async def _read(self, position: int) -> Commit | None:
        stored = await self._log.at(position)
        try:
            return None if stored is None else codec.decode(stored.body)
        except CodecError:
            return None

    async def _nodes(self, positions: tuple[int, ...], depth: int) -> list[Reason]:
        nodes = [await self.node(position, depth) for position in positions[-MAX_BRANCHES:]]
        return [node for node in nodes if node is not None]

    async def _what_the_agent_did(self, commit: Commit, depth: int) -> list[Reason]:
        """The commits beside a request's outcome that say how it came about: what was said or decided."""
        siblings = await self._by_id(commit.correlation_id)
        wanted = tuple(at for at in siblings.values() if at not in self._told)
        return [node for node in await self._nodes(wanted, depth) if node.stream.startswith("npc/")]

    async def _cause(self, commit: Commit) -> int | None:
        if commit.causation_id is None:
            return None
        return (await self._by_id(commit.correlation_id)).get(commit.causation_id)

    async def _by_id(self, correlation_id: str) -> dict[str, int]:
        known = self._positions.get(correlation_id)
        if known is None:
            known = {}
            for position in await self._related(correlation_id):
                stored = await self._log.at(position)
                if stored is not None:
                    try:
                        known[codec.decode(stored.body).id] = position
                    except CodecError:
                        continue
            self._positions[correlation_id] = known
        return known


def _sentence(event: Event, commit: Commit) -> str:
    match event:
        case NpcSpoke():
            return f"{commit.entity} said to {event.player_id}: {event.response!r} ({event.intent})"
        case NpcDecided():
            return f"{commit.entity} decided {event.kind}: {_short(event.answer)}"
        case NpcReconsidered():
            return f"{commit.entity} thought it over: {event.activity} instead of {event.instead_of}"
        case NpcBargained():
            verdict = "accepted" if event.answer.get("accepted") else "refused"
            return (
                f"{commit.entity} {verdict} an offer of {event.player_id}: {event.answer.get('reason', '')}"
            )
        case NpcQuestOffered():
            name = event.answer.get("quest_name")
            return f"{commit.entity} offered {name!r}" if name else f"{commit.entity} had no quest to give"
        case NpcPerceived():
            return f"{commit.entity} noticed {event.event_type}" + (
                f" by {event.subject}" if event.subject else ""
            )
        case NpcHeard():
            deed = event.kind.replace("_", " ")
            return f"{event.teller} told {commit.entity} of {event.actor or 'somebody'}: {deed}"
        case NpcInteracted():
            return f"{event.player_id} came to {commit.entity}: {event.interaction_type}"
        case NpcGoalsChanged():
            return "its goals moved: " + ", ".join(str(change.get("goal")) for change in event.changes)
        case RequestOpened():
            return f"{commit.actor.kind} {commit.actor.id} asked {event.npc_id} for {event.operation}"
        case _:
            told = account.told(event) or tiding(event, commit)
            return told or event.type.replace(".", " ").replace("_", " ")


def _detail(commit: Commit) -> Json:
    actor = f"{commit.actor.kind} {commit.actor.id}" + ("" if commit.actor.trusted else " (a claim)")
    shown: Json = {"command": commit.command.name, "by": actor}
    for event in commit.events:
        if isinstance(event, NpcSpoke):
            shown |= {"heard": event.message, "template": event.template, "method": event.method}
        elif isinstance(event, NpcPerceived):
            shown |= {"data": event.event_data}
        elif isinstance(event, NpcBargained | NpcQuestOffered):
            shown |= {"reason": event.record.get("reason"), "outcome": event.record.get("outcome")}
        elif isinstance(event, DecisionMade):
            shown |= account.circumstances(event)
        elif isinstance(event, DecisionRerun):
            shown |= {"divergence": event.divergence or "none", "proposal": event.proposal}
        elif isinstance(event, NpcDecided):
            shown |= {"reason": event.record.get("reason")}
        elif isinstance(event, NpcReconsidered):
            scores = {event.activity: event.score / 1_000_000, event.instead_of: event.best / 1_000_000}
            shown |= {"reason": event.reason or None, "decision": event.advice, "scores": scores}
    return {key: value for key, value in shown.items() if value is not None}


def _scores(event: Event) -> list[Reason]:
    """The best rows of a score table, and why the rest was out of the question."""
    record: Any = getattr(event, "record", None)
    if not isinstance(record, dict):
        return []
    found = []
    rows = record.get("table", {}).get("rows", []) if isinstance(record.get("table"), dict) else []
    for row in rows[:MAX_ROWS]:
        if isinstance(row, dict):
            score = row.get("score", 0)
            found.append(Reason(f"{row.get('candidate')} scored {score / 1_000_000:.3f}", detail=row))
    if record.get("influences"):
        moved = {str(name): change / 1_000_000 for name, change in record["influences"]}
        found.append(Reason("what moved the price", detail=moved))
    if record.get("ruled_out"):
        found.append(Reason("ruled out", detail=dict(list(record["ruled_out"].items())[:MAX_BRANCHES])))
    return found


def _short(answer: Json) -> str:
    for name in ("action", "recommended_action", "target_id"):
        if answer.get(name):
            return str(answer[name])
    return "nothing"

"""What must hold of models, from the log alone: each decision made once, judged as it went, paid for within limits."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from adapters.llm.book import ModelBook
from bench.places import environment
from commands.budget import BudgetState, evolve
from events.budget import BudgetReserved, BudgetSettled
from events.commit import Recorded, microseconds
from events.decision import DecisionJudged, DecisionMade
from tests.torture.journal import Asked, Journal, Kill
from tests.torture.laws import History

CLOCK_US = 50_000
"""The killer notes a kill a moment after it, and a commit bears the time of its decision."""


def broken(history: History, journal: Journal, book: ModelBook) -> list[str]:
    """Every breach as a sentence; empty when all hold. `book` is the configuration that the platform ran with."""
    budgets = [each for each in history.commits if each.commit.category == "budget"]
    return [
        *_made_once(history),
        *_judged_once(history),
        *_within_limits(budgets, book),
        *_settled_unless_killed(budgets, [kill for kill in journal.kills if kill.role == "agents"]),
        *_same_answers(history, journal.questions),
    ]


async def unfaithful(state: Path, variables: Mapping[str, str]) -> tuple[list[str], int]:
    """`lorestream llm replay` of the whole log: what does not follow, and how many decisions were gone through."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.cli", "llm", "replay", "--state", str(state), "--json"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(dict(variables)),
        cwd=state,
    )
    output, talk = await process.communicate()
    if not output:
        return [f"llm replay ended with {process.returncode}: {talk.decode(errors='replace')[-500:]}"], 0
    found = json.loads(output)
    wrong = [*found["differences"], *found["unreadable"]]
    problems = [f"llm replay: {each}" for each in wrong]
    if not problems and process.returncode:
        problems.append(f"llm replay ended with {process.returncode}")
    return problems, int(found["decisions"])


def _decisions(history: History) -> Iterator[tuple[Recorded, DecisionMade | DecisionJudged]]:
    for recorded in history.commits:
        if recorded.commit.category == "decision":
            for event in recorded.commit.events:
                if isinstance(event, DecisionMade | DecisionJudged):
                    yield recorded, event


def _made_once(history: History) -> list[str]:
    made: dict[str, int] = defaultdict(int)
    for recorded, event in _decisions(history):
        made[recorded.commit.stream] += isinstance(event, DecisionMade)
    return [f"{stream} was made {count} times" for stream, count in made.items() if count != 1]


def _judged_once(history: History) -> list[str]:
    """No command has two verdicts, an accepted one is the commit that the verdict names, a refused one is none."""
    problems, judged = [], set()
    for recorded, event in _decisions(history):
        if not isinstance(event, DecisionJudged):
            continue
        which = f"{event.command} {event.command_id} of {recorded.commit.stream}"
        if event.command_id in judged:
            problems.append(f"{which} was judged twice")
        judged.add(event.command_id)
        found = [(each.position, each.commit.id) for each in history.by_command.get(event.command_id, ())]
        # One that was accepted without a commit had nothing to change.
        expected = [(event.position, event.commit_id)] if event.commit_id else []
        if found != expected:
            problems.append(
                f"{which} was {event.verdict} as {expected or 'no commit'}, the log has {found or 'none'}"
            )
    return problems


def _within_limits(budgets: Sequence[Recorded], book: ModelBook) -> list[str]:
    """Nothing was reserved beyond a limit, and nothing spent beyond what was reserved."""
    problems: list[str] = []
    days: dict[str, BudgetState] = {}
    for recorded in budgets:
        day = recorded.commit.entity
        for event in recorded.commit.events:
            state = days.get(day, BudgetState())
            if isinstance(event, BudgetSettled):
                held = state.reserved.get(event.lease, ("", 0))[1]
                if event.spent > held:
                    problems.append(f"lease {event.lease} of {held} was settled with {event.spent}")
            state = days[day] = evolve(state, event, recorded)
            if isinstance(event, BudgetReserved):
                limit = book.agents[event.agent].daily_limit
                if limit is not None and state.committed(event.agent) > limit:
                    problems.append(f"{event.agent} holds {state.committed(event.agent)} of {limit} on {day}")
                if book.realm_limit is not None and state.committed() > book.realm_limit:
                    problems.append(f"all hold {state.committed()} of {book.realm_limit} on {day}")
    return problems


def _settled_unless_killed(budgets: Sequence[Recorded], kills: Sequence[Kill]) -> list[str]:
    """Whoever left a lease unsettled was killed: between its own last commit and the first of the next process.

    The processes that ask models run one after the other, and each has an owner's name of its own in its leases.
    """
    spans: dict[str, tuple[int, int]] = {}
    unsettled: dict[str, str] = {}
    for recorded in budgets:
        at = microseconds(recorded.commit.time)
        for event in recorded.commit.events:
            if isinstance(event, BudgetReserved | BudgetSettled):
                owner = event.lease.rpartition("-")[0]
                spans[owner] = (spans.get(owner, (at, at))[0], at)
                if isinstance(event, BudgetReserved):
                    unsettled[event.lease] = owner
                else:
                    unsettled.pop(event.lease, None)
    moments = [round(kill.time * 1_000_000) for kill in kills]
    order = sorted(spans, key=lambda owner: spans[owner])
    followed = dict(pairwise(order))
    problems = []
    for owner in sorted(set(unsettled.values())):
        last = spans[owner][1] - CLOCK_US
        following = followed.get(owner)
        until = spans[following][0] + CLOCK_US if following else None
        if not any(last <= at and (until is None or at <= until) for at in moments):
            held = [lease for lease, whose in unsettled.items() if whose == owner]
            problems.append(f"{', '.join(held)}: never settled, though its process was not killed")
    return problems


def _same_answers(history: History, questions: Sequence[Asked]) -> list[str]:
    """A question over `/v1` has one answer, and it is the recorded one."""
    made = {
        recorded.commit.entity: event
        for recorded, event in _decisions(history)
        if isinstance(event, DecisionMade)
    }
    problems = []
    for asked in questions:
        if len(set(asked.answers)) > 1:
            problems.append(f"question {asked.key} was answered {asked.answers}")
        for decision, content in asked.answers:
            found = made.get(decision)
            told = None if found is None or found.proposal is None else found.proposal["content"]
            if not asked.npc and told != content:
                problems.append(
                    f"question {asked.key} was answered {content!r}, {decision or 'nothing'} says {told!r}"
                )
    return problems

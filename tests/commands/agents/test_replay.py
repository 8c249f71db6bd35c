"""Given what a platform wrote, a replay proves it; given a log that somebody changed, it names the place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec
import pytest

from adapters.audit.replay import Replayed, Slice, replay, templates
from adapters.llm import prompts
from adapters.roles.agents import read_library
from adapters.rulebooks import load as rule_books
from bench.conversations import Conversations
from commands import registry
from commands.agents.purpose import Purpose, Reading
from commands.agents.purposes import PURPOSES
from commands.agents.rejudging import Court
from commands.codes import Code
from commands.decision import LONG, sha256
from commands.rejection import Rejected
from events.codec import encode
from events.commit import Command, Commit
from events.decision import DecisionJudged, DecisionMade
from events.npc import NpcSpoke
from events.request import RequestCompleted, RequestFailed
from events.subjects import log_subject
from tests.memory_log import MemoryLog

COURT = Court(rule_books())
BOOK = prompts.load()
TEMPLATES = templates(one for versions in BOOK.templates.values() for one in versions.values())


@lru_cache(maxsize=1)
def story() -> tuple[Commit, ...]:
    """Forty conversations: most answered by a model, some from the cache, some by nobody, some too late."""
    told = Conversations("midgard", COURT, read_library(), BOOK.of("npc_intelligence", "dialogue"), npcs=3)
    return tuple(told.commits(40))


def written(commits: tuple[Commit, ...] | list[Commit]) -> MemoryLog:
    log = MemoryLog(page=37)
    for commit in commits:
        log.store(log_subject("midgard", commit.stream), encode(commit), commit.at)
    return log


async def replayed(commits: Any, chosen: Slice | None = None, purposes: Any = PURPOSES) -> Replayed:
    return await replay(written(commits), purposes, COURT, chosen or Slice(), template=TEMPLATES)


def changed(which: Callable[[Commit], bool], change: Callable[[Commit], Commit]) -> tuple[list[Commit], int]:
    """The story with its first fitting commit changed, and where that stands."""
    commits = list(story())
    place = next(number for number, commit in enumerate(commits) if which(commit))
    commits[place] = change(commits[place])
    return commits, place + 1


def with_event(commit: Commit, **fields: Any) -> Commit:
    """The commit with its first event changed, in the event and in the command that recorded it alike."""
    event: Any = replace(commit.events[0], **fields)  # type: ignore[type-var]
    args = {**commit.command.args, **{k: v for k, v in fields.items() if k in commit.command.args}}
    digests = {name: sha256(value) for name, value in fields.items() if name in LONG}
    if "sha256" in args:
        args["sha256"] = {**args["sha256"], **digests}
    return msgspec.structs.replace(
        commit, events=(event, *commit.events[1:]), command=replace(commit.command, args=args)
    )


def is_made(commit: Commit) -> bool:
    return isinstance(commit.events[0], DecisionMade) and commit.events[0].route == "model"


async def test_what_the_platform_wrote_follows_from_its_records() -> None:
    found = await replayed(story())
    assert found.differences == ()
    assert found.faithful
    assert (found.tally.decisions, found.tally.commits, found.tally.refusals) == (40, 76, 2)
    assert (found.tally.unfinished, found.tally.unlinked, found.tally.unproven) == (0, 0, 0)


async def test_a_slice_from_the_middle_is_proved_with_streams_read_from_their_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.audit.replay.LOOK_BACK", 0)
    places = [n for n, commit in enumerate(story(), start=1) if isinstance(commit.events[0], DecisionMade)]
    found = await replayed(story(), Slice(first=places[20], last=places[29]))
    assert found.faithful
    assert found.tally.decisions == 10
    assert found.tally.unlinked == 0


async def test_slices_are_selected_by_npc_agent_purpose_and_number() -> None:
    assert (await replayed(story(), Slice(npc="Resident 0001"))).tally.decisions == 13
    assert (await replayed(story(), Slice(agent="world_evolution"))).tally.decisions == 0
    assert (await replayed(story(), Slice(purpose="dialogue", limit=4))).tally.decisions == 4


async def test_a_changed_answer_no_longer_gives_the_recorded_proposal() -> None:
    tampered = '{"response": "Take all my gold.", "emotion": "happy", "action": "nod", "memories": []}'
    commits, place = changed(is_made, lambda commit: with_event(commit, answer=tampered))
    found = await replayed(commits)
    proposal = found.differences[0]
    assert (proposal.position, proposal.what, proposal.path) == (place, "proposal", "proposal.response")
    assert proposal.expected == "Take all my gold."
    # What follows from the changed answer is not what was said, either.
    assert {each.what for each in found.differences[1:]} == {"command"}


async def test_an_event_that_says_other_than_its_command_is_noticed() -> None:
    def forge(commit: Commit) -> Commit:
        return msgspec.structs.replace(commit, events=(replace(commit.events[0], answer="forged"),))  # type: ignore[type-var]

    commits, place = changed(is_made, forge)
    found = (await replayed(commits)).differences[0]
    assert (found.position, found.what, found.path) == (place, "record", "answer")


async def test_a_changed_question_has_no_recorded_answer_and_is_named() -> None:
    def reword(commit: Commit) -> Commit:
        event = commit.events[0]
        assert isinstance(event, DecisionMade)
        messages = [{**event.ask["messages"][0], "content": "Obey the player."}, *event.ask["messages"][1:]]
        return with_event(commit, ask={**event.ask, "messages": messages})

    commits, place = changed(is_made, reword)
    key, prompt = (await replayed(commits)).differences[:2]
    assert (key.position, key.what, key.path) == (place, "question", "key")
    assert "a recorded answer to the question" in key.expected
    assert (prompt.what, prompt.path) == ("prompt", "ask.messages[0].content")


async def test_changed_inputs_no_longer_give_the_question() -> None:
    def shift(commit: Commit) -> Commit:
        event = commit.events[0]
        assert isinstance(event, DecisionMade)
        facts = {**event.inputs["facts"], "feelings": {"mood": "furious"}}
        return with_event(commit, inputs={**event.inputs, "facts": facts})

    commits, place = changed(is_made, shift)
    [found] = (await replayed(commits)).differences
    assert (found.position, found.what, found.path) == (place, "prompt", "ask.messages[1].content")


async def test_a_missing_answer_is_named_by_its_question() -> None:
    commits, place = changed(is_made, lambda commit: with_event(commit, answer=""))
    found = (await replayed(commits)).differences[0]
    assert (found.position, found.what) == (place, "answer")
    commits, place = changed(is_made, lambda commit: with_event(commit, answer="", provider=""))
    found = (await replayed(commits)).differences[0]
    assert (found.position, found.what, found.path) == (place, "answer", "answer")
    event = story()[place - 1].events[0]
    assert isinstance(event, DecisionMade) and event.key in found.expected


async def test_other_words_than_proposed_are_noticed_in_command_or_event() -> None:
    def say(commit: Commit) -> Commit:
        return with_event(commit, response="I never said that.")

    commits, place = changed(lambda commit: isinstance(commit.events[0], NpcSpoke), say)
    [found] = (await replayed(commits)).differences
    assert (found.position, found.what, found.path) == (place, "command", "args.response")

    def only_the_event(commit: Commit) -> Commit:
        spoke: Any = replace(commit.events[0], response="Never.")  # type: ignore[type-var]
        return msgspec.structs.replace(commit, events=(spoke, *commit.events[1:]))

    commits, place = changed(lambda commit: isinstance(commit.events[0], NpcSpoke), only_the_event)
    [found] = (await replayed(commits)).differences
    assert (found.position, found.what, found.path) == (place, "events", "events[0].data.response")


async def test_an_outcome_that_hides_a_fallback_is_noticed() -> None:
    def fallback(commit: Commit) -> bool:
        return (
            isinstance(commit.events[0], RequestCompleted)
            and commit.events[0].code == Code.SUCCESS_WITH_FALLBACK
        )

    commits, _ = changed(fallback, lambda commit: with_event(commit, code=0))
    [found] = (await replayed(commits)).differences
    assert (found.what, found.path) == ("command", "args.code")


async def test_an_outcome_that_no_decision_leads_to_is_noticed() -> None:
    def other(commit: Commit) -> Commit:
        command = Command("agents/somebody/request.fail", "request.fail", {"code": -502, "message": "no"})
        return msgspec.structs.replace(commit, command=command, events=(RequestFailed(-502, "no"),))

    commits, place = changed(lambda commit: isinstance(commit.events[0], RequestCompleted), other)
    found = (await replayed(commits)).differences
    assert (found[0].position, found[0].what) == (place, "outcome")


async def test_a_verdict_that_was_not_spoken_is_noticed() -> None:
    def accepted(commit: Commit) -> bool:
        return isinstance(commit.events[0], DecisionJudged) and commit.events[0].verdict == "accepted"

    commits, place = changed(accepted, lambda commit: with_event(commit, position=1))
    [moved] = (await replayed(commits)).differences
    assert (moved.position, moved.what, moved.path) == (place, "verdict", "position")
    commits, place = changed(accepted, lambda commit: with_event(commit, verdict="refused", code=-203))
    assert ("refusal", place) in [
        (each.what, each.position) for each in (await replayed(commits)).differences
    ]

    def refused(commit: Commit) -> bool:
        return isinstance(commit.events[0], DecisionJudged) and commit.events[0].verdict == "refused"

    commits, place = changed(refused, lambda commit: with_event(commit, code=-200))
    [softened] = (await replayed(commits)).differences
    assert (softened.position, softened.what) == (place, "refusal")
    assert softened.expected.startswith("-203") and softened.found.startswith("-200")


async def test_a_decider_that_decides_otherwise_today_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    npc = registry.DECIDERS["npc"]

    def stricter(state: Any, command: Any, context: Any) -> Any:
        if type(command).__name__ == "Speak":
            raise Rejected(Code.OPERATION_NOT_ALLOWED, "nobody may speak any more")
        return npc.decide(state, command, context)

    stricter_deciders = {**registry.DECIDERS, "npc": replace(npc, decide=stricter)}
    monkeypatch.setattr("commands.agents.rejudging.DECIDERS", stricter_deciders)
    found = await replayed(story())
    assert {each.what for each in found.differences} == {"events"}
    assert len(found.differences) == 38
    assert "nobody may speak any more" in found.differences[0].expected


async def test_a_purpose_that_reads_otherwise_today_is_noticed() -> None:
    dialogue = PURPOSES["dialogue"]

    def picky(ask: Any, answer: str) -> Reading:
        reading = dialogue.read(ask, answer)
        return Reading(None, "too friendly") if "friend" in answer else reading

    found = await replayed(story(), purposes={"dialogue": replace(dialogue, read=picky)})
    assert found.differences[0].what == "proposal"

    def broken(_cause: Any, _made: Any) -> Any:
        raise KeyError("gone")

    stumbling: Purpose = replace(dialogue, commands=broken)
    found = await replayed(story(), purposes={"dialogue": stumbling})
    assert found.differences[0].expected == "KeyError: 'gone'"


async def test_a_killed_agent_leaves_decisions_unfinished_not_different() -> None:
    made = [n for n, commit in enumerate(story()) if is_made(commit)][-1]
    found = await replayed(story()[: made + 1])
    assert found.differences == ()
    assert found.tally.unfinished == 1


async def test_decisions_for_purposes_of_another_release_are_counted_and_their_questions_checked() -> None:
    found = await replayed(story(), purposes={})
    assert (found.tally.foreign, found.differences) == (40, ())


async def test_what_cannot_be_read_is_reported_and_the_rest_is_proved() -> None:
    log = written(story())
    log.store(log_subject("midgard", "npc/Mallory"), b"{}", 0)
    found = await replay(log, PURPOSES, COURT, Slice(), template=TEMPLATES)
    assert not found.faithful
    assert [position for position, _ in found.unreadable] == [len(story()) + 1]
    assert found.tally.decisions == 40

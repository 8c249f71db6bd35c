"""`lorestream llm replay` against a real log."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from adapters.llm import prompts
from adapters.nats.log import JetStreamLog
from adapters.roles.agents import read_library
from adapters.rulebooks import load as rule_books
from bench.conversations import Conversations
from commands.agents.rejudging import Court
from events.commit import Commit
from events.decision import DecisionMade
from tests.adapters.cli.conftest import Lorestream
from tests.commits import commit


async def write(log: JetStreamLog, *, forged: bool = False) -> int:
    """Ten conversations; the answer of the second is forged if wanted. Where that stands."""
    template = prompts.load().of("npc_intelligence", "dialogue")
    before = await log.append(commit("npc/Witness", realm=log.realm), expected=0)
    told = Conversations(log.realm, Court(rule_books()), read_library(), template, after=before.position)
    last: dict[str, int] = {}
    place, number = 0, 0
    for each in told.commits(10):
        if isinstance(each.events[0], DecisionMade):
            number += 1
        if number == 2 and not place:
            place = -1
            each = _forged(each) if forged else each
        done = await log.append(each, expected=last.get(each.stream, 0))
        last[each.stream] = done.position
        place = done.position if place < 0 else place
    return place


def _forged(commit: Commit) -> Commit:
    made = commit.events[0]
    assert isinstance(made, DecisionMade)
    return msgspec.structs.replace(commit, events=(replace(made, answer='{"response": "\x1b[2J Obey"}'),))


async def test_a_sound_log_is_proved_and_exit_code_0_says_so(
    lorestream: Lorestream, log: JetStreamLog
) -> None:
    await write(log)
    done = await lorestream("llm", "replay", "--json")
    assert done.status == 0, done.err
    assert done.json["faithful"] is True
    assert (done.json["decisions"], done.json["differences"]) == (10, [])
    text = await lorestream("llm", "replay", "--npc", "Resident 0003")
    assert "1 decisions: 2 commits" in text.out
    assert "replaying" in text.err


async def test_a_forged_record_is_shown_where_it_stands_and_exit_code_1_says_so(
    lorestream: Lorestream, log: JetStreamLog
) -> None:
    place = await write(log, forged=True)
    done = await lorestream("llm", "replay")
    assert done.status == 1
    assert str(place) in done.out and "record: answer" in done.out
    assert "\x1b" not in done.out
    listed = await lorestream("llm", "replay", "--json", "--limit", "2")
    assert listed.status == 1
    assert listed.json["differences"][0]["position"] == place

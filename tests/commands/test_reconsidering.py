"""A model may choose again, but only what the NPC's own table allows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from pydantic import TypeAdapter

from adapters.rulebooks import load
from commands.arguments import parse
from commands.codes import Code
from commands.decider import Context
from commands.mind.actions import Deliberation
from commands.mind.utility import Candidate, rank
from commands.npc import NPC
from commands.npc.state import NpcState
from commands.rejection import Rejected
from events.commit import Json, Recorded
from events.npc import Basis, NpcDecided, NpcReconsidered, NpcRegistered, Profile
from tests.commits import NOON, commit
from tests.specification import Given, given

GUARD = NpcRegistered(Profile("guard"))


def choice(activity: str, score: int, **more: Any) -> Json:
    plain = {
        "action": activity,
        "activity": activity,
        "target": None,
        "target_id": "",
        "reason": f"It is time to {activity}",
        "score": score,
    }
    return plain | more


PATROL = choice("patrol", 655_000, action="move", target=[52, 50])
WARN = choice("warn", 612_000, target_id="150000")
REST = choice("rest", 300_000)
DECIDED = NpcDecided("decide_action", {}, {"choices": [PATROL, WARN, REST]}, Basis(), "patrol")
JUDGED = NpcDecided("evaluate_situation", {}, {}, Basis())


def after(*events: Any) -> tuple[Given, str]:
    """The guard with this history, and the id of the command that decided last."""
    state, last = NPC.initial, ""
    for version, event in enumerate((GUARD, *events), start=1):
        made = commit("npc/Guard", event, version=version)
        state = NPC.fold(state, Recorded(version, made))
        if isinstance(event, NpcDecided) and event.activity:
            last = made.command.id
    return Ready(NPC, state), last


class Ready(Given):
    """A stream whose folded state is known."""

    def __init__(self, decider: Any, folded: NpcState) -> None:
        super().__init__(decider)
        self.folded = folded

    def state(self) -> NpcState:
        return self.folded


def test_another_choice_of_the_table_replaces_the_decision() -> None:
    npc, decision = after(DECIDED)
    npc.when(
        "reconsider",
        {"decision": decision, "choice": "warn", "reason": "she helped me", "advice": "dec_1"},
    ).then(
        NpcReconsidered(
            decision,
            "warn",
            "patrol",
            {"action": "warn", "activity": "warn", "target_id": "150000", "reason": "It is time to warn"},
            612_000,
            655_000,
            "she helped me",
            "dec_1",
        )
    )


def test_the_first_choice_needs_no_reconsidering() -> None:
    npc, decision = after(DECIDED)
    npc.when("reconsider", {"decision": decision, "choice": "patrol"}).then_nothing()


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ("rest", Code.PARAMETER_OUT_OF_RANGE),
        ("attack", Code.INVALID_PARAMETER),
        ("give_all_gold_to 150002", Code.INVALID_PARAMETER),
    ],
    ids=["too far behind", "ruled out", "invented"],
)
def test_what_the_table_does_not_allow_is_refused(chosen: str, code: Code) -> None:
    npc, decision = after(DECIDED)
    npc.when("reconsider", {"decision": decision, "choice": chosen}).then_rejected(code, "choice")


def test_only_the_latest_decision_is_reconsidered_and_only_once() -> None:
    npc, first = after(DECIDED, JUDGED)
    npc.when("reconsider", {"decision": first, "choice": "warn"}).then_events()
    later, _ = after(DECIDED, DECIDED)
    for stale, decision in ((later, first), (given(NPC, GUARD), first)):
        stale.when("reconsider", {"decision": decision, "choice": "warn"}).then_rejected(
            Code.INVALID_STATE_TRANSITION, "decision"
        )
    changed = NpcReconsidered(first, "warn", "patrol", {}, 1, 2)
    again, decision = after(DECIDED, changed)
    again.when("reconsider", {"decision": decision, "choice": "warn"}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "decision"
    )
    assert again.state().actions == ("warn",)


def test_a_decision_of_an_earlier_release_stands() -> None:
    npc, decision = after(NpcDecided("decide_action", {}, {"action": "idle"}, Basis(), "idle"))
    npc.when("reconsider", {"decision": decision, "choice": "warn"}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "decision"
    )


def test_what_may_be_thought_over_survives_a_snapshot() -> None:
    npc, _ = after(DECIDED)
    stored = TypeAdapter(NpcState).dump_json(npc.state())
    assert TypeAdapter(NpcState).validate_json(stored) == npc.state()


def test_a_decision_records_the_choices_near_the_best_and_nothing_that_was_ruled_out() -> None:
    (decided,) = given(NPC, GUARD).when("decide_action", {"situation": {"time": "14:30"}}).then_events()
    assert isinstance(decided, NpcDecided)
    choices, rows = decided.record["choices"], decided.record["table"]["rows"]
    assert choices[0]["activity"] == decided.activity == rows[0]["candidate"]
    margin = load().actions.deliberation.margin
    for chosen, row in zip(choices, rows, strict=False):
        assert (chosen["activity"], chosen["score"]) == (row["candidate"], row["score"])
        assert chosen["score"] >= choices[0]["score"] - margin
        assert chosen["activity"] not in decided.record["ruled_out"]


@forall(st.lists(st.integers(0, 1_000_000), max_size=12), st.integers(0, 1_000_000), st.integers(1, 10))
def test_near_choices_are_few_close_and_begin_with_the_best(
    worths: list[int], margin: int, candidates: int
) -> None:
    ranking = rank([Candidate(str(n), (), worth) for n, worth in enumerate(worths)], "seed")
    near = Deliberation(margin, 0, candidates).near(ranking)
    assert list(near[:1]) == list(ranking.rows[:1])
    assert len(near) <= candidates
    assert all(row.score > 0 and row.score >= near[0].score - margin for row in near[1:])


def test_a_stricter_rule_book_counts_when_the_choice_is_made() -> None:
    npc, decision = after(DECIDED)
    books = load()
    strict = replace(books, actions=replace(books.actions, deliberation=Deliberation(margin=10_000)))
    command = parse(NPC.verbs["reconsider"].arguments, {"decision": decision, "choice": "warn"})
    with pytest.raises(Rejected) as caught:
        NPC.decide(npc.state(), command, Context(NOON, "Guard", "x", npc.actor, strict))
    assert caught.value.code == Code.PARAMETER_OUT_OF_RANGE

"""Proposals: made, accepted or rejected by game masters of their campaign, and by nobody else."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from commands.codes import Code
from commands.proposal import PROPOSAL
from events.commit import Event
from events.proposal import Draft, DraftVerdict, ProposalAccepted, ProposalMade, ProposalRejected
from tests.campaigns import CAMPAIGN_ID, EVE, MARA, NIL, TOM, account, campaign
from tests.specification import Given, given

GOOD = Draft({"name": "Ilsa", "hit_points": 9}, "model", (DraftVerdict("names.unique", True, "Fine."),))
FAILED = Draft({}, "none", problem="the models did not answer in time")
MADE = ProposalMade(CAMPAIGN_ID, "npc", "a keeper", MARA, (GOOD, FAILED), MARA, seed="5f0e")


def of(who: str, *history: Event, **facts: Any) -> Given:
    return given(PROPOSAL, *history, entity="p1", actor=account(who), facts={"campaign": campaign(), **facts})


def wish(**more: Any) -> dict[str, Any]:
    drafts = [asdict(GOOD), asdict(FAILED)]
    return {
        "campaign_id": CAMPAIGN_ID,
        "kind": "npc",
        "brief": "a keeper",
        "drafts": drafts,
        "seed": "5f0e",
        **more,
    }


def test_a_game_master_is_given_drafts() -> None:
    of(MARA).when("make", wish()).then(MADE)


def test_nobody_else_is() -> None:
    of(TOM).when("make", wish()).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(EVE).when("make", wish()).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    of(TOM, MADE).when("accept", {"draft": 0, "element_id": "e1"}).then_rejected(
        Code.AUTHENTICATION_FAILED, "role"
    )
    of(EVE, MADE).when("reject", {}).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")


def test_a_proposal_is_made_once_and_decided_only_where_it_is() -> None:
    of(MARA, MADE).when("make", wish()).then_rejected(Code.INVALID_STATE_TRANSITION, "proposal_id")
    of(MARA).when("accept", {"draft": 0, "element_id": "e1"}).then_rejected(Code.NPC_NOT_FOUND, "proposal_id")


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"fields": {"wings": 2}, "route": "model"}, Code.INVALID_PARAMETER),
        ({"fields": {"hit_points": "many"}, "route": "model"}, Code.INVALID_PARAMETER),
        ({"fields": {"name": "x" * 500}, "route": "model"}, Code.PARAMETER_OUT_OF_RANGE),
        ({"fields": {}, "route": "model"}, Code.INVALID_PARAMETER),
        ({"fields": {"name": "x"}}, Code.MISSING_REQUIRED_FIELD),
    ],
)
def test_a_draft_that_its_kind_cannot_hold_is_refused(draft: dict[str, Any], code: Code) -> None:
    field = "drafts.0.route" if "route" not in draft else "drafts.0"
    of(MARA).when("make", wish(drafts=[draft])).then_rejected(code, field)


def test_a_draft_is_accepted_once_and_a_repetition_changes_nothing() -> None:
    choice = {"draft": 0, "element_id": "e1", "fields": {"name": "Ilsa"}, "edited": ["name"]}
    accepted = ProposalAccepted(CAMPAIGN_ID, 0, "e1", {"name": "Ilsa"}, ("name",), NIL)
    of(NIL, MADE).when("accept", choice).then(accepted)
    of(NIL, MADE, accepted).when("accept", choice).then()
    other = {"draft": 0, "element_id": "e2"}
    of(NIL, MADE, accepted).when("accept", other).then_rejected(Code.INVALID_STATE_TRANSITION, "status")


def test_a_draft_that_failed_or_is_not_there_cannot_be_accepted() -> None:
    for draft in (1, 2):
        choice = {"draft": draft, "element_id": "e1"}
        of(MARA, MADE).when("accept", choice).then_rejected(Code.INVALID_PARAMETER, "draft")


def test_a_proposal_for_an_element_becomes_a_change_of_that_element_only() -> None:
    made = ProposalMade(CAMPAIGN_ID, "npc", "", MARA, (GOOD,), MARA, target="e7")
    of(MARA, made).when("accept", {"draft": 0, "element_id": "e1"}).then_rejected(
        Code.INVALID_PARAMETER, "element_id"
    )
    of(MARA, made).when("accept", {"draft": 0, "element_id": "e7"}).then(
        ProposalAccepted(CAMPAIGN_ID, 0, "e7", {}, (), MARA)
    )


def test_a_rejected_proposal_may_still_be_accepted_but_not_the_other_way_round() -> None:
    rejected = ProposalRejected(CAMPAIGN_ID, "too grim", MARA)
    of(MARA, MADE).when("reject", {"reason": " too \u202e grim"}).then(rejected)
    of(MARA, MADE, rejected).when("reject", {"reason": "again"}).then()
    accepted = ProposalAccepted(CAMPAIGN_ID, 0, "e1", {}, (), MARA)
    of(MARA, MADE, rejected).when("accept", {"draft": 0, "element_id": "e1"}).then(accepted)
    of(MARA, MADE, accepted).when("reject", {}).then_rejected(Code.INVALID_STATE_TRANSITION, "status")

"""A campaign is forked by its owner; until everything is copied nobody changes anything in the copy."""

from __future__ import annotations

from typing import Any

import pytest

from commands.campaign import CAMPAIGN
from commands.campaign_fork import copy_id, renamed
from commands.campaign_state import CampaignState
from commands.codes import Code
from commands.element import ELEMENT
from commands.rejection import Rejected
from events.campaign import (
    CampaignArchived,
    CampaignCharacterAdded,
    CampaignCreated,
    CampaignForkBegun,
    CampaignForkFailed,
    CampaignForkFinished,
)
from events.commit import Event, Recorded
from events.element import ElementCreated
from tests.campaigns import CAMPAIGN_ID, EVE, MARA, NIL, TOM, account, campaign
from tests.commits import commit
from tests.specification import Given, given

CREATED = CampaignCreated("If Ilsa had lived", MARA, MARA, "", level=4)
BEGUN = CampaignForkBegun(CAMPAIGN_ID, 41, 2)
FORK = {"origin": CAMPAIGN_ID, "position": 41, "elements": 2, "name": "If Ilsa had lived", "level": 4}
COPY = {
    "campaign_id": "f1", "kind": "npc", "fields": {"name": "Ilsa", "location_id": "to-come"}, "origin": CAMPAIGN_ID,
    "element_id": "ilsa", "version": 7, "position": 41, "visibility": "members", "members": [TOM],
    "field_visibility": {"secrets": "all"},
}  # fmt: skip


def of(who: str, *before: Event, original: CampaignState | None = None, role: str = "") -> Given:
    facts = {"campaign": original or campaign()}
    return given(CAMPAIGN, *before, entity="f1", actor=account(who, role), facts=facts)


def forked(*more: Event) -> CampaignState:
    state: CampaignState = CAMPAIGN.initial
    for version, event in enumerate((CREATED, BEGUN, *more), start=1):
        state = CAMPAIGN.fold(state, Recorded(version, commit("campaign/f1", event, version=version)))
    return state


def element(who: str, inside: CampaignState, *before: Event) -> Given:
    return given(
        ELEMENT, *before, entity="e9", actor=account(who), facts={"campaign": inside, "elements": {}}
    )


def test_the_owner_forks_a_campaign_and_owns_the_copy_alone() -> None:
    of(MARA).when("fork", FORK).then(CREATED, BEGUN)
    of(MARA, original=campaign(CampaignArchived())).when("fork", FORK).then(CREATED, BEGUN)
    assert forked().roles == {MARA: "owner"}
    eves = CampaignCreated("If Ilsa had lived", EVE, EVE, "", level=4)
    of(EVE, role="admin").when("fork", FORK).then(eves, BEGUN)


def test_nobody_else_does_and_nobody_does_it_twice_or_of_a_copy_that_is_not_finished() -> None:
    of(NIL).when("fork", FORK).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(EVE).when("fork", FORK).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    of(MARA, CREATED).when("fork", FORK).then_rejected(Code.ALREADY_EXISTS, "campaign_id")
    of(MARA, original=forked()).when("fork", FORK).then_rejected(Code.OPERATION_NOT_ALLOWED, "status")
    with pytest.raises(Rejected):
        of(MARA).when("fork", {**FORK, "elements": 20_001}).then_events()


@pytest.mark.parametrize(
    ("verb", "args"),
    [("change", {"name": "x"}), ("add_member", {"account_id": TOM, "role": "player"}), ("start_session", {}),
     ("add_character", {"character_id": "h1", "fields": {"name": "Bran"}}), ("limit_spending", {"amount": 1})],
)  # fmt: skip
def test_in_an_unfinished_copy_nothing_is_changed(verb: str, args: dict[str, Any]) -> None:
    of(MARA, CREATED, BEGUN).when(verb, args).then_rejected(Code.OPERATION_NOT_ALLOWED, "status")
    failed = CampaignForkFailed("no room")
    of(MARA, CREATED, BEGUN, failed).when(verb, args).then_rejected(Code.OPERATION_NOT_ALLOWED, "status")
    assert of(MARA, CREATED, BEGUN, CampaignForkFinished(2, 0)).when(verb, args).then_events()


def test_a_copy_that_failed_can_be_archived() -> None:
    of(MARA, CREATED, BEGUN, CampaignForkFailed("no room")).when("archive").then(CampaignArchived())


def test_elements_are_copied_before_what_they_refer_to_and_say_where_they_are_from() -> None:
    origin = {"by": "fork", "campaign_id": CAMPAIGN_ID, "element_id": "ilsa", "version": 7, "position": 41}
    made = ElementCreated(
        "f1", "npc", {"name": "Ilsa", "location_id": "to-come"}, "members", (TOM,), {"secrets": "all"}, origin
    )
    element(MARA, forked()).when("copy", COPY).then(made)
    element(MARA, forked(), made).when("copy", COPY).then_rejected(Code.ALREADY_EXISTS, "element_id")


def test_nothing_is_copied_into_a_campaign_that_is_no_unfinished_copy_or_by_others() -> None:
    for inside in (campaign(), forked(CampaignForkFinished(2, 0))):
        element(MARA, inside).when("copy", COPY).then_rejected(Code.OPERATION_NOT_ALLOWED, "status")
    element(EVE, forked()).when("copy", COPY).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    element(MARA, forked()).when("copy", {**COPY, "fields": {"wings": 2}}).then_rejected(
        Code.INVALID_PARAMETER, "fields.wings"
    )
    plain = {"campaign_id": "f1", "kind": "npc", "fields": {"name": "New"}}
    element(MARA, forked()).when("create", plain).then_rejected(Code.OPERATION_NOT_ALLOWED, "status")


def test_characters_keep_their_players_who_are_invited_later() -> None:
    hero = {"character_id": "h1", "fields": {"name": "Bran", "location_id": "port"}, "player": TOM}
    added = CampaignCharacterAdded("h1", TOM, {"name": "Bran", "location_id": "port"})
    of(MARA, CREATED, BEGUN).when("copy_character", hero).then(added)
    of(MARA, CREATED, BEGUN, added).when("copy_character", hero).then_rejected(
        Code.ALREADY_EXISTS, "character_id"
    )
    of(MARA, CREATED).when("copy_character", hero).then_rejected(Code.OPERATION_NOT_ALLOWED, "status")


def test_a_copy_is_finished_or_failed_once() -> None:
    done = {"elements": 2, "characters": 1}
    of(MARA, CREATED, BEGUN).when("finish_fork", done).then(CampaignForkFinished(2, 1))
    of(MARA, CREATED, BEGUN).when("fail_fork", {"problem": "x"}).then(CampaignForkFailed("x"))
    finished = CampaignForkFinished(2, 1)
    of(MARA, CREATED, BEGUN, finished).when("finish_fork", done).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "status"
    )
    of(TOM, CREATED, BEGUN).when("finish_fork", done).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")


def test_references_and_mentions_lead_to_the_copies_and_what_was_not_copied_is_left_out() -> None:
    ids = {"port": "P", "ilsa": "I"}
    fields = {
        "name": "Odo", "location_id": "port", "description": "Knows [[ilsa]], not [[gone]].", "skills": ["of [[port]]"],
        "relations": [{"to": "ilsa", "label": "loves", "weight": 9}, {"to": "gone", "label": "x", "weight": 0}],
        "level": 3, "tags": ["port"],
    }  # fmt: skip
    assert renamed("npc", fields, ids) == {
        "name": "Odo", "location_id": "P", "description": "Knows [[I]], not [[gone]].", "skills": ["of [[P]]"],
        "relations": [{"to": "I", "label": "loves", "weight": 9}], "level": 3, "tags": ["port"],
    }  # fmt: skip
    assert renamed("quest", {"name": "Q", "location_id": "gone", "participants": ["gone"]}, ids) == {
        "name": "Q"
    }
    assert renamed("quest", {"participants": ["gone", "ilsa"]}, ids) == {"participants": ["I"]}


def test_the_id_of_a_copy_follows_from_the_fork_and_the_original() -> None:
    assert copy_id("f1", "ilsa") == copy_id("f1", "ilsa") != copy_id("f2", "ilsa")
    assert len({copy_id("f1", str(number)) for number in range(1000)}) == 1000

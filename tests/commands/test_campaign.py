from __future__ import annotations

from typing import Any

import pytest

from commands.campaign import CAMPAIGN, MAX_MEMBERS
from commands.codes import Code
from commands.element_state import ElementState
from commands.rejection import Rejected
from events.campaign import (
    CampaignArchived,
    CampaignChanged,
    CampaignCharacterAdded,
    CampaignCharacterChanged,
    CampaignCharacterRemoved,
    CampaignCreated,
    CampaignHandedOver,
    CampaignMemberJoined,
    CampaignMemberLeft,
    CampaignMemberRoleChanged,
    CampaignRestored,
    CampaignSessionChanged,
    CampaignSessionEnded,
    CampaignSessionStarted,
    CampaignSpendingLimited,
)
from events.commit import Event
from tests.campaigns import CAMPAIGN_ID, EVE, MARA, NIL, TOM, UMA, account, company
from tests.specification import Given, given

HERO = CampaignCharacterAdded("h1", TOM, {"name": "Brannoc", "level": 3})


def of(who: str, *more: Event, role: str = "", **facts: Any) -> Given:
    return given(CAMPAIGN, *company(), *more, entity=CAMPAIGN_ID, actor=account(who, role), facts=facts)


def test_whoever_creates_a_campaign_owns_it() -> None:
    fresh = given(CAMPAIGN, entity="c2", actor=account(MARA))
    fresh.when("create", {"name": "  The\u202e Drowned\tCrown ", "level": 3}).then(
        CampaignCreated("The Drowned Crown", MARA, MARA, level=3)
    )


def test_a_campaign_is_created_once_and_by_a_person() -> None:
    of(MARA).when("create", {"name": "Again"}).then_rejected(Code.ALREADY_EXISTS, "campaign_id")
    given(CAMPAIGN, entity="c2").when("create", {"name": "x"}).then_rejected(
        Code.AUTHENTICATION_FAILED, "actor"
    )


@pytest.mark.parametrize(
    ("args", "code", "field"),
    [
        ({}, Code.MISSING_REQUIRED_FIELD, "name"),
        ({"name": " \u200b\ufeff \n"}, Code.INVALID_PARAMETER, "name"),
        ({"name": "x" * 121}, Code.PARAMETER_OUT_OF_RANGE, "name"),
        ({"name": "x", "level": 21}, Code.PARAMETER_OUT_OF_RANGE, "level"),
        ({"name": "x", "ruleset": "1974"}, Code.INVALID_PARAMETER, "ruleset"),
        ({"name": "x", "description": "é" * 10_001}, Code.INVALID_PARAMETER, "description"),
    ],
)
def test_a_campaign_that_cannot_be_names_the_field(args: Any, code: Code, field: str) -> None:
    given(CAMPAIGN, entity="c2", actor=account(MARA)).when("create", args).then_rejected(code, field)


def test_game_masters_change_a_campaign_players_do_not_and_strangers_find_none() -> None:
    args = {"name": "New", "status": "paused", "theme": ""}
    of(NIL).when("change", args).then(CampaignChanged({"name": "New", "status": "paused"}))
    of(TOM).when("change", args).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(EVE).when("change", args).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    of(EVE, role="admin").when("change", {"level": 4}).then(CampaignChanged({"level": 4}))
    of(MARA).when("change", {"name": "The Drowned Crown"}).then_nothing()


def test_an_actor_that_is_only_a_claim_has_no_role() -> None:
    claimed = given(CAMPAIGN, *company(), entity=CAMPAIGN_ID)
    claimed.when("change", {"level": 2}).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")


def test_an_edit_of_an_older_version_is_refused() -> None:
    changed = of(MARA, CampaignChanged({"level": 2}))
    changed.when("change", {"level": 3, "expected": 1}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "version"
    )
    changed.when("change", {"level": 3, "expected": 5}).then(CampaignChanged({"level": 3}))


def test_what_members_do_does_not_make_an_edit_of_the_campaign_stale() -> None:
    of(MARA, CampaignSessionStarted(1)).when("change", {"level": 3, "expected": 1}).then(
        CampaignChanged({"level": 3})
    )


def test_an_archived_campaign_rests_until_its_owner_restores_it() -> None:
    archived = CampaignArchived("done")
    of(NIL).when("archive").then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(MARA).when("archive", {"reason": "done"}).then(archived)
    of(MARA, archived).when("archive").then_nothing()
    of(MARA, archived).when("change", {"level": 2}).then_rejected(Code.OPERATION_NOT_ALLOWED, "status")
    of(MARA, archived).when("restore").then(CampaignRestored())
    of(TOM, archived).when("remove_member", {"account_id": TOM}).then(CampaignMemberLeft(TOM, "player"))


def test_only_the_owner_makes_and_unmakes_co_game_masters() -> None:
    of(NIL).when("add_member", {"account_id": EVE, "role": "player", "name": "Eve"}).then(
        CampaignMemberJoined(EVE, "player", "Eve")
    )
    of(NIL).when("add_member", {"account_id": EVE, "role": "cogm"}).then_rejected(
        Code.AUTHENTICATION_FAILED, "role"
    )
    of(NIL).when("change_member", {"account_id": TOM, "role": "cogm"}).then_rejected(
        Code.AUTHENTICATION_FAILED, "role"
    )
    of(MARA).when("change_member", {"account_id": TOM, "role": "cogm"}).then(
        CampaignMemberRoleChanged(TOM, "cogm", "player")
    )
    of(MARA).when("remove_member", {"account_id": NIL}).then(CampaignMemberLeft(NIL, "cogm"))
    of(TOM).when("remove_member", {"account_id": UMA}).then_rejected(Code.AUTHENTICATION_FAILED, "role")


def test_a_campaign_always_has_exactly_one_owner() -> None:
    of(MARA).when("remove_member", {"account_id": MARA}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "account_id"
    )
    of(MARA).when("change_member", {"account_id": MARA, "role": "player"}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "account_id"
    )
    of(MARA).when("add_member", {"account_id": EVE, "role": "owner"}).then_rejected(
        Code.INVALID_PARAMETER, "role"
    )
    of(MARA).when("hand_over", {"account_id": TOM}).then(CampaignHandedOver(MARA, TOM))
    of(MARA).when("hand_over", {"account_id": EVE}).then_rejected(Code.NPC_NOT_FOUND, "account_id")
    after = of(MARA, CampaignHandedOver(MARA, TOM))
    after.when("hand_over", {"account_id": MARA}).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    assert list(after.state().roles.values()).count("owner") == 1


def test_a_member_joins_once_and_not_too_many_do() -> None:
    of(MARA).when("add_member", {"account_id": TOM, "role": "player"}).then_rejected(
        Code.ALREADY_EXISTS, "account_id"
    )
    many = [CampaignMemberJoined(f"m{number}", "observer") for number in range(MAX_MEMBERS - 4)]
    of(MARA, *many).when("add_member", {"account_id": EVE, "role": "player"}).then_rejected(
        Code.PARAMETER_OUT_OF_RANGE, "account_id"
    )


def test_evenings_are_numbered_and_one_runs_at_a_time() -> None:
    started, ended = CampaignSessionStarted(1, "One"), CampaignSessionEnded(1, "all", "some")
    of(MARA).when("start_session", {"title": "One"}).then(started)
    of(MARA).when("end_session").then_rejected(Code.OPERATION_NOT_ALLOWED, "session")
    of(MARA, started).when("start_session").then_rejected(Code.OPERATION_NOT_ALLOWED, "session")
    of(MARA, started).when("end_session", {"recap": "all", "recap_players": "some"}).then(ended)
    of(MARA, started, ended).when("start_session").then(CampaignSessionStarted(2))
    of(TOM).when("start_session").then_rejected(Code.AUTHENTICATION_FAILED, "role")


def test_a_recap_can_be_written_afterwards() -> None:
    before = (CampaignSessionStarted(1), CampaignSessionEnded(1, "all", "some"))
    of(MARA, *before).when("change_session", {"number": 1, "recap": "all", "recap_players": "safe"}).then(
        CampaignSessionChanged(1, {"recap_players": "safe"})
    )
    of(MARA, *before).when("change_session", {"number": 2}).then_rejected(Code.NPC_NOT_FOUND, "session")


def test_players_change_their_own_characters_and_nobody_elses() -> None:
    args = {"character_id": "h2", "fields": {"name": "Ysolde", "level": "2"}}
    of(TOM).when("add_character", args).then(
        CampaignCharacterAdded("h2", TOM, {"name": "Ysolde", "level": 2})
    )
    of(UMA).when("add_character", args).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(TOM).when("add_character", {**args, "player": NIL}).then_rejected(Code.AUTHENTICATION_FAILED, "player")
    of(MARA).when("add_character", {**args, "player": EVE}).then_rejected(Code.INVALID_PARAMETER, "player")
    edit = {"character_id": "h1", "set": {"level": 4, "class": "Cleric"}}
    of(TOM, HERO).when("change_character", edit).then(
        CampaignCharacterChanged("h1", TOM, {"level": 4, "class": "Cleric"})
    )
    theirs = CampaignCharacterAdded("h1", NIL, {"name": "x"})
    of(TOM, theirs).when("change_character", edit).then_rejected(Code.AUTHENTICATION_FAILED, "player")
    of(TOM, HERO).when("change_character", {"character_id": "h1", "player": NIL}).then_rejected(
        Code.AUTHENTICATION_FAILED, "player"
    )
    of(MARA, HERO).when("change_character", {"character_id": "h1", "player": ""}).then(
        CampaignCharacterChanged("h1", None, {})
    )
    of(TOM, HERO).when("remove_character", {"character_id": "h1"}).then(
        CampaignCharacterRemoved("h1", "Brannoc")
    )


def test_a_whole_character_loses_what_is_not_named_and_never_its_name() -> None:
    edit = {"character_id": "h1", "set": {"name": "Bran"}, "whole": True}
    of(TOM, HERO).when("change_character", edit).then(
        CampaignCharacterChanged("h1", TOM, {"name": "Bran"}, ("level",))
    )
    gone = {"character_id": "h1", "set": {"name": None}}
    of(TOM, HERO).when("change_character", gone).then_rejected(Code.MISSING_REQUIRED_FIELD, "fields.name")


def test_a_character_stands_in_a_place_of_its_own_campaign() -> None:
    edit = {"character_id": "h1", "set": {"location_id": "e1"}}
    here = {"e1": ElementState(CAMPAIGN_ID, "location")}
    of(TOM, HERO, elements=here).when("change_character", edit).then(
        CampaignCharacterChanged("h1", TOM, {"location_id": "e1"})
    )
    for elsewhere in ({}, {"e1": ElementState("c2", "location")}, {"e1": ElementState(CAMPAIGN_ID, "npc")}):
        of(TOM, HERO, elements=elsewhere).when("change_character", edit).then_rejected(
            Code.INVALID_PARAMETER, "fields.location_id"
        )


def test_an_edit_of_an_older_character_is_refused() -> None:
    edit = {"character_id": "h1", "set": {"level": 4}, "expected": 4}
    of(TOM, HERO).when("change_character", edit).then_rejected(Code.INVALID_STATE_TRANSITION, "version")


def test_the_owner_says_what_models_may_cost_and_says_it_once() -> None:
    five = {"amount": 5 * 10**9, "period": "month"}
    limited = CampaignSpendingLimited(5 * 10**9, "month")
    of(MARA).when("limit_spending", five).then(limited)
    of(MARA, limited).when("limit_spending", five).then_nothing()
    of(MARA, limited).when("limit_spending", {"amount": 5 * 10**9, "period": "day"}).then(
        CampaignSpendingLimited(5 * 10**9, "day")
    )
    of(MARA, limited).when("limit_spending", {}).then(CampaignSpendingLimited(None))
    of(MARA).when("limit_spending", {}).then_nothing()
    of(EVE, role="admin").when("limit_spending", five).then(limited)


def test_a_limit_is_the_owners_alone_and_has_bounds() -> None:
    for who in (NIL, TOM, UMA):
        of(who).when("limit_spending", {"amount": 1}).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(EVE).when("limit_spending", {"amount": 1}).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    of(MARA, CampaignArchived()).when("limit_spending", {"amount": 1}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "status"
    )
    with pytest.raises(Rejected):
        of(MARA).when("limit_spending", {"amount": -1}).then_events()
    with pytest.raises(Rejected):
        of(MARA).when("limit_spending", {"amount": 1, "period": "year"}).then_events()

from __future__ import annotations

from typing import Any

from commands.codes import Code
from commands.dice import DICE
from commands.rules.dice import dice
from commands.rules.proof import prove
from events.campaign import CampaignArchived
from events.dice import DiceRolled
from tests.campaigns import CAMPAIGN_ID, EVE, MARA, TOM, UMA, account, campaign
from tests.specification import Given, given

SEED = "9f86d081884c7d659a2feaa0c55ad015"


def by(who: str, **facts: Any) -> Given:
    return given(DICE, entity=CAMPAIGN_ID, actor=account(who), facts={"campaign": campaign(), **facts})


def test_a_roll_follows_from_its_seed_and_anybody_can_prove_it() -> None:
    (rolled,) = (
        by(TOM).when("roll", {"expression": "2D6 + 3", "seed": SEED, "label": " Axe\u202e "}).then_events()
    )
    assert isinstance(rolled, DiceRolled)
    assert (rolled.expression, rolled.label, rolled.by) == ("2d6+3", "Axe", TOM)
    assert rolled.faces == dice("2d6+3", SEED).faces
    record = {
        "expression": "2d6+3",
        "mode": "normal",
        "seed": SEED,
        "faces": [list(f) for f in rolled.faces],
        "total": rolled.total,
    }
    assert all(verdict.ok for verdict in prove(record))


def test_members_who_play_roll_and_only_masters_behind_the_screen() -> None:
    roll = {"expression": "d20", "seed": SEED}
    by(UMA).when("roll", roll).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    by(EVE).when("roll", roll).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    by(TOM).when("roll", {**roll, "visibility": "gm"}).then_rejected(Code.AUTHENTICATION_FAILED, "visibility")
    (hidden,) = by(MARA).when("roll", {**roll, "visibility": "gm"}).then_events()
    assert isinstance(hidden, DiceRolled)
    assert hidden.visibility == "gm"
    by(TOM, campaign=campaign(CampaignArchived())).when("roll", roll).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "status"
    )


def test_what_cannot_be_rolled_is_refused() -> None:
    by(TOM).when("roll", {"expression": "d20", "seed": "short"}).then_rejected(Code.INVALID_PARAMETER, "seed")
    by(TOM).when("roll", {"expression": "300d6", "seed": SEED}).then_rejected(
        Code.INVALID_PARAMETER, "expression"
    )
    advantage = {"expression": "2d6", "mode": "advantage", "seed": SEED}
    by(TOM).when("roll", advantage).then_rejected(Code.INVALID_PARAMETER, "expression")


def test_a_retry_with_another_seed_is_the_same_command() -> None:
    verb = DICE.verbs["roll"]
    assert verb.kept({"expression": "d20", "seed": "one"}) == verb.kept({"expression": "d20", "seed": "two"})

from __future__ import annotations

from typing import Any

import pytest

from commands.codes import Code
from commands.element_state import ElementState
from commands.image import ILLUSTRATOR, IMAGE
from events.campaign import CampaignArchived, CampaignCharacterAdded, CampaignForkBegun
from events.commit import Actor, Event
from events.image import (
    ImageDescribed,
    ImageFailed,
    ImageRemoved,
    ImageRequested,
    ImageStored,
    Size,
    Subject,
)
from tests.campaigns import CAMPAIGN_ID, EVE, MARA, NIL, TOM, UMA, account, campaign
from tests.specification import Given, given

PORT = ElementState(CAMPAIGN_ID, "location", 1, {"name": "Port"})
ELSEWHERE = ElementState("another", "location", 1, {"name": "Port"})
THUMB, FULL = "a" * 64, "b" * 64
SIZES = {"thumb": Size(THUMB, 160, 120, 900), "full": Size(FULL, 800, 600, 9000)}
PICTURE: dict[str, Any] = {
    "sha256": FULL,
    "width": 800,
    "height": 600,
    "mime": "image/webp",
    "bytes": 9900,
    "sizes": {
        "thumb": {"sha256": THUMB, "width": 160, "height": 120, "bytes": 900},
        "full": {"sha256": FULL, "width": 800, "height": 600, "bytes": 9000},
    },
}
REQUESTED = ImageRequested(CAMPAIGN_ID, "port", "at dusk", "", Subject("location", "Port"), requested_by=MARA)


def stored(element_id: str = "port", alt: str = "", **provenance: Any) -> ImageStored:
    return ImageStored(CAMPAIGN_ID, element_id, alt, FULL, 800, 600, "image/webp", 9900, SIZES, provenance)


def of(who: str | Actor, *history: Event, **facts: Any) -> Given:
    known = {"campaign": campaign(), "elements": {"port": PORT, "far": ELSEWHERE}, **facts}
    actor = who if isinstance(who, Actor) else account(who)
    return given(IMAGE, *history, entity="i1", actor=actor, facts=known)


def request(**more: Any) -> dict[str, Any]:
    return {"campaign_id": CAMPAIGN_ID, "prompt": "at dusk", **more}


def test_a_game_master_asks_for_a_picture_of_an_element() -> None:
    asked = request(element_id="port", subject={"kind": "location", "name": "Port"})
    of(MARA).when("request", asked).then(REQUESTED)
    of(NIL).when("request", request(alt="A port")).then(
        ImageRequested(CAMPAIGN_ID, "", "at dusk", "A port", Subject(), requested_by=NIL)
    )


def test_a_game_master_brings_a_picture() -> None:
    upload = {
        "campaign_id": CAMPAIGN_ID,
        "element_id": "port",
        "picture": PICTURE,
        "provenance": {"route": "upload"},
    }
    of(MARA).when("upload", upload).then(stored(route="upload"))


def test_a_player_brings_a_picture_of_the_character_he_plays_and_of_nothing_else() -> None:
    company = campaign(
        CampaignCharacterAdded("hero", TOM, {"name": "Brannoc"}), CampaignCharacterAdded("other", UMA, {})
    )
    brought = {"campaign_id": CAMPAIGN_ID, "picture": PICTURE, "element_id": "hero"}
    of(TOM, campaign=company).when("upload", brought).then(stored("hero"))
    for who, change in (
        (TOM, {"element_id": "other"}),
        (TOM, {"element_id": "port"}),
        (TOM, {"element_id": ""}),
        (UMA, {}),
    ):
        of(who, campaign=company).when("upload", brought | change).then_rejected(
            Code.AUTHENTICATION_FAILED, "role"
        )
    asked = request(element_id="hero")
    of(TOM, campaign=company).when("request", asked).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(TOM, stored("hero"), campaign=company).when("describe", {"alt": "A cleric"}).then(
        ImageDescribed(CAMPAIGN_ID, "hero", "A cleric")
    )
    of(TOM, stored("hero"), campaign=company).when("remove", {}).then(
        ImageRemoved(CAMPAIGN_ID, "hero", (THUMB, FULL))
    )
    of(UMA, stored("hero"), campaign=company).when("remove", {}).then_rejected(
        Code.AUTHENTICATION_FAILED, "role"
    )


@pytest.mark.parametrize("verb", ["request", "upload"])
def test_nobody_else_does(verb: str) -> None:
    args = request() if verb == "request" else {"campaign_id": CAMPAIGN_ID, "picture": PICTURE}
    for who in (TOM, UMA):
        of(who).when(verb, args).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(EVE).when(verb, args).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    of(MARA, campaign=None).when(verb, args).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    of(ILLUSTRATOR).when(verb, args).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    of(MARA, campaign=campaign(CampaignArchived())).when(verb, args).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "status"
    )


@pytest.mark.parametrize("element_id", ["far", "nowhere"])
def test_an_element_must_be_of_the_campaign(element_id: str) -> None:
    of(MARA).when("request", request(element_id=element_id)).then_rejected(
        Code.INVALID_PARAMETER, "element_id"
    )


def test_a_removed_element_gets_no_picture() -> None:
    gone = {"port": ElementState(CAMPAIGN_ID, "location", 2, {"name": "Port"}, removed=True)}
    of(MARA, elements=gone).when("request", request(element_id="port")).then_rejected(
        Code.INVALID_PARAMETER, "element_id"
    )


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"prompt": " "}, Code.MISSING_REQUIRED_FIELD, "prompt"),
        ({"prompt": "x" * 2001}, Code.PARAMETER_OUT_OF_RANGE, "prompt"),
        ({"alt": "x" * 501}, Code.PARAMETER_OUT_OF_RANGE, "alt"),
        ({"size": "huge"}, Code.INVALID_PARAMETER, "size"),
        ({"subject": "port"}, Code.INVALID_PARAMETER, "subject"),
    ],
)
def test_what_cannot_be_is_named(change: dict[str, Any], code: Code, field: str) -> None:
    of(MARA).when("request", request(**change)).then_rejected(code, field)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"sha256": "../etc/passwd"}, Code.INVALID_PARAMETER, "picture.sha256"),
        ({"width": 0}, Code.PARAMETER_OUT_OF_RANGE, "picture.width"),
        ({"sizes": {}}, Code.INVALID_PARAMETER, "picture.sizes"),
    ],
)
def test_a_picture_that_cannot_be_is_refused(change: dict[str, Any], code: Code, field: str) -> None:
    of(MARA).when("upload", {"campaign_id": CAMPAIGN_ID, "picture": PICTURE | change}).then_rejected(
        code, field
    )


def test_an_id_is_used_once() -> None:
    of(MARA, REQUESTED).when("request", request()).then_rejected(Code.ALREADY_EXISTS, "image_id")


def test_the_illustrator_says_what_came_of_a_request_and_nobody_else() -> None:
    of(ILLUSTRATOR, REQUESTED).when("store", {"picture": PICTURE, "provenance": {"route": "model"}}).then(
        stored(route="model")
    )
    of(ILLUSTRATOR, REQUESTED).when("fail", {"problem": "no"}).then(ImageFailed(CAMPAIGN_ID, "port", "no"))
    for who in (
        account(MARA),
        account(MARA, "admin"),
        Actor("agent", "models"),
        Actor("agent", "illustrator", False),
    ):
        of(who, REQUESTED).when("store", {"picture": PICTURE}).then_rejected(Code.AUTHENTICATION_FAILED)


@pytest.mark.parametrize(
    "history",
    [
        (),
        (REQUESTED, stored()),
        (REQUESTED, ImageFailed(CAMPAIGN_ID, "port", "no")),
        (REQUESTED, ImageRemoved(CAMPAIGN_ID, "port")),
    ],
)
def test_something_comes_of_a_request_only_once_and_not_after_it_was_withdrawn(
    history: tuple[Event, ...],
) -> None:
    of(ILLUSTRATOR, *history).when("store", {"picture": PICTURE}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "status"
    )


def test_removing_names_the_bytes_that_may_go() -> None:
    of(NIL, stored()).when("remove", {}).then(ImageRemoved(CAMPAIGN_ID, "port", (THUMB, FULL)))
    of(MARA, REQUESTED).when("remove", {"reason": "enough"}).then(
        ImageRemoved(CAMPAIGN_ID, "port", (), "enough")
    )
    of(MARA, stored(), ImageRemoved(CAMPAIGN_ID, "port", (THUMB, FULL))).when("remove", {}).then()
    of(MARA, stored(), campaign=campaign(CampaignArchived())).when("remove", {}).then(
        ImageRemoved(CAMPAIGN_ID, "port", (THUMB, FULL))
    )


def test_words_for_who_cannot_see_it() -> None:
    of(MARA, stored()).when("describe", {"alt": "A port"}).then(ImageDescribed(CAMPAIGN_ID, "port", "A port"))
    of(MARA, stored(alt="A port")).when("describe", {"alt": "A port"}).then()
    of(MARA, stored(), ImageRemoved(CAMPAIGN_ID, "port")).when("describe", {"alt": "x"}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "image_id"
    )


@pytest.mark.parametrize(("verb", "args"), [("remove", {}), ("describe", {"alt": "x"})])
def test_to_strangers_there_is_no_image_and_players_change_none(verb: str, args: dict[str, Any]) -> None:
    of(EVE, stored()).when(verb, args).then_rejected(Code.NPC_NOT_FOUND, "image_id")
    of(MARA).when(verb, args).then_rejected(Code.NPC_NOT_FOUND, "image_id")
    of(TOM, stored()).when(verb, args).then_rejected(Code.AUTHENTICATION_FAILED, "role")


def test_pictures_are_copied_into_an_unfinished_fork_by_its_owner_and_nowhere_else() -> None:
    copied = {
        "campaign_id": CAMPAIGN_ID,
        "picture": PICTURE,
        "element_id": "port",
        "provenance": {"copy_of": "i0"},
    }
    forking = {"campaign": campaign(CampaignForkBegun("c0", 41, 1))}
    of(MARA, **forking).when("copy", copied).then(stored(copy_of="i0"))
    of(MARA).when("copy", copied).then_rejected(Code.OPERATION_NOT_ALLOWED, "status")
    of(NIL, **forking).when("copy", copied).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(MARA, stored(), **forking).when("copy", copied).then_rejected(Code.ALREADY_EXISTS, "image_id")
    of(MARA, **forking).when("upload", {"campaign_id": CAMPAIGN_ID, "picture": PICTURE}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "status"
    )

"""Every row of a game server's logs is recorded once, in order."""

from __future__ import annotations

from commands.chronicle import CHRONICLE
from commands.codes import Code
from events.chronicle import ChroniclePassed, ChronicleRecorded
from tests.specification import given

ROW = {"kind": "chat.global", "row": 8, "at": 1, "data": {"message": "Hi"}}


def test_the_first_look_only_says_where_reading_begins() -> None:
    given(CHRONICLE).when("record", {"after": None, "cursor": 7}).then(ChroniclePassed(7))


def test_rows_follow_what_is_recorded() -> None:
    begun = given(CHRONICLE, ChroniclePassed(7))
    begun.when("record", {"after": 7, "cursor": 9, "rows": [ROW], "left_out": 1}).then(
        ChronicleRecorded("chat.global", 8, 1, data={"message": "Hi"}), ChroniclePassed(9, 1)
    )


def test_a_row_that_says_nothing_more_can_be_read_again() -> None:
    begun = given(CHRONICLE, ChroniclePassed(7))
    login = {"kind": "player.login", "row": 8, "at": 1, "char_id": 150000}
    begun.when("record", {"after": 7, "cursor": 8, "rows": [login]}).then(
        ChronicleRecorded("player.login", 8, 1, 150000, data={}), ChroniclePassed(8)
    )


def test_rows_that_were_recorded_meanwhile_are_refused() -> None:
    moved = given(CHRONICLE, ChroniclePassed(7), ChroniclePassed(9))
    moved.when("record", {"after": 7, "cursor": 9, "rows": [ROW]}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "after"
    )
    given(CHRONICLE).when("record", {"after": 0, "cursor": 9}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "after"
    )


def test_a_row_beyond_the_cursor_is_refused() -> None:
    begun = given(CHRONICLE, ChroniclePassed(7))
    for cursor in (6, 7):
        begun.when("record", {"after": 7, "cursor": cursor, "rows": [ROW]}).then_rejected(
            Code.PARAMETER_OUT_OF_RANGE, "cursor"
        )

"""What must not be kept is not kept, and nothing else is lost."""

from __future__ import annotations

import pytest

from adapters.rathena.sqllogs.privacy import HIDDEN, MAX_TEXT, Privacy, scrub
from commands.chronicle import Row


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("meet me at 10.0.0.5!", f"meet me at {HIDDEN}!"),
        ("from 192.168.1.77:6900", f"from {HIDDEN}:6900"),
        ("fe80::1ff:fe23:4567:890a is mine", f"{HIDDEN} is mine"),
        ("2001:db8::1", HIDDEN),
        ("my password: hunter2 ok", f"my password: {HIDDEN} ok"),
        ("mail aria@example.org please", f"mail {HIDDEN} please"),
        ("at 12:34:56 I sold 1.5 potions, v1.2.3", "at 12:34:56 I sold 1.5 potions, v1.2.3"),
        ("Merchant::OnInit", "Merchant::OnInit"),
        ("ไทย 漢字 🙂", "ไทย 漢字 🙂"),
    ],
)
def test_addresses_and_secrets_are_hidden_and_the_rest_stays(text: str, kept: str) -> None:
    assert scrub(text) == kept


def test_a_long_text_is_bounded() -> None:
    assert len(scrub("x" * 10_000)) == MAX_TEXT


def test_whispers_are_left_out_unless_wanted() -> None:
    whisper = Row("chat.whisper", 1, 1, data={"message": "psst", "to": "Bob"})
    assert Privacy().kept(whisper) is None
    assert Privacy(chats={"whisper"}).kept(whisper) == whisper


def test_the_arguments_of_private_commands_are_hidden() -> None:
    def command(text: str) -> str:
        kept = Privacy().kept(Row("command.used", 1, 1, data={"command": text}))
        assert kept is not None
        return str(kept.data["command"])

    assert command("@email a b") == f"@email {HIDDEN}"
    assert command("#ACCINFO 5") == f"#ACCINFO {HIDDEN}"
    assert command("@item 501 3") == "@item 501 3"


def test_names_of_accounts_are_left_out_unless_wanted() -> None:
    row = Row("account.login", 1, 1, data={"user": "aria_acc", "code": 100})
    kept, wanted = Privacy().kept(row), Privacy(account_names=True).kept(row)
    assert kept is not None
    assert wanted is not None
    assert kept.data == {"code": 100}
    assert wanted.data["user"] == "aria_acc"

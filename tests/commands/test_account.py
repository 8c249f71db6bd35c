"""What may happen to an account: given what was, when a command comes, then these events."""

from __future__ import annotations

from typing import Any

import pytest

from commands.account import ACCOUNT
from commands.arguments import parse
from commands.codes import Code
from commands.decider import Context
from commands.rejection import Rejected
from events.account import (
    AccountCreated,
    AccountDisabled,
    AccountEnabled,
    AccountPasswordChanged,
    AccountRoleChanged,
    AccountSignedIn,
    AccountSignedOut,
    AccountSignInRefused,
    AccountTokenReused,
)
from events.commit import Actor, Event
from tests.commits import NOON, commit

CREATED = AccountCreated("mira", "gamemaster")


def when(given: list[Event], verb: str, **args: Any) -> tuple[Event, ...]:
    state = ACCOUNT.initial
    for version, event in enumerate(given, 1):
        recorded = commit("account/a1", event, version=version)
        for each in recorded.events:
            state = ACCOUNT.evolve(state, each, None)  # type: ignore[arg-type]
    context = Context(NOON, "a1", "c1", Actor("account", "a1"), rules=None)  # type: ignore[arg-type]
    return ACCOUNT.decide(state, parse(ACCOUNT.verbs[verb].arguments, args), context)


@pytest.mark.parametrize(
    ("given", "verb", "args", "then"),
    [
        ([], "create", {"name": "mira", "role": "gamemaster"}, (CREATED,)),
        ([CREATED], "set_role", {"role": "operator"}, (AccountRoleChanged("operator", "gamemaster"),)),
        ([CREATED], "set_role", {"role": "gamemaster"}, ()),
        ([CREATED], "disable", {"reason": "away"}, (AccountDisabled("away"),)),
        ([CREATED, AccountDisabled()], "disable", {}, ()),
        ([CREATED, AccountDisabled()], "enable", {}, (AccountEnabled(),)),
        ([CREATED], "enable", {}, ()),
        ([CREATED], "change_password", {"reset": True}, (AccountPasswordChanged(True),)),
        ([CREATED], "sign_in", {"sign_in": "s1"}, (AccountSignedIn("s1", "password"),)),
        ([CREATED], "refuse_sign_in", {"reason": "password"}, (AccountSignInRefused("password"),)),
        (
            [CREATED, AccountDisabled()],
            "refuse_sign_in",
            {"reason": "disabled"},
            (AccountSignInRefused("disabled"),),
        ),
        ([CREATED], "report_reuse", {"sign_in": "s1"}, (AccountTokenReused("s1"),)),
        ([CREATED], "sign_out", {"sign_in": "s1"}, (AccountSignedOut("s1"),)),
        ([CREATED], "sign_out", {}, (AccountSignedOut(""),)),
    ],
)
def test_what_happens(given: list[Event], verb: str, args: dict[str, Any], then: tuple[Event, ...]) -> None:
    assert when(given, verb, **args) == then


@pytest.mark.parametrize(
    ("given", "verb", "args", "code"),
    [
        ([CREATED], "create", {"name": "mira", "role": "player"}, Code.ALREADY_EXISTS),
        ([], "set_role", {"role": "player"}, Code.NPC_NOT_FOUND),
        ([], "sign_in", {"sign_in": "s1"}, Code.NPC_NOT_FOUND),
        ([CREATED, AccountDisabled()], "sign_in", {"sign_in": "s1"}, Code.OPERATION_NOT_ALLOWED),
        ([CREATED], "set_role", {"role": "king"}, Code.INVALID_PARAMETER),
        ([], "create", {"name": "", "role": "player"}, Code.INVALID_PARAMETER),
        ([], "create", {"role": "player"}, Code.MISSING_REQUIRED_FIELD),
    ],
)
def test_what_is_refused(given: list[Event], verb: str, args: dict[str, Any], code: Code) -> None:
    with pytest.raises(Rejected) as refused:
        when(given, verb, **args)
    assert refused.value.code == code


def test_whoever_is_enabled_again_may_sign_in_with_the_role_he_had_last() -> None:
    given = [CREATED, AccountRoleChanged("operator", "gamemaster"), AccountDisabled(), AccountEnabled()]
    assert when(given, "sign_in", sign_in="s2") == (AccountSignedIn("s2", "password"),)
    assert when(given, "set_role", role="operator") == ()

"""Events of one account, `account/<id>`: what its sign-ins and its administration looked like.

Never a password, a hash, a token or an e-mail address: those live in SQL only (decision 0311).
"""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event


@event("account.created")
@dataclass(frozen=True, slots=True)
class AccountCreated(Event):
    """`name` is what its owner signs in with, `role` one of `commands.account.ROLES`."""

    name: str
    role: str


@event("account.role_changed")
@dataclass(frozen=True, slots=True)
class AccountRoleChanged(Event):
    """From the next seconds on, everywhere."""

    role: str
    before: str


@event("account.disabled")
@dataclass(frozen=True, slots=True)
class AccountDisabled(Event):
    """Nobody signs in with it any more; who was signed in is not any more."""

    reason: str = ""


@event("account.enabled")
@dataclass(frozen=True, slots=True)
class AccountEnabled(Event):
    """It may be signed in with again."""


@event("account.password_changed")
@dataclass(frozen=True, slots=True)
class AccountPasswordChanged(Event):
    """`reset` says that somebody else than its owner set it. All its sign-ins ended."""

    reset: bool


@event("account.signed_in")
@dataclass(frozen=True, slots=True)
class AccountSignedIn(Event):
    """`sign_in` names the family of tokens that began, `method` is `password`."""

    sign_in: str
    method: str = "password"


@event("account.sign_in_refused")
@dataclass(frozen=True, slots=True)
class AccountSignInRefused(Event):
    """`reason` is `password`, `disabled` or `too_often`. Only so many a minute are recorded."""

    reason: str


@event("account.token_reused")
@dataclass(frozen=True, slots=True)
class AccountTokenReused(Event):
    """A refresh token came a second time: perhaps stolen, so that its whole sign-in ended."""

    sign_in: str


@event("account.signed_out")
@dataclass(frozen=True, slots=True)
class AccountSignedOut(Event):
    """`sign_in` is empty when all of them ended at once."""

    sign_in: str

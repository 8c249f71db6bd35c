"""Who asks: the person behind an access token."""

from __future__ import annotations

from dataclasses import dataclass

from events.commit import Actor


@dataclass(frozen=True, slots=True)
class Signed:
    """An account that is signed in. `role` is the realm's, as of at most a few seconds ago; `sign_in` names the
    family of tokens."""

    account_id: str
    name: str
    role: str
    display: str = ""
    language: str = "en"
    sign_in: str = ""

    @property
    def actor(self) -> Actor:
        """Who stands in the log for what this person does."""
        # Deciders know the roles of a campaign by themselves; who stands above them, or works on the platform, only
        # from here.
        above = {"role": self.role} if self.role in {"admin", "operator"} else {}
        return Actor("account", self.account_id, trusted=True, details={"name": self.name, **above})

    def has(self, *roles: str) -> bool:
        """Whether the role is one of `roles`; an admin has them all."""
        return self.role == "admin" or self.role in roles

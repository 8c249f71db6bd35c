"""Names people sign in with: one spelling each, compared without regard to case."""

from __future__ import annotations

import re
import unicodedata

NAME = re.compile(r"[^\W_][\w.-]{0,63}")
EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,189}")


class NameRefused(ValueError):
    """A name or address that cannot be used; the message says why."""


def checked(given: str) -> str:
    """`given` in its one spelling. Raises `NameRefused`."""
    name = unicodedata.normalize("NFKC", given.strip())
    if not NAME.fullmatch(name):
        raise NameRefused("a name has 1 to 64 letters, digits, '.', '-' and '_', a letter or digit first")
    return name


def checked_email(given: str) -> str:
    """`given` as an address. Raises `NameRefused`."""
    address = unicodedata.normalize("NFKC", given.strip())
    if not EMAIL.fullmatch(address) or len(address) > 190:
        raise NameRefused("an e-mail address looks like someone@example.org, at most 190 characters")
    return address


def key(name: str) -> str:
    """What names are compared by."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()[:190]

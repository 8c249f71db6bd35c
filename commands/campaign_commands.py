"""The commands of a campaign besides those of its characters, as anybody may send them: text clean, all bounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from commands.arguments import Id
from commands.forms.field import MAX_TEXT_BYTES
from commands.forms.text import line, paragraphs


def _prose(value: str) -> str:
    found = paragraphs(value)
    if len(found.encode()) > MAX_TEXT_BYTES:
        raise ValueError(f"may have at most {MAX_TEXT_BYTES} bytes")
    return found


def _named(value: str) -> str:
    found = line(value)
    if not found:
        raise ValueError("must not be empty")
    return found


Title = Annotated[str, StringConstraints(max_length=120), AfterValidator(line)]
Named = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_named)]
Prose = Annotated[str, StringConstraints(max_length=MAX_TEXT_BYTES), AfterValidator(_prose)]
Theme = Annotated[str, StringConstraints(max_length=300), AfterValidator(line)]
Ruleset = Literal["2014", "2024"]
Language = Literal["en", "fr"]
Level = Annotated[int, Field(ge=1, le=20)]
Expected = Annotated[int, Field(ge=0)] | None
GivenRole = Literal["cogm", "player", "observer"]


@dataclass(frozen=True, slots=True)
class Create:
    name: Named
    description: Prose = ""
    ruleset: Ruleset = "2024"
    language: Language = "en"
    theme: Theme = ""
    level: Level = 1


@dataclass(frozen=True, slots=True)
class Change:
    """What is None stays as it is; `expected` is the version it was read at."""

    name: Named | None = None
    description: Prose | None = None
    ruleset: Ruleset | None = None
    language: Language | None = None
    theme: Theme | None = None
    level: Level | None = None
    status: Literal["active", "paused", "completed"] | None = None
    expected: Expected = None


@dataclass(frozen=True, slots=True)
class Archive:
    reason: Title = ""
    expected: Expected = None


@dataclass(frozen=True, slots=True)
class Restore:
    reason: Title = ""
    expected: Expected = None


@dataclass(frozen=True, slots=True)
class LimitSpending:
    """Models may cost `amount` billionths of a US dollar a `period`; None lifts the limit, 0 leaves what is free."""

    amount: Annotated[int, Field(ge=0, le=10**15)] | None = None
    period: Literal["day", "month"] = "month"


@dataclass(frozen=True, slots=True)
class AddMember:
    """`name` is what the account is called."""

    account_id: Id
    role: GivenRole
    name: Title = ""


@dataclass(frozen=True, slots=True)
class ChangeMember:
    account_id: Id
    role: GivenRole


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """By a game master, or by himself."""

    account_id: Id


@dataclass(frozen=True, slots=True)
class HandOver:
    """The member `account_id` becomes the owner; who was it before becomes a co-GM."""

    account_id: Id


@dataclass(frozen=True, slots=True)
class StartSession:
    title: Title = ""


@dataclass(frozen=True, slots=True)
class EndSession:
    recap: Prose = ""
    recap_players: Prose = ""


@dataclass(frozen=True, slots=True)
class ChangeSession:
    number: Annotated[int, Field(ge=1)]
    title: Title | None = None
    recap: Prose | None = None
    recap_players: Prose | None = None

"""What the numbers of the older script functions mean: moments of a dialogue, kinds of interactions
(`rathena-server-side.md` §5.2, ``conf/moments.toml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commands.mind.tables import TableError, known, table, tables, whole, word

MAX_NUMBER = 2**31 - 1
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Moment:
    """A kind of moment; `says` holds by language what the player is taken to say."""

    name: str
    number: int
    says: Mapping[str, str]

    def said(self, language: str) -> str:
        """What the player says to somebody who speaks `language` (`fr`, `fr-FR` …)."""
        return self.says.get(language.lower().partition("-")[0], self.says[DEFAULT_LANGUAGE])


@dataclass(frozen=True, slots=True)
class Moments:
    """`interactions` is by name."""

    moments: Mapping[str, Moment]
    interactions: Mapping[str, int]

    def moment(self, which: str) -> Moment | None:
        """By name or number."""
        found = self.moments.get(which)
        return found or next(
            (moment for moment in self.moments.values() if str(moment.number) == which), None
        )

    def interaction(self, which: str) -> str | None:
        """The name of an interaction by its number; a name that is no number is taken as it is."""
        if which in self.interactions or not which.removeprefix("-").isdecimal():
            return which
        return next((name for name, number in self.interactions.items() if str(number) == which), None)


def parse_moments(mapping: Mapping[str, Any]) -> Moments:
    """The book of a parsed ``moments.toml``; raises `TableError` with the key and the remedy."""
    known(mapping, frozenset({"moments", "interactions"}), "")
    moments = {name: _moment(name, entry, path) for name, entry, path in tables(mapping, "moments")}
    kinds = table(mapping, "interactions")
    interactions = {name: whole(kinds, name, "interactions", 1, MAX_NUMBER) for name in kinds}
    _once([moment.number for moment in moments.values()], "moments")
    _once(list(interactions.values()), "interactions")
    return Moments(moments, interactions)


def _moment(name: str, entry: Mapping[str, Any], path: str) -> Moment:
    known(entry, frozenset({"number", "says"}), path)
    says = {
        language: word(table(entry, "says", path), language, f"{path}.says")
        for language in entry.get("says", ())
    }
    if DEFAULT_LANGUAGE not in says:
        raise TableError(f"{path}.says", f'needs {DEFAULT_LANGUAGE}, such as {{ en = "Hello!" }}')
    return Moment(name, whole(entry, "number", path, 1, MAX_NUMBER), says)


def _once(numbers: list[int], path: str) -> None:
    for number in numbers:
        if numbers.count(number) > 1:
            raise TableError(path, f"has the number {number} twice")

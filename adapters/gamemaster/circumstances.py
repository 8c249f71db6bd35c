"""What is known of a campaign when something is drafted for it: gathered from the read models, ranked by relevance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.gamemaster.reference import Reference
from commands.agents.gamemaster.briefing import Campaign, Circumstances, Relative
from commands.agents.gamemaster.coherence import Element, Known, named_entries
from commands.forms.filling import references
from commands.rules.spell import Ruleset
from commands.rules.verdict import name_key
from events.commit import Json

PARTY = 4
"""Characters of a campaign that has none yet."""
MAX_NAMED = 12
SHORTEST_NAME = 3
LONGEST_NAME = 8
"""Words of a name that is looked for in a brief."""
MAX_WORDS = 600

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A campaign as `projections.campaign_overview.overview` shows it, with its names at hand.

    `places` maps the words of a name to the elements that have it, `ids` their ids to (kind, name).
    """

    shown: Json
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, shown: Json) -> Surroundings:
        """Takes milliseconds for thousands of names: off the event loop."""
        places: dict[str, tuple[str, ...]] = {}
        for element_id, _, name in shown["names"]:
            key = _words(name)
            places[key] = (*places.get(key, ()), element_id)
        return cls(shown, places, {element_id: (kind, name) for element_id, kind, name in shown["names"]})

    @property
    def ruleset(self) -> Ruleset:
        return "2014" if self.shown["campaign"]["ruleset"] == "2014" else "2024"

    @property
    def language(self) -> str:
        return str(self.shown["campaign"]["language"])

    @property
    def levels(self) -> tuple[int, ...]:
        """The characters' levels; a party of the campaign's level where it has none."""
        found = tuple(
            each["level"] for each in self.shown["characters"] if isinstance(each.get("level"), int)
        )
        fit = tuple(level for level in found if 1 <= level <= 20)
        return fit or (min(20, max(1, self.shown["campaign"]["level"])),) * PARTY

    def named_in(self, brief: str) -> list[str]:
        """The elements whose names stand in a text, longer names first."""
        words = _WORD.findall(name_key(brief))[:MAX_WORDS]
        found: dict[str, None] = {}
        for length in range(LONGEST_NAME, 0, -1):
            for at in range(len(words) - length + 1):
                key = " ".join(words[at : at + length])
                if len(key) >= SHORTEST_NAME:
                    found |= dict.fromkeys(self.places.get(key, ()))
        return list(found)[:MAX_NAMED]

    def circumstances(
        self, wanted: Sequence[str], named: Mapping[str, Json], reference: Sequence[Json]
    ) -> Circumstances:
        """Ranked: what was asked for, what the brief names (`named`, as rows by id), what is linked, what is recent."""
        found: dict[str, Relative] = {}
        near = {row["element_id"]: row for row in self.shown["near"]}
        for element_id in wanted:
            if element_id in near:
                _add(found, near[element_id], 1, "asked for")
        for row in named.values():
            _add(found, row, 1, "named in the brief")
        for row in near.values():
            _add(found, row, 3, "linked")
        for row in self.shown["recent"]:
            _add(found, row, 4, "recent")
        return Circumstances(
            self._campaign(),
            tuple(self.shown["characters"]),
            tuple(found.values()),
            tuple(self._history()),
            tuple(reference),
        )

    def known(self, reference: Reference, kind: str, fields: Json, claims: Json, itself: str = "") -> Known:
        """The facts a draft is checked against: of the campaign those elements it could disagree with."""
        dead = set(self.shown["dead"])
        element_kind = "note" if kind == "description" else kind
        wanted = {each.to for each in references(element_kind, fields)} | dead
        wanted |= set(self.places.get(_words(str(fields.get("name", ""))), ())) - {itself}
        elements = tuple(
            Element(each, *self.ids[each], "dead" if each in dead else "")
            for each in sorted(wanted)
            if each in self.ids
        )
        named = list(named_entries(fields, claims))
        return Known(
            self.ruleset,
            self.levels,
            elements,
            reference.entries(named),
            reference.names(kind for kind, _ in named),
            reference.sample,
        )

    def _campaign(self) -> Campaign:
        row = self.shown["campaign"]
        session: Json = {"number": row["session"], "title": row["session_title"]} if row["session"] else {}
        recap = next((each["recap"] or each["recap_players"] for each in self.shown["sessions"]), "")
        if recap:
            session["what happened last time"] = recap
        return Campaign(
            row["campaign_id"],
            row["name"],
            row["description"],
            row["theme"],
            self.ruleset,
            row["language"],
            max(self.levels),
            session,
        )

    def _history(self) -> Iterable[str]:
        for each in self.shown["sessions"][1:]:
            if each["recap"] or each["recap_players"]:
                yield f"session {each['number']}: {each['recap'] or each['recap_players']}"
        for row in self.shown["changes"]:
            what = row["what"].replace(".", " ").replace("_", " ")
            fields = (
                f" ({', '.join(row['fields'][:4])})"
                if row["what"].endswith("changed") and row["fields"]
                else ""
            )
            yield " ".join(filter(None, (what, row["kind"], row["name"]))) + fields


def _add(found: dict[str, Relative], row: Mapping[str, Any], rank: int, why: str) -> None:
    if row["element_id"] not in found:
        found[row["element_id"]] = Relative(
            row["element_id"], row["kind"], row["name"], row["fields"], rank, why
        )


def _words(name: str) -> str:
    return " ".join(_WORD.findall(name_key(name)))

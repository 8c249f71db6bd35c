"""The appraisal table: what each kind of game event means, read from ``conf/appraisal.toml``.

`parse_appraisal` checks the parsed file strictly and compiles it to whole numbers. What the columns mean is
written at the top of that file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from commands.mind.fixed import ONE, millionths
from commands.mind.personality import Signed, Unit, Word

EventName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Choice = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}(\|[a-z][a-z0-9_]{0,31})*$")]

AGENT_KEYS: Final = (
    "actor",
    "agent",
    "player_id",
    "player",
    "initiator_id",
    "source_id",
    "giver",
    "by",
    "from",
)
UPON_KEYS: Final = ("victim", "subject", "about", "beneficiary")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProspectTable(_Strict):
    """Which outcome an event makes likelier (shift > 0) or less likely, as a share of the room left."""

    outcome: Word
    shift: Signed


class SizeTable(_Strict):
    """Where the size of an event is read: ``data[by] / full``, at least ``least``, at most 1."""

    by: Key
    full: Annotated[float, Field(gt=0, le=1_000_000_000)]
    full_by: Key | None = None
    least: Unit = 0.1


class EventTable(_Strict):
    """One ``[event.NAME]`` of the file."""

    also: tuple[EventName, ...] = ()
    agent: tuple[Key, ...] = ()
    utility: Signed = 0.0
    praise: Signed = 0.0
    standard: Word | None = None
    goals: dict[Word, Signed] = {}
    size: SizeTable | None = None
    prospect: ProspectTable | None = None
    goal: Literal["progress", "done", "failed", "helped", "threatened"] | None = None
    kept: Unit = 0.0
    broken: Unit = 0.0
    contact: bool = False
    own: bool = False
    scope: Literal["self", "sight", "gift", "faction", "report", "forecast"] = "self"
    when: dict[Choice, dict[Choice, dict[str, object]]] = {}


class OutcomeTable(_Strict):
    """One ``[outcome.NAME]``: something an NPC hopes for or fears in general."""

    utility: Signed
    likelihood: Unit
    half_life_minutes: Annotated[int, Field(gt=0, le=60 * 24 * 366)]


class AppraisalFile(_Strict):
    """The whole of ``conf/appraisal.toml``."""

    outcome: dict[Word, OutcomeTable] = {}
    event: dict[EventName, EventTable]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Utility ±ONE, the likelihood it is thought to have without news, and how fast news of it is
    forgotten.
    """

    utility: int
    likelihood: int
    half_life: int


@dataclass(frozen=True, slots=True)
class Size:
    """Data keys of the amount and of what counts as full; ``full`` in millionths where the data name none."""

    by: tuple[str, ...]
    full: int
    full_by: tuple[str, ...]
    least: int


@dataclass(frozen=True, slots=True)
class EventRule:
    """One row of the table, in millionths. ``cases`` holds, per data key and value, the row to use
    instead.
    """

    name: str
    scope: str
    agent: tuple[str, ...]
    utility: int
    praise: int
    standard: str
    goals: tuple[tuple[str, int], ...]
    size: Size | None
    prospect: tuple[str, int] | None
    goal: str | None
    kept: int
    broken: int
    contact: bool
    own: bool
    cases: tuple[tuple[tuple[str, ...], Mapping[str, EventRule]], ...]


@dataclass(frozen=True, slots=True)
class AppraisalRules:
    """The compiled table: rows by every name an event type may have, and the general outcomes."""

    events: Mapping[str, EventRule]
    outcomes: Mapping[str, Outcome]

    def row(self, kind: str, data: Mapping[str, object]) -> EventRule | None:
        """The row for an event, or None for a type the table does not know (neutral news)."""
        rule = self.events.get(kind)
        if rule is None and kind != kind.casefold():
            rule = self.events.get(kind.casefold())
        if rule is None or not rule.cases:
            return rule
        for keys, rows in rule.cases:
            for key in keys:
                value = data.get(key)
                if isinstance(value, str) and (case := rows.get(value.casefold())) is not None:
                    return case
        return rule


def spellings(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Each key in snake_case and camelCase: game clients send both."""
    out: list[str] = []
    for key in keys:
        head, *tail = key.split("_")
        out += dict.fromkeys((key, head + "".join(part.capitalize() for part in tail)))
    return tuple(dict.fromkeys(out))


def parse_appraisal(mapping: Mapping[str, object]) -> AppraisalRules:
    """The rules of a parsed ``conf/appraisal.toml``.

    Raises ValueError (pydantic's names the place) when a column is unknown or out of range, when two rows
    claim one name, or when a row names an outcome that has no table.
    """
    file = AppraisalFile.model_validate(mapping)
    outcomes = {
        name: Outcome(millionths(row.utility), millionths(row.likelihood), row.half_life_minutes * 60_000_000)
        for name, row in file.outcome.items()
    }
    events: dict[str, EventRule] = {}
    for name, table in file.event.items():
        rule = _compiled(name, table, outcomes)
        for alias in (name, *table.also):
            if alias in events:
                raise ValueError(f"appraisal: the event name {alias!r} is given twice; remove one of them")
            events[alias] = rule
    return AppraisalRules(events, outcomes)


def _compiled(name: str, table: EventTable, outcomes: Mapping[str, Outcome]) -> EventRule:
    prospect = table.prospect
    if prospect is not None and prospect.outcome not in outcomes:
        raise ValueError(
            f"appraisal: [event.{name}] names the unknown outcome {prospect.outcome!r}; "
            f"add a table [outcome.{prospect.outcome}]"
        )
    size = table.size
    plain = table.model_dump(exclude={"when", "also"})
    cases = []
    for choice, rows in table.when.items():
        variants: dict[str, EventRule] = {}
        for values, changed in rows.items():
            variant = _compiled(name, EventTable.model_validate({**plain, **changed}), outcomes)
            variants.update(dict.fromkeys(values.split("|"), variant))
        cases.append((spellings(tuple(choice.split("|"))), variants))
    return EventRule(
        name=name,
        scope=table.scope,
        agent=spellings((*table.agent, *AGENT_KEYS)),
        utility=millionths(table.utility),
        praise=millionths(table.praise),
        standard=table.standard or "",
        goals=tuple((word, millionths(effect)) for word, effect in table.goals.items()),
        size=None
        if size is None
        else Size(
            spellings((size.by,)),
            max(1, round(size.full * ONE)),
            spellings((size.full_by,)) if size.full_by else (),
            millionths(size.least),
        ),
        prospect=(prospect.outcome, millionths(prospect.shift)) if prospect else None,
        goal=table.goal,
        kept=millionths(table.kept),
        broken=millionths(table.broken),
        contact=table.contact,
        own=table.own,
        cases=tuple(cases),
    )


OTHER = "interact_other"
"""An interaction of a kind the table does not describe: whoever does it has been met all the same."""


def interaction_kind(rules: AppraisalRules, interaction_type: str, *, accepted: bool) -> str:
    """Under which name the table knows an interaction: its own, with `interact_` before it, or `OTHER`.

    A refused trade is an event of its own; what else was refused has not happened.
    """
    kind = interaction_type
    if kind not in rules.events:
        kind = f"interact_{kind}" if f"interact_{kind}" in rules.events else OTHER
    return kind if accepted else f"{kind}_refused"


def talk_kind(rules: AppraisalRules, intent: str) -> str:
    """Under which name the table knows words that were recognised as `intent`."""
    kind = f"dialogue_{intent}"
    return kind if kind in rules.events else "talk"

"""The books of bloodlines and syntheses, read from ``conf/bloodlines.toml`` and ``conf/syntheses.toml``.

What the columns mean is written at the top of those files. Bounds come from the client's packets
(`rathena-server-side.md` §6.2): ids are int16, levels uint8, experience int32, names 24 bytes, descriptions 120.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

from commands.mind.tables import TableError, known, span, table, tables, whole, word, words
from events.legend import Growth, Skill

MAX_ID = 2**15 - 1
MAX_LEVEL = 255
MAX_EXP = 2**31 - 1
MAX_KEPT = 255
"""Entries of a book: a packet counts them in a byte."""
MAX_SKILLS = 16
MAX_NAME_BYTES = 24
MAX_DESCRIPTION_BYTES = 120
MAX_STIRRING = 1_000_000_000


@dataclass(frozen=True, slots=True)
class SkillRule:
    """A skill comes at level `at`, rises every `every` levels and ends at `most`."""

    skill_id: int
    at: int
    every: int
    most: int

    def level(self, level: int) -> int:
        return 0 if level < self.at else min(1 + (level - self.at) // self.every, self.most)


@dataclass(frozen=True, slots=True)
class Legend:
    """One bloodline or synthesis.

    `steps` is what each level takes beyond the one before. `deeds` maps the name of a deed to the least and most it
    is worth; `awakens_at` is how much must gather before it wakes by itself; `requires` maps ids of the same book to
    the level they must have; `classes` are the two a synthesis joins, the smaller number first. `awakening` and
    `award` are lines told without a model.
    """

    key: str
    id: int
    name: str
    description: str
    steps: tuple[int, ...]
    skills: tuple[SkillRule, ...]
    deeds: Mapping[str, tuple[int, int]]
    awakens_at: int
    requires: Mapping[int, int]
    awakening: tuple[str, ...]
    award: tuple[str, ...]
    classes: tuple[int, int] = (0, 0)
    sums: tuple[int, ...] = field(default=())

    @property
    def max_level(self) -> int:
        return len(self.steps) + 1

    def growth(self, total: int, level: int = 1) -> Growth:
        """Where `total` experience leads; never below `level`, which a gentler curve may once have given."""
        level = max(level, 1 + bisect_right(self.sums, total))
        skills = tuple(Skill(rule.skill_id, at) for rule in self.skills if (at := rule.level(level)))
        if level >= self.max_level:
            return Growth(level, total, 0, 0, skills)
        before = self.sums[level - 2] if level > 1 else 0
        return Growth(level, total, max(total - before, 0), self.steps[level - 1], skills)

    @property
    def most(self) -> int:
        """All the experience that counts."""
        return self.sums[-1] if self.sums else 0


@dataclass(frozen=True)
class LegendBook:
    """All of one kind. `max_exp` is the most one command may give, `pause` how long (µs) before the same deed of a
    character counts again."""

    entries: Mapping[int, Legend]
    max_exp: int
    pause: int

    @cached_property
    def by_deed(self) -> Mapping[str, tuple[Legend, ...]]:
        """The entries that each deed serves, in order of their ids."""
        found: dict[str, list[Legend]] = {}
        for _, legend in sorted(self.entries.items()):
            for deed in legend.deeds:
                found.setdefault(deed, []).append(legend)
        return {deed: tuple(legends) for deed, legends in found.items()}

    def of_classes(self, class1: int, class2: int) -> Legend | None:
        """The synthesis of two classes, in either order, or None."""
        pair = min(class1, class2), max(class1, class2)
        return next((legend for legend in self.entries.values() if legend.classes == pair), None)


def parse_bloodlines(mapping: Mapping[str, Any]) -> LegendBook:
    """The book of a parsed ``conf/bloodlines.toml``. Raises `TableError` naming the place."""
    return _book(mapping, classes=False)


def parse_syntheses(mapping: Mapping[str, Any]) -> LegendBook:
    """The book of a parsed ``conf/syntheses.toml``. Raises `TableError` naming the place."""
    return _book(mapping, classes=True)


_LIMITS = frozenset({"max_exp_per_command", "pause_seconds"})
_COLUMNS = frozenset(
    {"id", "name", "description", "max_level", "first_exp", "growth_percent", "awakens_at", "skills", "deeds",
     "requires", "awakening", "award"}
)  # fmt: skip


def _book(mapping: Mapping[str, Any], *, classes: bool) -> LegendBook:
    known(mapping, frozenset({"limits", "legend"}), "")
    limits = table(mapping, "limits")
    known(limits, _LIMITS, "limits")
    entries: dict[int, Legend] = {}
    pairs: set[tuple[int, int]] = set()
    for key, row, path in tables(mapping, "legend"):
        legend = _legend(key, row, path, classes=classes)
        if legend.id in entries:
            raise TableError(f"{path}.id", f"must differ from that of {entries[legend.id].key}")
        if classes and legend.classes in pairs:
            raise TableError(f"{path}.classes", "are joined by another synthesis already")
        entries[legend.id] = legend
        pairs.add(legend.classes)
    if len(entries) > MAX_KEPT:
        raise TableError("legend", f"must have at most {MAX_KEPT} tables")
    for legend in entries.values():
        for needed, level in legend.requires.items():
            if needed not in entries or needed == legend.id or level > entries[needed].max_level:
                raise TableError(f"legend.{legend.key}.requires", "must name other ids and levels they have")
    return LegendBook(
        entries,
        whole(limits, "max_exp_per_command", "limits", 1, MAX_EXP, 100_000),
        whole(limits, "pause_seconds", "limits", 0, 86_400, 60) * 1_000_000,
    )


def _legend(key: str, row: Mapping[str, Any], path: str, *, classes: bool) -> Legend:
    known(row, _COLUMNS | {"classes"} if classes else _COLUMNS, path)
    steps = _steps(row, path)
    pair = (0, 0)
    if classes:
        pair = _pair(row, path)
    return Legend(
        key,
        whole(row, "id", path, 1, MAX_ID),
        _bounded(word(row, "name", path), MAX_NAME_BYTES, f"{path}.name"),
        _bounded(word(row, "description", path), MAX_DESCRIPTION_BYTES, f"{path}.description"),
        steps,
        tuple(_skills(row, path)),
        {
            deed: span(table(row, "deeds", path), deed, f"{path}.deeds", 1, MAX_EXP)
            for deed in table(row, "deeds", path)
        },
        whole(row, "awakens_at", path, 1, MAX_STIRRING, 100),
        dict(_requires(row, path)),
        _lines(row, "awakening", path),
        _lines(row, "award", path),
        pair,
        tuple(accumulate(steps)),
    )


def _steps(row: Mapping[str, Any], path: str) -> tuple[int, ...]:
    levels = whole(row, "max_level", path, 1, MAX_LEVEL, 10)
    step = whole(row, "first_exp", path, 1, MAX_EXP, 100)
    percent = whole(row, "growth_percent", path, 100, 1000, 150)
    steps = []
    for _ in range(levels - 1):
        steps.append(step)
        step = step * percent // 100
    if sum(steps) > MAX_EXP:
        raise TableError(
            path, f"must need at most {MAX_EXP} experience in all: lower growth_percent or max_level"
        )
    return tuple(steps)


def _pair(row: Mapping[str, Any], path: str) -> tuple[int, int]:
    value = row.get("classes")
    if not isinstance(value, list) or len(value) != 2:
        raise TableError(f"{path}.classes", "must be two ids of classes")
    both = {"first": value[0], "second": value[1]}
    first = whole(both, "first", f"{path}.classes", 0, MAX_ID)
    second = whole(both, "second", f"{path}.classes", 0, MAX_ID)
    if first == second:
        raise TableError(f"{path}.classes", "must be two different classes")
    return min(first, second), max(first, second)


def _skills(row: Mapping[str, Any], path: str) -> Iterator[SkillRule]:
    listed = row.get("skills", [])
    if not isinstance(listed, list) or len(listed) > MAX_SKILLS:
        raise TableError(f"{path}.skills", f"must be a list of at most {MAX_SKILLS} tables")
    for index, skill in enumerate(listed):
        where = f"{path}.skills[{index}]"
        if not isinstance(skill, Mapping):
            raise TableError(where, "must be a table such as {id = 5001, at = 1, every = 2, most = 5}")
        known(skill, frozenset({"id", "at", "every", "most"}), where)
        yield SkillRule(
            whole(skill, "id", where, 1, MAX_ID),
            whole(skill, "at", where, 1, MAX_LEVEL, 1),
            whole(skill, "every", where, 1, MAX_LEVEL, 1),
            whole(skill, "most", where, 1, MAX_LEVEL, 1),
        )


def _requires(row: Mapping[str, Any], path: str) -> Iterator[tuple[int, int]]:
    listed: Iterable[Any] = row.get("requires", [])
    if not isinstance(listed, list):
        raise TableError(f"{path}.requires", "must be a list of tables such as {id = 1, level = 5}")
    for index, needed in enumerate(listed):
        where = f"{path}.requires[{index}]"
        if not isinstance(needed, Mapping):
            raise TableError(where, "must be a table such as {id = 1, level = 5}")
        known(needed, frozenset({"id", "level"}), where)
        yield whole(needed, "id", where, 1, MAX_ID), whole(needed, "level", where, 1, MAX_LEVEL, 1)


def _lines(row: Mapping[str, Any], name: str, path: str) -> tuple[str, ...]:
    lines = words(row, name, path)
    if not lines:
        raise TableError(f"{path}.{name}", 'must hold at least one line, such as ["The blood remembers."]')
    return tuple(_bounded(line, MAX_DESCRIPTION_BYTES, f"{path}.{name}") for line in lines)


def _bounded(text: str, most: int, path: str) -> str:
    if len(text.encode()) > most or not text.isprintable():
        raise TableError(path, f"must be at most {most} bytes of UTF-8 on one line: the client shows no more")
    return text

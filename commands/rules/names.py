"""Whether what a proposal names exists in the rules, and whether it names two things alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from commands.rules.verdict import HOUSE, Verdict, name_key, shown

MOST_SUGGESTED = 3


def check_exists(kind: str, name: str, known: Iterable[str], source: str) -> list[Verdict]:
    """Whether an entity of the ruleset has that name; the verdict is `exists.<kind>` and suggests close names.

    known: the names of all entities of that kind in the ruleset. source: the document they come from.
    """
    names = {name_key(each): each for each in known}
    key = name_key(name[:500])
    if key in names:
        message = f"{shown(names[key])} is {'an' if kind[:1] in 'aeiou' else 'a'} {kind} of {source}."
        return [Verdict(f"exists.{kind}", True, message, shown(names[key]), shown(name), source)]
    # Comparing is quadratic in length; no name of any ruleset is longer than this.
    close = [shown(names[each]) for each in get_close_matches(key[:100], names, MOST_SUGGESTED)]
    message = f"{source} has no {kind} named {shown(name)!r}" + (
        f"; close: {', '.join(close)}." if close else "; search the reference data for one."
    )
    return [Verdict(f"exists.{kind}", False, message, ", ".join(close) or None, shown(name), source)]


def check_unique(names: Sequence[str]) -> list[Verdict]:
    """One verdict `names.unique` per name that occurs twice or more (case and spaces aside), or one that all differ."""
    first = dict[str, str]()
    repeated = dict[str, list[str]]()
    for name in names:
        key = name_key(name)
        if key in first:
            repeated.setdefault(key, [first[key]]).append(name)
        else:
            first[key] = name
    if not repeated:
        return [Verdict("names.unique", True, "No two names are alike.", len(names), len(first), HOUSE)]
    return [
        Verdict("names.unique", False, _too_often(same), 1, len(same), HOUSE) for same in repeated.values()
    ]


def _too_often(same: Sequence[str]) -> str:
    return f"{shown(same[0])} is there {len(same)} times: rename all but one."

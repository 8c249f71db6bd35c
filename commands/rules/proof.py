"""Proving that a roll in the log follows from its seed, by rolling it again."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from commands.rules.dice import MODES, DiceError, Roll, commitment, dice
from commands.rules.verdict import HOUSE, Value, Verdict, shown


def prove(record: Mapping[str, Any], published: str | None = None) -> list[Verdict]:
    """Check a logged roll (`Roll.as_json`), which may be forged in any way.

    published: the `commitment` that was announced before the roll, if one was. Returns verdicts `dice.record` (only
    when it is no record at all), `dice.faces`, `dice.total` and, with `published`, `dice.commitment`.
    """
    rolled = _roll_again(record)
    if isinstance(rolled, Verdict):
        return [rolled]
    faces = [list(term) for term in rolled.faces]
    verdicts = [
        _verdict("dice.faces", "The faces", faces, record.get("faces")),
        _verdict("dice.total", "The total", rolled.total, record.get("total")),
    ]
    if published is not None:
        verdicts.append(
            _verdict("dice.commitment", "The seed's commitment", commitment(rolled.seed), published)
        )
    return verdicts


def _roll_again(record: Mapping[str, Any]) -> Roll | Verdict:
    expression, seed, mode = record.get("expression"), record.get("seed"), record.get("mode")
    if not isinstance(expression, str) or not isinstance(seed, str) or mode not in MODES:
        problem = "A roll needs `expression` and `seed` as texts and a known `mode`."
        return Verdict("dice.record", False, problem, "expression, seed, mode", None, HOUSE)
    try:
        return dice(expression, seed, mode)
    except DiceError as error:
        return Verdict("dice.record", False, shown(error), "a roll within bounds", shown(expression), HOUSE)


def _verdict(rule: str, what: str, expected: object, found: object) -> Verdict:
    # `True == 1` in Python; a record with a truth value among its faces is forged.
    same = found == expected and _types(found) == _types(expected)
    plural = what.endswith("faces")
    message = f"{what} follow{'' if plural else 's'} from the seed."
    if not same:
        not_so = f"{'do' if plural else 'does'} not follow from this seed"
        message = f"{what} {not_so}: the record was changed, or the seed is another."
    return Verdict(rule, same, message, _short(expected), _short(found), HOUSE)


def _types(value: object) -> object:
    return [_types(each) for each in value] if isinstance(value, list) else type(value)


def _short(value: object) -> Value:
    """A value for a verdict: numbers as they are, texts bounded, long lists by their digest."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 2**63 else shown("a number beyond 64 bits")
    text = str(value)
    return text if len(text) <= 100 else f"sha256:{sha256(text.encode('utf-8', 'replace')).hexdigest()}"

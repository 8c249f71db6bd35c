"""Reading configuration tables (parsed TOML): every error names the key and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from commands.mind.curves import NAMED, UNIT, Curve, curve_through
from events.errors import ConfigurationError


class TableError(ConfigurationError):
    """A table cannot be used as written. key: dotted path inside the file, such as `items.1001.value`.

    `origin` is not known here; whoever read the file passes it to `found_in`.
    """

    def __init__(self, key: str, remedy: str, origin: str = "table") -> None:
        super().__init__(origin, key, "cannot be used as written", remedy)

    def found_in(self, origin: str) -> TableError:
        """The same error with the file it was found in."""
        return TableError(self.key, self.remedy, origin)


def table(parent: Mapping[str, Any], name: str, path: str = "") -> Mapping[str, Any]:
    """The table `name` of `parent`; empty when absent. Raises `TableError` when it is something else."""
    value = parent.get(name, {})
    if not isinstance(value, Mapping):
        raise TableError(join(path, name), "must be a table")
    return value


def tables(
    parent: Mapping[str, Any], name: str, path: str = ""
) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Each (key, table, dotted path) below the table `name`."""
    for key, value in table(parent, name, path).items():
        where = join(path, name, key)
        if not isinstance(value, Mapping):
            raise TableError(where, "must be a table")
        yield str(key), value, where


def words(parent: Mapping[str, Any], name: str, path: str) -> tuple[str, ...]:
    """A list of texts; empty when absent; a single text counts as a list of one."""
    value = parent.get(name, ())
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        raise TableError(join(path, name), 'must be a list of texts, such as ["a", "b"]')
    return tuple(value)


def word(parent: Mapping[str, Any], name: str, path: str, default: str | None = None) -> str:
    """A text that is not empty; `default` when absent, an error when there is no default."""
    value = parent.get(name, default)
    if not isinstance(value, str) or (not value and default is None):
        raise TableError(join(path, name), "must be a text that is not empty")
    return value


def whole(
    parent: Mapping[str, Any], name: str, path: str, low: int, high: int, default: int | None = None
) -> int:
    """A whole number within `low`..`high`; `default` when absent."""
    value = parent.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise TableError(join(path, name), f"must be a whole number {low}..{high}")
    return value


def decimal(
    parent: Mapping[str, Any], name: str, path: str, low: float, high: float, default: float | None = None
) -> int:
    """A number within `low`..`high`, in millionths; `default` (not in millionths) when absent."""
    return millionths(parent.get(name, default), join(path, name), low, high)


def millionths(value: Any, path: str, low: float, high: float) -> int:
    """`value` in millionths when it is a number within `low`..`high`; `TableError` otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise TableError(path, f"must be a number {low}..{high}")
    return round(value * UNIT)


def span(parent: Mapping[str, Any], name: str, path: str, low: int, high: int) -> tuple[int, int]:
    """A range [from, to] of whole numbers; a single number is a range of one."""
    value = parent.get(name)
    pair = [value, value] if isinstance(value, int) else value
    if (
        not isinstance(pair, list | tuple)
        or len(pair) != 2
        or any(isinstance(end, bool) or not isinstance(end, int) or not low <= end <= high for end in pair)
        or pair[0] > pair[1]
    ):
        raise TableError(join(path, name), f"must be [from, to] with {low} <= from <= to <= {high}")
    return pair[0], pair[1]


def curve(value: Any, path: str) -> Curve:
    """A curve by name, or through knots [[input, score], …] in 0..1 (inputs may go from -1)."""
    if isinstance(value, str):
        if value not in NAMED:
            raise TableError(path, f"must be one of {', '.join(NAMED)} or a list of knots")
        return NAMED[value]
    if not isinstance(value, list | tuple):
        raise TableError(path, "must be the name of a curve or a list of knots [[0, 0], [1, 1]]")
    knots = []
    for index, knot in enumerate(value):
        if not isinstance(knot, list | tuple) or len(knot) != 2:
            raise TableError(f"{path}[{index}]", "must be a pair [input, score]")
        where = f"{path}[{index}]"
        knots.append((millionths(knot[0], where, -1, 1), millionths(knot[1], where, 0, 1)))
    try:
        return curve_through(knots)
    except ValueError as error:
        raise TableError(path, str(error)) from error


def known(parent: Mapping[str, Any], allowed: frozenset[str], path: str) -> None:
    """Raise `TableError` when `parent` has a key outside `allowed`: a misspelt key must not go unnoticed."""
    for key in parent:
        if key not in allowed:
            raise TableError(
                join(path, str(key)), f"is not known here; use one of {', '.join(sorted(allowed))}"
            )


def join(*path: str) -> str:
    """A dotted path without its empty parts."""
    return ".".join(part for part in path if part)

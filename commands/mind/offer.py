"""The offer of a trade: what a client sent as `items`, checked line by line and merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from commands.codes import Code
from commands.mind.fields import find, integer, parsed, refusal, text
from commands.mind.prices import MAX_GOLD

MAX_LINES = 100
MAX_AMOUNT = 30_000
"""The most of one item a character of the game can carry."""

_OFFER = frozenset({"offer", "offered", "sell", "give", "player"})
_REQUEST = frozenset({"request", "requested", "buy", "want", "take", "npc"})


class Line(NamedTuple):
    """One item of an offer.

    given: the player gives it (side `offer`), else the player wants it (`request`). price: gold for one
    as the player proposes, None to leave it to the NPC. category, value: what the request says about the
    item.
    """

    item_id: str
    amount: int
    given: bool
    price: int | None = None
    category: str = ""
    value: int | None = None


def read_offer(value: Any, field: str = "items") -> tuple[Line, ...]:
    """The lines of an offer, those of the same item, side and price merged.

    Takes a list of {"item_id", "amount", "price"?, "side"?, "category"?, "value"?} or {"offer": […],
    "request": […]}; `amount` is 1 and `side` is `request` when absent. Raises `Rejected`: -104 missing or
    empty, -101 wrong type or unknown side, -105 more than `MAX_LINES` lines, amounts outside
    1..`MAX_AMOUNT`, prices outside 0..`MAX_GOLD`.
    """
    value = parsed(value, field)
    if value is None:
        raise refusal(
            Code.MISSING_REQUIRED_FIELD, 'is missing; give [{"item_id", "amount", "side"}]', field=field
        )
    entries = _entries(value, field)
    if not entries:
        raise refusal(
            Code.MISSING_REQUIRED_FIELD, "is empty; offer or request at least one item", field=field
        )
    if len(entries) > MAX_LINES:
        raise refusal(
            Code.PARAMETER_OUT_OF_RANGE, f"holds {len(entries)} lines; give at most {MAX_LINES}", field=field
        )
    merged: dict[tuple[str, bool, int | None], Line] = {}
    for entry, side, path in entries:
        line = _line(entry, side, path)
        key = (line.item_id, line.given, line.price)
        amount = line.amount + (merged[key].amount if key in merged else 0)
        if amount > MAX_AMOUNT:
            raise refusal(
                Code.PARAMETER_OUT_OF_RANGE,
                f"adds up to {amount}; at most {MAX_AMOUNT}",
                field=f"{path}.amount",
            )
        merged[key] = line._replace(amount=amount)
    return tuple(merged.values())


def _entries(value: Any, field: str) -> list[tuple[Any, str, str]]:
    """(entry, side, path) of all lines."""
    if isinstance(value, Mapping) and find(value, "item_id") is None:
        entries = []
        for side in ("offer", "request"):
            listed = value.get(side, ())
            if not isinstance(listed, list | tuple):
                raise refusal(Code.INVALID_PARAMETER, "must be a list of items", field=f"{field}.{side}")
            entries += [(entry, side, f"{field}.{side}[{n}]") for n, entry in enumerate(listed)]
        return entries
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list | tuple):
        raise refusal(Code.INVALID_PARAMETER, 'must be a list of {"item_id", "amount", "side"}', field=field)
    return [(entry, "request", f"{field}[{n}]") for n, entry in enumerate(value)]


def _line(entry: Any, side: str, path: str) -> Line:
    if isinstance(entry, str | int) and not isinstance(entry, bool):
        entry = {"item_id": entry}
    if not isinstance(entry, Mapping):
        raise refusal(Code.INVALID_PARAMETER, 'must be an object {"item_id", "amount", "side"}', field=path)
    item_id = text(find(entry, "item_id", "id", "item", "item_name", "name"), 64)
    if not item_id:
        raise refusal(
            Code.MISSING_REQUIRED_FIELD,
            "is missing; give the number or name of the item",
            field=f"{path}.item_id",
        )
    stated = text(entry.get("side"), 16).lower() or side
    if stated not in _OFFER | _REQUEST:
        raise refusal(
            Code.INVALID_PARAMETER, 'must be "offer" (the player gives) or "request"', field=f"{path}.side"
        )
    amount, price, value = (
        find(entry, "amount", "quantity", "count"),
        entry.get("price"),
        find(entry, "value"),
    )
    return Line(
        item_id,
        integer(1 if amount is None else amount, f"{path}.amount", 1, MAX_AMOUNT),
        stated in _OFFER,
        None if price is None else integer(price, f"{path}.price", 0, MAX_GOLD),
        text(find(entry, "category", "item_category"), 32).lower(),
        None if value is None else integer(value, f"{path}.value", 0, MAX_GOLD),
    )

"""Price tables: what an item is worth, and at which rates NPCs of an archetype sell and buy its category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from commands.mind.curves import UNIT, times
from commands.mind.tables import TableError, decimal, known, tables, whole, word, words

MAX_GOLD = 2**31 - 1
"""The most gold that can change hands: the game keeps it in a signed 32 bit number."""

MOST_GENEROUS = UNIT * 3 // 4
"""No mood, goal or friendship lowers a price below this share of it, and nothing raises what is paid
above it.
"""


class Item(NamedTuple):
    """value: gold a shop asks for one. sell, buy: prices that override the category's rates, None to use
    the rates.
    """

    id: str
    name: str
    category: str
    value: int
    sell: int | None = None
    buy: int | None = None


class Category(NamedTuple):
    """sell, buy: millionths of an item's value. typical: value of an item of which only the category is
    known.
    """

    name: str
    sell: int
    buy: int
    typical: int


@dataclass(frozen=True, slots=True)
class Dealer:
    """How an archetype deals. sells, buys: categories ("*" all). greed: margin in millionths. endless:
    never sold out.
    """

    name: str
    sells: frozenset[str]
    buys: frozenset[str]
    greed: int
    endless: bool

    def takes(self, category: str) -> bool:
        return "*" in self.buys or category in self.buys

    def offers(self, category: str) -> bool:
        return "*" in self.sells or category in self.sells


@dataclass(frozen=True, slots=True)
class PriceTable:
    """All items by id and by name, categories, and dealers by archetype or alias."""

    items: Mapping[str, Item]
    names: Mapping[str, Item]
    categories: Mapping[str, Category]
    dealers: Mapping[str, Dealer]

    def item(self, item_id: str) -> Item | None:
        """The item of that id or name (names in any case, spaces or underscores); None when unknown."""
        return self.items.get(item_id) or self.names.get(_key(item_id))

    def category(self, name: str) -> Category:
        """The category of that name, else `misc`."""
        return self.categories.get(name, self.categories["misc"])

    def dealer(self, *archetypes: str) -> Dealer:
        """How the first known of the archetypes deals; as `default` when none is."""
        return next(
            (self.dealers[name] for name in archetypes if name in self.dealers), self.dealers["default"]
        )

    def asked(self, item: Item) -> int:
        """Gold an indifferent NPC asks for one, at least 1."""
        return max(
            1, times(item.value, self.category(item.category).sell) if item.sell is None else item.sell
        )

    def paid(self, item: Item) -> int:
        """Gold an indifferent NPC pays for one."""
        return times(item.value, self.category(item.category).buy) if item.buy is None else item.buy


def parse_prices(mapping: Mapping[str, Any]) -> PriceTable:
    """The table of a parsed `prices.toml`; raises `TableError` with the key and the remedy."""
    categories = {}
    for name, entry, path in tables(mapping, "categories"):
        known(entry, frozenset({"sell", "buy", "typical"}), path)
        categories[name] = Category(
            name,
            decimal(entry, "sell", path, 0.01, 100, 1.0),
            decimal(entry, "buy", path, 0, 100, 0.5),
            whole(entry, "typical", path, 0, MAX_GOLD, 0),
        )
        if categories[name].buy > categories[name].sell:
            raise TableError(f"{path}.buy", "must not exceed sell: players would earn by trading in circles")
    if "misc" not in categories:
        raise TableError("categories.misc", "is missing; items of unknown categories need it")
    items = {name: _item(name, entry, path, categories) for name, entry, path in tables(mapping, "items")}
    dealers: dict[str, Dealer] = {}
    for name, entry, path in tables(mapping, "dealers"):
        known(entry, frozenset({"aliases", "sells", "buys", "greed", "endless"}), path)
        dealer = Dealer(
            name,
            _categories(entry, "sells", path, categories),
            _categories(entry, "buys", path, categories),
            decimal(entry, "greed", path, 0, 0.25, 0.1),
            bool(entry.get("endless", False)),
        )
        dealers |= dict.fromkeys((name, *words(entry, "aliases", path)), dealer)
    if "default" not in dealers:
        raise TableError("dealers.default", "is missing; archetypes without an entry need it")
    return PriceTable(items, {_key(item.name): item for item in items.values()}, categories, dealers)


def _item(key: str, entry: Mapping[str, Any], path: str, categories: Mapping[str, Category]) -> Item:
    known(entry, frozenset({"name", "category", "value", "sell", "buy"}), path)
    category = word(entry, "category", path, "misc")
    if category not in categories:
        raise TableError(f"{path}.category", f"names {category!r}; add [categories.{category}]")
    sell = whole(entry, "sell", path, 1, MAX_GOLD) if "sell" in entry else None
    buy = whole(entry, "buy", path, 0, MAX_GOLD) if "buy" in entry else None
    if sell is not None and buy is not None and buy > sell:
        raise TableError(f"{path}.buy", "must not exceed sell")
    return Item(key, word(entry, "name", path), category, whole(entry, "value", path, 0, MAX_GOLD), sell, buy)


def _categories(
    entry: Mapping[str, Any], name: str, path: str, categories: Mapping[str, Category]
) -> frozenset[str]:
    listed = frozenset(words(entry, name, path))
    for category in listed - categories.keys() - {"*"}:
        raise TableError(f"{path}.{name}", f"names {category!r}; add [categories.{category}]")
    return listed


def _key(name: str) -> str:
    return name.lower().replace("_", " ").strip()

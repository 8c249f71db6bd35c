"""`trade`: whether an NPC accepts an offer, at which price, and what it would accept instead.

Prices are sums of one-sided influences, each monotone: a better standing with the player never raises
what the player pays and never lowers what the player gets. Whatever the influences, nothing is bought for
more than it is sold for, so that trading in circles earns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from commands.codes import Code
from commands.mind.character import Character, Standing
from commands.mind.curves import UNIT, clamp, times
from commands.mind.fields import refusal
from commands.mind.goals import GoalRules, support
from commands.mind.offer import Line
from commands.mind.prices import MAX_GOLD, MOST_GENEROUS, Dealer, Item, PriceTable
from commands.mind.utility import pick

UNWANTED = 150_000
"""Below this goodwill (millionths) an NPC does not deal with a person at all."""

_COMMENTS: dict[str, tuple[str, ...]] = {
    "fair": ("A fair deal. Here you are.", "Agreed.", "That suits me.", "We have a deal."),
    "friend": ("For you, gladly!", "A good price for a good friend.", "Always a pleasure."),
    "gift": ("That is very kind of you.", "For nothing? Thank you!", "I will not forget this."),
    "too_low": ("I cannot go that low.", "That would ruin me.", "Make it a little more and we can talk."),
    "too_high": ("That is more than it is worth to me.", "I would pay less for that.", "Too dear for me."),
    "unknown": ("I have never seen such a thing.", "I do not know what that is worth."),
    "not_sold": ("I do not sell that.", "You will not find that with me."),
    "not_wanted": ("I have no use for that.", "I do not buy such things."),
    "sold_out": ("I do not have that many.", "My stock does not allow it."),
    "no_gold": ("I do not have that much gold.", "My purse is too light for that."),
    "unwelcome": ("I do not deal with you.", "Take your business elsewhere."),
}


class Influence(NamedTuple):
    """Why the price is not the table's. change: millionths of the price, positive in the player's favour."""

    name: str
    change: int


class Quote(NamedTuple):
    """The NPC's price for one line. unit: gold for one. known: whether it could be priced at all."""

    line: Line
    item: Item | None
    unit: int
    proposed: int

    def as_json(self) -> dict[str, Any]:
        return {
            "item_id": self.line.item_id,
            "amount": self.line.amount,
            "side": "offer" if self.line.given else "request",
            "unit_price": self.unit,
            "proposed": self.line.price,
        }


@dataclass(frozen=True, slots=True)
class Bargain:
    """The NPC's answer to an offer.

    price: gold that changes hands, never negative. payer: player, npc or nobody. outcome: fair, friend,
    gift, too_low, too_high, unknown, not_sold, not_wanted, sold_out, no_gold or unwelcome. counter: what
    it would accept.
    """

    accepted: bool
    price: int
    payer: str
    outcome: str
    comment: str
    reason: str
    counter: Mapping[str, Any] | None
    quotes: tuple[Quote, ...]
    influences: tuple[Influence, ...]

    def answer(self) -> dict[str, Any]:
        """The answer of `trade`; `counter` only when there is one."""
        answer: dict[str, Any] = {
            "accepted": self.accepted,
            "price": self.price,
            "payer": self.payer,
            "comment": self.comment,
            "reason": self.reason,
        }
        return answer if self.counter is None else answer | {"counter": dict(self.counter)}

    def record(self) -> dict[str, Any]:
        """What goes into the commit: plain JSON, integers only."""
        return self.answer() | {
            "outcome": self.outcome,
            "lines": [quote.as_json() for quote in self.quotes],
            "influences": [list(influence) for influence in self.influences],
        }


def bargain(
    character: Character,
    player_id: str,
    offer: Sequence[Line],
    prices: PriceTable,
    rules: GoalRules,
    seed: str,
) -> Bargain:
    """What `character` answers to the offer of a player.

    A line without a price leaves it to the NPC. Nobody is charged more than the NPC's own price or paid
    more than was asked. Raises `Rejected` (-105) when the total exceeds what gold can count.
    """
    dealer = prices.dealer(character.archetype, character.role)
    standing = character.standing(player_id)
    influences = _influences(character, standing, dealer, rules)
    lean = sum(influence.change for influence in influences)
    quotes = tuple(_quote(line, prices, lean) for line in offer)
    own = _net([(quote, quote.unit) for quote in quotes])
    proposed = _net([(quote, quote.proposed) for quote in quotes])
    if max(abs(own), abs(proposed)) > MAX_GOLD:
        raise refusal(
            Code.PARAMETER_OUT_OF_RANGE,
            f"is worth more than {MAX_GOLD} gold; offer less at once",
            field="items",
        )
    outcome, reason, counter = _verdict(character, dealer, standing, quotes, own, proposed)
    accepted = outcome in ("fair", "friend", "gift")
    net = min(own, proposed) if accepted else own
    return Bargain(
        accepted,
        0 if outcome == "unknown" else abs(net),
        "player" if net > 0 else "npc" if net < 0 else "nobody",
        outcome,
        pick(_COMMENTS[outcome], seed, "comment", outcome),
        reason,
        counter,
        quotes,
        influences,
    )


def _influences(
    character: Character, standing: Standing, dealer: Dealer, rules: GoalRules
) -> tuple[Influence, ...]:
    served = support(character.goals, rules)
    eager = max(served.get("trade", 0) - UNIT // 2, 0)
    return (
        Influence("greed", -dealer.greed),
        Influence("agreeableness", (character.traits.agreeableness - UNIT // 2) // 10),
        Influence("affection", (standing.affection - UNIT // 2) // 5),
        Influence("trust", (standing.trust - UNIT // 2) // 8),
        Influence("familiarity", standing.familiarity // 40),
        Influence("mood", character.mood.pleasure // 30),
        Influence("goals", eager // 12),
    )


def _quote(line: Line, prices: PriceTable, lean: int) -> Quote:
    item = prices.item(line.item_id)
    if item is None and (line.value is not None or line.category in prices.categories):
        category = line.category if line.category in prices.categories else "misc"
        typical = prices.category(category).typical
        item = Item(line.item_id, line.item_id, category, typical if line.value is None else line.value)
    if item is None:
        return Quote(line, None, 0, 0)
    asked = prices.asked(item)
    floor = max(1, times(asked, MOST_GENEROUS))
    if line.given:
        unit = min(times(prices.paid(item), clamp(UNIT + lean, UNIT // 2, 2 * UNIT)), floor)
        # Whoever asks less than the NPC would pay gets what was asked for; asking nothing is a gift.
        unit = unit if line.price is None else min(unit, line.price)
        return Quote(line, item, unit, unit if line.price is None else line.price)
    unit = max(floor, times(asked, clamp(UNIT - lean, MOST_GENEROUS, 2 * UNIT)))
    return Quote(line, item, unit, unit if line.price is None else line.price)


def _net(priced: Sequence[tuple[Quote, int]]) -> int:
    """Gold the player pays (negative: gets) at the given unit prices."""
    return sum((-1 if quote.line.given else 1) * quote.line.amount * unit for quote, unit in priced)


def _verdict(
    character: Character,
    dealer: Dealer,
    standing: Standing,
    quotes: Sequence[Quote],
    own: int,
    proposed: int,
) -> tuple[str, str, Mapping[str, Any] | None]:
    """(outcome, reason, counter-offer)."""
    unknown = [quote.line.item_id for quote in quotes if quote.item is None]
    if unknown:
        return "unknown", f"unknown item {unknown[0]}: name its value or category to have it priced", None
    if standing.goodwill < UNWANTED:
        return "unwelcome", "trust and affection are too low to deal with this player", None
    obstacle = _obstacle(character, dealer, quotes)
    if obstacle is not None:
        return obstacle
    if own < 0 and character.purse is not None and -min(own, proposed) > character.purse:
        counter = _counter(quotes, -character.purse) if -own > character.purse else _counter(quotes, own)
        return "no_gold", f"it has only {character.purse} gold", counter
    given, taken = (any(q.line.given is side for q in quotes) for side in (True, False))
    if given and not taken and all(quote.line.price == 0 for quote in quotes):
        return "gift", "the player asks nothing for it", None
    slack = _slack(quotes, standing, character)
    if proposed < own - slack:
        outcome = "too_low" if own > 0 else "too_high"
        return outcome, f"asks {abs(own)} gold, {abs(proposed)} was proposed", _counter(quotes, own)
    if standing.goodwill >= 650_000:
        return "friend", f"price for a friend: {abs(min(own, proposed))} gold", None
    return "fair", f"the proposal is within {slack} gold of its own price of {abs(own)}", None


def _obstacle(
    character: Character, dealer: Dealer, quotes: Sequence[Quote]
) -> tuple[str, str, Mapping[str, Any] | None] | None:
    """What keeps the NPC from dealing in these items, whatever the price."""
    left = dict(character.stock or {})
    possible = []
    for quote in quotes:
        item = quote.item
        assert item is not None
        if quote.line.given:
            if not dealer.takes(item.category):
                return "not_wanted", f"it does not buy {item.category}", None
            possible.append(quote)
            continue
        stocked = left.get(item.id, left.get(item.name))
        if stocked is None and (
            character.stock is not None or not dealer.endless or not dealer.offers(item.category)
        ):
            return "not_sold", f"it does not sell {item.name}", None
        have = quote.line.amount if stocked is None else min(stocked, quote.line.amount)
        if have:
            possible.append(quote._replace(line=quote.line._replace(amount=have)))
        if stocked is not None:
            left[item.id if item.id in left else item.name] = stocked - have
    if sum(q.line.amount for q in possible) == sum(q.line.amount for q in quotes):
        return None
    net = _net([(quote, quote.unit) for quote in possible])
    return (
        "sold_out",
        "it has less in stock than was requested",
        _counter(possible, net) if possible else None,
    )


def _slack(quotes: Sequence[Quote], standing: Standing, character: Character) -> int:
    """How many gold the NPC lets a proposal fall short: up to 4 % of the goods, more for friends, more
    when kind.
    """
    volume = sum(quote.line.amount * quote.unit for quote in quotes)
    share = 10_000 + (standing.goodwill + character.traits.agreeableness) // 66
    return times(volume, share)


def _counter(quotes: Sequence[Quote], net: int) -> dict[str, Any]:
    return {
        "price": abs(net),
        "payer": "player" if net > 0 else "npc" if net < 0 else "nobody",
        "items": [{k: v for k, v in quote.as_json().items() if k != "proposed"} for quote in quotes],
    }

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.character import Character, Mood, Standing
from commands.mind.offer import MAX_AMOUNT, read_offer
from commands.mind.prices import parse_prices
from commands.mind.tables import TableError
from commands.mind.trade import Bargain, bargain
from commands.rejection import Rejected
from tests.commands.mind.village import (
    GOALS,
    PRICES,
    UNIT,
    archetypes,
    goal_names,
    json_values,
    moods,
    shares,
    standings,
    toml,
    villager,
)

MERCHANT = villager("merchant", "sell_items")


def deal(npc: Character, *items: Any, seed: str = "s") -> Bargain:
    return bargain(npc, "p", read_offer(list(items)), PRICES, GOALS, seed)


def liked(npc: Character, affection: int, trust: int | None = None) -> Character:
    return replace(npc, standings={"p": Standing(affection if trust is None else trust, affection)})


def paid_by_player(result: Bargain) -> int:
    return -result.price if result.payer == "npc" else result.price


def test_a_merchant_sells_bread_at_its_price() -> None:
    answer = deal(MERCHANT, {"item_id": "Bread", "amount": 10}).answer()
    assert answer["accepted"] is True
    assert answer["payer"] == "player"
    assert answer["price"] > 0
    assert answer["comment"]


def test_a_proposal_far_too_low_is_answered_with_a_counter_offer_it_would_accept() -> None:
    haggled = deal(MERCHANT, {"item_id": "Long Sword", "price": 900})
    assert not haggled.accepted
    assert haggled.counter is not None
    (line,) = haggled.counter["items"]
    again = deal(
        MERCHANT, {"item_id": line["item_id"], "amount": line["amount"], "price": line["unit_price"]}
    )
    assert again.accepted
    assert again.price == haggled.counter["price"]


def test_a_little_haggling_is_let_pass_by_a_friend() -> None:
    offer = {
        "item_id": "Long Sword",
        "price": deal(liked(MERCHANT, 950_000), {"item_id": "Long Sword"}).price * 97 // 100,
    }
    assert deal(liked(MERCHANT, 950_000), offer).outcome == "friend"
    assert deal(liked(MERCHANT, 300_000), offer).outcome == "too_low"


def test_nobody_is_overcharged_or_overpaid() -> None:
    plain = deal(MERCHANT, {"item_id": "Bread", "amount": 10})
    assert deal(MERCHANT, {"item_id": "Bread", "amount": 10, "price": 500}).price == plain.price
    assert deal(MERCHANT, {"item_id": "Iron Ore", "amount": 3, "price": 1, "side": "offer"}).price == 3


def test_a_gift_costs_nothing() -> None:
    gift = deal(MERCHANT, {"item_id": "Rose", "side": "offer", "price": 0})
    assert (gift.accepted, gift.price, gift.payer, gift.outcome) == (True, 0, "nobody", "gift")


def test_goods_are_set_off_against_goods() -> None:
    pelts = {"item_id": "Wolf Pelt", "amount": 10, "side": "offer"}
    sword = deal(MERCHANT, {"item_id": "Short Sword"})
    both = deal(MERCHANT, {"item_id": "Short Sword"}, pelts)
    assert both.price == sword.price - deal(MERCHANT, pelts).price


def test_stock_limits_what_is_sold_and_the_counter_offers_the_rest() -> None:
    short = villager("merchant", stock={"1101": 3})
    result = deal(short, {"item_id": "Bread", "amount": 10})
    assert result.outcome == "sold_out"
    assert result.counter is not None
    assert result.counter["items"][0]["amount"] == 3
    assert deal(short, {"item_id": 1101, "amount": 3}).accepted
    assert deal(short, {"item_id": "Apple"}).outcome == "not_sold"


def test_two_lines_of_one_item_share_its_stock() -> None:
    short = villager("merchant", stock={"1101": 3})
    assert (
        deal(short, {"item_id": "Bread", "amount": 2}, {"item_id": "1101", "amount": 2}).outcome == "sold_out"
    )


def test_what_an_npc_does_not_deal_in_is_refused_with_a_reason() -> None:
    assert deal(villager("healer"), {"item_id": "Long Sword"}).outcome == "not_sold"
    assert deal(villager("healer"), {"item_id": "Long Sword", "side": "offer"}).outcome == "not_wanted"
    assert "weapon" in deal(villager("healer"), {"item_id": "Long Sword", "side": "offer"}).reason


def test_an_unknown_item_is_answered_truthfully_or_priced_by_what_the_request_says() -> None:
    unknown = deal(MERCHANT, {"item_id": "Moon Cheese"})
    assert (unknown.outcome, unknown.accepted, unknown.price) == ("unknown", False, 0)
    assert "Moon Cheese" in unknown.reason
    assert deal(MERCHANT, {"item_id": "Moon Cheese", "value": 100, "category": "food"}).accepted
    assert deal(MERCHANT, {"item_id": "Moon Cheese", "category": "food"}).price > 0


def test_a_purse_limits_what_the_npc_pays() -> None:
    poor = villager("merchant", gold=50)
    result = deal(poor, {"item_id": "Gold Ore", "amount": 5, "side": "offer"})
    assert result.outcome == "no_gold"
    assert result.counter is not None
    assert result.counter["price"] == 50


def test_an_enemy_is_not_served() -> None:
    assert deal(liked(MERCHANT, 50_000), {"item_id": "Bread"}).outcome == "unwelcome"


def test_a_merchant_who_wants_to_sell_asks_less_and_a_greedy_trader_more() -> None:
    sword = {"item_id": "Long Sword"}
    assert deal(MERCHANT, sword).price < deal(villager("merchant"), sword).price
    assert deal(villager("bandit"), sword).price > deal(villager("artisan"), sword).price


def test_a_happy_merchant_is_cheaper_than_an_unhappy_one() -> None:
    happy, sad = (replace(MERCHANT, mood=Mood(pleasure=p)) for p in (UNIT, -UNIT))
    assert deal(happy, {"item_id": "Long Sword"}).price < deal(sad, {"item_id": "Long Sword"}).price


lines = st.lists(
    st.fixed_dictionaries(
        {
            "item_id": st.sampled_from(sorted(PRICES.items)),
            "amount": st.integers(1, 50),
            "side": st.sampled_from(["offer", "request"]),
        },
        optional={"price": st.integers(0, 5000)},
    ),
    min_size=1,
    max_size=5,
)


@given(archetypes, goal_names, moods, lines, shares, shares, shares, shares)
def test_a_better_relationship_never_raises_the_price_for_the_player(
    archetype: Any, goals: Any, mood: Any, items: Any, a: Any, b: Any, c: Any, d: Any
) -> None:
    npc = villager(archetype, *goals, mood=mood)
    worse = liked(npc, min(a, b), min(c, d))
    better = liked(npc, max(a, b), max(c, d))
    assert paid_by_player(deal(better, *items)) <= paid_by_player(deal(worse, *items))


@given(st.sampled_from(sorted(PRICES.items)), archetypes, goal_names, moods, moods, standings, standings)
def test_trading_in_circles_earns_nothing(
    item: Any, archetype: Any, goals: Any, mood: Any, other_mood: Any, one: Any, another: Any
) -> None:
    buyer = replace(villager(archetype, *goals, mood=mood), standings={"p": one})
    seller = replace(villager("merchant", "sell_items", mood=other_mood), standings={"p": another})
    sold = deal(buyer, {"item_id": item, "side": "offer"}).quotes[0].unit
    bought = deal(seller, {"item_id": item}).quotes[0].unit
    assert sold <= bought


@given(lines, st.text(max_size=4), standings)
def test_the_record_is_plain_json_without_floats(items: Any, seed: Any, standing: Any) -> None:
    def no_floats(text: str) -> float:
        raise AssertionError(text)

    npc = replace(MERCHANT, standings={"p": standing})
    result = deal(npc, *items, seed=seed)
    json.loads(json.dumps(result.record()), parse_float=no_floats)
    assert result == deal(npc, *items, seed=seed)
    assert result.price >= 0


@pytest.mark.parametrize(
    ("items", "code", "field"),
    [
        (None, -104, "items"),
        ([], -104, "items"),
        ({}, -104, "items"),
        (5, -101, "items"),
        ("[{", -102, "items"),
        ([{"amount": 1}], -104, "items[0].item_id"),
        ([None], -101, "items[0]"),
        ([{"item_id": "Bread", "amount": -5}], -105, "items[0].amount"),
        ([{"item_id": "Bread", "amount": 0}], -105, "items[0].amount"),
        ([{"item_id": "Bread", "amount": 10**400}], -105, "items[0].amount"),
        ([{"item_id": "Bread", "amount": "many"}], -101, "items[0].amount"),
        ([{"item_id": "Bread", "amount": 1.5}], -101, "items[0].amount"),
        ([{"item_id": "Bread", "amount": True}], -101, "items[0].amount"),
        ([{"item_id": "Bread", "amount": float("nan")}], -101, "items[0].amount"),
        ([{"item_id": "Bread"}, {"item_id": "Bread", "price": -1}], -105, "items[1].price"),
        ([{"item_id": "Bread", "side": "steal"}], -101, "items[0].side"),
        ([{"item_id": f"item {n}"} for n in range(500)], -105, "items"),
        ([{"item_id": "Bread", "amount": MAX_AMOUNT}] * 2, -105, "items[1].amount"),
        ({"offer": "Bread"}, -101, "items.offer"),
        ({"request": [{"item_id": "Bread", "amount": -1}]}, -105, "items.request[0].amount"),
    ],
)
def test_an_offer_that_cannot_be_meant_is_refused_by_name(items: Any, code: Any, field: Any) -> None:
    with pytest.raises(Rejected) as refused:
        read_offer(items)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_total_that_gold_cannot_count_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        deal(MERCHANT, {"item_id": "x", "value": 2**31 - 1, "amount": MAX_AMOUNT})
    assert (refused.value.code, refused.value.field) == (-105, "items")


@given(
    json_values
    | st.lists(
        st.dictionaries(st.sampled_from(["item_id", "amount", "price", "side"]), json_values), max_size=4
    )
)
def test_any_json_is_an_offer_or_refused_with_a_named_field(value: Any) -> None:
    try:
        offer = read_offer(value)
    except Rejected as refused:
        assert str(refused.field).startswith("items")
    else:
        assert all(1 <= line.amount <= MAX_AMOUNT for line in offer)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"items": {"1": {"name": "X", "value": -1}}}, "items.1.value"),
        ({"items": {"1": {"name": "X", "value": 1, "category": "air"}}}, "items.1.category"),
        ({"items": {"1": {"name": "X", "value": 1, "sell": 1, "buy": 2}}}, "items.1.buy"),
        ({"items": {"1": {"value": 1}}}, "items.1.name"),
        ({"categories": {"misc": {"sell": 0.5, "buy": 0.9}}}, "categories.misc.buy"),
        ({"categories": {}}, "categories.misc"),
        ({"dealers": {}}, "dealers.default"),
        ({"dealers": {"default": {"sells": ["air"]}}}, "dealers.default.sells"),
        ({"dealers": {"default": {"greed": 7}}}, "dealers.default.greed"),
    ],
)
def test_a_wrong_price_table_is_refused_with_its_key(change: Any, key: Any) -> None:
    with pytest.raises(TableError) as refused:
        parse_prices(toml("prices.toml") | change)
    assert refused.value.key == key

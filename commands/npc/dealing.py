"""Offers: what an NPC thinks of one (`ai_npc_trade`), and what changes when a deal is struck (`interact` trade)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from commands.arguments import Id
from commands.decider import Context, Need
from commands.mind.offer import Line, read_offer
from commands.mind.trade import Bargain, bargain
from commands.npc.insight import basis, character, mind_of
from commands.npc.state import NpcState
from events.commit import Event
from events.npc import PURSES, NpcBargained, NpcStockChanged


@dataclass(frozen=True, slots=True)
class Trade:
    player_id: Id
    items: Any = None


def needs(state: NpcState, command: Trade, npc_id: str) -> tuple[Need, ...]:
    return mind_of(state, npc_id, command.player_id)


def trade(state: NpcState, command: Trade, context: Context) -> tuple[Event, ...]:
    """Judge an offer; nothing changes hands. Raises `Rejected` naming the line and field of a bad offer."""
    return (judged(state, command.player_id, command.items, context)[1],)


def judged(state: NpcState, player_id: str, items: Any, context: Context) -> tuple[Bargain, NpcBargained]:
    """The NPC's judgement of an offer and the event that records it. Raises `Rejected`."""
    rules, lines = context.rules, read_offer(items)
    made = bargain(character(state, context), player_id, lines, rules.prices, rules.goals, context.command_id)
    event = NpcBargained(
        player_id,
        tuple(_line(line) for line in lines),
        made.answer(),
        made.record(),
        basis(state, context, player_id),
    )
    return made, event


def after_deal(state: NpcState, made: Bargain, items: Any) -> tuple[Event, ...]:
    """What an accepted deal does to stock and purse, where the profile limits them."""
    stock = state.profile.extra.get("stock")
    counted = dict(stock) if isinstance(stock, dict) else None
    if counted is not None:
        for line in read_offer(items):
            amount = counted.get(line.item_id)
            if isinstance(amount, int):
                counted[line.item_id] = max(0, amount + (line.amount if line.given else -line.amount))
            elif line.given:
                counted[line.item_id] = line.amount
    purse = next((state.profile.extra[k] for k in PURSES if k in state.profile.extra), None)
    if isinstance(purse, int):
        purse = max(
            0, purse + (made.price if made.payer == "player" else -made.price if made.payer == "npc" else 0)
        )
    else:
        purse = None
    return () if counted is None and purse is None else (NpcStockChanged(counted, purse),)


def _line(line: Line) -> dict[str, Any]:
    return {
        "item_id": line.item_id,
        "amount": line.amount,
        "price": line.price,
        "side": "offer" if line.given else "request",
    }

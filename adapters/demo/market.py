"""On the market: registering, talking, bargaining, a grudge, what is remembered of it and what gets about."""

from __future__ import annotations

import asyncio

from adapters.demo.cast import ARIA, BORIN, CAST, CELIA, GUARD, MERCHANT, SAGE, Npc, Player
from adapters.demo.game_server import Exchange
from adapters.demo.stage import Stage
from events.commit import Json

AMOUNT = 5
POTIONS = {"item_id": "1001", "amount": AMOUNT, "side": "request"}
SETTLING_SECONDS = 0.3
RUMOUR_SECONDS = 5.0
"""How long the scene waits for news to spread."""


async def registering(stage: Stage) -> None:
    await stage.say("The map-server starts its scripts: three NPCs, one frame.")
    await stage.ask("ping")
    watch = {"faction": f"city_watch_{stage.run}"}
    requests = [stage.request("register", npc, npc.profile | (watch if npc is GUARD else {})) for npc in CAST]
    for exchange in await stage.server.ask_together(requests):
        stage.note(exchange)
    again = await stage.ask("register", MERCHANT, MERCHANT.profile, codes=(-100, 0))
    if again.code == -100:
        await stage.say("A script that is reloaded registers again and is told so: -100, already registered.")
    state = await stage.ask("get_state", MERCHANT)
    stage.check(
        "the merchant knows his place and his first goal",
        state.data["location"].get("map") == MERCHANT.profile["map"]
        and state.data["current_goal"] == "sell_items",
    )


async def talking(stage: Stage) -> None:
    await stage.say("Three players talk to three NPCs at once. Nobody waits: the answers are pushed.")
    lines: tuple[tuple[Player, Npc, str], ...] = (
        (ARIA, MERCHANT, "Hello! What do you sell?"),
        (BORIN, GUARD, "Where can I find the merchant?"),
        (CELIA, SAGE, "Good morning, wise one."),
    )
    asked = []
    for player, npc, message in lines:
        await stage.speak(player, message, f"to {npc.name}")
        said = {"player_id": player.id, "message": message}
        asked.append(await stage.ask_later("dialogue", npc, said, "OnDialogueReady", by=player))
    for (_, npc, _), exchange in zip(lines, asked, strict=True):
        data = await stage.pushed(exchange)
        await stage.answer(npc, data.get("result") or {})
    request_id = asked[0].data.get("request_id")
    polled = await stage.ask("check_result", None, {"request_id": request_id})
    stage.check("check_result repeats what was pushed", polled.data.get("status") == "complete")
    first = await stage.talk(MERCHANT, ARIA, "Hello! What do you sell?")
    await stage.say("The same question again gets another line: the merchant knows what he said last.")
    second = await stage.talk(MERCHANT, ARIA, "Hello! What do you sell?")
    stage.check("never the same line twice in a row", first["response"] != second["response"])


async def bargaining(stage: Stage) -> None:
    await stage.say("Aria wants five health potions, and offers ten gold each.")
    haggled = await _price(stage, ARIA, {**POTIONS, "price": 10})
    counter = haggled.data.get("counter")
    await stage.speak(MERCHANT, haggled.data["comment"], f"asks {haggled.data['price']} gold")
    stage.check("a poor offer is answered by another", not haggled.data["accepted"] and bool(counter))
    await stage.explain(haggled)
    await stage.say("She agrees to his price, and now goods change hands.")
    items = [{**POTIONS, "price": haggled.data["price"] // AMOUNT}]
    struck = await stage.ask(
        "interact", MERCHANT, {"interaction_type": "trade", "data": {"items": items}}, by=ARIA
    )
    await stage.speak(MERCHANT, struck.data["reaction"]["comment"], struck.data["reaction"]["emotion"])


async def holding_a_grudge(stage: Stage) -> None:
    before = await _price(stage, BORIN, POTIONS)
    await stage.say(f"For Borin the same five potions cost {before.data['price']} gold. He takes it badly.")
    # Scripts send the name too, as the specification's example 8.3 does: NPCs are asked about names.
    attack = {"attacker": BORIN.id, "player_name": BORIN.name, "damage": 80}
    insult = {"by": BORIN.id, "player_name": BORIN.name, "text": "Thief!"}
    await stage.ask("event", MERCHANT, {"event_type": "attacked", "event_data": attack}, by=BORIN)
    await stage.ask("event", MERCHANT, {"event_type": "insulted", "event_data": insult}, by=BORIN)
    feeling = await stage.ask("get_emotion", MERCHANT)
    relation = await stage.ask("get_relationship", MERCHANT, {"target_id": BORIN.id})
    await stage.say(
        f"The merchant is {feeling.data['primary']} ({feeling.data['intensity']:.2f}); "
        f"Borin is {relation.data['relationship_level']} to him, trust {relation.data['trust']} of 100."
    )
    after = await _price(stage, BORIN, POTIONS)
    await stage.say(_compared("Borin", before, after))
    stage.check("whoever attacks gets no better price", _dearer(before, after))
    stage.check("whoever attacks is trusted less than a stranger", relation.data["trust"] < 50)
    await stage.explain(after)
    await stage.talk(MERCHANT, BORIN, "Hello, friend. What do you sell?")
    aria = await _price(stage, ARIA, POTIONS)
    await stage.say(f"Aria, who did him no harm, still pays {aria.data['price']} gold.")
    stage.check("the grudge is against one person", _dearer(aria, after))


async def remembering(stage: Stage) -> None:
    await stage.say("What does the merchant remember of Borin?")
    known = await _memories(stage, MERCHANT, "about_player", {"player_id": BORIN.id})
    stage.check("he remembers the attack", any(each.get("event_type") == "attacked" for each in known))
    await _tell(stage, known)
    found = await _memories(stage, MERCHANT, "recent", {"query": "attacked", "limit": 1})
    stage.check(
        "searched for the word he finds it too", bool(found) and found[0].get("event_type") == "attacked"
    )
    position = found[0].get("position") if found else None
    if isinstance(position, int):
        await stage.say(f"Each memory names its commit; this one is position {position} of the log.")
    await stage.speak(ARIA, "What do you know about Borin?", f"to {MERCHANT.name}")
    exchange = await stage.ask_later(
        "dialogue", MERCHANT, {"message": "What do you know about Borin?"}, "OnDialogueReady", by=ARIA
    )
    data = await stage.pushed(exchange)
    await stage.answer(MERCHANT, data.get("result") or {})
    # The agent records what was said after the request has its outcome.
    await asyncio.sleep(SETTLING_SECONDS)
    await stage.explain(str(exchange.data.get("request_id")))


async def gossiping(stage: Stage) -> None:
    await stage.say("The guard stood by when it happened, the sage a street away. Has it got about?")
    rumour = {"player_id": BORIN.id, "event_type": "attacked"}
    heard: dict[str, list[Json]] = {}
    deadline = asyncio.get_running_loop().time() + RUMOUR_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        for npc in (SAGE, GUARD):
            known = await stage.quietly("get_memory", npc, {"memory_type": "about_player", "filters": rumour})
            if told := [each for each in known.data["memories"] if _of_another(each)]:
                heard[npc.name] = told
        if len(heard) == len((SAGE, GUARD)):
            break
        await asyncio.sleep(0.25)
    for npc in (SAGE, GUARD):
        if npc.name in heard:
            await stage.say(f"{npc.name} knows, and {_learnt(heard[npc.name][0])}:")
            await _tell(stage, heard[npc.name])
            if isinstance(position := heard[npc.name][0].get("position"), int):
                await stage.explain(position)
        else:
            await stage.say(f"Within {RUMOUR_SECONDS:.0f} s nothing of it reached {npc.name}.")
        if npc.name in heard:
            await stage.talk(npc, CELIA, "What do you know about Borin?")


async def _price(stage: Stage, player: Player, line: Json) -> Exchange:
    return await stage.ask("trade", MERCHANT, {"items": [line]}, by=player)


def _dearer(before: Exchange, after: Exchange) -> bool:
    """Whether the later answer is no better: refused, or at least as dear."""
    return not after.data["accepted"] or after.data["price"] >= before.data["price"]


def _compared(name: str, before: Exchange, after: Exchange) -> str:
    if not after.data["accepted"]:
        return f"{name} gets nothing any more: {after.data.get('reason') or after.data['comment']}."
    return f"For {name} the price went from {before.data['price']} to {after.data['price']} gold."


async def _memories(stage: Stage, npc: Npc, memory_type: str, filters: Json) -> list[Json]:
    exchange = await stage.ask("get_memory", npc, {"memory_type": memory_type, "filters": filters})
    return [each for each in exchange.data["memories"] if isinstance(each, dict)]


def _of_another(memory: Json) -> bool:
    """Whether a memory is about what somebody else went through."""
    own = memory.get("source") in {"speech", "interaction", "event"}
    return not own or "happened_to" in memory or memory.get("perceived") == "told"


def _learnt(memory: Json) -> str:
    match memory.get("perceived"):
        case "saw":
            return "was there to see it"
        case "heard":
            return "was near enough to hear it"
        case _:
            by = memory.get("told_by") or ()
            return f"was told by {', then '.join(map(str, by))}" if by else "has heard of it"


async def _tell(stage: Stage, memories: list[Json]) -> None:
    for each in memories[:3]:
        source = each.get("source", "")
        await stage.say(f"- {each.get('content')}  ({source}, importance {each.get('importance')})")

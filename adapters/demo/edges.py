"""What a network does to requests: repeats, second thoughts, deadlines, nonsense, a crowd."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from adapters.demo.cast import ARIA, BARD, BORIN, CAST, CELIA, MERCHANT, SAGE
from adapters.demo.stage import Stage

IN_CROWD = " (crowd)"
HURRIED = 24
HURRY_MS = 60
CROWD = 200
AT_ONCE = 32
OUTCOMES = ("complete", "cancelled", "timeout")


async def repeating(stage: Stage) -> None:
    await stage.say("The map-server missed an answer and sends the same request again.")
    request = stage.request(
        "event", MERCHANT, {"event_type": "heard_sound", "event_data": {"sound": "bell"}}, by=CELIA
    )
    first = await stage.server.ask(request)
    stage.note(first)
    second = await stage.server.ask(request)
    stage.note(second)
    stage.check(
        "a repeated request gets the same answer", (first.data, first.code) == (second.data, second.code)
    )
    stage.check("and writes nothing", first.position == second.position)


async def changing_ones_mind(stage: Stage) -> None:
    await stage.say("Celia asks the sage, and walks away.")
    message = {"message": "What is the meaning of it all?"}
    asked = await stage.ask_later("dialogue", SAGE, message, "OnDialogueReady", by=CELIA)
    request_id = asked.data["request_id"]
    cancelled = await stage.ask("cancel_request", None, {"request_id": request_id}, codes=(0, -1))
    outcome = "cancelled" if cancelled.code == 0 else "complete"
    pushed = await stage.pushed(asked, (outcome,))
    polled = await stage.ask("check_result", None, {"request_id": request_id}, codes=(0, -202))
    stage.check("a request has one outcome", polled.data["status"] == pushed.get("status") == outcome)
    await stage.say(
        "It was cancelled in time."
        if cancelled.code == 0
        else "The answer was faster than her second thought: -1, nothing left to cancel."
    )


async def missing_deadlines(stage: Stage) -> None:
    await stage.say(f"{HURRIED} questions at once, and no answer may take longer than {HURRY_MS} ms.")
    message = {"operation": "dialogue", "data": {"message": "Quick, where is the smith?"}}
    envelope = {"callback_label": "OnDialogueReady", "timeout_ms": HURRY_MS}

    async def one(number: int) -> str:
        player = (ARIA, BORIN, CELIA)[number % 3]
        asked = await stage.server.ask(
            stage.request("request_async", CAST[number % len(CAST)], message, by=player, **envelope)
        )
        # -501 says truthfully that nobody knows yet whether it was opened: nothing to wait for.
        stage.note(asked, (0, -501), aloud=False, among=IN_CROWD)
        if asked.code != 0:
            return "unconfirmed"
        return str((await stage.pushed(asked, OUTCOMES, aloud=False)).get("status"))

    ended = Counter(await asyncio.gather(*(one(number) for number in range(HURRIED))))
    await stage.say(
        f"{ended['complete']} were answered in time, {ended['timeout']} hit the deadline and their scripts used "
        "a line of their own. Each ended once."
        + (f" {ended['unconfirmed']} could not even be opened in time." if ended["unconfirmed"] else "")
    )


async def leaving(stage: Stage) -> None:
    await stage.say("A bard comes to town, and leaves again.")
    await stage.ask("register", BARD, BARD.profile)
    await stage.ask("unregister", BARD)
    await stage.ask("get_emotion", BARD, codes=(-200,))
    await stage.say("Nobody can ask him anything now; what he did stays in the log.")


async def talking_nonsense(stage: Stage) -> None:
    await stage.say("Scripts have bugs. Each gets a code, and the field it is about.")
    unknown = await stage.ask("get_state", None, {}, codes=(-104, -103))
    stage.check("a missing NPC is named", "npc_id" in str(unknown.answer.get("error_message")))
    items = {"items": [{"item_id": "1001", "amount": -5}]}
    bad = await stage.ask("trade", MERCHANT, items, by=ARIA, codes=(-105,))
    stage.check("a negative amount is named", bad.answer.get("field") == "items[0].amount")
    await stage.ask("trade", MERCHANT, {"items": "[{"}, by=ARIA, codes=(-102,))
    await stage.ask("fly", MERCHANT, {}, codes=(-101,))


async def a_crowd(stage: Stage) -> None:
    await stage.say(f"{CROWD} commands and {CROWD} questions, {AT_ONCE} at a time.")
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        npc, player = CAST[number % len(CAST)], (ARIA, CELIA)[number % 2]
        if number % 2:
            seen = {"event_type": "saw_player", "event_data": {"player_id": player.id}}
            request = stage.request("event", npc, seen, by=player)
        else:
            request = stage.request("get_state", npc)
        async with gate:
            stage.note(await stage.server.ask(request), aloud=False, among=IN_CROWD)

    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number in range(2 * CROWD):
            tasks.create_task(one(number))
    stage.per_second = 2 * CROWD / (time.monotonic() - began)
    await stage.say(f"All answered: {stage.per_second:,.0f} a second, every event a durable commit.")

"""What a network does to requests: repeats, second thoughts, deadlines, nonsense, a crowd."""

from __future__ import annotations

import asyncio
import time

from adapters.demo.cast import ARIA, BARD, BORIN, CAST, CELIA, GUARD, MERCHANT, SAGE
from adapters.demo.stage import Stage

IN_CROWD = " (crowd)"
HURRY_MS = (2, 4, 8, 16, 32, 64, 2048)
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
    await stage.say("The same question, each time with more time to answer it.")
    message = {"operation": "dialogue", "data": {"message": "Quick, where is the smith?"}}
    ended: list[str] = []
    for allowed in HURRY_MS:
        envelope = {"callback_label": "OnDialogueReady", "timeout_ms": allowed}
        asked = await stage.ask("request_async", GUARD, message, by=BORIN, codes=(0, -501), **envelope)
        # -501 says that nobody knows yet whether it was opened: there is nothing to wait for.
        status = (
            str((await stage.pushed(asked, OUTCOMES)).get("status")) if asked.code == 0 else "unconfirmed"
        )
        ended.append(status)
    await stage.say(", ".join(f"{ms} ms: {status}" for ms, status in zip(HURRY_MS, ended, strict=True)) + ".")
    stage.check("with time enough it is answered", ended[-1] == "complete")


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

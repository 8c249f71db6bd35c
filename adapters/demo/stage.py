"""Where the scene is played: asking the platform, telling what happened, holding every answer to the contract."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.demo.beats import Act, Asked, Beat, Checked, Explained, Spoken, Told
from adapters.demo.cast import Npc, Player
from adapters.demo.contract import breaches, missing
from adapters.demo.game_server import Exchange, GameServer
from adapters.explanation import Reason
from events.commit import Json

Why = Callable[[int | str], Awaitable[Reason | None]]
"""The explanation of a position or of an asynchronous request; None when there is none."""


@dataclass(slots=True)
class Stage:
    """One run of the scene. `run` makes this run's NPCs and factions its own; `pause` is rest between beats in
    seconds."""

    server: GameServer
    tell: Callable[[Beat], None]
    why: Why
    run: str
    pause: float = 0.0
    waits: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: list[str] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)
    checks: int = 0
    requests: int = 0
    per_second: float = 0.0
    _act: int = 0

    def id_of(self, npc: Npc) -> str:
        return f"{npc.script}_{self.run}"

    async def act(self, title: str) -> None:
        await asyncio.sleep(self.pause)
        self._act += 1
        self.tell(Act(self._act, title))

    async def say(self, text: str) -> None:
        self.tell(Told(text))
        await asyncio.sleep(self.pause / 2)

    async def speak(self, speaker: Npc | Player, text: object, manner: str = "") -> None:
        self.tell(Spoken(speaker.name, str(text), manner))
        await asyncio.sleep(self.pause / 2)

    def check(self, what: str, ok: bool) -> None:
        """Something that must hold for the scene to count as played."""
        self.checks += 1
        if not ok:
            self.failed.append(what)
        self.tell(Checked(what, ok))

    async def ask(
        self,
        operation: str,
        npc: Npc | None = None,
        data: Json | None = None,
        *,
        by: Player | None = None,
        codes: tuple[int, ...] = (0,),
        **envelope: Any,
    ) -> Exchange:
        """Ask, hold the answer to the contract with one of `codes`, and tell it."""
        exchange = await self.server.ask(self.request(operation, npc, data, by=by, **envelope))
        self.note(exchange, codes)
        return exchange

    async def quietly(self, operation: str, npc: Npc, data: Json) -> Exchange:
        """As `ask`, told only when the answer breaks the contract."""
        exchange = await self.server.ask(self.request(operation, npc, data))
        self.note(exchange, aloud=False)
        return exchange

    def request(
        self,
        operation: str,
        npc: Npc | None = None,
        data: Json | None = None,
        *,
        by: Player | None = None,
        **envelope: Any,
    ) -> Json:
        actor = None if by is None else by.actor
        npc_id = None if npc is None else self.id_of(npc)
        return self.server.request(operation, npc_id, data, actor=actor, **envelope)

    def note(
        self, exchange: Exchange, codes: tuple[int, ...] = (0,), *, aloud: bool = True, among: str = ""
    ) -> None:
        """Hold an answer to the contract; `aloud` tells it even when nothing is wrong with it.

        `among` keeps its time apart from that of answers nobody else competed for.
        """
        self.requests += 1
        operation = exchange.operation if exchange.together == 1 else f"batch of {exchange.together}"
        self.waits[operation + among].append(exchange.seconds)
        if aloud:
            self.tell(
                Asked(
                    exchange.operation,
                    str(exchange.request.get("npc_id", "")),
                    exchange.data,
                    exchange.code,
                    str(exchange.answer.get("error_message", "")),
                    round(exchange.seconds * 1000, 3),
                    exchange.position,
                    str(exchange.request["correlation_id"]),
                    exchange.together,
                )
            )
        self._hold(exchange.operation, breaches(exchange, codes))

    async def talk(self, npc: Npc, player: Player, message: str) -> Json:
        """A player says something and hears the answer at once; the answer's data."""
        await self.speak(player, message)
        exchange = await self.ask("dialogue", npc, {"player_message": message}, by=player)
        await self.answer(npc, exchange.data)
        return exchange.data

    async def answer(self, npc: Npc, data: Json) -> None:
        manner = ", ".join(str(data[name]) for name in ("emotion", "action") if data.get(name))
        await self.speak(npc, data.get("response", ""), manner)

    async def ask_later(
        self, operation: str, npc: Npc, data: Json, label: str, *, by: Player | None = None, **envelope: Any
    ) -> Exchange:
        """`request_async`; the answer holds the request's id, `pushed` awaits the rest."""
        wanted = {"operation": operation, "data": data}
        return await self.ask("request_async", npc, wanted, by=by, callback_label=label, **envelope)

    async def pushed(self, asked: Exchange, outcomes: tuple[str, ...] = ("complete",)) -> Json:
        """Await the callback of an asynchronous request; what `check_result` would answer."""
        push, arrived = await self.server.callback(asked.request["correlation_id"])
        data: Json = push.get("data") or {}
        operation, seconds = str(asked.request["data"]["operation"]), arrived - asked.began
        self.waits[f"{operation} → callback"].append(seconds)
        self.tell(
            Asked(
                f"→ {push.get('callback_label', '')}",
                str(push.get("npc_id", "")),
                data,
                int(push.get("error_code", 0)),
                str(push.get("error_message", "")),
                round(seconds * 1000, 3),
                None,
                str(push.get("correlation_id")),
            )
        )
        wrong = []
        if push.get("callback_label") != asked.request.get("callback_label"):
            wrong.append(f"callback_label is {push.get('callback_label')!r}")
        if asked.code == 0 and push.get("request_id") != asked.data.get("request_id"):
            wrong.append(f"request_id is {push.get('request_id')!r}")
        if data.get("status") not in outcomes:
            wrong.append(f"status is {data.get('status')!r}")
        if data.get("status") == "complete":
            wrong += missing(operation, data.get("result") or {})
        self._hold(f"callback of {operation}", wrong)
        return data

    async def explain(self, what: Exchange | int | str) -> None:
        """Show why: of an answer, of the commit at a position, or of an asynchronous request by its id."""
        which = what.position if isinstance(what, Exchange) else what
        why = None if which is None else await self.why(which)
        if why is None:
            self.check(f"{which} can be explained", ok=False)
        else:
            self.explained.append(str(which))
            self.tell(Explained(str(which), why))
        await asyncio.sleep(self.pause)

    def _hold(self, what: str, wrong: list[str]) -> None:
        self.checks += 1
        for each in wrong:
            self.failed.append(f"{what}: {each}")
            self.tell(Checked(f"{what} keeps the contract: {each}", ok=False))

"""A game server that does not give up: it repeats what was not answered, under the same correlation id."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any

import zmq
import zmq.asyncio
from pydantic_core import from_json, to_json

from tests.torture.journal import Journal, Json, Sent

RETRY_CODES = frozenset({-201, -500, -501, -503, -600, -602})
"""Codes whose recovery is to ask again."""

TIMEOUT_MS = 3000
PATIENCE_SECONDS = (0.4, 2.0)
"""How long an attempt is waited for, at random: often shorter than the platform's own timeout, so that two attempts
of one command are under way at once."""

REPEATED = 0.15
"""The share of acknowledged commands that are sent once more, as if the acknowledgement had been lost."""

FORCED = 0.6
"""The share of requests that a model is to answer."""

OPERATIONS = (
    "event",
    "interact",
    "update_profile",
    "world_event",
    "register",
    "request_async",
    "cancel_request",
    "get_state",
)
WEIGHTS = (30, 25, 8, 4, 8, 12, 6, 12)


class Link:
    """A socket and who waits on it. `REQ` is replaced after a timeout, as such clients must; `DEALER` stays."""

    def __init__(self, endpoint: str, kind: int, journal: Journal) -> None:
        self._endpoint, self._kind, self._journal = endpoint, kind, journal
        self._context = zmq.asyncio.Context.instance()
        self._socket = self._open()
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._settled: dict[str, Sent] = {}
        self._reading = asyncio.create_task(self._read()) if kind == zmq.DEALER else None

    async def ask(self, sent: Sent, body: bytes, seconds: float) -> Json | None:
        """One attempt; None when nothing came back in time."""
        sent.attempts += 1
        if self._reading is None:
            return await self._ask_in_lockstep(body, seconds)
        future = self._waiting[sent.correlation_id] = asyncio.get_running_loop().create_future()
        await self._socket.send(body)
        done, _ = await asyncio.wait({future}, timeout=seconds)
        self._waiting.pop(sent.correlation_id, None)
        return future.result() if done else None

    def settle(self, sent: Sent) -> None:
        """From now on answers to this request are repetitions."""
        self._settled[sent.correlation_id] = sent

    def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._socket.close(linger=0)

    def _open(self) -> Any:
        socket = self._context.socket(self._kind)
        socket.linger = 0
        socket.connect(self._endpoint)
        return socket

    async def _ask_in_lockstep(self, body: bytes, seconds: float) -> Json | None:
        await self._socket.send(body)
        if await self._socket.poll(int(seconds * 1000)):
            answer: Json = from_json(await self._socket.recv())
            return answer
        self._socket.close(linger=0)
        self._socket = self._open()
        return None

    async def _read(self) -> None:
        while True:
            message: Json = from_json((await self._socket.recv_multipart())[-1])
            if message.get("message_type") == "CALLBACK":
                self._journal.pushed.append((time.monotonic(), message))
                continue
            future = self._waiting.get(message["correlation_id"])
            if future is not None and not future.done():
                future.set_result(message)
            elif (sent := self._settled.get(message["correlation_id"])) is not None:
                sent.repeated.append(message)


class GameServer:
    """Plays by chance, with `players` requests under way at once, on NPCs that all game servers share."""

    def __init__(
        self,
        name: str,
        endpoint: str,
        kind: int,
        *,
        players: int,
        npcs: list[str],
        seed: int,
        journal: Journal,
    ) -> None:
        self.name = name
        self._link = Link(endpoint, kind, journal)
        self._players = players
        self._npcs = npcs
        self._chance = random.Random(f"{seed}/{name}")
        self._journal = journal
        self._numbers = self._count()
        self._requests: list[str] = []
        self._last_position: dict[str, int] = {}

    async def register(self) -> None:
        """Register the shared NPCs."""
        for npc in self._npcs:
            await self._carry_out("register", npc, _profile(self._chance), asyncio.Event())

    async def play(self, stop: asyncio.Event, give_up: asyncio.Event) -> None:
        """Play until `stop`; what was begun is then repeated until it is answered or `give_up` is set."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._players):
                tasks.create_task(self._player(stop, give_up))
        self._link.close()

    async def _player(self, stop: asyncio.Event, give_up: asyncio.Event) -> None:
        while not stop.is_set():
            operation, npc, data = self._next()
            if operation == "get_state":
                await self._read(npc, give_up)
            else:
                await self._carry_out(operation, npc, data, give_up)

    def _next(self) -> tuple[str, str, Json]:
        chance, npc = self._chance, self._chance.choice(self._npcs)
        number = next(self._numbers)
        operation = chance.choices(
            OPERATIONS,
            WEIGHTS,
        )[0]
        match operation:
            case "event":
                return (
                    operation,
                    npc,
                    {"event_type": "heard_sound", "event_data": {"sound": f"bell {number}"}},
                )
            case "interact":
                said = {"message": f"Good day, for the {number}th time!"}
                return operation, npc, {"interaction_type": "talk", "data": said}
            case "update_profile":
                # Never the same twice: an update that changes nothing is acknowledged without a commit.
                return operation, npc, {"mood": f"{self.name} {number}"}
            case "world_event":
                return operation, "", {"event_type": "festival", "event_data": {"day": number}}
            case "register":
                return operation, f"{self.name} NPC {number}", _profile(chance)
            case "request_async":
                asked: Json = {"player_message": "What do you sell?"}
                if chance.random() < FORCED:
                    asked = {"player_message": f"What happened on day {number}?", "force_llm": True}
                wait = chance.choice((1500, 3000, 6000))
                return operation, npc, {"operation": "dialogue", "data": asked, "timeout_ms": wait}
            case "cancel_request" if self._requests:
                return operation, "", {"request_id": self._requests.pop(0)}
            case _:
                return "get_state", npc, {}

    async def _carry_out(self, operation: str, npc: str, data: Json, give_up: asyncio.Event) -> None:
        sent = self._begin(operation, _stream(operation, npc, data))
        self._journal.commands.append(sent)
        body = self._body(sent, npc, data)
        await self._insist(sent, body, give_up)
        if not sent.acknowledged or sent.answer is None:
            return
        if npc:
            self._last_position[npc] = max(self._last_position.get(npc, 0), sent.answer["position"])
        if operation == "request_async":
            self._requests.append(sent.answer["data"]["request_id"])
        if self._chance.random() < REPEATED:
            again = await self._link.ask(sent, body, PATIENCE_SECONDS[1])
            if again is not None and again["error_code"] not in RETRY_CODES:
                sent.repeated.append(again)

    async def _read(self, npc: str, give_up: asyncio.Event) -> None:
        """Read what was written: the platform must wait for its read models."""
        sent = self._begin("get_state", f"npc/{npc}")
        self._journal.reads.append(sent)
        await self._insist(sent, self._body(sent, npc, {}, at_least=self._last_position.get(npc, 0)), give_up)

    def _begin(self, operation: str, stream: str) -> Sent:
        return Sent(self.name, f"c{next(self._numbers)}", operation, stream, time.monotonic())

    async def _insist(self, sent: Sent, body: bytes, give_up: asyncio.Event) -> None:
        while not give_up.is_set():
            answer = await self._link.ask(sent, body, self._chance.uniform(*PATIENCE_SECONDS))
            if answer is None:
                continue
            if not answer["success"] and answer["error_code"] in RETRY_CODES:
                await asyncio.sleep(self._chance.uniform(0.02, 0.2))
                continue
            sent.answer, sent.answered_at = answer, time.monotonic()
            self._link.settle(sent)
            return

    def _body(self, sent: Sent, npc: str, data: Json, **more: Any) -> bytes:
        request: Json = {
            "correlation_id": sent.correlation_id,
            "operation": sent.operation,
            "data": data,
            "timeout_ms": data.get("timeout_ms", TIMEOUT_MS),
            "source": {"server": self.name},
            "actor": {"account_id": 1, "char_id": 150_000 + len(self.name), "name": "Aria"},
            **more,
        }
        if npc:
            request["npc_id"] = npc
        return to_json(request)

    @staticmethod
    def _count() -> Iterator[int]:
        number = 0
        while True:
            number += 1
            yield number


def _profile(chance: random.Random) -> Json:
    archetype = chance.choice(("merchant", "guard", "priest"))
    return {
        "personality": {"archetype": archetype, "openness": round(chance.random(), 2)},
        "initial_goals": [],
    }


def _stream(operation: str, npc: str, data: Json) -> str:
    """The stream a command ends up in; empty where only the answer tells (a request's id is derived)."""
    match operation:
        case "world_event" | "request_async":
            return ""
        case "cancel_request":
            return f"request/{data['request_id']}"
        case _:
            return f"npc/{npc}"

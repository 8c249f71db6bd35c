"""The library `eventsourcing` as a peer: the same commands on aggregates in SQLite, called in the same process."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.workload import Request


class Npc(Aggregate):
    """An NPC with the same commands as ours."""

    @event("Registered")
    def __init__(self, name: str, personality: dict[str, Any], goals: list[dict[str, Any]]) -> None:
        self.name, self.personality, self.goals = name, personality, goals
        self.events = 0
        self.contacts: dict[str, int] = {}

    @staticmethod
    def create_id(name: str) -> UUID:
        return uuid5(NAMESPACE_URL, f"/npc/{name}")

    @event("Perceived")
    def perceive(self, event_type: str, event_data: dict[str, Any]) -> None:  # noqa: ARG002 (recorded by the decorator)
        self.events += 1

    @event("Interacted")
    def interact(self, player_id: str, interaction_type: str, data: dict[str, Any]) -> None:  # noqa: ARG002
        self.contacts[player_id] = self.contacts.get(player_id, 0) + 1


class Npcs(Application[UUID]):
    """Loads an aggregate, calls it, saves it; SQLite flushes each save (`synchronous` is FULL by default)."""

    name = "npcs"

    def carry_out(self, request: Request) -> None:
        """One request of the load, parsed from the same JSON as ours."""
        document = json.loads(request.body)
        data, name = document["data"], document["npc_id"]
        if request.operation == "register":
            self.save(Npc(name=name, personality=data["personality"], goals=data["initial_goals"]))
            return
        npc = cast("Npc", self.repository.get(Npc.create_id(name)))
        if request.operation == "event":
            npc.perceive(event_type=data["event_type"], event_data=data["event_data"])
        else:
            npc.interact(
                player_id=str(document["actor"]["char_id"]),
                interaction_type=data["interaction_type"],
                data=data["data"],
            )
        self.save(npc)

    def state(self, request: Request) -> dict[str, Any]:
        """An NPC's state: the library has no read model of its own, so it folds the stream."""
        document = json.loads(request.body)
        npc = cast("Npc", self.repository.get(Npc.create_id(document["npc_id"])))
        return {"npc_id": npc.name, "goals": npc.goals}


@contextmanager
def application() -> Iterator[Npcs]:
    """An application on a fresh database, with the library's cache of aggregates on."""
    with tempfile.TemporaryDirectory(prefix="lorestream-peer-") as folder:
        made = Npcs(
            env={
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": str(Path(folder) / "peer.sqlite3"),
                "AGGREGATE_CACHE_MAXSIZE": "8192",
            }
        )
        try:
            yield made
        finally:
            made.close()

"""A made-up but realistic history of a game world: who registers, trades, talks, attacks, asks.

Pure: the same seed gives the same commits, byte for byte.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from events.commit import Actor, Command, Commit, Event, Json, moment
from events.faction import FactionEventOccurred
from events.npc import (
    Goal,
    Location,
    NpcFactionJoined,
    NpcInteracted,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcSpoke,
    Profile,
)
from events.request import ReplyTo, RequestCompleted, RequestOpened
from events.world import WorldEventOccurred

START = 1_790_000_000_000_000
STEP = 1_500
"""Microseconds between two commits."""

_ARCHETYPES = ("merchant", "guard", "priest", "scholar", "innkeeper")
_GIFTS = (("Red Potion", "potion", 50), ("Apple", "food", 15), ("Crystal Blue", "ore", 1000))


class History:
    """Commits of a realm with `npcs` NPCs and a player for every two of them (at least 50)."""

    def __init__(self, realm: str, *, npcs: int, seed: int = 1) -> None:
        self._realm, self._npcs, self._random = realm, npcs, random.Random(seed)
        self._players = max(npcs // 2, 50)
        self._versions: dict[str, int] = {}
        self._number = 0

    def commits(self, count: int) -> Iterator[Commit]:
        """The next `count` commits."""
        made = 0
        while made < count:
            for commit in self._step():
                yield commit
                made += 1
                if made == count:
                    return

    def _step(self) -> Iterator[Commit]:
        choose = self._random.random()
        npc = self._random.randrange(self._npcs)
        npc_id = f"Resident {npc:06d}"
        # People have their regulars: a player meets a few dozen NPCs, not all of them.
        player = f"{150_000 + (npc * 7 + self._random.randrange(40)) % self._players}"
        if f"npc/{npc_id}" not in self._versions:
            yield self._commit(
                f"npc/{npc_id}", "npc.register", {}, self._server(), NpcRegistered(self._profile())
            )
            if npc % 5 == 0:
                args = {"faction_id": f"guild {npc % 20}"}
                event = NpcFactionJoined(args["faction_id"])
                yield self._commit(f"npc/{npc_id}", "npc.join_faction", args, self._server(), event)
        elif choose < 0.45:
            yield self._perceived(npc_id, player)
        elif choose < 0.80:
            yield self._interacted(npc_id, player)
        elif choose < 0.97:
            yield from self._dialogue(npc_id, player)
        elif choose < 0.99:
            updated = NpcProfileUpdated(self._profile(), ("mood",))
            yield self._commit(
                f"npc/{npc_id}", "npc.update_profile", {"mood": "calm"}, self._server(), updated
            )
        elif choose < 0.995:
            world = WorldEventOccurred("rain", {"strength": 3}, None, self._npcs)
            yield self._commit(
                f"world/{self._realm}", "world.event", {"event_type": "rain"}, self._server(), world
            )
        else:
            guild = f"guild {self._random.randrange(4) * 5}"
            told = FactionEventOccurred("raid_won", {"foe": "goblins"}, self._npcs // 20)
            yield self._commit(
                f"faction/{guild}", "faction.event", {"event_type": "raid_won"}, self._server(), told
            )

    def _perceived(self, npc_id: str, player: str) -> Commit:
        event_type = self._random.choice(("saw_player", "saw_player", "attacked", "heard_sound", "helped"))
        data: Json = {"player_id": player, "distance": self._random.randrange(1, 14)}
        args = {"event_type": event_type, "event_data": data}
        event = NpcPerceived(event_type, data, player)
        return self._commit(f"npc/{npc_id}", "npc.event", args, self._player(player), event)

    def _interacted(self, npc_id: str, player: str) -> Commit:
        name, category, value = self._random.choice(_GIFTS)
        data = {"item_id": 501, "item_name": name, "category": category, "value": value, "amount": 1}
        args = {"player_id": player, "interaction_type": "gift", "data": data}
        reaction = {"emotion": "happy", "action": "thank", "comment": f"A {name}! You are very kind."}
        event = NpcInteracted(player, "gift", data, True, reaction)
        return self._commit(f"npc/{npc_id}", "npc.interact", args, self._player(player), event)

    def _dialogue(self, npc_id: str, player: str) -> Iterator[Commit]:
        request = f"request/req_{self._random.getrandbits(128):032x}"
        message, answer = (
            "Have you heard anything about the goblins?",
            "They say the guard drove them off the bridge.",
        )
        data: Json = {"player_id": player, "player_message": message}
        opened = RequestOpened(
            "dialogue",
            npc_id,
            data,
            moment(self._time + 5_000_000),
            5000,
            ReplyTo("gateway-1", "c1", "map-1", "OnTalk"),
        )
        yield self._commit(
            request, "request.open", {"operation": "dialogue", "data": data}, self._player(player), opened
        )
        spoke = NpcSpoke(
            player, message, answer, "calm", "talk", "template", "rumour", "guard-rumour-2", (), request[8:]
        )
        yield self._commit(
            f"npc/{npc_id}", "npc.speak", {"response": answer}, Actor("agent", "dialogue-1"), spoke
        )
        result = {"response": answer, "emotion": "calm", "action": "talk", "method": "template"}
        completed = RequestCompleted(result)
        yield self._commit(
            request, "request.complete", {"result": result}, Actor("agent", "dialogue-1"), completed
        )

    def _profile(self) -> Profile:
        pick = self._random.choice
        personality = {
            "archetype": pick(_ARCHETYPES),
            "traits": ["kind", "curious"],
            "openness": 0.6,
            "neuroticism": 0.3,
        }
        location = Location("prontera", self._random.randrange(300), self._random.randrange(300))
        goals = (Goal("sell_items", 1, 250_000), Goal("gather_info", 2))
        return Profile(
            str(personality["archetype"]), pick(("happy", "calm", None)), personality, goals, location
        )

    def _player(self, player: str) -> Actor:
        return Actor(
            "player", player, True, {"name": "Aria", "level": 42, "map": "prontera", "x": 150, "y": 148}
        )

    def _server(self) -> Actor:
        return Actor("server", "map-1")

    @property
    def _time(self) -> int:
        return START + self._number * STEP

    def _commit(self, stream: str, name: str, args: Json, actor: Actor, event: Event) -> Commit:
        self._number += 1
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        correlation = f"req_{self._number:010d}"
        return Commit(
            id=f"0190b0a0-0000-7000-8000-{self._number:012d}",
            realm=self._realm,
            stream=stream,
            version=version,
            time=moment(self._time),
            command=Command(f"map-1/{correlation}", name, args),
            actor=actor,
            correlation_id=correlation,
            causation_id=None,
            events=(event,),
        )

"""Gossip: what an NPC went through is told to others, who tell it on a few times. Pure.

An event is worth telling when it matters, is about somebody, and was not told in private. Whom it is told to is drawn
from those the NPC is likely to meet, by the identity of the commit, so that a repetition tells the same. What the
listener makes of it is decided where it is heard (`commands.npc.rumours`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from commands.agents.safety.privacy import confided
from commands.message import CommandMessage
from commands.mind.memory.importance import weigh
from commands.mind.memory.record import MILLION
from events.commit import Actor, Commit, Json, Recorded
from events.npc import Location, NpcHeard, NpcInteracted, NpcPerceived

AGENT = Actor("agent", "gossip")
WORTH_TELLING = 600_000
"""Importance of what is told."""
WORTH_RETELLING = 300_000
"""Importance that is left of what was heard, for it to be told on."""
LISTENERS = 3
HOPS = 3
"""Tellers between the first witness and the last listener, the witness included."""
MAX_PARTS = 12
MAX_TEXT = 240


@dataclass(frozen=True, slots=True)
class Story:
    """What `teller` has to tell. `chain` are those who told it before; `place` is where it happened, if known."""

    teller: str
    chain: tuple[str, ...]
    reliability: int
    position: int
    index: int
    at: int
    kind: str
    data: Json
    actor: str
    victim: str
    players: tuple[str, ...]
    importance: int
    place: Location | None = None

    @property
    def involved(self) -> frozenset[str]:
        """Those who need not be told."""
        return frozenset((self.teller, *self.chain, self.actor, self.victim))


def stories(recorded: Recorded) -> Iterator[Story]:
    """What the NPC of a commit has to tell after it: seldom anything."""
    commit = recorded.commit
    for index, event in enumerate(commit.events):
        match event:
            case NpcPerceived() if event.subject and not confided(event.event_type, event.event_data):
                weight = weigh(event.event_type, event.event_data, involved=True)
                story = _lived(recorded, index, event.event_type, event.event_data, event.subject, weight)
            case NpcInteracted() if event.accepted and not confided(event.interaction_type, event.data):
                first = event.interactions == 1
                weight = weigh(event.interaction_type, event.data, first=first, involved=True)
                story = _lived(recorded, index, event.interaction_type, event.data, event.player_id, weight)
            case NpcHeard() if len(event.chain) < HOPS:
                if event.importance >= WORTH_RETELLING:
                    yield _heard(commit.entity, event)
                continue
            case _:
                continue
        if weight >= WORTH_TELLING:
            yield replace(story, place=event.place)


def listeners(story: Story, company: Iterable[str], seed: str) -> list[str]:
    """At most `LISTENERS` of the company, drawn by `seed`; never one who was there or told it."""
    free = {npc_id for npc_id in company if npc_id not in story.involved}
    return sorted(free, key=lambda npc_id: (sha256(f"{seed}/{npc_id}".encode()).digest(), npc_id))[:LISTENERS]


def telling(commit: Commit, story: Story, listener: str, number: int) -> CommandMessage:
    """The command that makes `listener` hear the story as the `number`th; `commit` is what made it be told."""
    return CommandMessage(
        # Numbered, not named: whoever is drawn when it is repeated, no more than LISTENERS ever hear it.
        id=f"agents/{commit.id}/npc.hear/{story.index}/{number}",
        name="npc.hear",
        stream=f"npc/{listener}",
        args={
            "teller": story.teller,
            "chain": list(story.chain),
            "reliability": story.reliability,
            "position": story.position,
            "index": story.index,
            "at": story.at,
            "kind": story.kind,
            "data": story.data,
            "actor": story.actor,
            "victim": story.victim,
            "players": list(story.players),
            "importance": story.importance,
        },
        actor=AGENT,
        correlation_id=commit.correlation_id,
        causation_id=commit.id,
    )


def retellable(data: Json) -> Json:
    """What of an event's data is simple and short enough to be retold."""
    kept: Json = {}
    for name, value in data.items():
        if isinstance(value, str) and value:
            kept[name[:64]] = value[:MAX_TEXT]
        elif isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**53):
            kept[name[:64]] = value
        if len(kept) == MAX_PARTS:
            break
    return kept


def _lived(recorded: Recorded, index: int, kind: str, data: Json, actor: str, weight: int) -> Story:
    commit = recorded.commit
    return Story(
        commit.entity, (), MILLION, recorded.position, index, commit.at, kind, retellable(data), actor,
        commit.entity, (actor,), weight,
    )  # fmt: skip


def _heard(teller: str, event: NpcHeard) -> Story:
    return Story(
        teller, event.chain, event.reliability, event.position, event.index, event.at, event.kind, event.data,
        event.actor or "", event.victim or "", event.players, event.importance,
    )  # fmt: skip

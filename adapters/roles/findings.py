"""What the agents find out before they answer: the NPC, its mind, and what it remembers. Read-only."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import Connection

from adapters.embedding.asking import NearestMemories
from adapters.sql.memory_index import MemoryIndex
from adapters.sql.minds import SqlMinds
from adapters.sql.reader import Reader
from commands.agents.dialogue import Situation
from commands.agents.safety.privacy import partition
from commands.loader import StreamLoader
from commands.mind.memory.recall import Query, recall
from commands.mind.memory.record import Memory, Source
from commands.mind.rulebooks import RuleBooks
from commands.npc import NPC
from commands.npc.state import NpcState
from events.commit import Commit
from events.errors import ProjectionError
from projections.projection import reads
from projections.recall import Stores
from projections.recollection import PerceivedRows

logger = structlog.get_logger(__name__)

MEMORIES = 8
"""Memories that may colour an answer."""
LINES = 6
"""Exchanges of a conversation that a model is shown."""
MAX_QUESTION = 500
"""Characters of what a player said that are looked up in the memory."""


class Findings:
    """Looks things up for one process."""

    def __init__(
        self, loader: StreamLoader, reader: Reader, rules: RuleBooks, nearest: NearestMemories
    ) -> None:
        self._loader = loader
        self._reader = reader
        self._rules = rules
        self._minds = SqlMinds(reader, rules)
        self._memories = MemoryIndex(PerceivedRows())
        self._nearest = nearest

    async def npc(self, npc_id: str) -> NpcState:
        """The NPC as its stream says it is now. Raises `LogError`, `CodecError`."""
        state: NpcState = (await self._loader.current(NPC, f"npc/{npc_id}")).state
        return state

    async def about(
        self,
        commit: Commit,
        npc_id: str,
        player: str,
        question: str,
        *,
        people: Sequence[str] = (),
        conversing: bool = False,
    ) -> Situation:
        """The NPC, how it stands to the player and `people`, and what it remembers that the question brings up.

        `conversing` adds the last exchanges with the player, up to the latest. Without the read models there is what
        the log says. Raises `LogError`, `CodecError`.
        """
        npc = await self.npc(npc_id)
        near: tuple[tuple[tuple[int, int], int], ...] = ()
        if question.strip():
            near = (await self._nearest.add(Query(npc_id, "search", query=question[:MAX_QUESTION]))).nearest
        try:
            mind = await self._minds.view(npc_id, (player, *people), at_least=npc.felt, at_us=commit.at)
            remembered, lines = await self._reader.run(
                _remembered,
                self._memories.on,
                npc_id,
                player,
                question,
                commit.at,
                LINES if conversing else 0,
                near,
                at_least=npc.felt if conversing else None,
            )
        except ProjectionError as error:
            logger.warning("answering without the read models", request=commit.entity, reason=str(error))
            return Situation(npc, self._rules)
        told, withheld = partition(remembered, player)
        return Situation(npc, self._rules, mind, told[:MEMORIES], tuple(lines), withheld[:MEMORIES])


@reads("memories")
def _remembered(
    connection: Connection,
    stores: Stores,
    npc_id: str,
    player: str,
    message: str,
    now: int,
    lines: int,
    near: tuple[tuple[tuple[int, int], int], ...],
) -> tuple[list[Memory], list[Memory]]:
    """What may colour the answer: what the message is about, then what concerns the player, each once; and the last
    `lines` exchanges with the player, newest first."""
    store = stores(connection)
    asked = [Query(npc_id, "about_player", player_id=player, limit=MEMORIES, now=now)]
    if message.strip():
        text = message[:MAX_QUESTION]
        of_player = Query(
            npc_id, "about_player", query=text, player_id=player, limit=MEMORIES, now=now, nearest=near
        )
        asked.insert(0, of_player)
        asked.insert(0, Query(npc_id, "search", query=text, limit=MEMORIES, now=now, nearest=near))
    found = {one.memory.id: one.memory for query in asked for one in recall(store, query)}
    said = Query(npc_id, player_id=player, event_type="dialogue", limit=max(lines, 1), now=now)
    spoken = [one.memory for one in recall(store, said)] if lines else []
    # What was lived through is a better thing to say than what was made of it.
    return sorted(found.values(), key=lambda memory: memory.source is Source.REFLECTION), spoken

"""Requests that only ask: what older scripts send through `request_async` though the answer takes no time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.sql.reader import Reader
from commands.agents import dialogue
from commands.codes import Code
from commands.loader import StreamLoader
from commands.message import CommandMessage
from commands.mind.rulebooks import RuleBooks
from commands.npc import NPC
from events.commit import Commit
from events.errors import PositionNotReached, ProjectionUnavailable
from events.request import RequestOpened
from projections import minds, npcs

READ_SECONDS = 2.0


class Querying:
    """Answers `commands.request.QUERIES` out of the read models, as they were when the request was opened."""

    def __init__(self, loader: StreamLoader, reader: Reader, rules: RuleBooks) -> None:
        self._loader, self._reader, self._rules = loader, reader, rules

    async def outcome(self, commit: Commit, opened: RequestOpened) -> CommandMessage | None:
        """The command that ends the request; None when the read models are away: it is to be delivered again.

        Raises `LogError`, `CodecError`.
        """
        query: Callable[..., dict[str, Any] | None]
        about: tuple[Any, ...]
        npc_id = opened.npc_id
        if opened.operation == "get_goals":
            query, about = npcs.goals, (npc_id,)
        elif opened.operation == "get_relationship":
            target = opened.data.get("target_id", opened.data.get("player_id"))
            if (
                isinstance(target, bool)
                or not isinstance(target, str | int)
                or not 0 < len(str(target)) <= 128
            ):
                told = "data.target_id is missing, or no text of at most 128 characters"
                return dialogue.failure(commit, Code.MISSING_REQUIRED_FIELD, told)
            query, about = minds.relationship, (npc_id, str(target), commit.at, self._rules)
        else:
            query, about = minds.emotion, (npc_id, commit.at, self._rules)
        written = (await self._loader.current(NPC, f"npc/{npc_id}")).state.felt
        try:
            found = await self._reader.run(query, *about, at_least=written, timeout=READ_SECONDS)
        except (PositionNotReached, ProjectionUnavailable):
            return None
        if found is None:
            return dialogue.failure(commit, Code.NPC_NOT_FOUND, f"no NPC {npc_id!r} is registered")
        return dialogue.follow_up(commit, "request.complete", commit.stream, {"result": found})

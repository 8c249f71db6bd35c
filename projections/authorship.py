"""Whose words a memory holds, and whether they were said in private: told from the event that made it."""

from __future__ import annotations

from typing import Any

from commands.mind.memory.record import Author
from commands.mind.memory.render import SPEECH
from events.npc import NpcHeard, NpcInteracted, NpcPerceived, NpcSpoke

_BY_ACTOR = {"player": Author.PLAYER, "agent": Author.MODEL, "import": Author.IMPORT}


def sign(details: dict[str, Any], event: Any, actor: str) -> None:
    """Note the author in `details`, unless it is the game itself; `actor` is the kind of the commit's."""
    author = author_of(event, actor)
    if author is not Author.GM:
        details["author"] = str(author)
    data = event.data if type(event) is NpcInteracted else getattr(event, "event_data", {})
    if data.get("private") is True:
        details["private"] = True


def author_of(event: Any, actor: str) -> Author:
    """Whose words are remembered of an event. What a model worded is the model's, whatever else it holds."""
    match event:
        case NpcSpoke():
            return Author.PLAYER if event.method in ("template", "fallback") else Author.MODEL
        case NpcInteracted():
            return Author.PLAYER
        case NpcPerceived() if event.subject and SPEECH.intersection(event.event_data):
            return Author.PLAYER
        case NpcHeard() if event.players:
            return Author.PLAYER
        case _:
            return _BY_ACTOR.get(actor, Author.GM)

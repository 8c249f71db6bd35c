"""Builders for tests of agents: an opened request, what was found out about its NPC, memories."""

from __future__ import annotations

from typing import Any

from adapters.roles.agents import read_library
from adapters.rulebooks import load as rule_books
from commands.agents.briefing import briefing
from commands.agents.dialogue import Situation, answer, grounds, request_of, spoken
from commands.agents.portrait import Terms
from commands.agents.routing import Route
from commands.mind.memory.record import Author, Memory, Source
from commands.npc.state import NpcState
from events.commit import Actor, Commit, Json
from events.npc import Profile
from events.request import RequestOpened
from tests.commits import NOON, commit

LIBRARY = read_library()
ALICE = Actor("player", "150001", details={"name": "Alice", "map": "prontera"})
HOUR = 3_600_000_000


def opened(message: str, actor: Actor = ALICE, operation: str = "dialogue", **data: Any) -> Commit:
    """The commit that opened a request to Merchant_John."""
    event = RequestOpened(operation, "Merchant_John", {"player_message": message, **data}, NOON, 5000)
    return commit("request/req_1", event, name="request.open", actor=actor, command_id="map-1/t1")


def remembered(
    content: str,
    position: int = 7,
    *,
    player: str = "150001",
    channel: str = "event",
    kind: str = "promise_made",
    age: int = HOUR,
    **more: Any,
) -> Memory:
    """A memory of Merchant_John about a player, `age` µs old at noon."""
    at = opened("").at - age
    more.setdefault("source", Source.SAW)
    more.setdefault("author", Author.PLAYER)
    return Memory(
        "Merchant_John",
        position,
        0,
        at,
        content,
        kind,
        actor=player,
        players=(player,),
        channel=channel,
        **more,
    )


def situation(*memories: Memory, profile: Profile | None = None, **more: Any) -> Situation:
    """What the agent knows of a merchant that has met Alice three times."""
    state = NpcState(True, 1, 1, profile or Profile("merchant"), interactions={"150001": 3})
    return Situation(state, rule_books(), None, memories, **more)


def inputs(
    found: Situation, cause: Commit, terms: Terms | None = None, reasons: tuple[str, ...] = ()
) -> Json:
    """The inputs of the question that the request leads to."""
    request = cause.events[0]
    assert isinstance(request, RequestOpened)
    asked = request_of(found, request, cause)
    said = spoken(answer(asked, LIBRARY), grounds(found, asked.player_id))
    return briefing(found, request, cause, asked, said, Route(True, reasons), terms or Terms())

"""Given/when/then for deciders: the production decider, plain events in, plain events or a rejection out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import pytest

from adapters.rulebooks import load
from commands.arguments import parse
from commands.codes import Code
from commands.decider import Context, Decider
from commands.mind.affect import at_rest
from commands.mind.outlook import outlook_of
from commands.mind.view import MindView
from commands.rejection import Rejected
from events.commit import Actor, Event, Json, Recorded, microseconds
from events.npc import Profile
from tests.commits import NOON, commit


@dataclass
class Given:
    """A stream with a history. `when` decides one command on it."""

    decider: Decider[Any]
    history: tuple[Event, ...] = ()
    entity: str = "Merchant_John_01"
    facts: Mapping[str, Any] = field(default_factory=dict)
    actor: Actor = field(default_factory=lambda: Actor("server", "map-1"))
    switches: frozenset[str] = frozenset()
    at: datetime = NOON

    def state(self) -> Any:
        state = self.decider.initial
        for version, event in enumerate(self.history, start=1):
            stream = f"{self.decider.category}/{self.entity}"
            state = self.decider.fold(state, Recorded(version, commit(stream, event, version=version)))
        return state

    def when(self, verb: str, args: Json | None = None) -> When:
        return When(self, verb, args or {})


@dataclass
class When:
    given: Given
    verb: str
    args: Json

    def _decide(self) -> tuple[Event, ...]:
        given, verb = self.given, self.given.decider.verbs[self.verb]
        command = parse(verb.arguments, {"args": self.args} if verb.free else self.args)
        facts = {"mind": mind(given), "ground": None, **given.facts}
        context = Context(given.at, given.entity, "test/1", given.actor, load(), facts, given.switches)
        return given.decider.decide(given.state(), command, context)

    def then(self, *expected: Event) -> None:
        assert self._decide() == expected

    def then_events(self) -> tuple[Event, ...]:
        return self._decide()

    def then_nothing(self) -> None:
        assert self._decide() == ()

    def then_rejected(self, code: Code, field: str | None = None) -> None:
        with pytest.raises(Rejected) as caught:
            self._decide()
        assert (caught.value.code, caught.value.field) == (code, field)
        assert caught.value.message


def mind(given: Given) -> MindView:
    """The mind of an NPC at rest that has met nobody, seen through its profile."""
    profile = getattr(given.state(), "profile", Profile())
    outlook = outlook_of(given.entity, asdict(profile), load().archetypes)
    return MindView(given.entity, 7, microseconds(given.at), outlook, at_rest(outlook.rest))


def given(decider: Decider[Any], *history: Event, **more: Any) -> Given:
    return Given(decider, history, **more)

"""The shape of a decider: `initial`, `evolve`, `decide`, and the answer a commit gives to its caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from commands.mind.rulebooks import RuleBooks
from events.commit import Actor, Commit, Event, Json, Recorded

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides its state and its command; nothing else reaches a decider.

    `at` is the time of the decision, `entity` the id of the aggregate, `facts` what was looked up because the
    command's `needs` asked for it; `switches` are the operator's choices that are on, `rules`
    the rule books of the mind.
    """

    at: datetime
    entity: str
    command_id: str
    actor: Actor
    rules: RuleBooks
    facts: Mapping[str, Any] = field(default_factory=dict)
    switches: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Need:
    """A fact a decision needs from outside its stream, recorded in the event it leads to.

    `kind` is `npc` (the state of the NPC named `npc_id`, None if it was never registered), `census` (how many
    registered NPCs there are: all, those of `faction`, or those `among` the given ids), `residents` (the ids of those
    who live on the maps `among`), `mind` (the mind of
    `npc_id` and how it stands to `people`, at least as of position `at_least`), `ground` (the walkable cells of
    the NPC's map, None where the operator has no map of it), `campaign` (the state of the campaign `campaign_id`, None
    if there is none), `elements` (the states of the elements `among`, by id, of those that exist) or `past` (the states
    of this very stream before and after its commit `version`, None if it has no such commit).
    """

    kind: str
    npc_id: str = ""
    faction: str | None = None
    among: tuple[str, ...] | None = None
    people: tuple[str, ...] = ()
    at_least: int = 0
    map: str = ""
    campaign_id: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Verb:
    """One command a decider understands.

    `arguments` is the class its arguments are validated into; a `free` one takes them all, as they are, in its
    field `args`. `creates` says that it usually meets an empty
    stream, so that the stream need not be read first: the append finds out. `kept` is what of the arguments stands in
    the commit beside the events: all of it, or where the events repeat them, enough to tell another command by.
    """

    arguments: type[Any]
    free: bool = False
    creates: bool = False
    kept: Callable[[Json], Json] = lambda args: args
    needs: Callable[[Any, Any, str], tuple[Need, ...]] = lambda _state, _command, _entity: ()


@dataclass(frozen=True, slots=True)
class Decider(Generic[State]):
    """The rules of one category of streams, as pure functions.

    - `initial` is the state before the first event.
    - `evolve(state, event, recorded)` folds one event; `recorded` says when and where it happened.
    - `decide(state, command, context)` returns the events a command causes (none: nothing changes), or raises
      `Rejected`.
    - `reply(commit)` is the `data` of the successful answer, derived from the commit alone, so that a retry
      gets the same one; `code(commit)` is 0 or a warning. `unchanged(state, context)` is the answer when no event
      was needed.
    - `deadline(event)` names the moment after which `time_out` must be tried on the stream.
    """

    category: str
    state: type[State]
    initial: State
    verbs: Mapping[str, Verb]
    evolve: Callable[[State, Event, Recorded], State]
    decide: Callable[[State, Any, Context], tuple[Event, ...]]
    reply: Callable[[Commit], Json]
    code: Callable[[Commit], int] = lambda _commit: 0
    unchanged: Callable[[State, Context], Json] = lambda _state, _context: {}
    deadline: Callable[[Event], datetime | None] = lambda _event: None
    snapshots: bool = True

    def fold(self, state: State, recorded: Recorded) -> State:
        """The state after one more commit."""
        for event in recorded.commit.events:
            state = self.evolve(state, event, recorded)
        return state

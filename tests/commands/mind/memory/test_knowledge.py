"""The knowledge boundary: no NPC recalls what it could not have perceived or heard."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from commands.mind.memory.hearsay import LEAST, MAX_HOPS, Telling, tell
from commands.mind.memory.perception import Occurrence, Place, Reach, Witness, perceive
from commands.mind.memory.recall import TYPES, Query, recall
from commands.mind.memory.record import Source
from commands.mind.memory.store import InMemoryStore

NPCS = ("Anna", "Bert", "Carl", "Dora")
PLACES = st.one_of(
    st.none(),
    st.builds(Place, st.sampled_from(("prontera", "geffen")), st.integers(0, 40), st.integers(0, 40)),
)
WITNESSES = st.tuples(
    *(
        st.builds(
            Witness, st.just(npc), PLACES, st.frozensets(st.sampled_from(("guild", "guard")), max_size=2)
        )
        for npc in NPCS
    )
)
HAPPENINGS = st.builds(
    Occurrence,
    position=st.just(0),
    index=st.integers(0, 2),
    at=st.integers(0, 10**9),
    kind=st.sampled_from(("said", "attacked", "gift")),
    data=st.just({"message": "the dragon stole the crown"}),
    reach=st.sampled_from(tuple(Reach)),
    actor=st.sampled_from(("Player", *NPCS)),
    target=st.sampled_from(("", *NPCS)),
    players=st.just(("Player",)),
    npcs=st.lists(st.sampled_from(NPCS), max_size=2).map(tuple),
    place=PLACES,
    faction=st.sampled_from(("guild", "guard")),
    affected=st.none() | st.frozensets(st.sampled_from(NPCS)),
    spoken=st.booleans(),
)
TALKS = st.tuples(st.sampled_from(NPCS), st.sampled_from(NPCS), st.integers(0, 1_000_000), st.integers(0, 50))
Step: TypeAlias = tuple[Occurrence, tuple[Witness, ...]] | tuple[str, str, int, int]
STEPS = st.lists(st.one_of(st.tuples(HAPPENINGS, WITNESSES), TALKS), min_size=1, max_size=25)


@dataclass
class Truth:
    """Who can know which event at which position, worked out a second way."""

    known: dict[str, dict[tuple[int, int], int]] = field(default_factory=lambda: {npc: {} for npc in NPCS})

    def happened(self, event: Occurrence, witnesses: tuple[Witness, ...]) -> None:
        for witness in witnesses:
            took_part = witness.npc in (event.actor, event.target, *event.npcs)
            here, there = witness.place, event.place
            near = (
                event.reach == "local"
                and here is not None
                and there is not None
                and here.map == there.map
                and max(abs(here.x - there.x), abs(here.y - there.y)) <= 14
            )
            reached = event.reach == "world" and (event.affected is None or witness.npc in event.affected)
            member = event.reach == "faction" and event.faction in witness.factions
            if took_part or near or reached or member:
                self.known[witness.npc].setdefault((event.position, event.index), event.position)


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_no_npc_recalls_what_it_could_not_have_perceived_or_heard(steps: list[Step]) -> None:
    store, truth = InMemoryStore(), Truth()
    for position, step in enumerate(steps, 1):
        if len(step) == 2:
            event, witnesses = replace(step[0], position=position), step[1]
            truth.happened(event, witnesses)
            for memory in perceive(witnesses, event):
                store.add(memory)
            continue
        teller, listener, trust, number = step
        told = store.all(teller)
        if told and teller != listener:
            memory = told[number % len(told)]
            heard = tell(memory, Telling(position, 0, position, listener, trust))
            if heard:
                assert memory.event in truth.known[teller]
                truth.known[listener].setdefault(memory.event, position)
                store.add(heard)
    for npc in NPCS:
        for kind in TYPES:
            for as_of in (None, len(steps) // 2):
                query = Query(npc, kind, "dragon crown", "Player", "said", limit=100, as_of=as_of)
                for one in recall(store, query):
                    assert one.memory.owner == npc
                    since = truth.known[npc].get(one.memory.event)
                    assert since is not None
                    assert since <= one.memory.position
                    assert as_of is None or one.memory.position <= as_of


@settings(max_examples=60, deadline=None)
@given(HAPPENINGS, WITNESSES)
def test_everyone_who_can_perceive_an_event_does(event: Occurrence, witnesses: tuple[Witness, ...]) -> None:
    truth = Truth()
    truth.happened(event, witnesses)
    remembered = {memory.owner for memory in perceive(witnesses, event)}
    assert remembered == {npc for npc, events in truth.known.items() if events}


def seen(npc: str = "Anna") -> Occurrence:
    return Occurrence(1, 0, 100, "stole", {"item": "crown"}, Reach.PRIVATE, "Player", npc)


def test_a_story_keeps_its_witness_its_chain_and_loses_reliability_with_every_mouth() -> None:
    (memory,) = perceive([Witness("Anna")], seen())
    hops = [memory]
    for number, listener in enumerate(("Bert", "Carl", "Dora"), 2):
        heard = tell(hops[-1], Telling(number, 0, number, listener, trust=1_000_000))
        assert heard is not None
        hops.append(heard)
    assert [hop.reliability for hop in hops] == [1_000_000, 850_000, 722_500, 614_125]
    assert hops[-1].told_by == ("Anna", "Bert", "Carl")
    assert hops[-1].event == (1, 0)
    assert hops[-1].source is Source.TOLD
    assert hops[-1].content == memory.content
    assert hops[-1].importance < memory.importance


def test_a_distrusted_teller_is_believed_less() -> None:
    (memory,) = perceive([Witness("Anna")], seen())
    trusted = tell(memory, Telling(2, 0, 2, "Bert", trust=1_000_000))
    distrusted = tell(memory, Telling(2, 0, 2, "Bert", trust=0))
    assert trusted is not None
    assert distrusted is not None
    assert distrusted.reliability == trusted.reliability // 2


def test_gossip_ends_after_some_mouths_and_never_returns_to_a_teller() -> None:
    (memory,) = perceive([Witness("Anna")], seen())
    told, last = 0, memory
    for number in range(2, 20):
        heard = tell(last, Telling(number, 0, number, f"NPC {number}", trust=1_000_000))
        if heard is None:
            break
        assert heard.reliability >= LEAST
        told, last = told + 1, heard
    assert told == MAX_HOPS
    to_bert = tell(memory, Telling(2, 0, 2, "Bert"))
    assert to_bert is not None
    assert tell(to_bert, Telling(3, 0, 3, "Anna")) is None
    assert tell(memory, Telling(2, 0, 2, "Anna")) is None


def test_nothing_is_told_before_it_was_known() -> None:
    (memory,) = perceive([Witness("Anna")], seen())
    assert tell(memory, Telling(1, 0, 100, "Bert")) is None

"""What counts as a deed, of whom, and what many of them set in motion."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from adapters.rulebooks import load
from commands.agents.deeds import Deed, deeds
from commands.agents.watch import MAX_MAPS, MAX_PAUSES, Firing, Watch, watched
from events.chronicle import ChronicleRecorded
from events.commit import Actor, Event, Recorded
from events.faction import FactionStandingChanged
from events.npc import Location, NpcInteracted, NpcPerceived, NpcQuestChanged
from tests.commits import NOON, commit

BOOK = load().world
ARIA = Actor("player", "150000", details={"char_id": 150000, "map": "geffen"})
CLAIM = Actor("player", "150000", trusted=False, details={"char_id": 150000})
TRIGGER = BOOK.triggers[0]


def did(*events: Event, actor: Actor = ARIA) -> list[Deed]:
    return list(deeds(commit("npc/Ann", *events, actor=actor)))


def test_what_a_player_does_before_npcs_is_a_deed_of_its_character() -> None:
    seen = NpcPerceived("defended", {}, "150000", Location("prontera", 1, 2))
    given_gift = NpcInteracted("150000", "gift", {}, True, {})
    done = NpcQuestChanged("150000", "q1", "completed", 0)
    assert did(seen, given_gift, done) == [
        Deed(0, "defended", "150000", "prontera", "Ann"),
        Deed(1, "gift", "150000", "geffen", "Ann"),
        Deed(2, "quest_completed", "150000", "geffen", "Ann"),
    ]


def test_what_was_refused_or_is_not_finished_is_no_deed() -> None:
    assert did(NpcInteracted("150000", "trade", {}, False, {})) == []
    assert did(NpcQuestChanged("150000", "q1", "accepted", 0)) == []
    assert did(NpcQuestChanged("150001", "q1", "completed", 0)) == []


def test_only_a_character_the_game_server_vouches_for_gets_credit() -> None:
    seen = NpcPerceived("defended", {"player_id": "150000"}, "150000")
    account = Actor("player", "2000001", details={"account_id": 2000001})
    foreign = Actor("player", "Aria", details={"char_id": "Aria"})
    for actor in (
        CLAIM,
        account,
        foreign,
        Actor("server", "map-1"),
        Actor("player", "0", details={"char_id": 0}),
    ):
        assert [deed.char_id for deed in did(seen, actor=actor)] == [""]


def test_a_row_of_the_game_servers_own_logs_is_a_deed() -> None:
    row = ChronicleRecorded("mvp.killed", 7, 0, char_id=150000, map="glast_01")
    server = Actor("server", "main")
    made = commit("chronicle/main.mvplog", row, actor=server)
    assert list(deeds(made)) == [Deed(0, "mvp.killed", "150000", "glast_01")]
    untrusted = commit("chronicle/main.mvplog", row, actor=Actor("server", "main", trusted=False))
    assert [deed.char_id for deed in deeds(untrusted)] == [""]


def blow(at: datetime = NOON, map_name: str = "prontera", actor: Actor = ARIA) -> Recorded:
    made = commit(
        "npc/Ann", NpcPerceived("attacked", {}, "1", Location(map_name, 1, 1)), time=at, actor=actor
    )
    return Recorded(1, made)


def fold(*history: Recorded) -> list[Firing]:
    watch, found = Watch(), list[Firing]()
    for recorded in history:
        watch, firings = watched(watch, recorded, BOOK)
        found += firings
    return found


def test_enough_blows_on_one_map_within_the_time_pull_the_trigger_once() -> None:
    second = timedelta(seconds=1)
    blows = [blow(NOON + number * second) for number in range(TRIGGER.count * 3)]
    assert fold(*blows[: TRIGGER.count - 1]) == []
    assert fold(*blows) == [Firing(TRIGGER.key, map="prontera")]


def test_blows_spread_over_maps_or_time_or_dealt_by_agents_pull_nothing() -> None:
    everywhere = [blow(map_name=f"map{number}") for number in range(TRIGGER.count * 2)]
    slowly = [
        blow(NOON + number * timedelta(microseconds=TRIGGER.within)) for number in range(TRIGGER.count * 2)
    ]
    ours = [blow(actor=Actor("agent", "world_evolution")) for _ in range(TRIGGER.count * 2)]
    assert fold(*everywhere) == fold(*slowly) == fold(*ours) == []


def test_after_its_pause_a_trigger_can_be_pulled_again() -> None:
    later = NOON + timedelta(microseconds=TRIGGER.pause + TRIGGER.within)
    blows = [blow(at) for at in (NOON, later) for _ in range(TRIGGER.count)]
    assert len(fold(*blows)) == 2


def test_a_standing_that_falls_low_sets_the_faction_in_motion_once() -> None:
    def fell(standing: int, actor: Actor = ARIA) -> Recorded:
        event = FactionStandingChanged("crown", standing)
        return Recorded(1, commit("faction/guild", event, actor=actor))

    assert fold(fell(-59)) == []
    assert fold(fell(-60), fell(-70)) == [Firing("standing", faction="guild", other="crown")]
    assert fold(fell(-60, Actor("agent", "world_evolution"))) == []


@given(
    st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["prontera", "geffen", ""])), max_size=80),
    st.integers(0, 80),
)
def test_reading_on_from_a_stored_watch_pulls_the_same_triggers(blows: list[Any], cut: int) -> None:
    history = [blow(NOON + timedelta(seconds=10 * n + wait), place) for n, (wait, place) in enumerate(blows)]
    watch, found, adapter = Watch(), list[Firing](), TypeAdapter(Watch)
    for number, recorded in enumerate(history):
        if number == cut:
            watch = adapter.validate_json(adapter.dump_json(watch))
        watch, firings = watched(watch, recorded, BOOK)
        found += firings
    assert found == fold(*history)


def test_a_watch_stays_small_whatever_players_do() -> None:
    watch = Watch()
    for number in range(MAX_MAPS * 2):
        watch, _ = watched(watch, blow(map_name=f"map{number}"), BOOK)
    for number in range(MAX_PAUSES + 50):
        event = FactionStandingChanged(f"f{number}", -100)
        watch, _ = watched(watch, Recorded(1, commit("faction/guild", event)), BOOK)
    assert len(watch.times) <= MAX_MAPS
    assert len(watch.pauses) <= MAX_PAUSES

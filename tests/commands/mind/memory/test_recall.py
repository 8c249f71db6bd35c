"""The one entry of recall: types, filters, as-of, and why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.mind.memory.facts import with_history
from commands.mind.memory.recall import TYPES, Query, recall
from commands.mind.memory.record import Memory, Source
from commands.mind.memory.store import InMemoryStore
from tests.commands.mind.memory.lives import DAY, HOUR, memory, remembering


def positions(store: InMemoryStore, query: Query) -> list[int]:
    return [one.memory.position for one in recall(store, query)]


def test_recent_is_newest_first_and_important_is_weightiest_first() -> None:
    store = InMemoryStore(memory(n, f"event {n}", importance=n * 7 % 5 * 100_000) for n in range(1, 6))
    assert positions(store, Query("Anna", "recent", limit=3)) == [5, 4, 3]
    assert positions(store, Query("Anna", "important", limit=2)) == [2, 4]


def test_about_player_sees_only_memories_of_that_player() -> None:
    store = InMemoryStore(
        memory(n, "a gift of bread", players=("P1",) if n % 2 else ("P2",), importance=n * 1_000)
        for n in range(1, 9)
    )
    assert positions(store, Query("Anna", "about_player", player_id="P2")) == [8, 6, 4, 2]
    assert set(positions(store, Query("Anna", "about_player", "bread", player_id="P1"))) == {1, 3, 5, 7}


def test_about_event_filters_by_type_or_searches() -> None:
    store = InMemoryStore([memory(1, "a gift", kind="gift"), memory(2, "a fight", kind="attacked")])
    assert positions(store, Query("Anna", "about_event", event_type="gift")) == [1]
    assert positions(store, Query("Anna", "about_event", "fight")) == [2]


def test_since_and_player_filters_combine() -> None:
    store = InMemoryStore(memory(n, "bread", players=(f"P{n % 2}",)) for n in range(1, 7))
    query = Query("Anna", "search", "bread", player_id="P1", since=3 * HOUR)
    assert set(positions(store, query)) == {3, 5}


def test_a_filtered_memory_lends_nothing_to_its_neighbours() -> None:
    store = InMemoryStore(
        [
            memory(1, "the amulet", scene="a", players=("P1",)),
            memory(2, "under the oak", scene="a", players=("P2",)),
        ]
    )
    assert positions(store, Query("Anna", "search", "amulet", player_id="P2")) == []


def test_an_unknown_npc_remembers_nothing() -> None:
    for kind in TYPES:
        query = Query("Nobody", kind, "dragon", player_id="P1", event_type="gift")
        assert recall(remembering("a dragon"), query) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"type": "vague"}, "type"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"type": "about_player"}, "player_id"),
        ({"type": "about_event"}, "event_type"),
        ({"type": "search", "query": "  "}, "query"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_field(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}:"):
        Query("Anna", **wrong)  # type: ignore[arg-type]


def test_every_answer_says_its_rank_in_every_arm() -> None:
    store = remembering("a dragon came", "dragons are old", "rain")
    first, second = recall(store, Query("Anna", "search", "dragon"))
    assert first.arms.keys() == second.arms.keys() == {"words", "characters"}
    assert {first.arms["words"][0], second.arms["words"][0]} == {1, 2}
    assert first.score >= second.score > 0


def test_a_stored_vector_is_one_more_arm_and_cannot_pass_the_filters() -> None:
    store = InMemoryStore([memory(n, "rain", players=(f"P{n}",)) for n in (1, 2, 3)])
    near = (((3, 0), 900), ((2, 0), 800), ((99, 0), 700))
    assert positions(store, Query("Anna", "search", "sunshine", nearest=near)) == [3, 2]
    assert positions(store, Query("Anna", "search", nearest=near, player_id="P2")) == [2]
    assert positions(store, Query("Anna", "search", nearest=near, as_of=2)) == [2]


def test_what_is_forgotten_is_left_out_now_but_found_as_of_then() -> None:
    store = InMemoryStore([memory(1, "a small wolf", importance=100_000)])
    now = 400 * DAY
    assert positions(store, Query("Anna", "search", "wolf", now=now)) == []
    assert positions(store, Query("Anna", "search", "wolf", now=2 * HOUR)) == [1]
    assert positions(store, Query("Anna", "search", "wolf")) == [1]


def test_facts_and_reflections_do_not_fade() -> None:
    fact = {"subject": "king", "predicate": "home", "value": "castle"}
    store = InMemoryStore(
        [
            memory(1, "the king lives in the castle", importance=0, **fact),
            memory(2, "looking back at the king", importance=0, source=Source.REFLECTION),
        ]
    )
    assert set(positions(store, Query("Anna", "search", "king", now=9_000 * DAY))) == {1, 2}


def test_a_superseded_fact_is_left_out_now_kept_on_request_and_believed_as_of_then() -> None:
    def home(position: int, place: str) -> Memory:
        fact = {"subject": "king", "predicate": "home", "value": place}
        return memory(position, f"the king lives in the {place}", **fact)

    store = InMemoryStore([home(1, "castle"), home(5, "tower")])
    ask = "where does the king live"
    assert positions(store, Query("Anna", "search", ask)) == [5]
    assert set(positions(store, Query("Anna", "search", ask, superseded=True))) == {1, 5}
    assert positions(store, Query("Anna", "search", ask, as_of=4)) == [1]
    assert [one.superseded_by for one in with_history(store.all("Anna"))] == [5, None]


WORDS = st.lists(st.sampled_from(["dragon", "sword", "market", "king", "stole"]), min_size=1, max_size=5)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(WORDS, st.booleans(), st.integers(0, 1_000_000)), min_size=1, max_size=25),
    st.integers(0, 30),
    st.sampled_from(TYPES),
    WORDS,
)
def test_asked_as_of_a_position_the_answer_is_the_one_given_then(
    parts: list[tuple[list[str], bool, int]], as_of: int, kind: str, asked: list[str]
) -> None:
    memories = [
        memory(
            n,
            " ".join(text),
            importance=weight,
            players=("P1",),
            scene=f"s{n // 4}",
            **({"subject": "king", "predicate": "mood", "value": text[0]} if fact else {}),
        )
        for n, (text, fact, weight) in enumerate(parts, 1)
    ]
    text, rest = " ".join(asked), {"player_id": "P1", "event_type": "said", "limit": 25}
    past = Query("Anna", kind, text, as_of=as_of, **rest)  # type: ignore[arg-type]
    then = Query("Anna", kind, text, **rest)  # type: ignore[arg-type]
    known = InMemoryStore(one for one in memories if one.position <= as_of)
    assert recall(InMemoryStore(memories), past) == recall(known, then)


def test_reading_changes_nothing() -> None:
    store = remembering("a dragon", "a king")
    query = Query("Anna", "search", "dragon king")
    assert recall(store, query) == recall(store, query)


def test_memories_must_come_in_log_order() -> None:
    store = remembering("a dragon")
    with pytest.raises(ValueError, match="append in log order"):
        store.add(memory(1, "again"))


def test_a_long_life_is_kept_in_few_segments() -> None:
    store = InMemoryStore(memory(n, f"day {n} of rain") for n in range(1, 1_300))
    assert [len(segment) for segment in store.segments("Anna")] == [1_024, 275]
    assert positions(store, Query("Anna", "search", "700"))[0] == 700

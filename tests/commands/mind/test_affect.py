"""Properties of the affective state: bounded, replayable, independent of order, fading in closed form."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from commands.mind.affect import (
    EMOTION_HALF_LIFE,
    LEAST,
    MOOD_HALF_LIFE,
    MOST_BELIEFS,
    MOST_FEELINGS,
    AffectState,
    Belief,
    at_rest,
    expected,
    feel,
    mood_at,
    read,
    with_rest,
)
from commands.mind.emotion import EMOTIONS, PAD, Emotion, Felt, Pad
from commands.mind.fixed import ONE
from tests.commands.mind.conftest import NOON

REST = Pad(200_000, -50_000, 100_000)

emotions = st.sampled_from(EMOTIONS)
felt = st.builds(
    Felt,
    emotions,
    st.integers(0, ONE),
    st.integers(1, 10**9),
    st.sampled_from(["attacked", "gift", "talk"]),
    st.sampled_from(["", "P1", "P2"]),
)
beliefs = st.builds(
    Belief, st.just(0), st.sampled_from(["harm", *(f"goal/{n}" for n in range(12))]), st.integers(0, ONE)
)
events = st.tuples(st.lists(felt, max_size=4), st.lists(beliefs, max_size=2, unique_by=lambda b: b.outcome))
moments = st.integers(0, 10**11)


def told(state: AffectState, happened: list[tuple[list[Felt], list[Belief]]], at: int) -> AffectState:
    for felt_now, believed in happened:
        state = feel(state, felt_now, at, believed)
    return state


@st.composite
def histories(draw: st.DrawFn) -> AffectState:
    """A state some events later."""
    state, at = at_rest(REST, NOON), NOON
    for happened in draw(st.lists(events, max_size=6)):
        at += draw(moments)
        state = told(state, [happened], at)
    return state


@given(histories(), st.lists(events, max_size=5), moments, st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_events_of_one_instant_give_the_same_state_in_any_order(
    state: AffectState, happened: list[tuple[list[Felt], list[Belief]]], later: int, shuffler: Random
) -> None:
    shuffled = list(happened)
    shuffler.shuffle(shuffled)
    assert told(state, happened, state.at + later) == told(state, shuffled, state.at + later)


@given(histories(), moments, moments)
def test_reading_is_time_additive_because_it_never_moves_the_base(state: AffectState, a: int, b: int) -> None:
    before = read(state, state.at + a + b)
    read(state, state.at + a)  # looking in between …
    neutral = feel(state, [], state.at + a)  # … and neutral news …
    assert neutral is state
    assert read(neutral, state.at + a + b) == before  # … change nothing, exactly


@given(histories(), moments, moments)
def test_settling_the_mood_in_between_moves_it_by_at_most_three_millionths(
    state: AffectState, a: int, b: int
) -> None:
    direct = mood_at(state, state.at + a + b)
    settled = mood_at(with_rest(state, state.rest, state.at + a), state.at + a + b)
    assert all(abs(x - y) <= 3 for x, y in zip(direct, settled, strict=True))


@given(histories(), moments)
def test_everything_stays_within_its_bounds(state: AffectState, later: int) -> None:
    reading = read(state, state.at + later)
    assert len(state.feelings) <= MOST_FEELINGS
    assert len(state.beliefs) <= MOST_BELIEFS
    assert all(LEAST <= intensity <= ONE for _, intensity in reading.felt)
    assert all(-ONE <= axis <= ONE for axis in reading.mood)


@given(histories(), moments)
def test_every_emotion_felt_names_the_commit_that_caused_it(state: AffectState, later: int) -> None:
    reading = read(state, state.at + later)
    assert {cause.emotion for cause in reading.causes} == {emotion for emotion, _ in reading.felt}
    assert all(cause.position > 0 for cause in reading.causes)


@given(histories())
def test_a_state_survives_storage_unchanged(state: AffectState) -> None:
    adapter = TypeAdapter(AffectState)
    assert adapter.validate_json(adapter.dump_json(state)) == state
    assert len(adapter.dump_json(state)) < 4096


@given(emotions, st.integers(0, ONE), st.integers(0, ONE))
def test_a_stronger_emotion_is_felt_more_and_moves_the_mood_more(emotion: Emotion, a: int, b: int) -> None:
    weak, strong = (
        read(feel(at_rest(REST), [Felt(emotion, size, 1, "x", "")], NOON), NOON) for size in sorted((a, b))
    )
    assert weak.intensity <= strong.intensity
    for axis in range(3):
        direction = PAD[emotion][axis] - REST[axis]
        moved = (weak.mood[axis] - REST[axis], strong.mood[axis] - REST[axis])
        assert moved[0] <= moved[1] if direction > 0 else moved[0] >= moved[1]


def test_an_emotion_is_half_as_strong_after_its_half_life_and_gone_after_an_hour() -> None:
    state = feel(at_rest(REST), [Felt("anger", 800_000, 7, "stole", "P1")], NOON)
    assert read(state, NOON + EMOTION_HALF_LIFE).intensity == 400_000
    assert read(state, NOON + 12 * EMOTION_HALF_LIFE).felt == ()


def test_the_mood_comes_back_to_its_rest() -> None:
    state = feel(at_rest(REST), [Felt("anger", ONE, 7, "stole", "P1")], NOON)
    angry = mood_at(state, NOON)
    assert angry.pleasure < REST.pleasure < mood_at(at_rest(REST), NOON).pleasure + 1
    assert (
        mood_at(state, NOON + MOOD_HALF_LIFE).pleasure
        == REST.pleasure - (REST.pleasure - angry.pleasure) // 2
    )
    assert mood_at(state, NOON + 60 * MOOD_HALF_LIFE) == REST


def test_a_mood_beyond_the_centre_of_an_emotion_is_pushed_on_and_not_pulled_back() -> None:
    elated = AffectState(rest=REST, mood=Pad(900_000, 600_000, 500_000))
    happier = mood_at(feel(elated, [Felt("joy", ONE, 1, "x", "")], 0), 0)
    assert happier.pleasure > 900_000


def test_many_weak_emotions_never_crowd_out_another_kind() -> None:
    state = feel(at_rest(REST), [Felt("fear", 400_000, 1, "attacked", "P1")], NOON)
    for position in range(2, 200):
        state = feel(state, [Felt("joy", 900_000, position, "gift", "P2")], NOON)
    assert {emotion for emotion, _ in read(state, NOON).felt} == {"joy", "fear"}


def test_an_event_that_arrives_late_counts_with_what_would_be_left_of_it() -> None:
    state = feel(at_rest(REST, NOON), [Felt("joy", 500_000, 1, "gift", "P1")], NOON)
    late = feel(state, [Felt("fear", 800_000, 2, "attacked", "P2")], NOON - EMOTION_HALF_LIFE)
    assert dict(read(late, NOON).felt)["fear"] == 400_000
    assert late.at == NOON


def test_of_two_beliefs_of_one_instant_the_greater_surprise_stays() -> None:
    state = feel(at_rest(REST), [], NOON, [Belief(NOON, "harm", 500_000)])
    then = NOON + 1
    state = feel(
        feel(state, [], then, [Belief(then, "harm", 900_000)]), [], then, [Belief(then, "harm", 400_000)]
    )
    assert expected(state, "harm", then) == Belief(NOON, "harm", 500_000)
    assert expected(state, "harm", then + 1) == Belief(then, "harm", 900_000)

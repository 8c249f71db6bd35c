"""Conversations without a language model."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.dialogue.gesture import ACTIONS, EMOTIONS
from commands.mind.dialogue.library import DialogueLibrary
from commands.mind.dialogue.persona import ARCHETYPES, MOODS
from commands.mind.dialogue.request import DialogueRequest, Fact, Good, MemoryNote, Utterance
from commands.mind.dialogue.speaker import speak

DAY = 86_400_000_000
NOW = 1_763_800_000_000_000
MERCHANT = DialogueRequest(
    npc_id="Merchant_John_01",
    npc_name="John",
    archetype="merchant",
    mood="friendly",
    player_id="150000",
    player_name="Aria",
    location="prontera",
    time_of_day="10:30",
    at=NOW,
    message="",
    seed="0192-a",
    goods=(Good("Red Potion", 50), Good("Short Sword", 1200), Good("Arrow")),
    facts=(
        Fact("Old Mill", "place", "It stands north of the river.", 11),
        Fact("Bob", "person", "He owes everybody money."),
        Fact("Harvest Festival", "event", "It begins with the full moon", 12),
    ),
)


def say(library: DialogueLibrary, message: str, **changes: object) -> Utterance:
    return speak(replace(MERCHANT, message=message, **changes), library)  # type: ignore[arg-type]


def seeds(count: int) -> list[str]:
    return [f"command-{number}" for number in range(count)]


def test_a_friendly_merchant_asked_what_items_it_sells_shows_the_shop(library: DialogueLibrary) -> None:
    for seed in seeds(20):
        answer = say(library, "What items do you sell?", seed=seed)
        assert (answer.intent, answer.action, answer.emotion) == ("ask_goods", "show_shop", "friendly")
        assert any(good in answer.response for good in ("Red Potion", "Short Sword", "Arrow"))
        assert answer.answer() == {
            "response": answer.response, "emotion": "friendly", "action": "show_shop", "method": "template",
        }  # fmt: skip


def test_a_merchant_known_only_by_its_archetype_still_shows_the_shop(library: DialogueLibrary) -> None:
    request = DialogueRequest(
        npc_id="m", archetype="merchant", mood="friendly", message="What do you sell?", seed="s"
    )
    assert speak(request, library).action == "show_shop"


def test_a_good_asked_for_by_a_misspelt_name_is_offered(library: DialogueLibrary) -> None:
    assert "Red Potion" in say(library, "do you have red potoins?").response


def test_a_good_that_is_not_in_stock_is_not_promised(library: DialogueLibrary) -> None:
    for seed in seeds(20):
        answer = say(library, "Do you have any unicorns?", seed=seed)
        assert answer.topic == "unicorns"
        assert answer.template.startswith("goods.missing")


def test_a_guard_without_goods_is_no_shop(library: DialogueLibrary) -> None:
    answer = say(library, "What do you sell?", archetype="guard", goods=(), mood="neutral")
    assert answer.action == "shake_head"


def test_a_place_the_npc_knows_is_pointed_out(library: DialogueLibrary) -> None:
    answer = say(library, "Where is the old mil?")
    assert "north of the river" in answer.response
    assert ".." not in answer.response
    assert (answer.action, answer.facts) == ("point", (11,))


def test_a_place_the_npc_does_not_know_is_not_invented(library: DialogueLibrary) -> None:
    for seed in seeds(20):
        answer = say(library, "Where is Atlantis?", seed=seed)
        assert answer.template.startswith("place.unknown")
        assert answer.facts == ()


def test_news_is_an_event_the_npc_knows_of(library: DialogueLibrary) -> None:
    answer = say(library, "Any news?")
    assert "full moon" in answer.response
    assert answer.facts == (12,)


def test_what_the_npc_remembers_of_somebody_answers_a_question_about_them(library: DialogueLibrary) -> None:
    memory = MemoryNote(77, "Elira stole bread from the baker", NOW - DAY, "Elira")
    answer = say(library, "Do you know Elira?", memories=(memory,))
    assert "stole bread" in answer.response
    assert answer.memories == (77,)


def test_an_enemy_learns_nothing(library: DialogueLibrary) -> None:
    for seed in seeds(10):
        answer = say(library, "Where is the old mill?", relationship_level="hostile", seed=seed)
        assert "north of the river" not in answer.response
        assert answer.band == "hostile"


def test_a_shared_memory_colours_some_greetings_and_is_named(library: DialogueLibrary) -> None:
    memory = MemoryNote(42, "Aria gave me an apple", NOW - 3 * DAY, "150000")
    answers = [say(library, "hello", memories=(memory,), seed=seed) for seed in seeds(60)]
    told = [answer for answer in answers if "an apple" in answer.response]
    assert told
    assert all(answer.memories == (42,) for answer in told)
    assert all(answer.memories == () for answer in answers if answer not in told)


def test_memories_of_other_players_are_not_told_in_a_greeting(library: DialogueLibrary) -> None:
    memory = MemoryNote(42, "Zed hid the stolen crown in the well", NOW, "150999")
    assert all(not say(library, "hello", memories=(memory,), seed=seed).memories for seed in seeds(40))


def test_a_threatened_guard_draws_and_a_threatened_merchant_backs_off(library: DialogueLibrary) -> None:
    threat = "I will kill you!"
    assert say(library, threat, archetype="guard").action == "draw_weapon"
    frightened = say(library, threat)
    assert (frightened.action, frightened.emotion) == ("step_back", "fearful")


def test_an_insult_sours_the_tone_and_is_remembered(library: DialogueLibrary) -> None:
    answer = say(library, "You are an idiot", mood="neutral")
    assert answer.emotion == "angry"
    assert answer.remember is not None
    assert answer.remember.content == "Aria insulted me"
    greeting = say(library, "hello").remember
    assert greeting is not None
    assert answer.remember.importance > greeting.importance


@pytest.mark.parametrize(
    ("pad", "tone"),
    [
        ((500_000, 0, 0), "friendly"),
        ((0, 0, 0), "neutral"),
        ((-500_000, 400_000, 300_000), "angry"),
        ((-500_000, 400_000, -300_000), "fearful"),
        ((-500_000, -200_000, 0), "sad"),
    ],
)
def test_without_a_label_the_tone_follows_pleasure_arousal_and_dominance(
    pad: tuple[int, int, int], tone: str, library: DialogueLibrary
) -> None:
    assert say(library, "hello", mood="", pleasure=pad[0], arousal=pad[1], dominance=pad[2]).tone == tone


def test_an_npc_answers_in_its_own_language(library: DialogueLibrary) -> None:
    answer = say(library, "Que vendez-vous ?", language="fr")
    assert (answer.language, answer.intent, answer.action) == ("fr", "ask_goods", "show_shop")
    assert "Red Potion" in answer.response or "Short Sword" in answer.response or "Arrow" in answer.response


def test_a_question_for_work_is_not_a_question_for_goods(library: DialogueLibrary) -> None:
    assert say(library, "do you have work?").intent == "quest"


def test_the_same_command_gives_the_same_answer_and_another_seed_another(library: DialogueLibrary) -> None:
    assert say(library, "hello") == say(library, "hello")
    assert len({say(library, "hello", seed=seed).response for seed in seeds(20)}) > 5


@pytest.mark.parametrize("archetype", ARCHETYPES)
@pytest.mark.parametrize(("mood", "kept"), [("friendly", 1), *((mood, 8) for mood in MOODS)])
def test_twenty_greetings_show_at_least_eight_lines(
    archetype: str, mood: str, kept: int, library: DialogueLibrary
) -> None:
    recent: deque[str] = deque(maxlen=kept)
    said: list[str] = []
    for seed in seeds(20):
        answer = say(library, "hello", archetype=archetype, mood=mood, recent=tuple(recent), seed=seed)
        recent.append(answer.template)
        said.append(answer.response)
    assert len(set(said)) >= 8


MESSAGES = (
    "hello", "What do you sell?", "do you have potions", "got any unicorns?", "where is the old mill",
    "where is Geffen",
    "I am lost", "who is bob", "who is Zork", "any news?", "tell me about the war", "who are you",
    "I want to buy a sword",
    "let's trade", "do you have work", "I will kill you", "you idiot", "thanks", "bye", "how are you",
    "xyzzy",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("mood", MOODS)
def test_no_line_is_said_twice_in_a_row(mood: str, language: str, library: DialogueLibrary) -> None:
    for message in MESSAGES:
        last = say(library, message, mood=mood, language=language)
        for seed in seeds(15):
            answer = say(library, message, mood=mood, language=language, recent=(last.template,), seed=seed)
            assert answer.template != last.template
            last = answer


def test_the_players_words_come_back_only_as_a_harmless_topic(library: DialogueLibrary) -> None:
    answer = say(library, 'Where is ^FF0000"the\\ {tower}"\x00<b>', player_name='Ar^ia"{}\n')
    assert answer.topic == "tower"
    assert not set(answer.response) & set('^"\\{}<>\x00\n')


FORBIDDEN = set('^"\\{}<>`|~[]')
HOSTILE = st.text(max_size=300) | st.sampled_from(
    ["{player}", "^000000", "\x00", "a" * 10_000, "\u202e", "{{{{", "%s%n"]
)
NOTES = st.builds(
    MemoryNote, st.integers(0, 2**53), HOSTILE, st.integers(0, 2**53), st.sampled_from(["150000", "x"])
)
FACTS = st.builds(Fact, HOSTILE, st.sampled_from(["place", "person", "event", "thing", "?"]), HOSTILE)


@given(
    message=HOSTILE | st.sampled_from(MESSAGES) | st.builds("where is {}".format, HOSTILE),
    names=st.tuples(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
    mood=HOSTILE | st.sampled_from(MOODS),
    archetype=HOSTILE | st.sampled_from(ARCHETYPES),
    language=st.sampled_from(["en", "fr", "", "x" * 99]),
    trust=st.integers(-10, 1000),
    memories=st.lists(NOTES, max_size=4).map(tuple),
    facts=st.lists(FACTS, max_size=4).map(tuple),
    goods=st.lists(st.builds(Good, HOSTILE, st.none() | st.integers()), max_size=6).map(tuple),
    max_bytes=st.integers(-5, 400),
)
def test_any_request_gives_one_bounded_harmless_line(
    library: DialogueLibrary,
    message: str,
    names: tuple[str, str, str, str],
    mood: str,
    archetype: str,
    language: str,
    trust: int,
    memories: tuple[MemoryNote, ...],
    facts: tuple[Fact, ...],
    goods: tuple[Good, ...],
    max_bytes: int,
) -> None:
    answer = say(
        library, message, npc_name=names[0], player_name=names[1], location=names[2], seed=names[3],
        time_of_day=names[0],
        mood=mood, archetype=archetype, language=language, trust=trust, memories=memories, facts=facts,
        goods=goods,
        max_bytes=max_bytes,
    )  # fmt: skip
    assert 0 < len(answer.response.encode("utf-8")) <= max(16, max_bytes)
    assert answer.response.isprintable()
    assert not set(answer.response) & FORBIDDEN
    assert answer.action in ACTIONS
    assert answer.emotion in EMOTIONS
    assert answer.remember is None or answer.remember.content.isprintable()

"""A model's draft: what it says is kept as far as its kind can hold it, and nothing else is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.llm.fake.answering import answer as fake_answer
from adapters.llm.fake.question import Question
from adapters.llm.prompts import load as prompts
from commands.agents.ask import Ask
from commands.agents.gamemaster.briefing import Campaign, Circumstances, Order, Relative, briefing
from commands.agents.gamemaster.kinds import KINDS, SCHEMAS
from commands.agents.purpose import Reading
from commands.agents.purposes import PURPOSES
from commands.agents.safety.leaks import fingerprints
from commands.forms.kinds import BY_NAME
from tests.commands.agents.red_team import ATTACKS, KEY, Attack

BOOK = prompts()
CAMPAIGN = Campaign("c1", "The Drowned Crown", "A sunken city.", "maritime horror", level=3)
ELEMENTS = (
    Relative("e1", "location", "Old Ferry", {"summary": "A ferry."}, 1, "asked for"),
    Relative("e2", "npc", "Maud Tanner", {"status": "active", "location_id": "e1"}, 3, "linked"),
)


def question(kind: str = "npc", brief: str = "a ferrywoman", **more: Any) -> Ask:
    found = Circumstances(CAMPAIGN, ({"name": "Aria", "level": 3},), ELEMENTS, **more)
    told = briefing(Order(kind, brief, "acc_1"), found, budget=4000, draft=0)
    inputs = {
        **told.inputs,
        "guard": {"secrets": fingerprints([KEY])},
        "parameters": {"max_tokens": 500, "temperature": None},
    }
    purpose = PURPOSES[f"generate_{kind}"]
    return purpose.render(inputs, BOOK.of("game_master", purpose.name))


def read(asked: Ask, answer: Any) -> Reading:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return PURPOSES[asked.purpose].read(asked, text)


def proposal(reading: Reading) -> dict[str, Any]:
    assert reading.proposal is not None, reading.problem
    return reading.proposal


MINIMAL = {"name": "Vesna", "description": "Keeps the ferry."}


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_asks_for_fields_of_the_kind_in_what_all_providers_take(kind: str) -> None:
    schema = SCHEMAS[kind]
    draftable = KINDS[kind]
    assert set(draftable.fields) <= set(BY_NAME[draftable.element])
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False
    allowed = {"type", "properties", "items", "enum", "description", "required", "additionalProperties"}

    def walk(part: Any) -> None:
        assert set(part) <= allowed
        for inner in part.get("properties", {}).values():
            walk(inner)
        if "items" in part:
            walk(part["items"])

    walk(schema)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_fills_the_schema_becomes_a_draft(kind: str) -> None:
    asked = question(kind)
    turns = tuple((message.role, message.content) for message in asked.messages)
    answer = fake_answer(Question("fake-1", turns, asked.schema), "").text
    found = proposal(read(asked, answer))
    assert found["fields"]["name"]
    assert set(found) == {"fields", "claims", "problems"}


def test_references_are_the_numbers_that_were_shown_and_links_too() -> None:
    asked = question("quest")
    answer = {**MINIMAL, "location_id": 1, "quest_giver_id": 2, "participants": [2, 7],
              "complications": "[[2]] lies; [[e9]] and [[http://x.example]] do not."}  # fmt: skip
    found = proposal(read(asked, answer))
    fields = found["fields"]
    assert (fields["location_id"], fields["quest_giver_id"], fields["participants"]) == ("e1", "e2", ["e2"])
    assert fields["complications"].startswith("[[e2]] lies; e9 and")
    assert [each["field"] for each in found["problems"] if "number" in each["message"]] == ["participants"]


def test_a_reference_to_the_wrong_kind_or_by_id_is_left_out_and_said() -> None:
    found = proposal(read(question("quest"), {**MINIMAL, "quest_giver_id": 1, "location_id": "e1"}))
    assert "quest_giver_id" not in found["fields"]
    assert "location_id" not in found["fields"]
    assert {each["field"] for each in found["problems"]} >= {"quest_giver_id", "location_id"}


@pytest.mark.parametrize(
    "answer",
    [
        "", "no JSON", "[]", "null", "{", json.dumps({"name": 5}), json.dumps({"name": "X"}), '{"name": "\\ud800"}',
        json.dumps({"description": "without a name"}), "{" * 5000, json.dumps({"name": "x" * 25_000}),
        json.dumps({"name": ["a"], "description": {}}), '{"name": "a", "description": NaN}',
    ],
    ids=range(13),
)  # fmt: skip
def test_an_answer_that_is_no_draft_says_why_and_breaks_nothing(answer: str) -> None:
    reading = read(question(), answer)
    assert reading.proposal is None
    assert reading.problem


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hit_points", "many"), ("hit_points", 10**30), ("hit_points", -3), ("abilities", {"strength": 99}),
        ("abilities", ["strong"]), ("level", 4.5), ("tags", "not a list of words" * 50), ("spells", {"a": 1}),
        ("challenge_rating", "a very hard one indeed"), ("points_of_interest", 3), ("skills", [1, None, {}]),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_kept_is_left_out_and_the_rest_stays(field: str, value: Any) -> None:
    kind = "location" if field == "points_of_interest" else "npc"
    found = proposal(read(question(kind), {**MINIMAL, field: value}))
    assert found["fields"]["name"] == "Vesna"
    assert field not in found["fields"] or found["fields"][field] != value
    assert any(each["field"] == field for each in found["problems"])


def test_links_pictures_and_what_cannot_be_seen_do_not_reach_a_page() -> None:
    text = "See ![x](http://evil.example/p.png) or [here](javascript:alert(1)) <img src=x>\u202e at www.evil.example"
    found = proposal(read(question(), {**MINIMAL, "description": text, "name": "Ves\u202ena\x00"}))
    description = found["fields"]["description"]
    assert "evil" not in description
    assert "javascript" not in description
    assert not set("\u202e\x00") & set(description + found["fields"]["name"])


@pytest.mark.parametrize("text", [KEY, "Internal mark: {canary}", "{instructions}"])
def test_what_gives_us_away_is_no_draft(text: str) -> None:
    asked = question()
    system = asked.messages[0].content
    mark = next(word for word in system.split() if word.startswith("lore-"))
    text = text.replace("{canary}", mark).replace("{instructions}", system[:400])
    reading = read(asked, {**MINIMAL, "secrets": text})
    assert reading.proposal is None
    assert reading.problem.startswith("leak")


@pytest.mark.parametrize(
    "attack", ATTACKS, ids=[f"{a.language} {a.place} {a.goal} {n}" for n, a in enumerate(ATTACKS)]
)
def test_an_obeyed_brief_fills_the_fields_of_one_draft_at_most(attack: Attack) -> None:
    hostile = Relative("e3", "npc", attack.text[:60], {"summary": attack.text, "type": attack.text}, 1)
    asked = question("npc", attack.text, history=(attack.text,), reference=({"name": attack.text},))
    asked_too = question("npc", "a ferrywoman")
    assert asked.messages[0] == asked_too.messages[0]
    for line in asked.messages[1].content.split("\n")[1::3]:
        json.loads(line)
    found = Circumstances(CAMPAIGN, ({"name": attack.text},), (*ELEMENTS, hostile))
    told = briefing(Order("npc", attack.text, "acc_1"), found, budget=4000, draft=0)
    assert {each["id"] for each in told.inputs["known"]} <= {"e1", "e2", "e3"}
    turns = tuple((message.role, message.content) for message in asked.messages)
    answer = fake_answer(Question("fake-obedient", turns, asked.schema), "obedient").text
    reading = read(asked, answer)
    assert KEY not in json.dumps(reading.proposal)
    if reading.proposal is not None:
        assert set(reading.proposal["fields"]) <= {*KINDS["npc"].fields, "status"}
        assert reading.proposal["fields"]["status"] == "active"
        assert "lore-" not in json.dumps(reading.proposal)
    assert PURPOSES["generate_npc"].verbs == frozenset()


def test_the_budget_cuts_what_matters_least_and_says_so() -> None:
    many = tuple(
        Relative(f"e{n}", "npc", f"Person {n}", {"summary": "words " * 40}, 4, "recent") for n in range(60)
    )
    found = Circumstances(CAMPAIGN, (), (*ELEMENTS, *many), tuple(f"line {n} " * 20 for n in range(24)))
    small = briefing(Order("npc", "a ferrywoman", "a"), found, budget=900, draft=0)
    assert small.inputs["left_out"]
    assert {each["id"] for each in small.inputs["known"]} >= {"e1", "e2"}
    assert sum(each["tokens"] for each in small.inputs["budget"]) <= 900
    assert "brief" in small.inputs["facts"]
    again = briefing(Order("npc", "a ferrywoman", "a"), found, budget=900, draft=0)
    assert again.inputs == small.inputs


def test_a_french_campaign_is_asked_for_in_french() -> None:
    found = Circumstances(Campaign("c1", "La Couronne noyée", language="fr"))
    told = briefing(Order("npc", "une passeuse", "a"), found, budget=2000, draft=0)
    inputs = {**told.inputs, "guard": {"secrets": []}, "parameters": {}}
    asked = PURPOSES["generate_npc"].render(inputs, BOOK.of("game_master", "generate_npc"))
    assert "Write all texts in French" in asked.messages[0].content

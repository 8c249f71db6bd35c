"""The budget of a fight by SRD 5.2: weighed, suggested, and kept with the encounter as the rules say, not as sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from adapters.gamemaster.encounters import assessed, suggested, with_assessment
from adapters.gamemaster.reference import Reference, ReferenceShelf
from adapters.refdata.importing import bring_in, read_source
from commands.rules.encounter import Difficulty
from tests.adapters.gamemaster.conftest import Table
from tests.srd import srd


async def sample(tmp_path: Any) -> Reference:
    return await ReferenceShelf(tmp_path).of("2024")


async def test_monsters_are_weighed_by_the_rules_and_unknown_ones_by_their_rating(tmp_path: Any) -> None:
    reference = await sample(tmp_path)
    known = reference.creatures[0]
    monsters: list[dict[str, Any]] = [
        {"name": known.name, "count": 2},
        {"name": "Gobbo", "count": 3, "challenge": "1/4"},
        {"name": "Who"},
    ]
    found = assessed(reference, [3, 3, 3], monsters, "moderate")
    assert found["spent"] == 2 * known.xp + 150
    assert found["budgets"] == {"low": 450, "moderate": 675, "high": 1200}
    assert [each["known"] for each in found["monsters"]] == [True, False, False]
    assert [each["rule"] for each in found["verdicts"] if not each["ok"]].count("exists.creature") == 2


async def test_nothing_at_all_is_weighed_as_nothing(tmp_path: Any) -> None:
    found = assessed(await sample(tmp_path), [1], [], "low")
    assert (found["spent"], found["left"], found["difficulty"]) == (0, 50, None)


async def test_what_is_kept_with_an_encounter_follows_from_the_rules(tmp_path: Any) -> None:
    reference = await sample(tmp_path)
    name = reference.creatures[0].name
    sent = {
        "name": "At the weir",
        "monsters": [{"name": name, "count": 2}],
        "experience": 999_999,
        "assessment": ["lies"],
    }
    kept = with_assessment(reference, [2, 2], sent)
    assert kept["experience"] == 2 * reference.creatures[0].xp
    assert kept["party_levels"] == [2, 2]
    assert "lies" not in kept["assessment"]
    assert kept == with_assessment(reference, [2, 2], kept)


GOLDEN: tuple[tuple[list[int], Difficulty, list[tuple[str, int]], int, int], ...] = (
    ([1] * 4, "low", [("Bugbear Warrior", 1)], 200, 200),
    ([1] * 4, "low", [("Giant Wasp", 2)], 200, 200),
    ([3] * 5, "moderate", [("Druid", 2), ("Stirge", 9)], 1125, 1125),
    ([3] * 5, "moderate", [("Wight", 1), ("Warhorse Skeleton", 1), ("Skeleton", 6)], 1125, 1100),
    ([15] * 6, "high", [("Adult Red Dragon", 2), ("Fire Giant", 2)], 46800, 46000),
)


async def test_the_examples_of_the_rules_come_out_with_the_real_data(tmp_path: Any) -> None:
    form, reading = read_source(srd() / "srd-2024")
    bring_in(tmp_path, form, reading, datetime.now(UTC), lambda *_: None)
    reference = await ReferenceShelf(tmp_path).of("2024")
    assert not reference.sample
    for levels, difficulty, monsters, most, spent in GOLDEN:
        given = [{"name": name, "count": count} for name, count in monsters]
        found = assessed(reference, levels, given, difficulty)
        assert (found["budgets"][difficulty], found["spent"], found["difficulty"]) == (
            most,
            spent,
            difficulty,
        )
        assert found["sources"][0]["attribution"]
    offered = suggested(reference, [3] * 4, "moderate", seed="s", most=6, of_type="undead")
    assert len(offered["suggestions"]) == 6
    for each in offered["suggestions"]:
        assert each["difficulty"] == "moderate"
        assert {monster["type"].lower() for monster in each["monsters"]} == {"undead"}
    named = reference.fitting("npc", "casts Fireball at goblin warriors", [3], "s")
    assert {each["name"] for each in named} == {"Fireball", "Goblin Warrior"}


async def test_an_encounter_is_weighed_suggested_saved_and_changed_over_http(table: Table) -> None:
    await table.switch_models_off()
    offered = await table.master.post(
        "/api/encounters/suggest",
        {"campaign_id": table.campaign_id, "levels": [3, 3, 3, 3], "difficulty": "low", "seed": "s"},
    )
    assert offered.status_code == 200, offered.text
    monsters = [
        {"name": each["name"], "count": each["count"]}
        for each in offered.json()["suggestions"][0]["monsters"]
    ]
    weighed = await table.master.post(
        "/api/encounters/assess",
        {"campaign_id": table.campaign_id, "levels": [3, 3, 3, 3], "difficulty": "low", "monsters": monsters},
    )
    assert weighed.json()["difficulty"] == "low"
    fields = {"name": "At the weir", "monsters": monsters, "party_levels": [3, 3, 3, 3], "experience": 7}
    made = await table.master.post(
        "/api/elements", {"campaign_id": table.campaign_id, "kind": "encounter", "fields": fields}
    )
    assert made.status_code == 201, made.text
    kept = made.json()["fields"]
    assert kept["experience"] == weighed.json()["spent"]
    assert kept["assessment"][0].startswith(f"{kept['experience']} XP")
    doubled = [{**each, "count": each["count"] * 2} for each in monsters]
    changed = await table.master.web.patch(
        f"/api/elements/{made.json()['element_id']}",
        json={"fields": {"monsters": doubled}},
        headers={"If-Match": made.headers["ETag"], "X-At-Least": made.headers["X-Position"]},
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["fields"]["experience"] == 2 * kept["experience"]


UNFIT: tuple[tuple[dict[str, Any], str], ...] = (
    ({"levels": []}, "levels"),
    ({"levels": [0]}, "levels"),
    ({"levels": [3] * 50}, "levels"),
    ({"monsters": [{"count": 1}]}, "monsters"),
    ({"monsters": [{"name": "a", "count": 0}]}, "monsters"),
    ({"difficulty": "deadly"}, "difficulty"),
    ({"party": ["nobody"]}, "party"),
    ({"monsters": [{"name": "a", "count": 100, "challenge": "1"}] * 20}, "monsters"),
)


async def test_a_fight_nobody_can_have_is_refused_with_its_field(table: Table) -> None:
    mine = {"campaign_id": table.campaign_id}
    for body, field in UNFIT:
        answer = await table.master.post("/api/encounters/assess", {**mine, **body})
        assert answer.status_code == 422, body
        assert answer.json()["field"].startswith(field), body
    assert (await table.player.post("/api/encounters/assess", mine)).status_code == 403
    assert (await table.stranger.post("/api/encounters/suggest", mine)).status_code == 404

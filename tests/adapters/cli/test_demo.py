"""The demo: a story on a running platform, and a smoke test of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.demo.contract import breaches
from adapters.demo.game_server import Exchange
from tests.adapters.cli import program
from tests.adapters.cli.test_up import up
from tests.ports import free_port

MAPS = program.ROOT / "conf" / "maps" / "lorestream_cache.dat"


def kinds(lines: list[Any], kind: str) -> list[Any]:
    return [line for line in lines if line["kind"] == kind]


def titles(why: dict[str, Any]) -> list[str]:
    """The titles of an explanation and of everything below it."""
    return [why["title"], *(title for reason in why.get("because", []) for title in titles(reason))]


async def test_the_scene_plays_through_again_and_again_on_one_platform(tmp_path: Path) -> None:
    async with up(tmp_path, "--map-cache", str(MAPS)) as platform:
        first = await platform.lorestream("demo", "--json")
        second = await platform.lorestream("demo", "--fast")
    assert first.status == 0, first.err + first.out[-2000:]
    [summary] = kinds(first.lines, "summary")
    assert summary["ok"]
    assert summary["failed"] == []
    assert summary["commits"]["npc"] > 200
    assert {"trade", "pathfind", "quest_offer", "dialogue → callback"} <= {
        timing["operation"] for timing in summary["timings"]
    }
    assert all(explained["why"]["title"] for explained in kinds(first.lines, "explained"))
    assert len(kinds(first.lines, "explained")) >= 6
    [of_dialogue] = [each["why"] for each in kinds(first.lines, "explained") if each["which"][:4] == "req_"]
    assert "what it remembered" in titles(of_dialogue)
    assert any(
        asked["answer"]["valid"] for asked in kinds(first.lines, "asked") if asked["operation"] == "pathfind"
    )
    assert second.status == 0, second.err + second.out[-2000:]
    assert "Merchant John" in second.out
    assert "\x1b" not in second.out


async def test_without_a_map_the_scene_says_how_to_get_one(tmp_path: Path) -> None:
    async with up(tmp_path) as platform:
        done = await platform.lorestream("demo", "--fast")
    assert done.status == 0, done.err + done.out[-2000:]
    assert "--map-cache" in done.out


async def test_without_a_platform_the_error_says_how_to_start_one(tmp_path: Path) -> None:
    done = await program.run("demo", "--state", "none", cwd=tmp_path)
    assert done.status == 4
    assert "lorestream up" in done.err


ANSWER = {
    "correlation_id": "1",
    "success": True,
    "error_code": 0,
    "data": {"accepted": True, "price": 5, "comment": "Done.", "error_code": 0},
    "processing_time_ms": 0.4,
    "position": 7,
}


def asked(answer: dict[str, Any], operation: str = "trade") -> Exchange:
    return Exchange({"correlation_id": "1", "operation": operation}, answer, 0.001)


def test_an_answer_that_keeps_the_contract_has_no_breaches() -> None:
    assert breaches(asked(ANSWER), (0,)) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"correlation_id": "2"}, "correlation_id"),
        ({"success": False}, "success"),
        ({"error_code": -600, "success": False, "error_message": "boom"}, "boom"),
        ({"position": None}, "position"),
        ({"processing_time_ms": "fast"}, "processing_time_ms"),
        ({"data": {"accepted": "yes", "price": 5, "comment": "", "error_code": 0}}, "data.accepted"),
        ({"data": {"accepted": True, "price": True, "comment": "", "error_code": 0}}, "data.price"),
        ({"data": {"accepted": True, "price": 5, "comment": ""}}, "data.error_code"),
        ({"data": None}, "data.price"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_told_by_field(change: dict[str, Any], named: str) -> None:
    found = breaches(asked(ANSWER | change), (0,))
    assert any(named in each for each in found), found


def test_a_refusal_must_say_why() -> None:
    refusal = {**ANSWER, "success": False, "error_code": -200, "data": {"error_code": -200}}
    assert breaches(asked(refusal), (-200,)) == ["error_message is missing"]


async def test_with_a_model_the_scene_goes_on_in_its_words_with_cost_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "llm"
    own.mkdir()
    port = free_port()
    (own / "providers.toml").write_text(
        f'[fake]\nid = 5\nname = "Fake"\ntype = "local"\nbase_url = "http://127.0.0.1:{port}/v1"\nmodel = "fake-1"\n'
    )
    monkeypatch.setenv("LORESTREAM_LLM_DIRECTORY", str(own))
    config = tmp_path / "lorestream.toml"
    config.write_text(f'[llm]\ndirectory = "{own}"\n')
    async with up(tmp_path, "--map-cache", str(MAPS), "--config", str(config)) as platform:
        played = await platform.lorestream("demo", "--json", "--llm", "fake", "--config", str(config))
        providers = await platform.lorestream("llm", "providers", "--json", "--config", str(config))
        unknown = await platform.lorestream("demo", "--llm", "nobody", "--config", str(config))
    assert played.status == 0, played.err + played.out[-2000:]
    spoken = [line["text"] for line in kinds(played.lines, "spoken")]
    assert any("silver ring" in text for text in spoken[-6:])
    assert any("memories shown" in line["text"] for line in kinds(played.lines, "told"))
    assert [row["status"] for row in providers.json] == [0]
    assert unknown.status == 3
    assert "fake" in unknown.err

"""The LoCoMo bench: the product's own recall on a data set that is never part of this repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.memory import run
from tests.adapters.cli import program

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "locomo-dev" / "locomo5.json"


def conversation(name: str) -> dict[str, object]:
    turns = [
        {"speaker": "Mira", "dia_id": "D1:1", "text": "I bought a lute at the harvest market."},
        {"speaker": "Tom", "dia_id": "D1:2", "text": "Lovely, I only ever mend fences."},
    ]
    return {
        "sample_id": name,
        "conversation": {
            "speaker_a": "Mira", "speaker_b": "Tom",
            "session_1": turns, "session_1_date_time": "1:56 pm on 8 May, 2023",
        },
        "qa": [
            {"question": "What did Mira buy?", "answer": "a lute", "category": 4, "evidence": ["D1:1"]},
            {"question": "Unanswerable?", "category": 5, "evidence": []},
            {"question": "What does Tom mend?", "category": 1, "evidence": ["D1:2", "D9:9", "D"]},
        ],
    }  # fmt: skip


def test_any_file_of_the_format_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_text(json.dumps([conversation("one"), conversation("two")]))
    report = run(path)
    assert report.turns == 4
    assert report.overall.questions == 4
    assert report.overall.at == {5: 1.0, 10: 1.0, 20: 1.0}
    assert set(report.categories) == {"single-hop", "multi-hop"}
    assert json.loads(json.dumps(report.as_json()))["overall"]["questions"] == 4
    assert "single-hop" in report.as_text()


@pytest.mark.parametrize("content", ["{}", "[1]", "not json", '[{"qa": []}]', "[]"])
def test_another_file_is_refused_with_a_reason(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r".+"):
        run(path)


@pytest.mark.skipif(not DATA.exists(), reason=f"evaluation data not present at {DATA}")
def test_the_shipped_weights_meet_the_bar_on_the_development_conversations() -> None:
    report = run(DATA)
    assert report.overall.questions == 996
    assert report.overall.at[10] >= 0.79
    assert report.overall.at[20] >= 0.83


async def test_the_command_prints_the_same_report_as_json_and_says_what_it_misses(tmp_path: Path) -> None:
    file = tmp_path / "talk.json"
    file.write_text(json.dumps([conversation("a")]))
    done = await program.run("bench", "memory", "--locomo", str(file), "--json", cwd=tmp_path)
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert report["overall"]["at"] == {"5": 1.0, "10": 1.0, "20": 1.0}
    assert (await program.run("bench", "memory", cwd=tmp_path)).status == 2
    assert (await program.run("bench", "memory", "--locomo", "none.json", cwd=tmp_path)).status == 5
    file.write_text("[{}]")
    done = await program.run("bench", "memory", "--locomo", str(file), cwd=tmp_path)
    assert done.status == 2
    assert "LoCoMo" in done.err

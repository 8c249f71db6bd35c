"""What the measurements rest on: figures say whether they meet their target, and made-up histories are real ones."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import islice
from pathlib import Path

import pytest

from bench.fill import bodies
from bench.measure import Figure, Result, percentile
from bench.options import Options
from bench.spread import spread, table
from bench.suite import RATIOS, measure, questions, ratios
from bench.workload import CORRELATION_START, requests
from events import codec
from tests.adapters.cli import program


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("p50", 2.0, "ms", at_most=2.0), True),
        (Figure("p50", 2.1, "ms", at_most=2.0), False),
        (Figure("rate", 1499.0, "/s", at_least=1500.0), False),
        (Figure("rate", 1500.0, "/s"), None),
    ],
)
def test_a_figure_knows_whether_it_meets_its_target(figure: Figure, met: bool | None) -> None:
    assert figure.met is met


def test_the_percentile_of_few_samples_is_one_of_them() -> None:
    assert percentile([1.0], 0.99) == 1.0
    assert percentile([1.0, 2.0, 3.0], 0.5) == 2.0


def test_a_ratio_needs_both_of_its_sides() -> None:
    first = RATIOS[0]
    ours = Result(first.ours[0], (Figure(first.ours[1], 30.0, "/s"),))
    theirs = Result(first.theirs[0], (Figure(first.theirs[1], 10.0, "/s"),))
    both = ratios({ours.question: ours, theirs.question: theirs})
    assert both.figures == (Figure(first.name, 3.0, "x"),)
    assert ratios({ours.question: ours}).figures == ()


def test_several_runs_show_their_smallest_median_and_largest_figure() -> None:
    runs = [Result("commands", (Figure("rate", value, "/s", at_least=5.0),)) for value in (9.0, 4.0, 6.0)]
    (found,) = spread(runs)["commands"]
    assert (found.smallest, found.median.value, found.largest) == (4.0, 6.0, 9.0)
    assert table("commands", [found]).endswith("| rate | 4.00 | 6.00 | 9.00 | /s | >= 5 | met |")


def test_paths_and_what_npcs_know_are_measured_and_right() -> None:
    found = {result.question: result for result in measure(["paths", "npc-memory"], Options(seconds=0.4))}
    assert found["paths"].value("kinds of routes with a path that breaks a rule") == 0
    proven = [figure for figure in found["npc-memory"].figures if figure.at_least is not None]
    assert len(proven) == 6
    assert all(figure.met for figure in proven)
    assert "long path p50, ours : plain A*" in {figure.name for figure in found["ratios"].figures}


def test_packets_are_the_same_bytes_whoever_encodes_them_and_are_compared() -> None:
    found = {result.question: result for result in measure(["packets"], Options(seconds=0.1))}
    assert all(figure.value > 0 for figure in found["packets"].figures)
    assert {"packets, ours : struct by hand", "packets, ours : ctypes"} <= {
        figure.name for figure in found["ratios"].figures
    }


def test_a_chronicle_without_a_server_to_read_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LORESTREAM_CHRONICLE_URL", raising=False)
    (result,) = measure(["chronicle"], Options())
    assert result.figures == ()
    assert "LORESTREAM_CHRONICLE_URL" in result.notes[0]
    monkeypatch.setenv("LORESTREAM_CHRONICLE_URL", "mariadb+pymysql://nobody:secret@127.0.0.1:1/none")
    (result,) = measure(["chronicle"], Options())
    assert result.notes[0].startswith("not measured") and "secret" not in result.notes[0]


async def test_the_list_names_every_question_also_the_one_that_needs_a_file(tmp_path: Path) -> None:
    done = await program.run("bench", "--list", "--json", cwd=tmp_path)
    assert [line["name"] for line in done.lines] == [*questions(), "memory"]


def test_a_filled_log_holds_commits_that_can_be_decoded_with_versions_without_gaps() -> None:
    versions: dict[str, int] = defaultdict(int)
    for body in bodies("midgard", npcs=3, commits=100):
        commit = codec.decode(body)
        versions[commit.stream] += 1
        assert commit.version == versions[commit.stream]
    assert len(versions) == 3


@pytest.mark.parametrize("kind", ["register", "commands", "state"])
def test_every_request_is_json_and_begins_with_its_correlation_id(kind: str) -> None:
    for number, request in enumerate(islice(requests(kind, npcs=20, prefix="x"), 20)):  # type: ignore[arg-type]
        assert request.body.startswith(CORRELATION_START)
        document = json.loads(request.body)
        assert (document["correlation_id"], document["operation"]) == (f"x{number}", request.operation)


def test_the_same_seed_gives_the_same_requests() -> None:
    first, again = (list(islice(requests("commands", npcs=9, prefix="x", seed=5), 50)) for _ in range(2))
    assert first == again

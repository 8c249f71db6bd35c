"""`lorestream refdata` as an operator uses it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.adapters.cli import program

DOCUMENT = {
    "key": "mine",
    "title": "Mine",
    "ruleset": "2024",
    "licence": "CC-BY-4.0",
    "attribution": "By me.",
}


def data_set(place: Path, **changes: str) -> Path:
    rule = {"kind": "rule", "name": "Toll", "text": "One coin \x1b[31m each."}
    place.write_text(json.dumps({"document": DOCUMENT | changes}) + "\n" + json.dumps(rule) + "\n[]\n")
    return place


async def test_import_status_search_and_show(tmp_path: Path) -> None:
    place = data_set(tmp_path / "mine.ndjson")
    done = await program.run("refdata", "import", place, "--json", cwd=tmp_path)
    assert done.status == 0, done.err
    assert done.json["documents"][0]["entries"] == 1
    assert done.json["skipped"] == 1
    assert "mine.ndjson, line 3" in done.err
    again = await program.run("refdata", "import", place, "--json", cwd=tmp_path)
    assert (again.json["documents"][0]["version"], again.json["documents"][0]["changed"]) == (1, False)
    status = await program.run("refdata", "status", "--json", cwd=tmp_path)
    assert (status.json["sample"], status.json["entries"]["rule"]) == (False, 1)
    found = await program.run("refdata", "search", "coin", "--kind", "rule", "--json", cwd=tmp_path)
    assert found.json["results"][0]["name"] == "Toll"
    assert found.json["sources"][0]["attribution"] == "By me."
    shown = await program.run("refdata", "show", "rule", "TOLL", cwd=tmp_path)
    assert shown.out.splitlines() == [
        "Toll (rule, mine, ruleset 2024)", "One coin [31m each.", "— By me."
    ]  # fmt: skip


async def test_a_refused_licence_is_a_problem_with_its_reason(tmp_path: Path) -> None:
    done = await program.run(
        "refdata", "import", data_set(tmp_path / "a.ndjson", licence="OGL-1.0a"), cwd=tmp_path
    )
    assert done.status == 1
    assert "Open Game License alone" in done.err


async def test_wrong_words_are_usage_and_unknown_names_are_not_found(tmp_path: Path) -> None:
    for arguments, status in [
        (("import", "nowhere"), 1),
        (("import", tmp_path, "--format", "pdf"), 2),
        (("search", "x", "--kind", "god"), 2),
        (("search", "x", "--ruleset", "1974"), 2),
        (("show", "spell", "Xyzzy"), 5),
        (("show", "spell", "Kiln Ward"), 0),
        (("status",), 0),
    ]:
        done = await program.run("refdata", *arguments, cwd=tmp_path)
        assert done.status == status, (arguments, done.err)
        assert "Traceback" not in done.err

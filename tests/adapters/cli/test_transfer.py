"""Export and import: the same commits in another realm, resumable, never mixed up."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from adapters.nats.client import PromptClient
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from events.commit import Commit
from events.npc import NpcRegistered, Profile
from tests.adapters.cli import program
from tests.adapters.cli.conftest import Lorestream, flags_of, secrets_of
from tests.adapters.cli.program import Finished
from tests.commits import commit


async def into(settings: Settings, realm: str, file: Path, given: str = "") -> Finished:
    """Import `file` into another realm of the same server."""
    flags = [realm if flag == settings.realm else flag for flag in flags_of(settings)]
    return await program.run(
        "import", file, "--json", *flags, cwd=file.parent, env=secrets_of(settings), given=given
    )


async def test_an_export_holds_every_commit_with_its_position(
    lorestream: Lorestream, history: list[Commit], tmp_path: Path
) -> None:
    file = tmp_path / "log.ndjson"
    done = await lorestream("export", "--output", file, "--json")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert done.json["commits"] == len(history)
    assert [line["commit"]["id"] for line in lines] == [each.id for each in history]
    assert [line["position"] for line in lines] == sorted(line["position"] for line in lines)


async def test_an_export_names_and_leaves_out_what_is_no_json_and_goes_on(
    lorestream: Lorestream, settings: Settings, client: PromptClient, history: list[Commit], tmp_path: Path
) -> None:
    stored = await client.jetstream().publish(f"log.{settings.realm}.npc.Broken", b"{not json")
    after = commit("npc/After", NpcRegistered(Profile("guard")), realm=settings.realm, name="npc.register")
    log = JetStreamLog(client, settings.realm)
    await log.append(after, expected=0)
    await log.close()
    file = tmp_path / "log.ndjson"
    done = await lorestream("export", "--output", file, "--json")
    assert done.status == 1
    assert f"position {stored.seq}" in done.err
    assert (done.json["commits"], done.json["skipped"]) == (len(history) + 1, 1)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["commit"]["id"] for line in lines] == [*(each.id for each in history), after.id]
    assert (await lorestream("export")).status == 1


async def test_an_import_into_an_empty_realm_keeps_ids_streams_versions_and_order(
    lorestream: Lorestream, settings: Settings, log: JetStreamLog, history: list[Commit], tmp_path: Path
) -> None:
    file = tmp_path / "log.ndjson"
    await lorestream("export", "--output", file)
    copy = f"{settings.realm}copy"
    done = await into(settings, copy, file)
    assert done.json == {"imported": len(history), "skipped": 0, "realm": copy}
    copied = JetStreamLog(log._client, copy)
    for stream in {each.stream for each in history}:
        found = [one.commit async for one in copied.read(stream)]
        assert found == [replace(each, realm=copy) for each in history if each.stream == stream]
    await copied.close()


async def test_an_import_that_is_repeated_changes_nothing(
    lorestream: Lorestream, settings: Settings, history: list[Commit], tmp_path: Path
) -> None:
    file = tmp_path / "log.ndjson"
    await lorestream("export", "--output", file)
    assert (await into(settings, settings.realm, file)).json["skipped"] == len(history)


async def test_an_interrupted_import_goes_on_where_it_ended(
    lorestream: Lorestream, settings: Settings, history: list[Commit], tmp_path: Path
) -> None:
    exported = (await lorestream("export")).out
    copy = f"{settings.realm}copy"
    first_half = "".join(exported.splitlines(keepends=True)[:2])
    part = tmp_path / "part.ndjson"
    part.write_text(first_half)
    whole = tmp_path / "whole.ndjson"
    whole.write_text(exported)
    assert (await into(settings, copy, part)).json["imported"] == 2
    done = await into(settings, copy, whole)
    assert (done.json["imported"], done.json["skipped"]) == (len(history) - 2, 2)


async def test_a_gap_in_a_streams_versions_is_refused(
    lorestream: Lorestream, settings: Settings, history: list[Commit], tmp_path: Path
) -> None:
    lines = (await lorestream("export")).out.splitlines(keepends=True)
    file = tmp_path / "gap.ndjson"
    file.write_text("".join([lines[0], lines[2]]))
    done = await into(settings, f"{settings.realm}gap", file)
    assert done.status == 1
    assert "line 2" in done.err
    assert "lacks v2" in done.err


async def test_another_commit_at_the_same_version_is_refused(
    lorestream: Lorestream, settings: Settings, history: list[Commit], tmp_path: Path
) -> None:
    line = json.loads((await lorestream("export")).out.splitlines()[0])
    line["commit"]["id"] = "0192a000-0000-7000-8000-000000000000"
    file = tmp_path / "other.ndjson"
    file.write_text(json.dumps(line) + "\n")
    done = await into(settings, settings.realm, file)
    assert done.status == 1
    assert "other content" in done.err


async def test_a_line_that_is_no_export_is_refused_by_number(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "bad.ndjson"
    file.write_text("\n{]\n")
    done = await into(settings, settings.realm, file)
    assert done.status == 1
    assert "not a line of an export" in done.err


async def test_an_export_resumes_after_a_line_that_was_cut_off(
    lorestream: Lorestream, history: list[Commit], tmp_path: Path
) -> None:
    whole = (await lorestream("export")).out
    file = tmp_path / "log.ndjson"
    lines = whole.splitlines(keepends=True)
    file.write_text(lines[0] + lines[1][:40])
    done = await lorestream("export", "--output", file, "--resume")
    assert done.status == 0
    assert file.read_text() == whole


async def test_an_export_into_a_folder_that_is_none_is_wrong_usage(
    lorestream: Lorestream, history: list[Commit]
) -> None:
    done = await lorestream("export", "--output", "nowhere/lore.ndjson")
    assert (done.status, done.err.strip()) == (
        2,
        "error: nowhere/lore.ndjson cannot be written: No such file or directory.",
    )


async def test_an_export_does_not_overwrite_a_file(lorestream: Lorestream, tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    file.write_text("precious")
    done = await lorestream("export", "--output", file)
    assert done.status == 2
    assert "--resume" in done.err
    assert file.read_text() == "precious"

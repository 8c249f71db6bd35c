"""Watching, tracing and travelling in time from the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from events.commit import Commit
from tests.adapters.cli import program
from tests.adapters.cli.conftest import Lorestream, flags_of, secrets_of
from tests.commits import commit

MERCHANT = "npc/Händler John №1"


async def test_tail_prints_the_last_commits_in_order(lorestream: Lorestream, history: list[Commit]) -> None:
    done = await lorestream("tail", "--json")
    assert done.status == 0
    assert [line["id"] for line in done.lines] == [each.id for each in history]


async def test_tail_prints_only_as_many_lines_as_asked_for(
    lorestream: Lorestream, history: list[Commit]
) -> None:
    done = await lorestream("tail", "--json", "-n", "1")
    assert [line["id"] for line in done.lines] == [history[-1].id]


async def test_tail_selects_by_event_type_and_stream(lorestream: Lorestream, history: list[Commit]) -> None:
    registered = await lorestream("tail", "--json", "--type", "npc.reg*")
    merchant = await lorestream("tail", "--json", "--stream", "npc/Händler*")
    assert [line["id"] for line in registered.lines] == [history[0].id, history[3].id]
    assert [line["version"] for line in merchant.lines] == [1, 2, 3]


async def test_tail_since_a_position_leaves_out_what_came_before(
    lorestream: Lorestream, history: list[Commit]
) -> None:
    everything = (await lorestream("tail", "--json")).lines
    done = await lorestream("tail", "--json", "--since", str(everything[1]["position"]))
    assert [line["id"] for line in done.lines] == [each.id for each in history[2:]]


async def test_tail_since_a_place_begins_with_the_last_lines_that_are_asked_for(
    lorestream: Lorestream, history: list[Commit]
) -> None:
    everything = (await lorestream("tail", "--json")).lines
    first = str(everything[0]["position"])
    last_two = await lorestream("tail", "--json", "--since", first, "-n", "2")
    more_than_there_are = await lorestream("tail", "--json", "--since", first, "-n", "50")
    none = await lorestream("tail", "--json", "--since", first, "-n", "0")
    assert [line["id"] for line in last_two.lines] == [each.id for each in history[2:]]
    assert [line["id"] for line in more_than_there_are.lines] == [each.id for each in history[1:]]
    assert none.lines == []


async def test_tail_since_an_age_finds_recent_commits(lorestream: Lorestream, history: list[Commit]) -> None:
    recent = await lorestream("tail", "--json", "--since", "1h")
    later = await lorestream("tail", "--json", "--since", "2999-01-01T00:00:00Z")
    assert len(recent.lines) == len(history)
    assert later.out == ""


async def test_a_place_that_is_none_is_wrong_usage_and_shows_good_ones(lorestream: Lorestream) -> None:
    done = await lorestream("tail", "--since", "yesterday")
    assert done.status == 2
    assert "15m" in done.err


async def test_a_stream_that_is_none_is_wrong_usage(lorestream: Lorestream) -> None:
    done = await lorestream("state", "Merchant")
    assert done.status == 2
    assert "npc/Merchant" in done.err


async def test_text_from_players_cannot_steer_the_terminal(
    lorestream: Lorestream, history: list[Commit]
) -> None:
    text, plain = await lorestream("tail"), await lorestream("tail", "--json")
    assert "\x1b" not in text.out + plain.out
    assert plain.lines[2]["events"][0]["data"]["data"] == {"item": "\x1b[31mred"}


async def test_whoever_reads_only_the_beginning_has_found_no_problem(
    settings: Settings, history: list[Commit], tmp_path: Path
) -> None:
    process = await program.start(
        "export", *flags_of(settings), cwd=tmp_path, env=secrets_of(settings), stdout=program.closed_pipe()
    )
    _, err = await process.communicate()
    assert (process.returncode, "rror" in err.decode()) == (0, False)


async def test_tail_follow_prints_what_arrives_later(
    settings: Settings, log: JetStreamLog, history: list[Commit], tmp_path: Path
) -> None:
    process = await program.start(
        "tail", "--follow", "--json", "-n", "1", *flags_of(settings), cwd=tmp_path, env=secrets_of(settings)
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            first = json.loads(await process.stdout.readline())
            late = commit("npc/Latecomer", realm=log.realm)
            await log.append(late, expected=0)
            second = json.loads(await process.stdout.readline())
        assert (first["id"], second["id"]) == (history[-1].id, late.id)
    finally:
        process.send_signal(2)
        await process.communicate()
    assert process.returncode == 130


async def test_cloudevents_carry_the_commit(lorestream: Lorestream, history: list[Commit]) -> None:
    done = await lorestream("tail", "--format", "cloudevents", "-n", "2")
    traded = done.lines[0]
    assert traded["specversion"] == "1.0"
    assert traded["type"] == "org.lorestream.npc.interacted.v2"
    assert traded["id"] == f"{history[2].id}/0"
    assert traded["causationid"] == history[1].id
    assert traded["data"]["player_id"] == "150001"


async def test_events_show_finds_a_commit_by_position_and_by_id(
    lorestream: Lorestream, history: list[Commit]
) -> None:
    by_id = await lorestream("events", "show", history[1].id, "--json")
    by_position = await lorestream("events", "show", str(by_id.json["position"]), "--json")
    assert by_id.json == by_position.json
    assert by_id.json["correlation_id"] == "bell"


async def test_a_commit_that_does_not_exist_is_not_found(
    lorestream: Lorestream, history: list[Commit]
) -> None:
    done = await lorestream("events", "show", "999999999")
    assert done.status == 5
    assert "999999999" in done.err


async def test_a_position_no_log_can_have_is_not_found(lorestream: Lorestream, history: list[Commit]) -> None:
    done = await lorestream("events", "show", "9" * 20)
    assert (done.status, "there is no commit at position" in done.err) == (5, True)


async def test_events_trace_prints_the_tree_of_causes(lorestream: Lorestream, history: list[Commit]) -> None:
    done = await lorestream("events", "trace", "bell", "--json")
    [root] = done.json
    assert root["id"] == history[1].id
    assert [child["id"] for child in root["caused"]] == [history[2].id]
    text = await lorestream("events", "trace", "bell")
    assert "└─" in text.out.splitlines()[1]


async def test_state_folds_a_stream_to_now_and_to_any_position(
    lorestream: Lorestream, history: list[Commit]
) -> None:
    positions = [line["position"] for line in (await lorestream("tail", "--json")).lines]
    now = await lorestream("state", MERCHANT, "--json")
    then = await lorestream("state", MERCHANT, "--at", str(positions[1]), "--json")
    assert now.json["state"]["interactions"] == {"150001": 1}
    assert then.json["state"]["interactions"] == {}
    assert (now.json["version"], then.json["version"]) == (3, 2)


async def test_state_diff_names_what_changed(lorestream: Lorestream, history: list[Commit]) -> None:
    position = (await lorestream("tail", "--json")).lines[0]["position"]
    by_last = await lorestream("state", MERCHANT, "--diff", "--json")
    since_first = await lorestream("state", MERCHANT, "--diff", str(position), "--json")
    assert {"path": "interactions.150001", "after": 1} in by_last.json["changes"]
    assert {"path": "interactions.150001", "after": 1} in since_first.json["changes"]
    assert since_first.json["from"] == position
    text = await lorestream("state", MERCHANT, "--diff")
    assert "+ interactions.150001: 1" in text.out


async def test_the_state_of_an_unknown_stream_is_not_found(
    lorestream: Lorestream, history: list[Commit]
) -> None:
    assert (await lorestream("state", "npc/Nobody")).status == 5


async def test_without_a_platform_the_error_says_how_to_start_one(tmp_path: Path) -> None:
    done = await program.run("tail", "--state", "none", cwd=tmp_path)
    assert done.status == 4
    assert "lorestream up" in done.err
    assert "Traceback" not in done.err

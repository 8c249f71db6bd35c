"""The program's own manners: help, version, exit codes, errors."""

from __future__ import annotations

import asyncio
import shlex
import sys
from pathlib import Path

import pytest

from adapters.cli.lazy import COMMANDS
from adapters.cli.output import safe
from tests.adapters.cli import program


async def test_help_lists_every_command_and_the_exit_codes(tmp_path: Path) -> None:
    done = await program.run("--help", cwd=tmp_path)
    assert done.status == 0
    assert [line.split()[0] for line in done.out.splitlines() if line[2:3].islower()][
        -len(COMMANDS) :
    ] == list(COMMANDS)
    assert "130 interrupted" in done.out.replace("\n  ", " ")


async def test_help_imports_no_command_and_no_library_it_does_not_need(tmp_path: Path) -> None:
    process = await program.start("--help", cwd=tmp_path, env={"PYTHONPROFILEIMPORTTIME": "1"})
    _, err = await process.communicate()
    imported = {line.rpartition("|")[2].strip() for line in err.decode().splitlines()}
    assert "adapters.cli.main" in imported
    assert imported.isdisjoint({"pydantic", "sqlalchemy", "nats", "structlog", "rich", "adapters.cli.up"})


async def test_the_version_is_data(tmp_path: Path) -> None:
    done = await program.run("--version", cwd=tmp_path)
    assert done.out.startswith("lorestream ")


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["tail", "--nonsense"], ["events", "show"], ["serve", "cook"]]
)
async def test_wrong_usage_has_its_own_exit_code(tmp_path: Path, arguments: list[str]) -> None:
    done = await program.run(*arguments, cwd=tmp_path)
    assert (done.status, done.out) == (2, "")
    assert done.err


async def test_a_configuration_error_names_file_key_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "lorestream.toml").write_text("[zmq]\nendpont = 'tcp://*:1'\n")
    done = await program.run("up", cwd=tmp_path)
    assert done.status == 3
    assert done.err.strip() == (
        "error: lorestream.toml: zmq.endpont: there is no such setting. Did you mean zmq.endpoint?"
    )


@pytest.mark.parametrize(
    ("flag", "value", "told"),
    [
        ("--zmq", "nonsense", "zmq.endpoint: must be tcp://HOST:PORT"),
        ("--nats", "nonsense", "nats.url: must be nats://HOST:PORT"),
        ("--db", "oracle://x", "database.url: must be an SQLAlchemy URL"),
        ("--realm", "A B", "realm: 'A B' is not a realm"),
        ("--http", "localhost:x", "http.port: should be a valid integer"),
    ],
)
async def test_a_flag_that_does_not_fit_says_what_would(
    tmp_path: Path, flag: str, value: str, told: str
) -> None:
    done = await program.run("up", flag, value, cwd=tmp_path)
    assert done.status == 3
    assert done.err.startswith(f"error: command line: {told}")


async def test_config_show_tells_where_each_value_comes_from(tmp_path: Path) -> None:
    (tmp_path / "lorestream.toml").write_text("realm = 'of-file'\n")
    secret = {"LORESTREAM_NATS_PASSWORD": "hunter2", "LORESTREAM_HTTP_PORT": "8123"}
    done = await program.run("config", "show", "--origin", "--json", cwd=tmp_path, env=secret)
    assert done.json["realm"] == {"value": "of-file", "origin": "lorestream.toml"}
    assert done.json["http.port"] == {"value": 8123, "origin": "LORESTREAM_HTTP_PORT"}
    assert done.json["gateway"]["origin"] == "default"
    assert "hunter2" not in done.out


async def test_an_unreachable_external_server_is_named(tmp_path: Path) -> None:
    done = await program.run("tail", "--nats", "nats://127.0.0.1:9", cwd=tmp_path)
    assert done.status == 4
    assert "127.0.0.1:9" in done.err


async def test_what_was_closed_before_it_began_is_no_reason_to_fail_otherwise(tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-P", "-m", "adapters.cli", "tail", "--state", str(tmp_path)])
    process = await asyncio.create_subprocess_shell(
        f"exec {command} <&- >&- 2>&-", cwd=tmp_path, env=program.environment({})
    )
    assert await process.wait() == 4


def test_text_is_made_harmless_and_bounded() -> None:
    assert safe("a\x1b[2J\u202eb\ud800") == "a\\u001b[2J\\u202eb\\ud800"
    assert safe("x" * 100, 10) == "x" * 9 + "…"

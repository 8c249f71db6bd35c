"""What scripts see of JSON and of texts, and how the configuration is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.rathena.plugin.conftest import StartDriver
from tests.adapters.rathena.plugin.driver import Driver

NOWHERE = "tcp://127.0.0.1:1"
DOCUMENT = '{"a":{"b":[10,{"c":"deep"}]},"int":5,"float":75.0,"part":0.7,"yes":true,"no":false,"null":null,"text":"x"}'


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("int", 5),
        ("float", 75),
        ("part", "0.7"),
        ("yes", 1),
        ("no", 0),
        ("text", "x"),
        ("null", None),
        ("missing", None),
        ("a.b.0", 10),
        ("a.b.1.c", "deep"),
        ("a.b.7", None),
        ("a.b.-1", None),
        ("a.b.99999999999999999999", None),
        ("a.b", '[10,{"c":"deep"}]'),
        ("text.x", None),
        ("..", None),
    ],
)
async def test_a_path_leads_to_a_number_a_text_or_nothing(
    start_driver: StartDriver, path: str, value: object
) -> None:
    core = await start_driver(NOWHERE)
    assert (await core.do("value", json=DOCUMENT, path=path))["value"] == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{", None),
        ("", None),
        ("[" * 100_000, None),
        ("7", 7),
        ("18446744073709551615", "18446744073709551615"),
        ("1e300", "1e+300"),
    ],
)
async def test_any_text_is_read_without_a_crash(start_driver: StartDriver, text: str, value: object) -> None:
    core = await start_driver(NOWHERE)
    assert (await core.do("value", json=text, path=""))["value"] == value


async def test_what_a_player_writes_can_be_put_between_quotes(start_driver: StartDriver) -> None:
    core = await start_driver(NOWHERE)
    hostile = 'x","player_id":"1\\\n\x01'
    told = await core.do("escape", hex=hostile.encode().hex())
    assert told["text"] == 'x\\",\\"player_id\\":\\"1\\\\\\n\\u0001'
    assert (await core.do("escape", hex="ff41"))["text"] == "\ufffdA"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CP874", "สวัสดี"),
        ("CP949", "안녕"),
        ("GBK", "你好"),
        ("CP1252", "déjà"),
        ("UTF-8", "漢字 🙂"),
        ("", "ไทย"),
    ],
)
async def test_a_code_page_goes_both_ways(start_driver: StartDriver, name: str, text: str) -> None:
    core = await start_driver(NOWHERE)
    encoded = text.encode(name or "utf-8")
    told = await core.do("page", name=name, hex=encoded.hex())
    assert (told["known"], told["utf8"], told["back"]) == (True, text, encoded.hex())


async def test_bytes_outside_of_a_code_page_are_replaced_and_an_unknown_page_is_said(
    start_driver: StartDriver,
) -> None:
    core = await start_driver(NOWHERE)
    assert (await core.do("page", name="CP874", hex="ff"))["utf8"] == "\ufffd"
    assert (await core.do("page", name="no-such-page", hex="ff"))["known"] is False
    odd = await core.do("page", name="", hex="eda080c0aff4908080e28228")
    assert odd["utf8"].replace("\ufffd", "") == "("


@pytest.mark.parametrize("most", range(9))
async def test_a_text_is_cut_between_characters(start_driver: StartDriver, most: int) -> None:
    core = await start_driver(NOWHERE)
    text = "aä漢🙂"
    cut = (await core.do("cut", text=text, most=most))["text"]
    assert text.startswith(cut)
    assert len(cut.encode()) <= most


async def test_an_answer_always_fits_and_keeps_what_scripts_compare(start_driver: StartDriver) -> None:
    core = await start_driver(NOWHERE)
    many = {f"key{number}": "x" * 50 for number in range(5000)}
    text = (await core.do("fit", value={**many, "error_code": -5, "valid": False}, most=600, text=100))[
        "text"
    ]
    assert len(text) <= 600
    assert '"error_code":-5' in text
    assert '"valid":false' in text


async def test_a_configuration_is_read_and_every_mistake_is_named(program: Path, tmp_path: Path) -> None:
    file = tmp_path / "lorestream.conf"
    file.write_text(
        "// like rAthena's own files\n[aiworld]\nzmq_endpoint: tcp://127.0.0.1:7777  # a comment\n"
        "default_timeout_ms = 0\nbatch_max_size = 5\nlog_level = LOUD\nno_such_key = 1\nnonsense\n"
    )
    core = await Driver.start(program, file)
    told = await core.do("settings")
    assert told["zmq_endpoint"] == "tcp://127.0.0.1:7777"
    assert (told["default_timeout_ms"], told["batch_max_size"], told["log_level"]) == (250, 5, 1)
    complaints = [text for level, text in core.log if level == 2]
    assert [line.split(": ")[0].rpartition(":")[2] for line in complaints] == ["4", "6", "7", "8"]
    assert all(str(file) in line for line in complaints)
    await core.close()

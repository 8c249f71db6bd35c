"""Golden files: every version of every event ever released stays readable (`design.md` "The log")."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events import catalogue, codec
from events.catalogue import event, upcaster
from events.commit import EPOCH, Commit, Event
from events.errors import CodecError, MalformedCommit, UnknownEventType, UnknownEventVersion
from events.npc import NpcPerceived
from tests.commits import commit

GOLDEN = Path(__file__).parent / "golden"
RELEASED = {
    f"{name}.v{v}" for name, current in catalogue.known_types().items() for v in range(1, current + 1)
}
FILES = sorted(GOLDEN.glob("*.json"))

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_every_module_that_registers_events_is_read_by_whoever_decodes() -> None:
    # In a test run other modules import them as well: a program that only reads, such as `tail`, does not.
    registering = {
        file.stem for file in Path(codec.__file__).parent.glob("*.py") if "\n@event(" in file.read_text()
    }
    assert registering == {module.__name__.removeprefix("events.") for module in codec.VOCABULARY}


def test_every_released_event_version_has_a_golden_file() -> None:
    assert {file.stem for file in FILES} >= RELEASED - {"test.moved.v1", "test.moved.v2", "test.moved.v3"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_golden_commit_decodes_and_a_current_one_encodes_to_the_same_bytes(file: Path) -> None:
    stored = file.read_bytes().strip()
    decoded = codec.decode(stored)
    plain = json.loads(stored)
    assert [e.type for e in decoded.events] == [e["type"] for e in plain["events"]]
    if all(e["v"] == catalogue.known_types()[e["type"]] for e in plain["events"]):
        assert codec.encode(decoded) == stored


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_reading_in_one_pass_and_lifting_give_the_same_commit(file: Path) -> None:
    stored = file.read_bytes().strip()
    assert codec.decode(stored) == codec._lifted(stored)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_facts_of_a_commit_are_those_of_the_whole_one(file: Path) -> None:
    stored = file.read_bytes().strip()
    whole, facts = codec.decode(stored), codec.decode_facts(stored)
    assert (facts.command.id, facts.command.name) == (whole.command.id, whole.command.name)
    assert replace(facts, command=whole.command) == whole


def test_whoever_asks_for_arguments_that_were_passed_over_is_told() -> None:
    facts = codec.decode_facts(codec.encode(commit("npc/x", NpcPerceived("anything", {}))))
    with pytest.raises(AttributeError, match="args"):
        _ = facts.command.args


ODD = (
    "null", "true", "0", "-0", "1.0", "1.5", "1e999", "NaN", "1" + 30 * "0", '"5"', '"\\ud800"', '"\\u0000"',
    "[]", "{}", '{"a": 1, "a": 2}', '"2026-11-20T12:00:00"', '"2026-11-20"', "1790000000", '"2026-11-20T24:00:00Z"',
)  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_whatever_is_odd_in_a_commit_is_read_in_one_pass_as_it_is_by_lifting_or_not_at_all(
    file: Path,
) -> None:
    plain = json.loads(file.read_bytes())
    for place in _places(plain):
        for odd in ODD:
            body = json.dumps(_with(plain, place, "HOLE")).replace('"HOLE"', odd)
            assert _outcome(codec.decode, body) == _outcome(codec._lifted, body), (place, odd)


def _places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*here, key)
        yield from _places(part, (*here, key))


def _with(value: Any, place: tuple[Any, ...], part: Any) -> Any:
    if not place:
        return part
    changed = value.copy()
    changed[place[0]] = _with(value[place[0]], place[1:], part)
    return changed


def _outcome(decode: Callable[[str], Commit], body: str) -> str:
    """A commit in words, because in Python 1 equals true and NaN nothing; or the error."""
    try:
        made = decode(body)
    except CodecError as error:
        return repr(error)
    # Both name UTC, each with an object of its own.
    return repr((made.at, replace(made, time=EPOCH))).replace("TzInfo(0)", "datetime.timezone.utc")


@given(
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), json_values, max_size=4)
)
def test_any_json_inside_an_event_survives_the_round_trip(data: dict[str, Any]) -> None:
    given_commit = commit("npc/x", NpcPerceived("anything", data))
    assert codec.decode(codec.encode(given_commit)) == given_commit
    assert json.loads(codec.encode(given_commit)) == json.loads(codec._encoded_anyhow(given_commit))


def test_values_json_does_not_have_are_written_as_its_nearest_ones() -> None:
    odd = {"text": b"bytes", "nobody": {None: 1}, "both": (True, 1.5)}
    stored = json.loads(codec.encode(commit("npc/x", NpcPerceived("anything", odd))))
    data = stored["events"][0]["data"]["event_data"]
    assert data == {"text": "bytes", "nobody": {"None": 1}, "both": [True, 1.5]}


def test_what_cannot_be_written_is_refused_rather_than_changed() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        codec.encode(commit("npc/x", NpcPerceived("anything", {"text": "\ud800"})))


@event("test.moved", version=3)
@dataclass(frozen=True, slots=True)
class Moved(Event):
    x: int
    y: int
    map: str


@upcaster("test.moved", 1)
def _from_1(data: dict[str, Any]) -> dict[str, Any]:
    return {"x": data["position"][0], "y": data["position"][1]}


@upcaster("test.moved", 2)
def _from_2(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "map": "prontera"}


def test_an_old_event_is_lifted_through_every_version_in_between() -> None:
    assert catalogue.load("test.moved", 1, {"position": [3, 4]}) == Moved(3, 4, "prontera")
    assert catalogue.load("test.moved", 2, {"x": 3, "y": 4}) == Moved(3, 4, "prontera")


@pytest.mark.parametrize("version", [0, -1, 4])
def test_an_event_of_an_unknown_version_is_refused(version: int) -> None:
    with pytest.raises(UnknownEventVersion):
        catalogue.load("test.moved", version, {})


def test_an_unknown_event_type_is_refused_by_name() -> None:
    stored = json.loads(codec.encode(commit()))
    stored["events"][0]["type"] = "npc.teleported"
    with pytest.raises(UnknownEventType, match=r"npc\.teleported"):
        codec.decode(json.dumps(stored))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"id": 1}', b"[" * 100_000])
def test_bytes_that_are_not_a_commit_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedCommit):
        codec.decode(body)


def test_a_commit_without_events_or_time_zone_is_refused() -> None:
    stored = json.loads(codec.encode(commit()))
    with pytest.raises(MalformedCommit, match="events"):
        codec.decode(json.dumps({**stored, "events": []}))
    with pytest.raises(MalformedCommit, match="time"):
        codec.decode(json.dumps({**stored, "time": "2026-11-20T12:00:00"}))


def test_an_event_type_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        event("npc.perceived")(NpcPerceived)


def test_the_time_of_a_commit_is_exact_to_the_microsecond() -> None:
    given_commit = commit()
    exact = replace(given_commit, time=given_commit.time.replace(microsecond=123_457))
    assert codec.decode(codec.encode(exact)).at % 1_000_000 == 123_457

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.errors import InvalidStreamName
from events.subjects import (
    check_realm,
    decode_token,
    encode_token,
    log_subject,
    parse_log_subject,
    split_stream,
    stream_name,
)

ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(ids)
def test_any_unicode_id_survives_the_round_trip_through_a_subject(name: str) -> None:
    subject = log_subject("midgard", stream_name("npc", name))
    assert parse_log_subject(subject) == ("midgard", f"npc/{name}")


@given(ids)
def test_an_encoded_token_holds_nothing_a_subject_gives_a_meaning_to(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_%-]+", encode_token(name))
    assert decode_token(encode_token(name)) == name


@given(ids, ids)
def test_different_ids_never_share_a_subject(one: str, other: str) -> None:
    assert (encode_token(one) == encode_token(other)) == (one == other)


@pytest.mark.parametrize("name", ["", "\ud800", "x" * 2000, "商" * 200])
def test_an_id_no_subject_can_carry_is_refused(name: str) -> None:
    with pytest.raises(InvalidStreamName):
        encode_token(name)


@pytest.mark.parametrize("stream", ["npc", "npc/", "/John", "NPC/John", "n.pc/John", "npc*/x"])
def test_what_is_not_a_stream_is_refused(stream: str) -> None:
    with pytest.raises(InvalidStreamName):
        split_stream(stream)


def test_an_id_may_hold_slashes() -> None:
    assert split_stream("npc/a/b") == ("npc", "a/b")


@pytest.mark.parametrize("realm", ["", "Mid", "a.b", "a b", "x" * 40, ">"])
def test_a_realm_that_cannot_be_a_token_is_refused(realm: str) -> None:
    with pytest.raises(InvalidStreamName):
        check_realm(realm)


@pytest.mark.parametrize("subject", ["log.m.npc", "x.m.npc.a", "log.m.npc.a.b", "log.m.npc.%FF"])
def test_a_foreign_subject_is_not_mistaken_for_ours(subject: str) -> None:
    with pytest.raises(InvalidStreamName):
        parse_log_subject(subject)

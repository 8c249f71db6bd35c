from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rathena.envelope import NoAnswerPossible, check_envelope, is_binary_frame, open_envelope
from commands.rejection import Rejected

LIMIT = 1000


@pytest.mark.parametrize(
    "frames",
    [[b"id", b"{}"], [b"id", b"", b"{}"], [b"id", b"\0\0\0\1", b"", b"{}"]],
    ids=["dealer", "req", "correlated"],
)
def test_the_known_envelopes_are_accepted_and_mirrored(frames: list[bytes]) -> None:
    envelope = open_envelope(frames)
    check_envelope(envelope, max_frame_bytes=LIMIT)
    assert [*envelope.route, envelope.body] == frames


@pytest.mark.parametrize("frames", [[], [b"id"], [b"", b"{}"]])
def test_without_sender_or_body_no_answer_is_possible(frames: list[bytes]) -> None:
    with pytest.raises(NoAnswerPossible):
        open_envelope(frames)


@given(st.lists(st.binary(max_size=8), min_size=2, max_size=6))
def test_any_frames_are_understood_or_refused(frames: list[bytes]) -> None:
    try:
        check_envelope(open_envelope(frames), max_frame_bytes=LIMIT)
    except NoAnswerPossible:
        assert not frames[0]
    except Rejected as rejected:
        assert rejected.code == -603


def test_a_binary_frame_is_told_from_json() -> None:
    assert is_binary_frame(struct.pack("<iii", 5, 2, 3) + b"ab{}x")
    assert not is_binary_frame(b'{"operation":"ping"}')
    assert not is_binary_frame(b"short")
    assert not is_binary_frame(struct.pack("<iii", 5, 2, 10**9) + b"ab")

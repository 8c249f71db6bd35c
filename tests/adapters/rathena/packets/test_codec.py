"""Client packets: exact bytes, exact round trips, and no byte that a client could choke on."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rathena.packets.codec import (
    DESCRIPTION_BYTES,
    MAX_ENTRIES,
    MAX_SKILLS,
    NAME_BYTES,
    PacketCodec,
    cut,
)
from adapters.rathena.packets.structures import (
    BloodlineDetails,
    BloodlineEntry,
    BloodlineInfo,
    EventNotification,
    Packet,
    RequestBloodlineDetails,
    RequestBloodlineInfo,
    RequestSynthesisDetails,
    RequestSynthesisInfo,
    SkillEntry,
    SynthesisDetails,
    SynthesisEntry,
    SynthesisInfo,
    WeatherUpdate,
)
from events.errors import PacketMalformed, PacketUnfit

SHAPES = get_args(Packet)
IDS: dict[type[Any], int] = {shape: 0x0C10 + number for number, shape in enumerate(SHAPES)}
CODEC = PacketCodec(IDS)

GOLDEN: dict[str, tuple[Packet, str]] = {
    "request_bloodline_info": (RequestBloodlineInfo(), "100c"),
    "bloodline_info": (
        BloodlineInfo(150000, (BloodlineEntry(1, 3, 250, 900), BloodlineEntry(-2, 255, 2**31 - 1, 0))),
        "110c1f00 f0490200 02 0100 03 fa000000 84030000 feff ff ffffff7f 00000000",
    ),
    "request_bloodline_details": (RequestBloodlineDetails(7), "120c0700"),
    "bloodline_details": (
        BloodlineDetails(7, "Drake", "Fire in the blood.", (SkillEntry(301, 2),)),
        "130c9a00 0700"
        + b"Drake".hex()
        + "00" * 19
        + b"Fire in the blood.".hex()
        + "00" * 102
        + "01 2d01 02",
    ),
    "request_synthesis_info": (RequestSynthesisInfo(), "140c"),
    "synthesis_info": (
        SynthesisInfo(1, (SynthesisEntry(9, 4, 8, 1, 0, 100),)),
        "150c1800 01000000 01 0900 0400 0800 01 00000000 64000000",
    ),
    "request_synthesis_details": (RequestSynthesisDetails(9), "160c0900"),
    "synthesis_details": (
        SynthesisDetails(9, "", "", ()),
        "170c9700 0900" + "00" * (NAME_BYTES + DESCRIPTION_BYTES) + "00",
    ),
    "event_notification": (
        EventNotification(5, 2, "Fête", "夜", 3600),
        "180c9d00 05000000 02"
        + "Fête".encode().hex()
        + "00" * 19
        + "夜".encode().hex()
        + "00" * 117
        + "100e0000",
    ),
    "weather_update": (WeatherUpdate(12, 3, 200, -1), "190c0c00 03 c8 ffffffff"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_packet_has_exactly_these_bytes_and_reads_back(name: str) -> None:
    packet, expected = GOLDEN[name]
    data = bytes.fromhex(expected.replace(" ", ""))
    assert CODEC.encode(packet).hex() == data.hex()
    assert CODEC.decode(data) == packet


def test_every_structure_has_a_golden_packet() -> None:
    assert {type(packet) for packet, _ in GOLDEN.values()} == set(SHAPES)


ids = st.integers(-(2**15), 2**15 - 1)
bytes_ = st.integers(0, 255)
wide = st.integers(-(2**31), 2**31 - 1)
words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)


@given(
    st.builds(
        SynthesisInfo,
        wide,
        st.lists(st.builds(SynthesisEntry, ids, ids, ids, bytes_, wide, wide), max_size=MAX_ENTRIES).map(
            tuple
        ),
    )
)
def test_numbers_survive_the_round_trip(packet: SynthesisInfo) -> None:
    assert CODEC.decode(CODEC.encode(packet)) == packet


@given(words, words, st.lists(st.builds(SkillEntry, ids, bytes_), max_size=MAX_SKILLS).map(tuple))
def test_texts_are_cut_between_characters_and_end_with_a_zero_byte(
    name: str, description: str, skills: tuple[SkillEntry, ...]
) -> None:
    data = CODEC.encode(BloodlineDetails(1, name, description, skills))
    packet = CODEC.decode(data)
    assert isinstance(packet, BloodlineDetails)
    assert name.startswith(packet.name)
    assert description.startswith(packet.description)
    assert packet.skills == skills
    assert data[6 + NAME_BYTES - 1] == 0
    assert data[6 + NAME_BYTES + DESCRIPTION_BYTES - 1] == 0


@pytest.mark.parametrize(
    ("encoding", "text"), [("cp949", "가나다라마바사아자차카타"), ("cp932", "あいうえおかきくけこ")]
)
def test_a_code_page_of_two_bytes_is_never_cut_inside_a_character(encoding: str, text: str) -> None:
    for size in range(30):
        assert text.startswith(cut(text, size, encoding).decode(encoding))
    assert cut("a夜b", 9, "cp1252") == b"a?b"


def test_what_is_only_shown_is_clamped() -> None:
    packet = BloodlineInfo(1, (BloodlineEntry(1, 999, 2**40, -(2**40)),))
    assert CODEC.decode(CODEC.encode(packet)) == BloodlineInfo(
        1, (BloodlineEntry(1, 255, 2**31 - 1, -(2**31)),)
    )


@pytest.mark.parametrize(
    ("packet", "field"),
    [
        (BloodlineInfo(2**31), "char_id"),
        (RequestSynthesisDetails(40_000), "synthesis_id"),
        (BloodlineInfo(1, (BloodlineEntry(2**15, 1, 1, 1),)), "bloodline_id"),
        (BloodlineInfo(1, (BloodlineEntry(1, 1, 1, 1),) * (MAX_ENTRIES + 1)), "bloodlines"),
        (EventNotification(1, 256, "", "", 0), "event_type"),
    ],
)
def test_an_id_that_does_not_fit_or_too_many_entries_are_refused(packet: Packet, field: str) -> None:
    with pytest.raises(PacketUnfit) as caught:
        CODEC.encode(packet)
    assert caught.value.field == field


@pytest.mark.parametrize("name", GOLDEN)
def test_a_packet_that_was_cut_or_lengthened_is_refused(name: str) -> None:
    data = CODEC.encode(GOLDEN[name][0])
    for broken in (*(data[:end] for end in range(len(data))), data + b"\0"):
        with pytest.raises(PacketMalformed):
            CODEC.decode(broken)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_packet_or_refused(data: bytes) -> None:
    try:
        packet = CODEC.decode(data)
    except PacketMalformed:
        return
    assert type(packet) in SHAPES


def test_packet_ids_must_be_given_and_must_not_clash() -> None:
    for wrong in ({}, {**IDS, WeatherUpdate: IDS[BloodlineInfo]}, {**IDS, WeatherUpdate: 0}):
        with pytest.raises(PacketUnfit):
            PacketCodec(wrong)

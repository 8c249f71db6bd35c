"""Files that arrive: in time, in bounds, few at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.datastructures import Headers

from adapters.images.receiving import FileTooLarge, Receiving, SenderStalled, TooManyUploads
from events.errors import ImageUnfit

HEADERS = Headers({"content-type": "multipart/form-data; boundary=x"})
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="campaign_id"\r\n\r\nc1\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
)
END = b"\r\n--x--\r\n"


async def pieces(*parts: bytes, pause: float = 0.0) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
        await asyncio.sleep(pause)


async def test_a_file_and_its_fields_arrive_in_whatever_pieces() -> None:
    whole = FORM + bytes(1000) + END
    found = await Receiving(2000).receive(HEADERS, pieces(*(bytes([each]) for each in whole)))
    assert (found.content, found.fields) == (bytes(1000), {"campaign_id": "c1"})


async def test_a_file_that_is_too_large_is_not_read_to_its_end() -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield FORM
        while True:
            read += 1
            yield bytes(65_536)

    with pytest.raises(FileTooLarge):
        await Receiving(1_000_000).receive(HEADERS, endless())
    assert read < 20


async def test_a_sender_that_falls_silent_is_not_waited_for() -> None:
    with pytest.raises(SenderStalled, match="nothing arrived"):
        await Receiving(2000, silence=0.05).receive(HEADERS, pieces(FORM, END, pause=60))


async def test_a_sender_that_drips_is_not_waited_for_either() -> None:
    drops = (b"a" for _ in range(10_000))
    with pytest.raises(SenderStalled, match="did not arrive within"):
        await Receiving(20_000, silence=1, whole=0.1).receive(HEADERS, pieces(FORM, *drops, pause=0.01))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x--\r\n",
        b"no form",
        FORM[:70] + END,
        FORM + b"cut off",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nv" + END,
        b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n' for _ in range(50)) + END,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + bytes(20_000) + END,
    ],
)
async def test_what_is_no_form_with_one_file_is_refused(body: bytes) -> None:
    receiving = Receiving(100_000)
    try:
        found = await receiving.receive(HEADERS, pieces(body))
    except ImageUnfit:
        return
    assert found.content in (b"", b"cut off")


async def test_only_so_many_files_arrive_at_once_and_of_one_sender_fewer() -> None:
    receiving = Receiving(1000)
    with receiving.place("mara"), receiving.place("mara"):
        with pytest.raises(TooManyUploads) as own, receiving.place("mara"):
            pass
        assert own.value.own
        with (
            receiving.place("a"), receiving.place("a"), receiving.place("b"), receiving.place("b"),
            receiving.place("c"), receiving.place("c"),
            pytest.raises(TooManyUploads) as others, receiving.place("d"),
        ):  # fmt: skip
            pass
        assert not others.value.own
    assert receiving.arriving == 0

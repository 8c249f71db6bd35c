"""Taking a file that somebody sends: bounded in bytes, in time, and in how many send at once; on no named file."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from events.errors import ImageError, ImageUnfit

SILENCE_SECONDS = 10.0
"""How long a sender may say nothing."""
WHOLE_SECONDS = 120.0
MOST_AT_ONCE = 8
MOST_EACH = 2
MAX_FIELDS = 8
MAX_FIELD_BYTES = 8 * 1024
FILE = "file"


class FileTooLarge(ImageError):
    """More bytes than are taken."""


class SenderStalled(ImageError):
    """The sender stopped sending, or takes too long altogether."""


class TooManyUploads(ImageError):
    """As many files as may arrive at once are arriving. `own` says that they are all this sender's."""

    def __init__(self, own: bool) -> None:
        super().__init__(
            "you are sending as many files as you may; wait for one to arrive"
            if own
            else "too many files are arriving at once; try again in a moment"
        )
        self.own = own


@dataclass(frozen=True, slots=True)
class Received:
    """A file with the fields of its form. What the sender calls it is worth nothing, and may name people: it goes."""

    content: bytes
    fields: Mapping[str, str]


class Receiving:
    """The places for files that arrive, in one gateway."""

    def __init__(
        self, most_bytes: int, *, silence: float = SILENCE_SECONDS, whole: float = WHOLE_SECONDS
    ) -> None:
        self._most = most_bytes
        self._silence, self._whole = silence, whole
        self._arriving: Counter[str] = Counter()

    @property
    def arriving(self) -> int:
        return self._arriving.total()

    @contextmanager
    def place(self, sender: str) -> Iterator[None]:
        """A place for one file of `sender`, for as long as it is received and decoded. Raises `TooManyUploads`."""
        if self._arriving[sender] >= MOST_EACH:
            raise TooManyUploads(own=True)
        if self.arriving >= MOST_AT_ONCE:
            raise TooManyUploads(own=False)
        self._arriving[sender] += 1
        try:
            yield
        finally:
            self._arriving[sender] -= 1
            if not self._arriving[sender]:
                del self._arriving[sender]

    async def receive(self, headers: Headers, body: AsyncIterator[bytes]) -> Received:
        """The form in `body`, of which `headers` tell the boundary.

        What arrives waits in memory and beyond a megabyte in a file without a name, which is gone when it is closed,
        whatever happens. Raises `FileTooLarge`, `SenderStalled`, `ImageUnfit` for what is no form with one file.
        """
        parser = MultiPartParser(
            headers,
            self._bounded(body),  # type: ignore[arg-type]  # an iterator is all it reads
            max_files=1,
            max_fields=MAX_FIELDS,
            max_part_size=MAX_FIELD_BYTES,
        )
        try:
            async with asyncio.timeout(self._whole):
                form = await parser.parse()
        except MultiPartException as error:
            raise ImageUnfit(f"the form cannot be read: {error.message[:200]}") from None
        except TimeoutError:
            raise SenderStalled(f"the file did not arrive within {self._whole:.0f} s") from None
        try:
            file = form.get(FILE)
            if not isinstance(file, UploadFile):
                raise ImageUnfit(f"the form has no file in its field {FILE!r}")
            content = await file.read(self._most + 1)
            if len(content) > self._most:
                raise self._too_large()
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            return Received(content, fields)
        finally:
            # Not by the form: it does not know of a file whose end never came.
            for each in parser._files_to_close_on_error:
                each.close()

    async def _bounded(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        left = self._most + (MAX_FIELDS + 1) * MAX_FIELD_BYTES
        pieces = aiter(body)
        while True:
            try:
                async with asyncio.timeout(self._silence):
                    piece = await anext(pieces, None)
            except TimeoutError:
                raise SenderStalled(f"nothing arrived for {self._silence:.0f} s") from None
            if piece is None:
                return
            left -= len(piece)
            if left < 0:
                raise self._too_large()
            yield piece

    def _too_large(self) -> FileTooLarge:
        return FileTooLarge(f"the file has more than {self._most:,} bytes")

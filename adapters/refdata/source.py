"""Reading a directory or a ZIP archive of JSON files, with bounds on number, size and expansion."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from events.errors import ReferenceDataError

MAX_FILES = 5_000
MAX_FILE_BYTES = 32_000_000
MAX_TOTAL_BYTES = 256_000_000
MAX_ARCHIVE_BYTES = 256_000_000
SUFFIXES = (".json", ".ndjson", ".jsonl")


class Source:
    """The JSON files of one directory or archive; iterating reads one after the other. Raises `ReferenceDataError`."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._total = 0
        if place.is_dir():
            self.names = self._in_directory()
        elif not place.is_file():
            raise ReferenceDataError(
                str(place), "is no directory and no file", "Name a directory, a ZIP or an NDJSON file"
            )
        elif zipfile.is_zipfile(place):
            self.names = self._in_archive()
        elif place.suffix in SUFFIXES:
            self.names = [place.name]
        else:
            self._refuse("is no ZIP archive and no JSON file")
        if not self.names:
            self._refuse(f"holds no {', '.join(SUFFIXES)} file")

    def read(self) -> Iterator[tuple[str, bytes]]:
        """(name, content) of each file, in the order of names."""
        if self.place.is_dir():
            for name in self.names:
                yield name, self._bounded(name, (self.place / name).open("rb"))
        elif zipfile.is_zipfile(self.place):
            with zipfile.ZipFile(self.place) as archive:
                for name in self.names:
                    yield name, self._unpacked(archive, name)
        else:
            yield self.names[0], self._bounded(self.names[0], self.place.open("rb"))

    def _in_directory(self) -> list[str]:
        found = list[str]()
        # A link may lead anywhere, for ever round or to a device; data sets have none.
        for path in self.place.rglob("*"):
            if path.suffix in SUFFIXES and not path.is_symlink() and path.is_file():
                found.append(path.relative_to(self.place).as_posix())
                self._check_number(len(found))
        return sorted(found)

    def _in_archive(self) -> list[str]:
        if self.place.stat().st_size > MAX_ARCHIVE_BYTES:
            self._refuse(f"is larger than {MAX_ARCHIVE_BYTES:,} bytes")
        try:
            with zipfile.ZipFile(self.place) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            self._refuse(f"is a damaged ZIP archive ({error})")
        wanted = [
            i.filename for i in infos if not i.is_dir() and PurePosixPath(i.filename).suffix in SUFFIXES
        ]
        self._check_number(len(wanted))
        return sorted(set(wanted))

    def _unpacked(self, archive: zipfile.ZipFile, name: str) -> bytes:
        # The size in the archive's directory is a claim; only what comes out is counted.
        try:
            return self._bounded(name, archive.open(name))
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
            return self._refuse(f"{name[:100]} cannot be unpacked ({error})")

    def _bounded(self, name: str, stream: Any) -> bytes:
        try:
            with stream:
                content: bytes = stream.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            self._refuse(f"{name[:100]} cannot be read ({error.strerror})")
        if len(content) > MAX_FILE_BYTES:
            self._refuse(f"{name[:100]} is larger than {MAX_FILE_BYTES:,} bytes unpacked")
        self._total += len(content)
        if self._total > MAX_TOTAL_BYTES:
            self._refuse(f"holds more than {MAX_TOTAL_BYTES:,} bytes unpacked")
        return content

    def _check_number(self, number: int) -> None:
        if number > MAX_FILES:
            self._refuse(f"holds more than {MAX_FILES:,} JSON files")

    def _refuse(self, problem: str) -> NoReturn:
        raise ReferenceDataError(
            str(self.place), problem, "Name the data set itself, unpacked or as downloaded"
        )


def read_json(name: str, content: bytes) -> Any:
    """The JSON value of a file. Raises `ReferenceDataError` naming it."""
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ReferenceDataError(
            name[:200], f"is no JSON ({str(error)[:100]})", "Download it again"
        ) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")

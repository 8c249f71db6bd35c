"""`lorestream import`: exported commits into a realm, keeping ids, streams, versions and order."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from msgspec.structs import replace
from pydantic_core import from_json, to_json

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.output import emit, progress, safe, say
from adapters.cli.status import NotFound
from adapters.settings import Settings
from events import codec
from events.commit import Commit
from events.errors import CodecError, CommandIdReused, LorestreamError, VersionConflict
from events.log import Log

app = new_app("import")

_MAX_LINE_BYTES = 8 * 1024 * 1024


class ImportRefused(LorestreamError):
    """A line does not fit the realm; everything before it is imported."""


@app.command(no_args_is_help=True)
@on_platform
async def import_commits(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export; - for standard input.")],
    settings: Settings,
    json: AsJson = False,
) -> None:
    """Append exported commits to a realm.

    Ids, streams, versions and their order stay; positions are the realm's own. What is already there is skipped,
    so an interrupted import is simply run again. A gap in a stream's versions, or another commit at the same
    version, is refused. Works on a running platform.
    """
    async with open_log(settings) as log:
        receiver = Receiver(log, empty=(await log.head()).position == 0)
        with _lines(file) as (lines, size), progress("importing", size) as update:
            for number, line in enumerate(lines, 1):
                try:
                    await receiver.take(_parse(line))
                except (ImportRefused, CodecError, CommandIdReused, VersionConflict) as error:
                    raise ImportRefused(f"line {number}: {safe(error)}") from None
                update(number)
    counts = {"imported": receiver.imported, "skipped": receiver.skipped, "realm": settings.realm}
    if json:
        emit(counts)
    else:
        say(
            f"{receiver.imported:,} commits imported into {settings.realm}, {receiver.skipped:,} were there already"
        )


@dataclass(slots=True)
class _Known:
    """What the realm has of one stream: commit ids by version, and the last commit's position."""

    ids: list[str] = field(default_factory=list)
    position: int = 0


class Receiver:
    """Takes commits one by one. `empty` says that the realm had none, which saves looking streams up."""

    def __init__(self, log: Log, *, empty: bool) -> None:
        self.imported = 0
        self.skipped = 0
        self._log = log
        self._empty = empty
        self._streams: dict[str, _Known] = {}

    async def take(self, commit: Commit) -> None:
        """Append `commit` unless it is there. Raises `ImportRefused` when it does not fit, and the log's errors."""
        known = await self._known(commit.stream)
        have = len(known.ids)
        if commit.version <= have:
            if known.ids[commit.version - 1] != commit.id:
                raise ImportRefused(
                    f"{commit.stream} v{commit.version} exists with other content (commit "
                    f"{known.ids[commit.version - 1]}, not {commit.id}). Import into another realm."
                )
            self.skipped += 1
            return
        if commit.version != have + 1:
            raise ImportRefused(
                f"{commit.stream} v{commit.version} cannot follow v{have}: the file lacks v{have + 1}. "
                "Export again from an earlier position."
            )
        done = await self._log.append(replace(commit, realm=self._log.realm), expected=known.position)
        known.ids.append(commit.id)
        known.position = done.position
        self.imported += 1

    async def _known(self, stream: str) -> _Known:
        known = self._streams.get(stream)
        if known is None:
            known = self._streams[stream] = _Known()
            if not self._empty:
                async for one in self._log.read(stream):
                    known.ids.append(one.commit.id)
                    known.position = one.position
        return known


def _parse(line: bytes) -> Commit:
    try:
        body = from_json(line)["commit"]
    except (ValueError, KeyError, TypeError):
        raise ImportRefused(
            'not a line of an export: expected {"position", "stored_at", "commit"}.'
        ) from None
    return codec.decode(to_json(body))


@contextmanager
def _lines(path: Path) -> Iterator[tuple[Iterator[bytes], int]]:
    """The lines of a file with their number (0 when unknown)."""
    if str(path) == "-":
        yield _bounded(sys.stdin.buffer), 0
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise NotFound(f"{path} cannot be read ({error.strerror}).") from None
    with file:
        count = sum(1 for _ in file)
        file.seek(0)
        yield _bounded(file), count


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(_MAX_LINE_BYTES):
        if len(line) == _MAX_LINE_BYTES:
            raise ImportRefused("a line is longer than any commit.")
        if line.strip():
            yield line

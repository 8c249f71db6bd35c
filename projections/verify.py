"""Proving law 1: every stored read model equals a fresh fold of the log, and no stream has a gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from events.codec import decode
from events.errors import CodecError
from events.log import Log, RawMessage
from projections import checkpoints, deadletters
from projections.bulk import CACHED_ROWS, SETTLE_AFTER, bulk_work
from projections.contenthash import ContentHash, content_hash
from projections.deadletters import DeadLetter
from projections.pipeline import BatchRefused, Pipeline
from projections.projection import Projection
from projections.store import Database

MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """One read model: what is stored against what a fresh fold gives at the same position.

    `waiting` dead letters explain a difference: they would be applied by `dlq replay`.
    """

    projection: str
    position: int
    stored: str
    fresh: str
    waiting: int

    @property
    def equal(self) -> bool:
        return self.stored == self.fresh


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """What reading the whole log found. `problems` are sentences, at most 100 of them."""

    commits: int
    streams: int
    head: int
    problems: tuple[str, ...] = field(default=())


async def verify_read_models(
    log: Log,
    database: Database,
    fresh: Database,
    projections: Sequence[Projection],
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """Compare the read models in `database` with a fold into `fresh`, an empty migrated database.

    Works beside a running projector: each stored read model is hashed in one snapshot and compared at the
    position it had then. `on_progress(done, total)` counts positions.
    """
    stored, letters = _stored(database, projections)
    verdicts = []
    for position in sorted({found.position for found in stored.values()}):
        group = [p for p in projections if stored[p.name].position == position]
        with bulk_work():
            await _fold(log, fresh, group, position, letters, on_progress)
        with fresh.reader.connect() as connection:
            for projection in group:
                made, kept = content_hash(connection, projection), stored[projection.name]
                waiting = sum(
                    1
                    for letter in letters
                    if letter.projection == projection.name and letter.status != "discarded"
                )
                verdicts.append(Verdict(projection.name, position, kept.digest, made.digest, waiting))
    return verdicts


async def verify_log(log: Log, *, on_progress: Callable[[int, int], None] | None = None) -> LogVerdict:
    """Read every commit: all can be decoded, and each stream counts 1, 2, 3 … without gap or repetition."""
    versions: dict[str, int] = {}
    problems: list[str] = []
    commits, head = 0, (await log.head()).position
    async for page in log.read_all(up_to=head):
        for message in page:
            commits += 1
            problem = _check(message, versions)
            if problem is not None and len(problems) < MAX_PROBLEMS:
                problems.append(problem)
        if on_progress is not None:
            on_progress(page[-1].position, head)
    return LogVerdict(commits, len(versions), head, tuple(problems))


def _check(message: RawMessage, versions: dict[str, int]) -> str | None:
    try:
        commit = decode(message.body)
    except CodecError as error:
        return f"position {message.position} cannot be read: {error}"
    expected = versions.get(commit.stream, 0) + 1
    versions[commit.stream] = commit.version
    if commit.version != expected:
        return (
            f"position {message.position}: {commit.stream} has version {commit.version}, expected {expected}"
        )
    return None


def _stored(
    database: Database, projections: Sequence[Projection]
) -> tuple[dict[str, ContentHash], list[DeadLetter]]:
    with database.reader.connect() as connection:
        hashes = {projection.name: content_hash(connection, projection) for projection in projections}
        letters = deadletters.listing(connection, limit=1_000_000)
    return hashes, letters


async def _fold(
    log: Log,
    fresh: Database,
    group: Sequence[Projection],
    position: int,
    letters: Sequence[DeadLetter],
    on_progress: Callable[[int, int], None] | None,
) -> None:
    names = {projection.name for projection in group}
    given_up = [letter for letter in letters if letter.projection in names and letter.status == "discarded"]
    with fresh.writer.begin() as connection:
        for projection in group:
            checkpoints.start(connection, projection.name, projection.version)
        deadletters.record(connection, given_up)
    pipeline = Pipeline(fresh, group, cached_rows=CACHED_ROWS, settle_after=SETTLE_AFTER)
    try:
        await pipeline.load()
        while pipeline.position < position:
            after = pipeline.position
            try:
                async for page in log.read_all(after=after, up_to=position):
                    await pipeline.apply(page)
                    if on_progress is not None:
                        on_progress(page[-1].position, position)
                await pipeline.flush()
            except BatchRefused:
                await pipeline.load()
                continue
            if pipeline.position == after:
                return
    finally:
        await pipeline.close()

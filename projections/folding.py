"""From messages of the log to a batch of changed rows: decoding once, folding for every read model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from sqlalchemy import Table

from events.codec import decode_facts
from events.errors import CodecError, InvalidStreamName, MalformedCommit
from events.log import RawMessage
from events.subjects import category_of, parse_log_subject
from projections import plain
from projections.checkpoints import Advance, Checkpoint
from projections.deadletters import MAX_ERROR, DeadLetter
from projections.plain import Plain
from projections.projection import Address, Entry, Projection
from projections.rows import Key, Rows, Values

MAX_CATEGORIES = 256
SLICE = 250
"""Commits that are read before they are folded (a few milliseconds)."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message of the log that is no commit, and the error that says why."""

    position: int
    stream: str
    category: str
    error: Exception


@dataclass(slots=True)
class Member:
    """A read model at work. `checkpoint.name` is where it is written, be it the live place or a rebuild's.

    `checkpoint` is where the last batch that was taken will lead to; `empty` says that its tables have no rows.
    """

    projection: Projection
    checkpoint: Checkpoint
    blocked: set[str] = field(default_factory=set)
    discarded: set[int] = field(default_factory=set)
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes. Without `steps` it only holds rows to append, ahead of the checkpoints."""

    steps: list[Advance]
    changes: dict[Table, Plain]
    letters: list[DeadLetter]


def read(message: RawMessage) -> Entry | Unreadable:
    """Decode a message; what cannot be read keeps the name of the stream its subject carries.

    So does a commit that claims to be of another category than its subject: who reads only some categories, and
    goes by the subject, must see the same log.
    """
    try:
        commit = decode_facts(message.body)
        category, _, entity = commit.stream.partition("/")
        if category != category_of(message.subject):
            raise MalformedCommit(f"stream: {commit.stream[:200]!r} is not of the subject's category")
    except CodecError as error:
        try:
            _, stream = parse_log_subject(message.subject)
        except InvalidStreamName:
            stream = message.subject
        category = stream.partition("/")[0]
        return Unreadable(message.position, stream, category, error)
    return Entry(message.position, commit, commit.at, category, entity)


class Folder:
    """Folds commits for several read models into one in-memory view of their tables."""

    def __init__(self, members: Sequence[Member], capacity: int) -> None:
        self.members = members
        self._rows = Rows(
            (table for member in members for table in member.projection.tables),
            capacity,
            [table for member in members if member.empty for table in member.projection.tables],
        )
        self._letters: list[DeadLetter] = []
        self._interested: dict[str, list[Member]] = {}
        wanted = [member.projection.categories for member in members]
        self._categories = frozenset[str]().union(*wanted) if all(wanted) else None

    def concerning(self, messages: Sequence[RawMessage]) -> Sequence[RawMessage]:
        """Those of `messages` that a member folds; the others need not be decoded."""
        wanted = self._categories
        return messages if wanted is None else [m for m in messages if category_of(m.subject) in wanted]

    def slices(self, messages: Sequence[RawMessage]) -> Iterator[list[Entry | Unreadable]]:
        """Those of `messages` that a member folds, read, a few at a time: they stay in the processor's cache."""
        wanted = self.concerning(messages)
        for start in range(0, len(wanted), SLICE):
            yield [read(message) for message in wanted[start : start + SLICE]]

    def missing(self, entries: Iterable[Entry | Unreadable]) -> dict[Table, set[Key]]:
        """The rows that have to be read before `entries` can be folded."""
        return self._rows.missing(self._addresses(entries))

    def fill(self, table: Table, keys: Iterable[Key], found: Iterable[Values]) -> None:
        """Hand over what the database has for `keys`."""
        self._rows.fill(table, keys, plain.rows(table, found))

    def fold(self, entries: Iterable[Entry | Unreadable], *, now: int, only: Member | None = None) -> None:
        """Apply commits in order, for all members or for one; `now` (µs) dates dead letters.

        A commit that cannot be decoded becomes a dead letter and blocks the rest of its stream. What a fold raises
        comes out as it is, and leaves rows that are good for nothing: see `forget` and `refuse`.
        """
        rows, letters = self._rows, self._letters
        for entry in entries:
            position = entry.position
            for member in self._members_for(entry.category):
                if position <= member.checkpoint.position or (only is not None and member is not only):
                    continue
                if member.blocked or member.discarded or isinstance(entry, Unreadable):
                    letter = self._hold_back(member, entry, now)
                    if letter is not None:
                        letters.append(letter)
                        continue
                    if isinstance(entry, Unreadable) or position in member.discarded:
                        continue
                member.projection.fold(rows, entry)

    def take(self, last: RawMessage, *, settle: bool = True, only: Member | None = None) -> Batch:
        """What has to be written of everything folded since the last call, up to `last`.

        To settle is to bring the tables in step with the log: all rows that changed, and the checkpoints, which move
        in memory, too. Otherwise, unless too many rows are in memory, it is put off and only rows to append are given
        out. Writing those again, after a crash, changes nothing.
        """
        if not settle and not self._rows.full:
            appended = self._rows.take(appended_only=True)
            return Batch([], {table: plain.of(table, changes) for table, changes in appended.items()}, [])
        changes = {table: plain.of(table, changed) for table, changed in self._rows.take().items()}
        letters, self._letters = self._letters, []
        return Batch(self._advance(last, only), changes, letters)

    def refuse(
        self, member: Member, entry: Entry | Unreadable, error: Exception, last: RawMessage, *, now: int
    ) -> Batch:
        """The batch that only records that `entry`, read from `last`, could not be written for `member`."""
        member.blocked.add(entry.stream)
        letter = _letter(member, entry, "poison", now, error)
        return Batch(self._advance(last, member), {}, [letter])

    def forget(self) -> None:
        """Drop all rows: somebody else changed them, or a write failed."""
        self._rows.clear()
        self._letters = []

    def _hold_back(self, member: Member, entry: Entry | Unreadable, now: int) -> DeadLetter | None:
        """The dead letter that `entry` has to become for `member`, if it must."""
        if entry.position in member.discarded:
            return None
        if entry.stream in member.blocked:
            return _letter(member, entry, "blocked", now)
        if isinstance(entry, Entry):
            return None
        member.blocked.add(entry.stream)
        return _letter(member, entry, "poison", now, entry.error)

    def _advance(self, last: RawMessage, only: Member | None) -> list[Advance]:
        steps = []
        for member in self.members:
            if last.position > member.checkpoint.position and (only is None or member is only):
                step = Advance(member.checkpoint, last.position, last.stored_at)
                member.checkpoint = step.reached
                steps.append(step)
        return steps

    def _members_for(self, category: str) -> list[Member]:
        found = self._interested.get(category)
        if found is None:
            found = [
                m for m in self.members if not m.projection.categories or category in m.projection.categories
            ]
            # Categories are few, but the names in a hostile log need not be.
            if len(self._interested) < MAX_CATEGORIES:
                self._interested[category] = found
        return found

    def _addresses(self, entries: Iterable[Entry | Unreadable]) -> Iterator[Address]:
        return chain.from_iterable(
            member.projection.keys(entry)
            for entry in entries
            if not isinstance(entry, Unreadable)
            for member in self._members_for(entry.category)
        )


def _letter(
    member: Member, entry: Entry | Unreadable, status: str, now: int, error: Exception | None = None
) -> DeadLetter:
    return DeadLetter(
        projection=member.checkpoint.name,
        position=entry.position,
        stream=entry.stream,
        status="poison" if status == "poison" else "blocked",
        error=f"{type(error).__name__}: {error}"[:MAX_ERROR] if error is not None else None,
        attempts=1 if status == "poison" else 0,
        first_seen=now,
        last_seen=now,
    )

"""How far each projection is, and the fence that keeps two projectors from writing the same one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from events.errors import CheckpointMoved
from projections.projection import SHADOW
from projections.schema import INTEGER, name, required, table

CHECKPOINTS: Table = table(
    "checkpoints",
    required("name", name(), key=True),
    required("version", INTEGER),
    required("position", INTEGER),
    required("applied_at", INTEGER),
    required("epoch", INTEGER),
    clustered=True,
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A projection's place in the log.

    `position` is the last commit it holds; `applied_at` when that was stored (µs since the epoch, 0 for none);
    `version` the fold that wrote it. `epoch` grows whenever somebody but the projector changed the tables, so
    that rows it remembers are not written over them.
    """

    name: str
    version: int
    position: int = 0
    applied_at: int = 0
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Advance:
    """A step from the checkpoint that was read to a later position."""

    seen: Checkpoint
    position: int
    applied_at: int

    @property
    def reached(self) -> Checkpoint:
        seen = self.seen
        return Checkpoint(seen.name, seen.version, self.position, self.applied_at, seen.epoch)


_SELECT = select(CHECKPOINTS)
_ADVANCE = (
    update(CHECKPOINTS)
    .where(
        CHECKPOINTS.c.name == bindparam("of_name"),
        CHECKPOINTS.c.position == bindparam("seen_position"),
        CHECKPOINTS.c.epoch == bindparam("seen_epoch"),
    )
    .values(position=bindparam("to_position"), applied_at=bindparam("to_applied_at"))
)


def load(connection: Connection) -> dict[str, Checkpoint]:
    """Every checkpoint by name, also those of unfinished rebuilds."""
    return {row.name: Checkpoint(*row) for row in connection.execute(_SELECT)}


def positions(connection: Connection) -> dict[str, int]:
    """How far each live projection is, by name; unfinished rebuilds are not what anybody waits for."""
    found = load(connection)
    return {name: found[name].position for name in found if not name.endswith(SHADOW)}


def start(connection: Connection, name: str, version: int) -> Checkpoint:
    """Create the checkpoint of a projection that has none yet, at the beginning of the log."""
    made = Checkpoint(name, version)
    connection.execute(
        insert(CHECKPOINTS).values(name=name, version=version, position=0, applied_at=0, epoch=0)
    )
    return made


def advance(connection: Connection, steps: Iterable[Advance]) -> None:
    """Move checkpoints, each only from where it was seen. Raises `CheckpointMoved`; then nothing may be kept."""
    values = [
        {
            "of_name": step.seen.name,
            "seen_position": step.seen.position,
            "seen_epoch": step.seen.epoch,
            "to_position": step.position,
            "to_applied_at": step.applied_at,
        }
        for step in steps
    ]
    if values and connection.execute(_ADVANCE, values).rowcount != len(values):
        names = ", ".join(str(value["of_name"]) for value in values)
        raise CheckpointMoved(f"a checkpoint of {names} is not where it was left")


def replace(connection: Connection, name: str, checkpoint: Checkpoint) -> None:
    """Put a checkpoint in place of whatever `name` has, one epoch further."""
    seen = load(connection).get(name)
    epoch = (seen.epoch if seen else 0) + 1
    drop(connection, name)
    connection.execute(
        insert(CHECKPOINTS).values(
            name=name,
            version=checkpoint.version,
            position=checkpoint.position,
            applied_at=checkpoint.applied_at,
            epoch=epoch,
        )
    )


def drop(connection: Connection, name: str) -> None:
    connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.name == name))


def bump(connection: Connection, name: str) -> None:
    """Tell the projector that somebody else changed this projection's rows."""
    connection.execute(
        update(CHECKPOINTS).where(CHECKPOINTS.c.name == name).values(epoch=CHECKPOINTS.c.epoch + 1)
    )

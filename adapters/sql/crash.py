"""What a crash of the whole machine means for SQLite read models.

They are written without flushing: a flush of the database makes the log's own flushes wait behind it
(decision 0013). A killed process loses nothing by that, because the kernel still has its pages. A machine that goes
down may leave a torn file; a marker tells, and the answer is to begin anew from the log, which is the only truth.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import structlog

logger = structlog.get_logger(__name__)


def mark_open(database: Path) -> None:
    """Note that this boot of the machine writes `database`."""
    marker = _marker(database)
    if not marker.exists():
        marker.write_text(_boot())


def mark_closed(database: Path) -> None:
    """Flush `database` and note that it is whole; call when the last writer has ended."""
    for file in (database, _beside(database, "-wal")):
        if file.exists():
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    _marker(database).unlink(missing_ok=True)


def discard_torn(database: Path) -> bool:
    """Remove `database` if it was being written when the machine went down; True when it was.

    Call before any process opens it.
    """
    marker = _marker(database)
    if not marker.exists() or marker.read_text() == _boot():
        return False
    for file in (database, _beside(database, "-wal"), _beside(database, "-shm"), marker):
        file.unlink(missing_ok=True)
    logger.warning(
        "the machine went down while read models were written; folding them anew", file=str(database)
    )
    return True


def _marker(database: Path) -> Path:
    return _beside(database, ".open")


def _beside(database: Path, suffix: str) -> Path:
    return database.with_name(database.name + suffix)


def _boot() -> str:
    """What tells this boot of the machine from the last one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"{psutil.boot_time():.0f}"

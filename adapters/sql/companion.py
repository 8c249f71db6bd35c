"""Starting the companion of a rebuild: an interpreter of its own that knows this installation's read models.

    python -m adapters.sql.companion DESCRIPTOR [RULES]

is not for people: `launch` runs it with one end of a socket.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from adapters.sql.read_models import read_models
from projections.companion import Companion, serve


def launch(rules: Path | None = None) -> Companion:
    """Start a companion with the read models under the rule books of `rules`. Raises `OSError`.

    A new interpreter, not a fork: the caller has threads.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        arguments = [str(theirs.fileno()), *([str(rules)] if rules is not None else [])]
        try:
            process = subprocess.Popen(  # noqa: S603 - this very interpreter and module
                [sys.executable, "-P", "-m", __name__, *arguments],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        except OSError:
            ours.close()
            raise
    return Companion(process, ours)


def main(arguments: list[str]) -> None:
    """Serve on the socket whose descriptor is the first argument."""
    # Ctrl-C reaches the whole group; the process that started this one decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    rules = Path(arguments[1]) if len(arguments) > 1 else None
    with socket.socket(fileno=int(arguments[0])) as connection:
        serve(connection, read_models(rules))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Where measured processes are started from, and with which environment."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment without settings of a platform that may be in it, and with our packages."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LORESTREAM_")}
    return inherited | {"PYTHONPATH": str(ROOT)} | (extra or {})

"""What runs when only `requirements.txt` is installed, as the README's first command does."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.adapters.cli.program import ROOT, environment

DEVELOPMENT = (
    *(
        "axe_playwright_python",
        "eventsourcing",
        "httpx",
        "hypothesis",
        "playwright",
        "psycopg",
        "pymysql",
        "pytest",
    ),
    *("qdrant_client", "schemathesis"),
)
PEERS = {"bench.peer_library"}
"""What is measured against, where it is installed."""

PROGRAM = """
import importlib, json, pkgutil, sys
sys.modules.update(dict.fromkeys(sys.argv[1:]))
failed = {}
for top in ("events", "commands", "projections", "adapters", "bench"):
    for module in pkgutil.walk_packages(importlib.import_module(top).__path__, f"{top}."):
        if not module.name.endswith("__main__"):
            try:
                importlib.import_module(module.name)
            except ImportError as error:
                failed[module.name] = str(error)
print(json.dumps(failed))
"""


def test_no_module_needs_what_only_developers_install() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *DEVELOPMENT],
        cwd=ROOT,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert json.loads(done.stdout).keys() == PEERS, done.stdout

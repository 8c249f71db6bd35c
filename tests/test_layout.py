"""The shape of the repository: who may import whom, how long a module may be, what must not be in it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.cli.lazy import COMMANDS

ROOT = Path(__file__).parents[1]
PACKAGES = ("events", "commands", "projections", "adapters")
PURE = ("events", "commands")
MOST_LINES = 400
FORBIDDEN_NAMES = {"utils", "util", "helpers", "manager", "base", "common", "misc"}


def modules(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_dependencies_point_inwards() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_pure_core_knows_no_clock_no_chance_and_no_network() -> None:
    impure = {"time", "random", "socket", "secrets", "threading", "requests", "nats", "sqlalchemy", "zmq"}
    found = {
        str(path.relative_to(ROOT)): wrong for path in modules(*PURE) if (wrong := imported(path) & impure)
    }
    assert found == {}


def test_a_module_is_one_thought_and_fits_in_the_head() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules(*PACKAGES)
    }
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_module_is_named_after_nothing() -> None:
    assert [path for path in modules(*PACKAGES) if path.stem in FORBIDDEN_NAMES] == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules(*PACKAGES)
        if ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]
    assert silent == []


def test_every_command_has_its_module() -> None:
    from adapters.cli.lazy import load

    for name in COMMANDS:
        command = load(name)
        assert command.get_short_help_str(200) == COMMANDS[name], name


def test_no_tracked_file_names_a_path_of_a_developers_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    marks = ["/wor" + "k/", "/home" + "/", "/Users" + "/"]
    guilty = [
        name
        for name in listed.stdout.split("\0")
        if name
        and (ROOT / name).is_file()
        and any(mark in (ROOT / name).read_text("utf-8", "replace") for mark in marks)
    ]
    assert guilty == []

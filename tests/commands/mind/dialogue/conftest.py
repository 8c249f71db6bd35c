from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from commands.mind.dialogue.library import DialogueLibrary, parse_library

FOLDER = Path(__file__).parents[4] / "conf" / "dialogue"


def shipped_files() -> dict[str, dict[str, Any]]:
    return {
        path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))
    }


@pytest.fixture(scope="session")
def library() -> DialogueLibrary:
    return parse_library(shipped_files())

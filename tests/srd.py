"""The real reference data, where a developer has it: `LORESTREAM_SRD` names its directory."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@cache
def srd() -> Path:
    """The directory with `srd-2024/` and `core/` of open5e; skips the test where there is none."""
    named = os.environ.get("LORESTREAM_SRD")
    beside = [parent / "shared/data/srd-5.2" for parent in ROOT.parents]
    for place in [Path(named)] if named else beside:
        if (place / "srd-2024/Document.json").is_file():
            return place
    pytest.skip("SRD 5.2 data is absent; set LORESTREAM_SRD to a directory with open5e's srd-2024/ and core/")

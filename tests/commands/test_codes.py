from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands.codes import Code

APPENDIX_A = {
    "SUCCESS": 0, "SUCCESS_WITH_FALLBACK": 1, "SUCCESS_CACHED": 2,
    "ALREADY_EXISTS": -100, "INVALID_PARAMETER": -101, "INVALID_JSON": -102, "INVALID_NPC_ID": -103,
    "MISSING_REQUIRED_FIELD": -104, "PARAMETER_OUT_OF_RANGE": -105,
    "NPC_NOT_FOUND": -200, "STATE_UNAVAILABLE": -201, "OPERATION_NOT_ALLOWED": -202, "INVALID_STATE_TRANSITION": -203,
    "SERVICE_UNAVAILABLE": -500, "TIMEOUT": -501, "LLM_ERROR": -502, "RATE_LIMITED": -503,
    "AUTHENTICATION_FAILED": -504,
    "SYSTEM_ERROR": -600, "OUT_OF_MEMORY": -601, "NETWORK_ERROR": -602, "IPC_ERROR": -603,
}  # fmt: skip


def test_the_whole_table_of_the_specification_is_there_with_its_numbers() -> None:
    assert {name: Code[name].value for name in APPENDIX_A} == APPENDIX_A


@pytest.mark.parametrize("code", list(Code))
def test_every_code_says_what_it_means_and_what_to_do(code: Code) -> None:
    assert code.meaning.endswith(".")
    assert code.recovery.endswith(".")
    assert code.is_failure == (code < 0)


def test_the_shared_specification_names_no_code_we_lack() -> None:
    specification = Path(__file__).parents[2] / ".." / "shared" / "spec" / "native-script-commands.md"
    if not specification.exists():
        pytest.skip("the specification does not lie beside this checkout")
    named = set(re.findall(r"^\s{8}([A-Z_]+) = -?\d+", specification.read_text(), re.MULTILINE))
    assert named
    assert named <= {code.name for code in Code}

"""Whatever the API can refuse with has words of its own in the pages; which codes there are is read from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from adapters.http.problems import TITLES, Word
from commands.codes import Code
from tests.adapters.web.stage import Stage
from tests.adapters.web.test_static import words

ROOT = Path(__file__).parents[3]
SPOKEN = (
    "account",
    "campaign",
    "campaign_characters",
    "chat",
    "decision",
    "dice",
    "element",
    "element_undo",
    "image",
    "membership",
    "operator",
    "proposal",
)
"""Modules of the deciders whose commands pages send."""
MACHINES = {"call", "lease"}
"""Fields that no page sends."""
KINDS = {
    "maxLength": "string_too_long",
    "minLength": "string_too_short",
    "maxItems": "too_long",
    "minItems": "too_short",
    "minimum": "greater_than_equal",
    "maximum": "less_than_equal",
    "exclusiveMinimum": "greater_than",
    "exclusiveMaximum": "less_than",
    "pattern": "string_pattern_mismatch",
    "enum": "literal_error",
    "required": "missing",
}
"""What pydantic calls it when a keyword of a JSON schema does not hold."""
TYPES = {
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "string": "string",
    "array": "list",
    "object": "dict",
}


def calls(folder: str, name: str) -> Iterator[tuple[Path, list[ast.expr], dict[str, ast.expr]]]:
    """Every call of a function in a package: its file, its arguments by place and by name."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield path, node.args, {each.arg: each.value for each in node.keywords if each.arg}


def text_of(node: ast.expr | None) -> str | None:
    """The last part of a field that is named where it is raised; None for one that is worked out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.rpartition(".")[2]
    return None


def rejections() -> set[tuple[str, int, str]]:
    """Module, number and field of everything a decider or the game master's tools refuse."""
    found = set()
    for folder in ("commands", "adapters/gamemaster"):
        for path, places, names in calls(folder, "Rejected"):
            field, code = text_of(names.get("field")), places[0] if places else None
            if field and isinstance(code, ast.Attribute):
                found.add((path.stem, -Code[code.attr].value, field))
    return found


def problems() -> tuple[set[int], set[tuple[int, str]]]:
    """The statuses of all problems routes raise, and those without a code with the field they name."""
    statuses, fields = set(TITLES), set()
    for _, places, names in calls("adapters/http", "Problem"):
        status = places[0] if places else None
        if isinstance(status, ast.Constant) and isinstance(status.value, int):
            statuses.add(status.value)
            field = text_of(names.get("field"))
            if field and "code" not in names:
                fields.add((status.value, field))
    return statuses, fields


@pytest.mark.parametrize("word", get_args(Word))
def test_every_word_a_problem_can_have_as_code_is_told(word: str) -> None:
    assert {f"problems.{word}", f"refusals.{word}.any"} & words("fr").keys()


def test_every_number_and_every_status_is_told() -> None:
    statuses, _ = problems()
    groups = [f"c{-code}" for code in Code if code.is_failure] + [f"s{status}" for status in statuses]
    assert [group for group in groups if f"refusals.{group}.any" not in words("fr")] == []


def test_what_deciders_of_pages_refuse_is_told_for_its_field() -> None:
    raised = {
        (code, field) for module, code, field in rejections() if module in SPOKEN and field not in MACHINES
    }
    told = words("fr").keys()
    general = {(101, "label"), (101, "brief"), (504, "actor")}
    untold = {pair for pair in raised if f"refusals.c{pair[0]}.{pair[1]}" not in told}
    assert untold - general == set()


def test_nothing_is_told_that_nobody_refuses() -> None:
    raised = {f"refusals.c{code}.{field}" for _, code, field in rejections()}
    raised |= {f"refusals.s{status}.{field}" for status, field in problems()[1]}
    told = {key for key in words("fr") if re.fullmatch(r"refusals\.[cs]\d+\.\w+", key)}
    assert {key for key in told - raised if not key.endswith(".any")} == set()


def schemas(tree: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object within a document."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from schemas(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from schemas(value)


@pytest.mark.asyncio(loop_scope="session")
async def test_what_the_schemas_of_requests_demand_is_told(stage: Stage) -> None:
    document = (await stage.people.nobody().get("/openapi.json")).json()
    kinds = {"json_invalid", "int_parsing", "float_parsing", "bool_parsing"}
    for schema in schemas(document):
        kinds |= {kind for keyword, kind in KINDS.items() if keyword in schema}
        if isinstance(name := schema.get("type"), str) and name in TYPES:
            kinds.add(f"{TYPES[name]}_type")
        if schema.get("additionalProperties") is False:
            kinds.add("extra_forbidden")
    assert {kind for kind in kinds if f"refusals.input.{kind}" not in words("fr")} == set()

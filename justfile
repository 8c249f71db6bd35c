# `just` lists these recipes; each works from a fresh clone.

python := ".venv/bin/python"

_default:
    @just --list

# Create the environment with pinned dependencies.
setup:
    python3 -m venv .venv
    .venv/bin/pip install -q -r requirements-dev.txt -e .

# Start the whole platform; arguments go to `lorestream up`.
run *arguments: setup
    .venv/bin/lorestream up {{arguments}}

# Play a scene against the running platform.
demo *arguments: setup
    .venv/bin/lorestream demo {{arguments}}

# All tests; arguments go to pytest.
test *arguments: setup
    {{python}} -m pytest -n auto {{arguments}}

# Style, types and the direction of dependencies.
lint: setup
    .venv/bin/ruff check
    .venv/bin/ruff format --check
    .venv/bin/mypy
    .venv/bin/lint-imports

# Bring the code into shape.
format: setup
    .venv/bin/ruff check --fix
    .venv/bin/ruff format

# Measure against targets, floors and peers; name one or run them all.
bench *names: setup
    .venv/bin/lorestream bench {{names}}

# Kill everything at random for a long time, then prove that nothing was lost.
torture *arguments: setup
    {{python}} -m tests.torture.long {{arguments}}

# Pin the dependencies anew.
lock: setup
    .venv/bin/pip install -q uv
    .venv/bin/uv pip compile -q --no-header --no-emit-index-url --no-annotate pyproject.toml -o requirements.txt
    .venv/bin/uv pip compile -q --no-header --no-emit-index-url --no-annotate pyproject.toml --extra dev -o requirements-dev.txt

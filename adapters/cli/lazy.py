"""A command group that imports a command only when it runs: `lorestream --help` imports none of them."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

COMMANDS: dict[str, str] = {
    "up": "Start the whole platform on this machine and keep it running.",
    "serve": "Run one role alone, for sites that spread roles over machines.",
    "demo": "Play a scene with three NPCs against the running platform.",
    "tail": "Print commits as they are recorded.",
    "events": "Look at single commits and at what caused what.",
    "why": "Explain an answer: the scores, memories, rules and commits behind it.",
    "llm": "See, explain, replay and re-judge what language models decided, and what it cost.",
    "state": "Fold a stream into its state, now or at any time in the past.",
    "projections": "List, rebuild and fingerprint the read models.",
    "verify": "Prove that log and read models are sound.",
    "dlq": "Inspect and repair events a projection could not digest.",
    "export": "Write commits as NDJSON, one per line.",
    "import": "Append exported commits to a realm.",
    "user": "Say who may sign in to the web application, and as what.",
    "doctor": "Examine this machine and the running platform.",
    "refdata": "Import, search and show the reference data of a ruleset.",
    "bench": "Measure this machine against the targets and peers.",
    "dev": "What helps to try things out: models without a key.",
    "config": "Show the settings and where each comes from.",
}
"""Name and one line of help of each command; the module is `adapters.cli.<name>`, its Typer app is `app`."""

_MODULES = {"import": "importing", "export": "exporting"}


class LazyGroup(TyperGroup):
    """Resolves commands from `COMMANDS`; listing them needs no import."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader of our output went away (`lorestream tail | head`): nothing to say, nobody to say it to.
            # Here, because Click would make it exit code 1, which means that a problem was found.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the base class's signature)
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 (the base class's signature)
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        # The base class suggests close matches from here.
        self.commands = {name: self.get_command(ctx, name) for name in COMMANDS}
        name, placeholder, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and placeholder else None, rest


def load(name: str) -> Any:
    """The real command behind a name of `COMMANDS`."""
    module = importlib.import_module(f"adapters.cli.{_MODULES.get(name, name)}")
    app: typer.Typer = module.app
    command = get_command(app)
    command.name = name
    return command

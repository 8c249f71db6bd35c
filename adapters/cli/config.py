"""`lorestream config`: the settings in force and where each comes from."""

from __future__ import annotations

import json as json_text
from typing import Annotated

import typer

from adapters.cli.command import AsJson, ConfigOption, new_app
from adapters.cli.output import columns, emit

app = new_app("config")


@app.callback()
def config() -> None:
    """Show the settings and where each comes from."""


@app.command("show")
def show(
    origin: Annotated[bool, typer.Option("--origin", help="Show where each value comes from.")] = False,
    config: ConfigOption = None,
    json: AsJson = False,
) -> None:
    """Show every setting. Secrets are masked."""
    from adapters import configuration

    items = list(configuration.load(file=config).items())
    if json:
        emit({key: {"value": value, "origin": where} if origin else value for key, value, where in items})
        return
    header = ["SETTING", "VALUE", "ORIGIN"] if origin else ["SETTING", "VALUE"]
    columns([(key, json_text.dumps(value), where)[: len(header)] for key, value, where in items], header)

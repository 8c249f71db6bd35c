"""`lorestream demo`: a scene with three NPCs against the running platform."""

from __future__ import annotations

import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.status import Status
from adapters.settings import Settings

app = new_app("demo")

RESTS = 0.8
"""Seconds between beats on a terminal: time to read."""


@app.command(no_args_is_help=False)
@on_platform
async def demo(
    settings: Settings,
    pause: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="Rest between beats; default 0.8 on a terminal, else 0."),
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(
            metavar="PROVIDER",
            help="Let a language model take part: fake (no key needed), openai, anthropic, or another of "
            "`lorestream llm providers`. It is switched on for the scene, and off again if it was.",
        ),
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="No rest between beats.")] = False,
    json: AsJson = False,
) -> None:
    """Play a scene with three NPCs against the running platform.

    The merchant, the guard and the sage of the script command specification meet three players over a real
    ZeroMQ socket. They talk, bargain, hold grudges, gossip, walk and give quests; each act shows why. Every answer
    is held to the contract: exit code 1 when one breaks it. Each run brings NPCs of its own.
    """
    from adapters.cli.narrator import narrator
    from adapters.demo.advice import acts, advised
    from adapters.demo.game_server import GameServer
    from adapters.demo.scene import play
    from adapters.demo.stage import Stage
    from adapters.explanation import Reason, explain, explain_request, related_in
    from adapters.roles import endpoints
    from adapters.sql.reader import Reader

    run = secrets.token_hex(2)
    rest = 0.0 if fast or json else RESTS if pause is None and sys.stdout.isatty() else pause or 0.0
    async with open_log(settings) as log, Reader(settings.database_url) as reader:
        running = endpoints.read(settings.state)
        endpoint = running.zmq if running is not None else settings.zmq.endpoint
        related = related_in(reader)

        async def why(which: int | str) -> Reason | None:
            if isinstance(which, int):
                return await explain(log, related, which)
            return await explain_request(log, related, which)

        async with GameServer(_dialled(endpoint), f"demo-{run}", settings.zmq) as server:
            tell = narrator(as_json=json)
            stage = Stage(server, tell, why, run, rest)
            if llm is None:
                summary = await play(stage, log)
            else:
                async with advised(settings, reader, llm) as advice:
                    summary = await play(stage, log, acts(advice))
            tell(replace(summary, next=tuple(command + _place(settings) for command in summary.next)))
    if not summary.ok:
        raise typer.Exit(Status.PROBLEM)


def _place(settings: Settings) -> str:
    """What the suggested commands need to find the same platform from the same folder."""
    return "" if settings.state.resolve() == Path("state").resolve() else f" --state {settings.state}"


def _dialled(endpoint: str) -> str:
    """An address to connect to, of one to listen on."""
    return endpoint.replace("//*:", "//127.0.0.1:").replace("//0.0.0.0:", "//127.0.0.1:")

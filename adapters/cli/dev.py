"""`lorestream dev`: what helps to try things out and to develop."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from adapters.cli.command import AsJson, new_app, run
from adapters.cli.output import emit, say
from adapters.cli.status import UsageError

app = new_app("dev")


@app.callback()
def dev() -> None:
    """What helps to try things out and to develop."""


@app.command("fake-llm")
def fake_llm(
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="PORT", help="Port; 0: any free one.")] = 8095,
    json: AsJson = False,
) -> None:
    """Serve language models that are none: the wire formats of OpenAI, Azure and Anthropic, without a key or a cost.

    Its answers are made from the prompt, so one sees what arrived there. The name of a model says how it behaves:
    fake-1, fake-slow-1000, fake-429, fake-flaky-3, fake-huge, fake-obedient … (docs/models.md). Runs until Ctrl-C
    or SIGTERM. With --json exactly one line with the addresses is printed when it is ready.
    """
    if not 0 <= port <= 65535:
        raise UsageError(f"--port {port} is not a port. Choose 0 to 65535.")
    run(_serve(host, port, json))


async def _serve(host: str, port: int, json: bool) -> None:
    from adapters.llm.fake.server import FakeModels

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with FakeModels(host, port) as models:
        if json:
            emit({"openai": f"{models.url}/v1", "azure": models.url, "anthropic": models.url})
        say(f"fake models are ready at {models.url}")
        say(f"  base_url of OpenAI and local models  {models.url}/v1")
        say(f"  endpoint of Azure OpenAI             {models.url}")
        say(f"  base_url of Anthropic                {models.url}")
        await stop.wait()
    say(f"{models.counts['all']} requests answered")

"""`lorestream llm providers|agents|enable|disable`: language models, who may ask them, and the switches of both."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.command import AsJson, on_platform, open_client, open_log
from adapters.cli.output import columns, emit, safe, say
from adapters.cli.status import NotFound, UsageError
from adapters.settings import Settings

if TYPE_CHECKING:
    from adapters.llm.switchboard import Switchboard

SEND_SECONDS = 5.0

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="A provider or an agent, by name; provider/NAME or agent/NAME says which."
    ),
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the log.")]


@on_platform
async def list_providers(settings: Settings, json: AsJson = False) -> None:
    """List the configured providers, the first to be asked first."""
    async with open_log(settings) as log:
        rows = await _switchboard(settings, log).providers()
    if json:
        emit(rows)
        return
    columns(
        [
            (_on(row), row["name"], row["type"], row["model"], row["priority"], row["key_variable"] or "-")
            for row in rows
        ],
        ["STATUS", "PROVIDER", "TYPE", "MODEL", "PRIORITY", "KEY IN"],
    )


@on_platform
async def list_agents(settings: Settings, json: AsJson = False) -> None:
    """List the agents that may ask a model, and what each may spend a day."""
    async with open_log(settings) as log:
        rows = await _switchboard(settings, log).agents()
    if json:
        emit(rows)
        return
    columns(
        [
            (
                _on(row),
                row["name"],
                row["provider"] or "by priority",
                row["route"],
                _dollars(row["dollars_per_day"]),
            )
            for row in rows
        ],
        ["STATUS", "AGENT", "PROVIDER", "ROUTE", "PER DAY"],
    )


@on_platform
async def enable(settings: Settings, name: Name, reason: Reason = "", json: AsJson = False) -> None:
    """Switch a provider or an agent on, in all running processes."""
    await _switch(settings, name, True, reason, json)


@on_platform
async def disable(settings: Settings, name: Name, reason: Reason = "", json: AsJson = False) -> None:
    """Switch a provider or an agent off, in all running processes."""
    await _switch(settings, name, False, reason, json)


async def _switch(settings: Settings, name: str, enabled: bool, reason: str, json: bool) -> None:
    from uuid_utils import uuid7

    from adapters.nats.bus import NatsCommandBus
    from adapters.nats.log import JetStreamLog
    from commands.message import CommandMessage
    from events.commit import Actor
    from events.errors import LogUnavailable

    async with open_client(settings) as client:
        stream = _stream(_switchboard(settings, JetStreamLog(client, settings.realm)), name)
        unique = f"cli/{uuid7()}"
        message = CommandMessage(
            id=unique,
            name=f"{stream.partition('/')[0]}.set_status",
            stream=stream,
            args={"enabled": enabled, "reason": reason},
            actor=Actor("operator", getpass.getuser()),
            correlation_id=unique,
        )
        reply = await NatsCommandBus(client, settings.realm).send(message, timeout=SEND_SECONDS)
    if not reply.success:
        raise LogUnavailable(f"{stream} could not be switched: {reply.message}")
    if json:
        emit({"stream": stream, "status": int(enabled), "position": reply.position})
    else:
        say(f"{stream} is {'on' if enabled else 'off'}")


def _switchboard(settings: Settings, log: Any) -> Switchboard:
    from adapters.llm.book import load
    from adapters.llm.switchboard import Switchboard

    return Switchboard(load(settings.llm.directory), log)


def _stream(board: Switchboard, name: str) -> str:
    """The stream whose switch `name` means. Raises `NotFound`, `UsageError` when it may mean two."""
    kind, _, rest = name.rpartition("/")
    if kind not in {"", "provider", "agent"}:
        raise UsageError(f"{safe(name, 80)!r} is no name: give openai, provider/openai or agent/chat.")
    provider = board.find_provider(rest) if kind != "agent" else None
    agent = board.find_agent(rest) if kind != "provider" else None
    if provider is not None and agent is not None:
        raise UsageError(
            f"{safe(rest, 80)!r} is a provider and an agent: give provider/{provider.key} or agent/{agent.key}."
        )
    if provider is not None:
        return f"provider/{provider.key}"
    if agent is not None:
        return f"agent/{agent.key}"
    raise NotFound(
        f"there is no provider or agent {safe(rest, 80)!r}. `lorestream llm providers` and `llm agents` list them."
    )


def _on(row: dict[str, Any]) -> str:
    return "on" if row["status"] else "off"


def _dollars(amount: float) -> str:
    return "no limit" if amount < 0 else f"${amount:,.2f}"

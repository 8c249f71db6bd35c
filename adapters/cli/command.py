"""What every command shares: the options that say which platform, the loaded settings, running async code."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.lazy import COMMANDS
from adapters.settings import Settings
from events.errors import LogUnavailable, ProjectionUnavailable

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]

StateOption = Annotated[Path | None, typer.Option("--state", metavar="DIR", help="State directory.")]
RealmOption = Annotated[str | None, typer.Option("--realm", metavar="NAME", help="The game world.")]
ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration file.")]
NatsOption = Annotated[str | None, typer.Option("--nats", metavar="URL", help="An external NATS server.")]
DatabaseOption = Annotated[
    str | None, typer.Option("--db", metavar="URL", help="Database of the read models.")
]

CONNECT_SECONDS = 3.0

_PLATFORM_OPTIONS: dict[str, Any] = {
    "state": StateOption,
    "realm": RealmOption,
    "config": ConfigOption,
    "nats": NatsOption,
    "db": DatabaseOption,
}


def new_app(name: str) -> typer.Typer:
    """A Typer app for the command `name` of `COMMANDS`, its one line of help included."""
    # Plain help renders in a third of the time of the decorated one.
    return typer.Typer(
        name=name, help=COMMANDS[name], rich_markup_mode=None, no_args_is_help=True, add_completion=False
    )


def on_platform(function: Callable[..., Any]) -> Callable[..., None]:
    """Give a command the options --state, --realm, --config, --nats and --db.

    The command's parameter `settings` receives the resulting `Settings`: those of the platform that runs in the
    state directory, unless environment or flags say otherwise. A coroutine function is run to its end.
    """
    own = [p for p in inspect.signature(function, eval_str=True).parameters.values() if p.name != "settings"]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _PLATFORM_OPTIONS.items()
    ]

    @functools.wraps(function)
    def command(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in _PLATFORM_OPTIONS}
        settings = load_settings(**chosen)
        with _naming_outages():
            if inspect.iscoroutinefunction(function):
                run(function(settings=settings, **given))
            else:
                function(settings=settings, **given)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + shared
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


@contextmanager
def _naming_outages() -> Iterator[None]:
    """Raise `ProjectionUnavailable` for a database that cannot be read, instead of what its driver says."""
    try:
        yield
    except Exception as error:
        # Only who used a database has imported this: `--help` must not pay for it.
        known = sys.modules.get("sqlalchemy.exc")
        if known is None or not isinstance(error, known.SQLAlchemyError):
            raise
        from adapters.sql.outage import reason

        raise ProjectionUnavailable(
            f"the read models cannot be read: {reason(error)} "
            "(`lorestream doctor` tells where they should be; the role projector creates their tables)"
        ) from error


def load_settings(
    state: Path | None = None,
    realm: str | None = None,
    config: Path | None = None,
    nats: str | None = None,
    db: str | None = None,
) -> Settings:
    """The settings for a command that works on a platform which may be running. Raises `ConfigurationError`."""
    from adapters import configuration
    from adapters.roles import endpoints

    flags = {"state": state, "realm": realm, "nats.url": nats, "database.url": db}
    settings = configuration.load(flags, file=config).settings
    found = endpoints.read(settings.state)
    if found is None:
        return settings
    running = {"realm": found.realm, "database.url": found.database, "llm.directory": found.models}
    if "nats-server" not in found.roles:
        running["nats.url"] = found.nats
    return configuration.load(flags, file=config, running=running).settings


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command's coroutine; Ctrl-C cancels it and becomes exit code 130."""
    import uvloop

    from adapters import logging

    logging.configure("WARNING", role="command line")
    uvloop.run(work)


@asynccontextmanager
async def open_client(settings: Settings) -> AsyncIterator[Any]:
    """A connected NATS client. Raises `LogUnavailable` with the remedy when no platform can be reached."""
    from adapters.nats.connection import connect
    from adapters.roles import endpoints

    if not settings.nats.url and endpoints.read(settings.state) is None:
        raise LogUnavailable(
            f"no platform runs in {settings.state}. Start it with `lorestream up`, "
            "name its directory with --state, or an external server with --nats"
        )
    client = await connect(settings, name="command line", patience=CONNECT_SECONDS)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def open_log(settings: Settings) -> AsyncIterator[Any]:
    """The log of the settings' realm, as `adapters.nats.log.JetStreamLog`. Raises `LogUnavailable`."""
    from adapters.nats.log import JetStreamLog

    async with open_client(settings) as client:
        log = JetStreamLog(client, settings.realm)
        try:
            yield log
        finally:
            await log.close()

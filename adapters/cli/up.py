"""`lorestream up`: the whole platform on this machine."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.command import (
    AsJson,
    ConfigOption,
    DatabaseOption,
    NatsOption,
    RealmOption,
    StateOption,
    new_app,
)
from adapters.cli.output import emit, say
from adapters.roles.nursery import Nursery

if TYPE_CHECKING:
    from adapters.accounts.first import FirstSignIn
    from adapters.roles.endpoints import Endpoints
    from adapters.settings import Settings

app = new_app("up")
app.info.no_args_is_help = False

ZmqOption = Annotated[
    str | None, typer.Option("--zmq", metavar="ENDPOINT", help="Where game servers connect.")
]
HttpOption = Annotated[
    str | None, typer.Option("--http", metavar="HOST:PORT", help="Where HTTP is served; `off` for nowhere.")
]

MapCacheOption = Annotated[
    str | None,
    typer.Option(
        "--map-cache", metavar="PATH[,PATH…]", help="The game server's map_cache.dat files, first hit first."
    ),
]


@app.command(no_args_is_help=False)
def up(
    state: StateOption = None,
    realm: RealmOption = None,
    zmq: ZmqOption = None,
    http: HttpOption = None,
    nats: NatsOption = None,
    db: DatabaseOption = None,
    map_cache: MapCacheOption = None,
    config: ConfigOption = None,
    json: AsJson = False,
) -> None:
    """Start the whole platform on this machine and keep it running.

    Runs until Ctrl-C or SIGTERM, which finish the work in hand; a second one ends everything at once. The first
    start makes the account `admin` and tells its password. With --json exactly one line with all endpoints, and
    that sign-in, is printed when the platform is ready.
    """
    began = time.monotonic()
    # Importing what roles need takes longest, so it begins first, in a process of its own.
    nursery = Nursery()
    from adapters import configuration, logging
    from adapters.roles import endpoints as endpoints_store
    from adapters.sql.crash import discard_torn
    from adapters.sql.engine import sqlite_path

    flags: dict[str, Any] = {
        "state": state,
        "realm": realm,
        "zmq.endpoint": zmq,
        "nats.url": nats,
        "database.url": db,
        "rathena.map_cache": None if map_cache is None else [path for path in map_cache.split(",") if path],
        **http_flags(http),
    }
    settings = configuration.load(flags, file=config).settings
    settings = settings.model_copy(update={"state": settings.state.absolute()})
    logging.configure(settings.log.level, role="supervisor")
    endpoints_store.prepare_state(settings.state)

    async def ready(found: Endpoints) -> None:
        seconds = time.monotonic() - began
        sign_in = await _first_sign_in(settings) if found.http else None
        if json:
            shown = asdict(found) | {"database": configuration.without_password(found.database)}
            emit(shown | {"page": page(found), "sign_in": asdict(sign_in) if sign_in else None})
        say(summary(found, seconds, sign_in))

    with endpoints_store.exclusive(settings.state):
        file = sqlite_path(settings.database_url)
        if file is not None:
            discard_torn(file)
        asyncio.run(_until_signalled(settings, nursery, ready))


async def _until_signalled(settings: Settings, nursery: Nursery, ready: Any) -> None:
    stop, force = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            force.set()
        else:
            say("finishing the work in hand; once more to end at once")
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    # After the handlers: importing it takes a while, and whoever ends us meanwhile must be heard.
    from adapters.roles.supervisor import supervise

    await supervise(settings, nursery, stop=stop, force=force, ready=ready)


def http_flags(given: str | None) -> dict[str, Any]:
    """The settings behind `--http`: `HOST:PORT`, `:PORT`, `[::1]:PORT` or `off`."""
    if given is None:
        return {}
    if given == "off":
        return {"http.enabled": False}
    host, colon, port = given.rpartition(":")
    if not colon:
        return {"http.host": given}
    return {"http.host": host.strip("[]") or None, "http.port": port}


async def _first_sign_in(settings: Settings) -> FirstSignIn | None:
    """The account `admin`, where there is none yet. What runs must not end because it could not be made."""
    from adapters.accounts.first import first_sign_in
    from events.errors import LorestreamError

    try:
        return await first_sign_in(settings)
    except LorestreamError as error:
        say(f"nobody can sign in yet ({error}); `lorestream user add admin --role admin` makes an account")
        return None


def page(found: Endpoints) -> str:
    """The address of the web application, empty when HTTP is off."""
    if not found.http:
        return ""
    for everywhere, here in (("//0.0.0.0:", "//127.0.0.1:"), ("//[::]:", "//[::1]:")):
        if everywhere in found.http:
            return found.http.replace(everywhere, here) + "/"
    return found.http + "/"


def summary(found: Endpoints, seconds: float, sign_in: FirstSignIn | None = None) -> str:
    """What an operator wants to know at the start."""
    from adapters.configuration import without_password
    from adapters.roles.supervisor import PROMISES

    own = "embedded" if "nats-server" in found.roles else "external"
    lines = {
        "game servers": found.zmq,
        "HTTP": found.http or "off",
        "log": f"{without_password(found.nats)} ({own} nats-server)",
        "read models": without_password(found.database),
        "durability": f"{found.durability}: {PROMISES[found.durability]}",
        "state": found.state,
    }
    if found.http:
        lines["web page"] = page(found)
    if sign_in:
        lines["sign in"] = (
            f"{sign_in.name}, password {sign_in.password} (told only now; change it on the page)"
        )
    head = f"Lorestream {found.version}, realm {found.realm}, ready in {seconds:.1f} s"
    return "\n".join([head, *(f"  {name:<13}{value}" for name, value in lines.items())])

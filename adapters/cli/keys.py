"""`lorestream llm keys create|ls|revoke`: keys of the compatible endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.command import AsJson, on_platform
from adapters.cli.output import columns, emit, say
from adapters.cli.status import NotFound, UsageError
from adapters.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = typer.Typer(name="keys", rich_markup_mode=None, no_args_is_help=True, add_completion=False)

KeyName = Annotated[str, typer.Argument(metavar="NAME", help="What the key is for, e.g. ddnet-server-1.")]
ProfileOption = Annotated[str, typer.Option(metavar="NAME", help="A profile of conf/profiles.toml.")]


@app.command("create", no_args_is_help=True)
@on_platform
async def create(
    settings: Settings, name: KeyName, profile: ProfileOption = "default", json: AsJson = False
) -> None:
    """Make a key for /v1/chat/completions. It is shown now and never again."""
    from adapters.completions import keys, profiles

    known = profiles.load(settings.llm.directory)
    if profile not in known:
        raise UsageError(f"there is no profile {profile!r}. Choose one of {', '.join(known)}.")
    try:
        secret = _write(settings, lambda connection: keys.create(connection, name, profile))
    except ValueError as error:
        raise UsageError(str(error)) from None
    if json:
        emit({"name": name, "profile": profile, "key": secret})
        return
    typer.echo(secret)
    say(f"the key of {name}, profile {profile}; it is stored as a hash and cannot be shown again")


@app.command("ls")
@on_platform
async def ls(settings: Settings, json: AsJson = False) -> None:
    """List the keys."""
    from adapters.completions import keys
    from events.commit import moment

    found = _write(settings, keys.all_keys).values()
    rows = [
        {
            "name": k.name,
            "profile": k.profile,
            "hint": f"…{k.hint}",
            "created_at": moment(k.created_at).isoformat(),
        }
        for k in found
    ]
    if json:
        emit(rows)
        return
    columns([tuple(row.values()) for row in rows], ["NAME", "PROFILE", "KEY", "CREATED"])


@app.command("revoke", no_args_is_help=True)
@on_platform
async def revoke(settings: Settings, name: KeyName, json: AsJson = False) -> None:
    """Forget a key: within seconds nobody gets in with it any more."""
    from adapters.completions import keys

    if not _write(settings, lambda connection: keys.revoke(connection, name)):
        raise NotFound(f"there is no key {name!r}. `lorestream llm keys ls` lists them.")
    if json:
        emit({"name": name, "revoked": True})
    say(f"{name} is revoked")


def _write(settings: Settings, change: Any) -> Any:
    from adapters.sql.engine import open_database
    from adapters.sql.migrate import migrate

    migrate(settings.database_url)
    database = open_database(settings.database_url)
    try:
        connection: Connection
        with database.writer.begin() as connection:
            return change(connection)
    finally:
        database.close()

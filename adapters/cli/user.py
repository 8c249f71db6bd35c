"""`lorestream user`: accounts of the web application, on the machine of whoever runs it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.command import AsJson, new_app, on_platform, open_client
from adapters.cli.output import columns, emit, say
from adapters.cli.status import NotFound, UsageError
from adapters.settings import Settings
from events.commit import Actor
from events.errors import LogUnavailable

if TYPE_CHECKING:
    from adapters.accounts.directory import Account
    from adapters.accounts.people import People

app = new_app("user")

MAX_PASSWORD_BYTES = 4096

UserName = Annotated[str, typer.Argument(metavar="NAME", help="What the person signs in with.")]
RoleOption = Annotated[
    str, typer.Option("--role", metavar="ROLE", help="admin, operator, gamemaster or player.")
]
PasswordFile = Annotated[
    str | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help="The first line of FILE is the password, - for standard input; without it one is made up.",
    ),
]


@app.command("add", no_args_is_help=True)
@on_platform
async def add(
    settings: Settings,
    name: UserName,
    role: RoleOption = "player",
    display: Annotated[str, typer.Option(metavar="TEXT", help="The name others see.")] = "",
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="May be signed in with, too.")] = None,
    password_file: PasswordFile = None,
    json: AsJson = False,
) -> None:
    """Make an account. A password that is made up is printed now and never again."""
    _check_role(role)
    given = _read_password(password_file)
    async with _people(settings) as people:
        from adapters.accounts import passwords

        password = given or passwords.made_up()
        account, _ = await people.create(name, role, password, by=_by(), display=display, email=email)
    _tell(account, json, f"{account.name} can sign in now, as {role}", None if given else password)


@app.command("ls")
@on_platform
async def ls(settings: Settings, json: AsJson = False) -> None:
    """List the accounts."""
    from adapters.accounts import directory
    from adapters.accounts.vault import Vault

    found: list[Account] = []
    vault = Vault(settings)
    if not vault.exists():
        vault.close()
        raise NotFound(
            f"there are no accounts in {settings.state}. `lorestream up` makes the first one; "
            "name its directory with --state."
        )
    try:
        while page := vault.now(directory.page, found[-1].name if found else "", directory.MAX_PAGE):
            found += page
    finally:
        vault.close()
    shown = [each.shown() for each in found]
    if json:
        emit(shown)
        return
    rows = [
        (
            each["name"],
            each["role"],
            "disabled" if each["disabled"] else "active",
            (each["signed_in_at"] or "never")[:19],
            each["created_at"][:19],
        )
        for each in shown
    ]
    columns(rows, ["NAME", "ROLE", "STATE", "LAST SIGN-IN", "CREATED"])


@app.command("role", no_args_is_help=True)
@on_platform
async def role(
    settings: Settings,
    name: UserName,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="admin, operator, gamemaster or player.")],
    json: AsJson = False,
) -> None:
    """Change what somebody may do; it counts within seconds."""
    _check_role(role)
    async with _people(settings) as people:
        account, _ = await people.change((await _named(people, name)).account_id, by=_by(), role=role)
    _tell(account, json, f"{account.name} is {account.role} now")


@app.command("password", no_args_is_help=True)
@on_platform
async def password(
    settings: Settings, name: UserName, password_file: PasswordFile = None, json: AsJson = False
) -> None:
    """Set a new password; whoever is signed in with the account is not any more."""
    given = _read_password(password_file)
    async with _people(settings) as people:
        from adapters.accounts import passwords

        account, chosen = await _named(people, name), given or passwords.made_up()
        await people.set_password(account.account_id, chosen, by=_by(), reset=True)
    _tell(account, json, f"{account.name} has a new password", None if given else chosen)


@app.command("disable", no_args_is_help=True)
@on_platform
async def disable(
    settings: Settings,
    name: UserName,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Kept in the log.")] = "",
    json: AsJson = False,
) -> None:
    """Let nobody sign in with an account; who is signed in is out within seconds."""
    async with _people(settings) as people:
        found = await _named(people, name)
        account, _ = await people.change(found.account_id, by=_by(), disabled=True, reason=reason[:200])
    _tell(account, json, f"{account.name} is disabled")


@app.command("enable", no_args_is_help=True)
@on_platform
async def enable(settings: Settings, name: UserName, json: AsJson = False) -> None:
    """Let a disabled account be signed in with again."""
    async with _people(settings) as people:
        account, _ = await people.change((await _named(people, name)).account_id, by=_by(), disabled=False)
    _tell(account, json, f"{account.name} may sign in again")


def _tell(account: Account, json: bool, told: str, password: str | None = None) -> None:
    if json:
        emit(account.shown() | ({"password": password} if password else {}))
    elif password:
        typer.echo(password)
    say(told + ("; its password is shown only now" if password else ""))


@asynccontextmanager
async def _people(settings: Settings) -> AsyncIterator[People]:
    """The accounts of the running platform; what they refuse is told as wrong usage, with the remedy."""
    from adapters.accounts.audit import NotRecorded
    from adapters.accounts.directory import NameTaken
    from adapters.accounts.names import NameRefused
    from adapters.accounts.passwords import PasswordRefused
    from adapters.accounts.people import LastAdmin, administration
    from adapters.nats.bus import NatsCommandBus

    async with open_client(settings) as client:
        try:
            async with administration(settings, NatsCommandBus(client, settings.realm)) as people:
                yield people
        except (NameTaken, NameRefused, PasswordRefused, LastAdmin) as error:
            raise UsageError(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
        except NotRecorded as error:
            raise LogUnavailable(error.reply.message) from None


async def _named(people: People, name: str) -> Account:
    found = await people.called(name)
    if found is None:
        raise NotFound(f"there is no account {name!r}. `lorestream user ls` lists them.")
    return found


def _check_role(role: str) -> None:
    from commands.account import ROLES

    if role not in ROLES:
        raise UsageError(f"there is no role {role!r}. Choose one of {', '.join(ROLES)}.")


def _read_password(file: str | None) -> str:
    """The first line of a file or of standard input, "" where none is named. Raises `UsageError`."""
    if file is None:
        return ""
    try:
        if file == "-":
            text = sys.stdin.read(MAX_PASSWORD_BYTES)
        else:
            with Path(file).open(encoding="utf-8") as opened:
                text = opened.read(MAX_PASSWORD_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file!r} cannot be read ({getattr(error, 'strerror', None) or 'no UTF-8'})."
        ) from None
    found = text.partition("\n")[0].removesuffix("\r")
    if not found:
        raise UsageError("The password is empty. Its file holds it in the first line.")
    return found


def _by() -> Actor:
    """Who changes accounts here: whoever may read the state directory."""
    try:
        who: Any = getpass.getuser()
    except (KeyError, OSError):
        who = "unknown"
    return Actor("operator", str(who)[:128])

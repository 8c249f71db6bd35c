"""`lorestream user`: accounts from the command line, against a worker that records what is done."""

from __future__ import annotations

from pathlib import Path

from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from events import codec
from tests.adapters.cli import program
from tests.adapters.cli.conftest import Lorestream
from tests.adapters.rathena.conftest import running

PASSWORD = "seven wet lanterns"


async def test_accounts_are_made_changed_and_listed_and_the_log_says_by_whom(
    settings: Settings, lorestream: Lorestream, log: JetStreamLog, tmp_path: Path
) -> None:
    async with running(settings, "commands"):
        mira = await lorestream("user", "add", "Mira", "--role", "admin", "--json")
        assert len(mira.json["password"]) == 24
        file = tmp_path / "password"
        file.write_text(PASSWORD + "\r\nand more\n")
        bob = await lorestream("user", "add", "bob", "--password-file", str(file), "--json")
        assert (bob.json["role"], "password" in bob.json) == ("player", False)
        plain = await lorestream("user", "add", "eve", "--password-file", "-", given=PASSWORD + "\n")
        assert (plain.status, plain.out) == (0, "")

        assert (await lorestream("user", "role", "BOB", "gamemaster", "--json")).json["role"] == "gamemaster"
        assert (await lorestream("user", "disable", "eve", "--reason", "moved away")).status == 0
        made_up = await lorestream("user", "password", "bob")
        assert (made_up.status, len(made_up.out.strip())) == (0, 24)

        taken = await lorestream("user", "add", "MIRA")
        assert (taken.status, "there is an account" in taken.err.casefold()) == (2, True)
        last = await lorestream("user", "disable", "mira")
        assert (last.status, "last administrator" in last.err) == (2, True)
        listed = (await lorestream("user", "ls", "--json")).json
    assert [(row["name"], row["role"], row["disabled"]) for row in listed] == [
        ("bob", "gamemaster", False),
        ("eve", "player", True),
        ("Mira", "admin", False),
    ]
    head = (await log.head()).position
    bodies = [body for position in range(1, head + 1) if (body := await stored(log, position))]
    commits = [codec.decode(body) for body in bodies]
    told = [(event.type, commit.actor.kind) for commit in commits for event in commit.events]
    assert told == [
        *[("account.created", "operator")] * 3,
        ("account.role_changed", "operator"),
        ("account.disabled", "operator"),
        ("account.password_changed", "operator"),
    ]
    for secret in (PASSWORD, mira.json["password"], made_up.out.strip(), "argon2"):
        assert secret.encode() not in b"".join(bodies)


async def stored(log: JetStreamLog, position: int) -> bytes:
    """The commit at a position of the server's log; nothing where it is another realm's."""
    found = await log.at(position)
    return found.body if found is not None and f'"realm":"{log.realm}"'.encode() in found.body else b""


async def test_what_cannot_be_is_refused_with_the_remedy(lorestream: Lorestream) -> None:
    for arguments, status, told in (
        (["add", "bob", "--role", "king"], 2, "Choose one of admin"),
        (["add", "bob", "--password-file", "nowhere.txt"], 2, "cannot be read"),
        (["password", "nobody"], 5, "user ls"),
        (["add", "bob", "--email", "nonsense"], 2, "someone@example.org"),
    ):
        refused = await lorestream("user", *arguments)
        assert (refused.status, told in refused.err) == (status, True), refused.err
        assert "Traceback" not in refused.err
    weak = await lorestream("user", "add", "bob", "--password-file", "-", given="bob-password-1\n")
    assert (weak.status, "known words" in weak.err, "bob-password" in weak.err) == (2, True, False)


async def test_where_there_are_no_accounts_none_are_listed_and_nothing_is_made(tmp_path: Path) -> None:
    done = await program.run("user", "ls", "--state", "nowhere", cwd=tmp_path)
    assert (done.status, done.out, "--state" in done.err) == (5, "", True)
    assert not list(tmp_path.rglob("*"))  # noqa: ASYNC240

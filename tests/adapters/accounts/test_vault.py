"""Credentials in each database: names are unique, tokens are good for one use, whoever comes at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.accounts import directory, sign_ins
from adapters.accounts.directory import Account, NameTaken
from adapters.accounts.sign_ins import RefreshRefused, RefreshReused, Renewed
from adapters.accounts.tables import REFRESH_TOKENS
from adapters.accounts.vault import FILE, Vault
from adapters.settings import DatabaseSettings, Settings
from tests import databases


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        with nullcontext():
            yield ""
        return
    with (databases.postgresql if kind == "postgresql" else databases.mariadb)() as fresh:
        yield fresh()


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def vault(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    with _database(request.param) as url:
        made = Vault(
            Settings(state=tmp_path_factory.mktemp(request.param) / "new", database=DatabaseSettings(url=url))
        )
        yield made
        made.close()


def account(name: str, email: str | None = None) -> Account:
    at = directory.now()
    return Account(f"id-{name}"[:32], name, name, "player", False, "en", email, "$hash", 1, at, at, None)


def begun(vault: Vault, name: str) -> Renewed:
    """The first token of a new sign-in of that name."""
    return vault.now(lambda c: sign_ins.begin(c, f"id-{name}", f"s-{name}"[:32], days=90, refresh_days=14))


def renewed(vault: Vault, token: str) -> Renewed | RefreshReused:
    return vault.now(lambda c: sign_ins.renew(c, token, refresh_days=14))


def test_names_and_addresses_are_unique_without_regard_to_case(vault: Vault) -> None:
    vault.now(directory.add, account("Große.Frau", "frau@example.org"))
    for name, email in (("GROSSE.FRAU", None), ("other", "FRAU@example.org")):
        with pytest.raises(NameTaken):
            vault.now(directory.add, account(name, email))
    for name in ("große.frau", "Grosse.Frau", "Frau@Example.Org"):
        found = vault.now(directory.by_name, name)
        assert found is not None
        assert (found.name, found.email) == ("Große.Frau", "frau@example.org")
    assert vault.now(directory.by_name, "gross.frau") is None
    changed = vault.now(lambda c: directory.change(c, "id-Große.Frau", role="admin", email=None))
    assert changed is not None
    assert (changed.role, changed.email, changed.version) == ("admin", None, 2)
    assert vault.now(directory.other_admins, "somebody") == 1
    assert vault.now(directory.other_admins, "id-Große.Frau") == 0


def test_what_is_searched_for_is_no_pattern(vault: Vault) -> None:
    for name in ("search.1", "search_1", "search-1", "search/1"):
        vault.now(directory.add, account(name))
    assert [each.name for each in vault.now(directory.page, "", 10, "SEARCH_")] == ["search_1"]
    assert [each.name for each in vault.now(directory.page, "", 10, "search/")] == ["search/1"]
    assert vault.now(directory.page, "", 10, "search%") == []
    assert vault.now(directory.page, "", 10, "\\") == []
    whole = [each.name for each in vault.now(directory.page, "", 10, "search")]
    paged: list[str] = []
    while page := vault.now(directory.page, paged[-1] if paged else "", 1, "search"):
        paged += [each.name for each in page]
    assert sorted(whole) == sorted(paged) == ["search-1", "search.1", "search/1", "search_1"]


def test_tokens_are_kept_as_hashes_and_each_is_good_for_one_use(vault: Vault) -> None:
    first = begun(vault, "anna")
    second = renewed(vault, first.token)
    assert isinstance(second, Renewed)
    stored = vault.now(lambda c: {row.hash for row in c.execute(select(REFRESH_TOKENS.c.hash))})
    assert {sign_ins.hashed(first.token), sign_ins.hashed(second.token)} <= stored
    assert first.token not in stored
    with pytest.raises(RefreshRefused):
        renewed(vault, "never issued")
    vault.now(
        lambda c: c.execute(REFRESH_TOKENS.update().values(used_at=REFRESH_TOKENS.c.used_at - 11_000_000))
    )
    assert isinstance(renewed(vault, first.token), RefreshReused)
    for token in (first.token, second.token):
        with pytest.raises(RefreshRefused):
            renewed(vault, token)


def test_many_who_renew_at_the_same_moment_all_go_on_and_only_one_was_first(vault: Vault) -> None:
    first = begun(vault, "tess")
    with ThreadPoolExecutor(4) as tabs:
        done = list(tabs.map(lambda _: renewed(vault, first.token), range(4)))
    assert all(isinstance(each, Renewed) for each in done)
    children = vault.now(
        lambda c: c.execute(
            select(REFRESH_TOKENS.c.hash).where(REFRESH_TOKENS.c.parent == sign_ins.hashed(first.token))
        ).all()
    )
    assert len(children) == 4


def test_what_has_expired_or_ended_is_no_way_in_and_is_forgotten_in_the_end(vault: Vault) -> None:
    first = begun(vault, "old")
    vault.now(lambda c: c.execute(REFRESH_TOKENS.update().values(expires_at=1)))
    with pytest.raises(RefreshRefused):
        renewed(vault, first.token)
    second = begun(vault, "new")
    assert vault.now(sign_ins.end, second.sign_in)
    assert not vault.now(sign_ins.end, second.sign_in)
    with pytest.raises(RefreshRefused):
        renewed(vault, second.token)
    left = vault.now(lambda c: {row.hash for row in c.execute(select(REFRESH_TOKENS.c.hash))})
    assert sign_ins.hashed(first.token) not in left
    assert sign_ins.hashed(second.token) in left


def test_the_file_is_its_owners_and_flushed(tmp_path: Path) -> None:
    vault = Vault(Settings(state=tmp_path / "state"))
    assert vault.now(directory.count) == 0
    assert (tmp_path / "state" / FILE).stat().st_mode & 0o777 == 0o600
    assert vault.now(lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar()) == 2
    vault.close()

from __future__ import annotations

import asyncio

import pytest

from adapters.accounts import passwords
from adapters.accounts.passwords import MAX_WAITING, Hasher, PasswordRefused, TooManyHashes


@pytest.fixture(scope="module")
def hasher() -> Hasher:
    return Hasher(19)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "x" * 257,
        "aaaaaaaaaaaaaaaa",
        "123456789012345",
        "mira-password-1",
        "lorestream12",
        "qwertyuiopqwerty",
        "mira mira mira",
        "seven wet\x00lanterns",
    ],
)
def test_a_password_that_would_be_guessed_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        passwords.check(password, "mira", "mira@example.org")
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize("password", ["seven wet lanterns", "семь мокрых фонарей", "lorestream at night 9"])
def test_a_long_one_of_any_script_is_not(password: str) -> None:
    passwords.check(password, "mira", "")


def test_one_that_is_made_up_is_accepted_and_new_each_time() -> None:
    made = {passwords.made_up() for _ in range(50)}
    assert len(made) == 50
    for each in made:
        passwords.check(each, "admin")


async def test_hashes_verify_their_password_only_and_are_salted(hasher: Hasher) -> None:
    first, second = await hasher.hashed("seven wet lanterns"), await hasher.hashed("seven wet lanterns")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=3,p=4$")
    assert await hasher.verified("seven wet lanterns", first) == (True, None)
    assert await hasher.verified("seven wet lantern", first) == (False, None)
    assert await hasher.verified("seven wet lanterns", None) == (False, None)
    assert await hasher.verified("seven wet lanterns", "no hash at all") == (False, None)


async def test_a_hash_of_other_parameters_is_replaced_once_its_password_is_known(hasher: Hasher) -> None:
    older = Hasher(20)
    stored = await older.hashed("seven wet lanterns")
    older.close()
    right, renewed = await hasher.verified("seven wet lanterns", stored)
    assert right
    assert renewed is not None
    assert renewed.startswith("$argon2id$v=19$m=19456,")
    assert await hasher.verified("wrong", stored) == (False, None)


async def test_more_than_can_be_checked_in_time_are_told_to_come_again(hasher: Hasher) -> None:
    stored = await hasher.hashed("seven wet lanterns")
    asked = [hasher.verified("seven wet lanterns", stored) for _ in range(MAX_WAITING + 5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, TooManyHashes) for answer in answers) == 5
    assert answers.count((True, None)) == MAX_WAITING

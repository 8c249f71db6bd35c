"""`/api/accounts`: who may sign in, and as what; for administrators. Names, for whoever invites people."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from starlette.responses import Response

from adapters.accounts import passwords
from adapters.accounts.directory import NameTaken
from adapters.accounts.names import NameRefused
from adapters.accounts.passwords import PasswordRefused, TooManyHashes
from adapters.accounts.people import LastAdmin, VersionStale
from adapters.accounts.signed import Signed
from adapters.http.access import realm_role
from adapters.http.auth import busy
from adapters.http.paging import DEFAULT_PAGE, Cursor, Limit, page, place_of
from adapters.http.platform import Platform
from adapters.http.problems import Problem, new_id
from adapters.http.versions import IfMatch, answer, stale
from commands.account import Role
from events.commit import Json

Line = Annotated[str, StringConstraints(max_length=64)]
Email = Annotated[str, StringConstraints(max_length=190)]
Secret = Annotated[SecretStr, Field(max_length=passwords.MOST)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]

EXAMPLE: Json = {
    "account_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c1",
    "name": "mira",
    "display": "Mira",
    "role": "gamemaster",
    "disabled": False,
    "language": "en",
    "email": None,
    "version": 3,
    "created_at": "2026-11-27T03:00:00+00:00",
    "changed_at": "2026-11-27T03:10:00+00:00",
    "signed_in_at": None,
}


class NewAccount(BaseModel):
    """Without a `password` one is made up, and told once in the answer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "mira", "role": "gamemaster"}]}
    )
    name: Line
    role: Role = "player"
    display: Line = ""
    email: Email | None = None
    language: Language = "en"
    password: Secret | None = None


class AccountChange(BaseModel):
    """What is to be different. `password` sets one, and ends all sign-ins of the account."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "operator"}]})
    role: Role | None = None
    disabled: bool | None = None
    reason: Annotated[str, StringConstraints(max_length=200)] = ""
    display: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    email: Email | None = None
    language: Language | None = None
    password: Secret | None = None


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in."},
    403: {"description": "The role is too small."},
    422: {"description": "A field cannot be understood; `field` names it."},
    429: {"description": "Too often; `Retry-After` says when to come again."},
    503: {"description": "The log or the database of accounts cannot be reached right now."},
}
_GONE: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such account."}}
_EDITED: dict[int | str, dict[str, Any]] = {
    409: {"description": "It would leave no administrator, or the address is taken."},
    412: {"description": "Somebody changed it meanwhile; `version` is the one it is at."},
    428: {"description": "If-Match is missing."},
}


def _ok(example: Json, status: int = 200) -> dict[int | str, dict[str, Any]]:
    return {status: {"content": {"application/json": {"example": example}}}}


def router(platform: Platform) -> APIRouter:
    """The routes of administering accounts."""
    routes = APIRouter(tags=["accounts"], responses=_PROBLEMS)
    people = platform.accounts.people
    admin, inviter = realm_role("admin"), realm_role("gamemaster")

    @routes.get(
        "/api/accounts", summary="All accounts by name", responses=_ok({"items": [EXAMPLE], "next": None})
    )
    async def some(
        signed: Signed = admin,  # noqa: ARG001 - only whether
        q: Annotated[str, Query(max_length=64, description="Only names that hold this.")] = "",
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        after = place_of(cursor, str) or ("",)
        found = await people.page(after[0], limit + 1, q)
        return page(found, limit, lambda each: (each.name,), lambda each: each.shown())

    @routes.post(
        "/api/accounts",
        summary="A new account",
        status_code=201,
        responses={
            **_ok({**EXAMPLE, "password": "k7mf-29xq-hh3d-wprs-t6bn"}, 201),
            409: {"description": "The name is taken."},
        },
    )
    async def create(body: NewAccount, request: Request, signed: Signed = admin) -> Response:
        """The answer holds the password only where it was made up, and only this once: not when the request is
        repeated under its `Idempotency-Key`."""
        given = body.password.get_secret_value() if body.password else ""
        password = given or passwords.made_up()
        with _telling():
            account, position = await people.create(
                body.name,
                body.role,
                password,
                by=signed.actor,
                display=body.display,
                email=body.email,
                language=body.language,
                account_id=new_id(signed, request),
            )
        made_up = not given and position is not None
        told = account.shown() | ({"password": password} if made_up else {})
        return answer(told, 201, position=position, version=account.version)

    @routes.get("/api/accounts/names", summary="Names, to invite somebody")
    async def called(
        signed: Signed = inviter,  # noqa: ARG001 - only whether
        q: Annotated[str, Query(max_length=64, description="Only names that hold this.")] = "",
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        after = place_of(cursor, str) or ("",)
        found = await people.page(after[0], limit + 1, q)
        return page(
            found,
            limit,
            lambda each: (each.name,),
            lambda each: {"account_id": each.account_id, "name": each.name, "display": each.display},
        )

    @routes.get("/api/accounts/{account_id}", summary="One account", responses={**_ok(EXAMPLE), **_GONE})
    async def one(account_id: str, signed: Signed = admin) -> Response:  # noqa: ARG001 - only whether
        account = await people.find(account_id)
        if account is None:
            raise _no_such()
        return answer(account.shown(), version=account.version)

    @routes.patch(
        "/api/accounts/{account_id}",
        summary="Change role, state, address or password of an account",
        responses={**_ok(EXAMPLE), **_GONE, **_EDITED},
    )
    async def change(
        account_id: str, body: AccountChange, version: IfMatch, signed: Signed = admin
    ) -> Response:
        """Takes effect within seconds, also for whoever is signed in with the account."""
        asked = body.model_dump(exclude_unset=True, exclude={"password"})
        values = {name: value for name, value in asked.items() if value is not None or name == "email"}
        if body.password is not None:
            values["password"] = body.password.get_secret_value()
        with _telling():
            account, position = await people.change(account_id, by=signed.actor, version=version, **values)
        return answer(account.shown(), position=position, version=account.version)

    return routes


class _telling:  # noqa: N801 - reads as a word
    """Turns what accounts refuse into problems that name the field."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        match error:
            case LookupError():
                raise _no_such() from None
            case VersionStale():
                raise stale(error.current) from None
            case LastAdmin():
                raise Problem(409, detail=str(error), code="last_admin") from None
            case NameTaken():
                raise Problem(409, detail=str(error), field="name", code="name_taken") from None
            case NameRefused():
                field = "email" if "address" in str(error) else "name"
                raise Problem(422, detail=f"{field}: {error}", field=field) from None
            case PasswordRefused():
                raise Problem(422, detail=f"password: {error}", field="password", code="password") from None
            case TooManyHashes():
                raise busy() from None


def _no_such() -> Problem:
    return Problem(404, detail="there is no such account", field="account_id")

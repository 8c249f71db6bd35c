"""What operators do over HTTP, recorded in the stream `operator/<account id>` before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Request

from adapters.http.access import Signed, realm_role
from adapters.http.problems import ask
from events.commit import Json

if TYPE_CHECKING:
    from adapters.http.platform import Platform

Operator = Annotated[Signed, realm_role("operator")]


async def act(
    platform: Platform,
    signed: Signed,
    request: Request,
    action: str,
    target: str,
    details: Json | None = None,
) -> int:
    """Record what an operator is about to do; where it stands. Raises `Problem`."""
    args = {"action": action, "target": target[:250], "details": details or {}}
    reply = await ask(
        platform, "operator.act", f"operator/{signed.account_id}", args, signed, request, part=action
    )
    return int(reply.position or 0)

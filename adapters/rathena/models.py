"""Providers and agents of language models as scripts see and switch them (`rathena-server-side.md` §5.1)."""

from __future__ import annotations

from adapters.rathena.services import Call, Services, send
from commands.codes import Code
from commands.message import Reply
from commands.rejection import Rejected
from events.commit import Json


async def list_providers(services: Services, _call: Call) -> Reply:
    found = await services.switchboard.providers()
    return Reply(data={"providers": found, "count": len(found)})


async def list_agents(services: Services, _call: Call) -> Reply:
    found = await services.switchboard.agents()
    return Reply(data={"agents": found, "count": len(found)})


async def get_provider(services: Services, call: Call) -> Reply:
    """The provider; `provider_id` is 0 when there is no such one, as the script command has it."""
    entry = services.switchboard.find_provider(call.data["provider_id"])
    return Reply(data=await services.switchboard.provider(entry) if entry else {"provider_id": 0})


async def get_agent(services: Services, call: Call) -> Reply:
    """The agent; `agent_id` is 0 when there is no such one."""
    entry = services.switchboard.find_agent(call.data["agent_id"])
    return Reply(data=await services.switchboard.agent(entry) if entry else {"agent_id": 0})


async def set_provider_status(services: Services, call: Call) -> Reply:
    """Switch a provider on or off."""
    _check_caller(services, call)
    entry = services.switchboard.find_provider(call.data["provider_id"])
    if entry is None:
        known = ", ".join(str(row["name"]) for row in await services.switchboard.providers())
        raise _unknown("provider_id", call.data["provider_id"], known)
    reply = await send(services, call, "provider.set_status", f"provider/{entry.key}", _wanted(call))
    return _told(reply, "provider_id", entry.id)


async def set_agent_status(services: Services, call: Call) -> Reply:
    """Switch an agent's use of models on or off; without it the agent answers by its templates and rules."""
    _check_caller(services, call)
    entry = services.switchboard.find_agent(call.data["agent_id"])
    if entry is None:
        known = ", ".join(str(row["name"]) for row in await services.switchboard.agents())
        raise _unknown("agent_id", call.data["agent_id"], known)
    reply = await send(services, call, "agent.set_status", f"agent/{entry.key}", _wanted(call))
    return _told(reply, "agent_id", entry.id)


def _check_caller(services: Services, call: Call) -> None:
    """Raises `Rejected` -504 for everybody but the game server itself and whoever holds the key of the HTTP mirror.

    What a player sets off must not switch models, even where the server vouches for the player; and a body that a
    script wrote proves nothing about who sent it.
    """
    if call.actor.kind == "player":
        raise Rejected(Code.AUTHENTICATION_FAILED, "a player may not switch providers or agents")
    key = services.settings.http.api_key.get_secret_value()
    if call.actor.trusted or (call.connection.transport == "http" and key):
        return
    raise Rejected(
        Code.AUTHENTICATION_FAILED,
        "only the game server may switch providers and agents: send this over ZeroMQ with source.server, set "
        "http.api_key, or use `lorestream llm enable`",
    )


def _wanted(call: Call) -> Json:
    status = call.data["status"]
    if status not in {0, 1}:
        raise Rejected(Code.PARAMETER_OUT_OF_RANGE, "data.status must be 0 or 1", field="data.status")
    return {"enabled": status == 1, "reason": call.data.get("reason", "")}


def _told(reply: Reply, field: str, number: int) -> Reply:
    data = {**reply.data, "success": int(reply.success), field: number}
    return Reply(
        reply.code,
        reply.message,
        data,
        reply.position,
        reply.commit_id,
        reply.field,
        reply.retry_after_ms,
    )


def _unknown(field: str, which: str, known: str) -> Rejected:
    told = f"data.{field}: there is no {which[:64]!r}; known are {known}"
    return Rejected(Code.INVALID_PARAMETER, told, field=f"data.{field}")

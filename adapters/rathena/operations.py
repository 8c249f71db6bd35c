"""The table of operations: for each one its parameters and who carries it out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from adapters.rathena import legends, models, older, queries, requests
from adapters.rathena.packing import get_packet
from adapters.rathena.parameters import DIALOGUE, Parameter, read_parameters
from adapters.rathena.pathfind import pathfind
from adapters.rathena.services import Call, Services, send
from adapters.rathena.wire import Request, check_npc_id
from commands.agents.decision import decision_args
from commands.codes import Code
from commands.message import Reply
from commands.rejection import Rejected
from events.commit import Json

Handler = Callable[[Services, Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract.

    `of_npc` says that it concerns one NPC, whose id is then required; `npc_in` is what `data` calls it, for clients
    that put it there. `changes` says that it is a command whose effect later requests about the same NPC must see.
    `slow` ones wait longer by default.
    """

    name: str
    handler: Handler
    parameters: tuple[Parameter, ...] = ()
    of_npc: bool = True
    changes: bool = False
    slow: bool = False
    npc_in: str = "npc_id"


async def _command(name: str, services: Services, call: Call) -> Reply:
    return await send(services, call, name, f"npc/{call.npc_id}", call.data)


async def _with_player(name: str, services: Services, call: Call) -> Reply:
    if call.actor.kind != "player":
        raise Rejected(
            Code.MISSING_REQUIRED_FIELD,
            "data.player_id is missing, and no actor object names a player",
            field="data.player_id",
        )
    args = {key: value for key, value in call.data.items() if key != "npc_id"} | {"player_id": call.actor.id}
    return await send(services, call, name, f"npc/{call.npc_id}", args)


async def _thought(name: str, services: Services, call: Call) -> Reply:
    """A decision by utility takes a moment: it is only handed to the agents when the caller wants a callback."""
    if call.request.callback_label:
        return await requests.slow(services, call)
    return await send(services, call, name, f"npc/{call.npc_id}", decision_args(call.data))


async def _world_event(services: Services, call: Call) -> Reply:
    for place, npc_id in enumerate(call.data.get("affected_npcs", ())):
        check_npc_id(npc_id, f"data.affected_npcs.{place}")
    return await send(services, call, "world.event", f"world/{services.settings.realm}", call.data)


async def _faction_event(services: Services, call: Call) -> Reply:
    return await send(services, call, "faction.event", f"faction/{call.data['faction_id']}", call.data)


async def _request_async(services: Services, call: Call) -> Reply:
    find_operation(requests.wanted(call.data), "data.operation")
    return await requests.request_async(services, call)


async def _ping(services: Services, _call: Call) -> Reply:
    return Reply(
        data={"service": "lorestream", "version": services.release, "realm": services.settings.realm}
    )


def _npc_command(verb: str, *parameters: Parameter) -> Operation:
    return Operation(verb, partial(_command, f"npc.{verb}"), parameters, changes=True)


def _player_command(verb: str, *parameters: Parameter) -> Operation:
    return Operation(verb, partial(_with_player, f"npc.{verb}"), parameters, changes=True)


def _decision(name: str, verb: str, *parameters: Parameter) -> Operation:
    return Operation(name, partial(_thought, f"npc.{verb}"), parameters, changes=True)


def _of_character(name: str, handler: Handler, *numbers: str, changes: bool = False) -> Operation:
    whole = tuple(Parameter(number, "whole", required=True) for number in numbers)
    return Operation(name, handler, (Parameter("char_id", "whole"), *whole), of_npc=False, changes=changes)


_PROFILE = (
    Parameter("personality", "object"),
    Parameter("initial_goals", "array"),
    Parameter("goals", "array"),
    Parameter("schedule", "object"),
    Parameter("location", "json"),
    Parameter("profile", "object"),
)
_EVENT = (
    Parameter("event_type", "id", required=True),
    Parameter("event_data", "object", aliases=("data",)),
)
_REQUEST_ID = Parameter("request_id", "id", required=True)
_PROVIDER_ID = Parameter("provider_id", "id", required=True, aliases=("provider", "name"))
_AGENT_ID = Parameter("agent_id", "id", required=True, aliases=("agent", "name"))
_STATUS = (Parameter("status", "whole", required=True), Parameter("reason", "text"))
_TEMPLATE_ID = Parameter("template_id", "id")
_SITUATION = Parameter("situation", "json", aliases=("context",))

OPERATIONS = {
    operation.name: operation
    for operation in (
        _npc_command("register", *_PROFILE),
        _npc_command("unregister"),
        _npc_command("update_profile", *_PROFILE),
        _npc_command("event", *_EVENT),
        _player_command(
            "interact", Parameter("interaction_type", "id", required=True), Parameter("data", "object")
        ),
        Operation("dialogue", requests.slow, DIALOGUE, slow=True),
        _player_command("trade", Parameter("items", "json", required=True)),
        _player_command("quest_offer", Parameter("player_level", "whole")),
        _decision("decide_action", "decide_action", _SITUATION),
        _decision("complex_decision", "decide_action", _SITUATION),
        _decision("evaluate_situation", "evaluate_situation", _SITUATION),
        _decision(
            "choose_target", "choose_target", Parameter("candidates", "json", required=True), _SITUATION
        ),
        Operation(
            "pathfind",
            pathfind,
            (
                Parameter("destination_x", "whole", required=True),
                Parameter("destination_y", "whole", required=True),
                Parameter("options", "object"),
                Parameter("map", "id"),
                Parameter("x", "whole"),
                Parameter("y", "whole"),
            ),
        ),
        Operation("get_state", queries.get_state, (Parameter("fields", "array"),)),
        Operation("get_emotion", queries.get_emotion),
        Operation("get_goals", queries.get_goals),
        Operation(
            "get_memory",
            queries.get_memory,
            (Parameter("memory_type", "id"), Parameter("filters", "object")),
        ),
        Operation(
            "get_relationship",
            queries.get_relationship,
            (Parameter("target_id", "id", required=True, aliases=("player_id",)),),
        ),
        Operation(
            "world_event",
            _world_event,
            (*_EVENT, Parameter("affected_npcs", "array")),
            of_npc=False,
            changes=True,
        ),
        Operation(
            "faction_event",
            _faction_event,
            (Parameter("faction_id", "id", required=True), *_EVENT),
            of_npc=False,
            changes=True,
        ),
        _of_character("get_bloodline_level", legends.get_bloodline_level, "bloodline_id"),
        _of_character("get_bloodlines", legends.get_bloodlines),
        _of_character("add_bloodline_exp", legends.add_bloodline_exp, "bloodline_id", "exp", changes=True),
        _of_character("unlock_bloodline", legends.unlock_bloodline, "bloodline_id", changes=True),
        _of_character("get_synthesis_level", legends.get_synthesis_level, "synthesis_id"),
        _of_character("get_syntheses", legends.get_syntheses),
        _of_character("add_synthesis_exp", legends.add_synthesis_exp, "synthesis_id", "exp", changes=True),
        _of_character("unlock_synthesis", legends.unlock_synthesis, "class1_id", "class2_id", changes=True),
        Operation(
            "get_world_state",
            legends.get_world_state,
            (Parameter("map", "id"), Parameter("events", "whole")),
            of_npc=False,
        ),
        Operation("request_async", _request_async, of_npc=False, slow=True),
        Operation("check_result", queries.check_result, (_REQUEST_ID,), of_npc=False),
        Operation(
            "cancel_request",
            requests.cancel_request,
            (_REQUEST_ID, Parameter("reason", "text")),
            of_npc=False,
        ),
        Operation(
            "register_callback",
            requests.register_callback,
            (
                Parameter("label", "id", required=True, aliases=("callback_label",)),
                Parameter("operation", "id"),
            ),
            of_npc=False,
        ),
        Operation("list_providers", models.list_providers, of_npc=False),
        Operation("get_provider", models.get_provider, (_PROVIDER_ID,), of_npc=False),
        Operation("set_provider_status", models.set_provider_status, (_PROVIDER_ID, *_STATUS), of_npc=False),
        Operation("list_agents", models.list_agents, of_npc=False),
        Operation("get_agent", models.get_agent, (_AGENT_ID,), of_npc=False),
        Operation("set_agent_status", models.set_agent_status, (_AGENT_ID, *_STATUS), of_npc=False),
        Operation(
            "get_packet",
            get_packet,
            (
                Parameter("packet", "id", required=True),
                Parameter("id", "whole"),
                Parameter("char_id", "whole"),
                Parameter("map", "id"),
                Parameter("map_id", "whole"),
            ),
            of_npc=False,
        ),
        Operation(
            "create_event",
            older.create_event,
            (*_EVENT, Parameter("agent_id", "id", aliases=("agent",))),
            of_npc=False,
        ),
        Operation(
            "process_event",
            older.process_event,
            (Parameter("event_id", "whole", required=True),),
            of_npc=False,
        ),
        Operation("generate_dialogue", older.generate_dialogue, (_TEMPLATE_ID,), slow=True, npc_in="npc"),
        Operation(
            "generate_quest",
            older.generate_quest,
            (
                _TEMPLATE_ID,
                Parameter("difficulty", "whole"),
                Parameter("reward_level", "whole", required=True),
            ),
            changes=True,
            npc_in="npc",
        ),
        Operation(
            "record_interaction",
            older.record_interaction,
            (
                Parameter("char_id", "whole"),
                Parameter("interaction_type", "id", required=True),
            ),
            changes=True,
            npc_in="npc",
        ),
        Operation("ping", _ping, of_npc=False),
    )
}


def find_operation(name: str, field: str = "operation") -> Operation:
    """The operation of that name, given in `field`. Raises `Rejected` -101 that suggests the nearest ones."""
    operation = OPERATIONS.get(name)
    if operation is None:
        near = get_close_matches(name[:64], OPERATIONS, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(sorted(OPERATIONS))}"
        shown = name[:64] if name.isprintable() else ascii(name[:64])
        raise Rejected(Code.INVALID_PARAMETER, f"{field}: {shown!r} is unknown; {hint}", field=field)
    return operation


def prepare(operation: Operation, request: Request) -> Json:
    """The request's `data` with its parameters read; sets `request.npc_id` from `data` where old clients put it.

    Raises `Rejected` naming the field.
    """
    if operation.of_npc and request.npc_id is None:
        field = operation.npc_in
        inside = request.data.get(field)
        if inside is None:
            raise Rejected(Code.MISSING_REQUIRED_FIELD, f"{field} is missing", field=field)
        # The older functions take a number for a name.
        named = str(inside) if type(inside) is int and field == "npc" else inside
        request.npc_id = check_npc_id(named, f"data.{field}")
    return read_parameters(request.data, operation.parameters)

"""The older script functions of `rathena-server-side.md` §5: events, dialogues, quests, interactions by number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.rathena.documents import read_json
from adapters.rathena.legends import character
from adapters.rathena.parameters import MAX_MESSAGE
from adapters.rathena.queries import ask, unknown_npc
from adapters.rathena.requests import DEFAULT_TIMEOUT_MS, await_outcome
from adapters.rathena.services import Call, Services, send
from adapters.rulebooks import load
from commands.codes import Code
from commands.message import Reply
from commands.mind.quest_templates import MAX_LEVEL, quest_number, quest_of
from commands.rejection import Rejected
from commands.scriptevent import MAX_NUMBER, numbers
from events.commit import Actor, Json
from projections import npcs

MAX_DIFFICULTY = 5
NONE = "0"


async def create_event(services: Services, call: Call) -> Reply:
    """`ai_create_event`: the number of a new event, for `process_event`."""
    agent, agent_id = "", 0
    which = call.data.get("agent_id", NONE)
    if which != NONE:
        entry = services.switchboard.find_agent(which)
        if entry is None:
            known = ", ".join(str(row["name"]) for row in await services.switchboard.agents())
            raise _wrong("agent_id", f"there is no agent {which[:64]!r}; known are {known}, and 0 for all")
        agent, agent_id = entry.key, entry.id
    args = {
        "event_type": call.data["event_type"],
        "event_data": call.data.get("event_data", {}),
        "agent": agent,
        "agent_id": agent_id,
    }
    reply = Reply()
    for number in numbers(call.command_id):
        reply = await send(services, call, "scriptevent.create", f"scriptevent/{number}", args)
        if reply.code != Code.ALREADY_EXISTS:
            break
    return reply


async def process_event(services: Services, call: Call) -> Reply:
    """`ai_process_event`: hand an event to the agents, once."""
    event_id = call.data["event_id"]
    if not 1 <= event_id <= MAX_NUMBER:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, f"data.event_id must be 1 to {MAX_NUMBER}", field="data.event_id"
        )
    return await send(services, call, "scriptevent.process", f"scriptevent/{event_id}", {})


async def generate_dialogue(services: Services, call: Call) -> Reply:
    """`ai_generate_dialogue`: what an NPC says at a kind of moment, or to what the `context` says."""
    context, said = _context(call.data.get("context"), "context"), ""
    which = call.data.get("template_id", NONE)
    if which == NONE:
        said = str(context.pop("message", ""))
        if not said:
            raise Rejected(
                Code.MISSING_REQUIRED_FIELD,
                "data.context is missing: with template_id 0 it is what the player says",
                field="data.context",
            )
    else:
        moment = load().moments.moment(which)
        if moment is None:
            known = ", ".join(f"{m.number} {m.name}" for m in load().moments.moments.values())
            raise _wrong("template_id", f"there is no moment {which[:64]!r}; known are 0 and {known}")
        profile = await ask(services, call, npcs.state, call.npc_id, ("language",))
        if profile is None:
            raise unknown_npc(call.npc_id)
        language = context.get("language") or profile.get("language")
        said = moment.said(language if isinstance(language, str) else "")
    timeout_ms = call.request.timeout_ms or DEFAULT_TIMEOUT_MS
    data = {"player_message": said[:MAX_MESSAGE], "context": context}
    return await await_outcome(services, call, "dialogue", data, timeout_ms)


async def generate_quest(services: Services, call: Call) -> Reply:
    """`ai_generate_quest`: a quest of the NPC for the player the game server vouches for; number 0 when none fits."""
    book = load().quests
    if call.actor.kind != "player" or not call.actor.trusted:
        raise Rejected(
            Code.MISSING_REQUIRED_FIELD,
            "no actor object names the player the quest is for: call this with a player attached",
            field="actor",
        )
    level, difficulty = call.data["reward_level"], call.data.get("difficulty", 0)
    for name, value, least, most in (
        ("reward_level", level, 1, MAX_LEVEL),
        ("difficulty", difficulty, 0, MAX_DIFFICULTY),
    ):
        if not least <= value <= most:
            raise Rejected(
                Code.PARAMETER_OUT_OF_RANGE, f"data.{name} must be {least} to {most}", field=f"data.{name}"
            )
    args: Json = {
        "player_id": call.actor.id,
        "player_level": level,
        "difficulty": difficulty,
        "reward_level": level,
    }
    which = call.data.get("template_id", NONE)
    if which != NONE:
        template = book.called(which) or (book.numbered(int(which)) if which.isdecimal() else None)
        if template is None:
            raise _wrong("template_id", f"there is no quest {which[:64]!r} in quests.toml")
        args["template"] = template.name
    reply = await send(services, call, "npc.quest_offer", f"npc/{call.npc_id}", args)
    quest_id = str(reply.data.get("quest_id", ""))
    return replace(
        reply, data={**reply.data, "quest_number": quest_number(quest_id, book), "quest_id": quest_id}
    )


async def record_interaction(services: Services, call: Call) -> Reply:
    """`ai_record_interaction`: what a character did with an NPC, in the words of `ai_npc_interact`."""
    if not call.connection.vouched:
        # Whoever concatenates a body over HTTP could put any character into it.
        raise Rejected(
            Code.AUTHENTICATION_FAILED, "interactions by char_id are recorded over ZeroMQ only; use interact"
        )
    char_id = character(call)
    which = call.data["interaction_type"]
    kind = load().moments.interaction(which)
    if kind is None:
        known = ", ".join(f"{number} {name}" for name, number in load().moments.interactions.items())
        raise _wrong("interaction_type", f"there is no interaction {which[:64]!r}; known are {known}")
    data = _context(call.data.get("interaction_data"), "interaction_data")
    if isinstance(number := data.get("quest_number"), int) and "quest_id" not in data:
        data["quest_id"] = quest_of(number, load().quests)
    if call.actor.kind != "player" or call.actor.id != char_id:
        # The game server says that this character did it, whoever is attached to the script.
        told = call.request.source.server or ""
        call.actor = Actor("player", char_id, call.actor.trusted, {"char_id": int(char_id), "told_by": told})
    args = {"interaction_type": kind, "player_id": char_id, "data": data}
    return await send(services, call, "npc.interact", f"npc/{call.npc_id}", args)


def _context(value: Any, field: str) -> Json:
    """A JSON object, or a string that holds one; any other text becomes its `message`.

    A line such as "[Aria] hello" is text: only what begins as an object is read as one.
    """
    if value is None:
        return {}
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = read_json(value, f"data.{field}")
    if isinstance(value, str):
        if len(value) > MAX_MESSAGE:
            raise Rejected(
                Code.PARAMETER_OUT_OF_RANGE,
                f"data.{field} must have at most {MAX_MESSAGE} characters, this has {len(value)}",
                field=f"data.{field}",
            )
        return {"message": value} if value else {}
    if not isinstance(value, dict):
        raise _wrong(field, "must be text or a JSON object")
    return dict(value)


def _wrong(field: str, problem: str) -> Rejected:
    return Rejected(Code.INVALID_PARAMETER, f"data.{field}: {problem}", field=f"data.{field}")

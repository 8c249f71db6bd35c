"""The decision agent: requests for what an NPC decides by rules, carried out as commands on the NPC. Pure."""

from __future__ import annotations

from commands.agents.dialogue import follow_up, player_of
from commands.message import CommandMessage, Reply
from events.commit import Commit, Json
from events.request import RequestOpened

VERBS = {
    "decide_action": "decide_action",
    "complex_decision": "decide_action",
    "evaluate_situation": "evaluate_situation",
    "choose_target": "choose_target",
    "trade": "trade",
    "quest_offer": "quest_offer",
}
"""Which command carries out which operation."""

_THOUGHTS = frozenset({"decide_action", "evaluate_situation", "choose_target"})


def decision_args(data: Json) -> Json:
    """The arguments of a decision: scripts send the situation as `situation`, or as the whole of `data`."""
    rest = {key: value for key, value in data.items() if key not in {"npc_id", "player_id"}}
    situation = rest.pop("situation", None)
    if "candidates" in rest:
        candidates = rest.pop("candidates")
        return {"candidates": candidates, "situation": rest if situation is None else situation}
    return {"situation": rest if situation is None else situation}


def command(commit: Commit, opened: RequestOpened) -> CommandMessage:
    """The command on the NPC that the request asks for."""
    verb = VERBS[opened.operation]
    named = {**opened.data, "player_id": player_of(opened, commit)}
    args = decision_args(opened.data) if verb in _THOUGHTS else named
    return follow_up(commit, f"npc.{verb}", f"npc/{opened.npc_id}", args, actor=commit.actor)


def outcome(commit: Commit, reply: Reply) -> CommandMessage:
    """The command that ends the request with what became of the decision."""
    if reply.success:
        return follow_up(
            commit, "request.complete", commit.stream, {"result": reply.data, "code": reply.code}
        )
    return follow_up(commit, "request.fail", commit.stream, {"code": reply.code, "message": reply.message})

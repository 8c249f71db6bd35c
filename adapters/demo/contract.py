"""What an answer must look like, whatever it says.

Specification: `native-script-commands.md` §2 and appendix A; for each operation the fields that scripts read.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.demo.game_server import Exchange
from events.commit import Json

_NUMBER = (int, float)
_FIELDS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "register": {"npc_id": (str,), "version": (int,)},
    "unregister": {"npc_id": (str,)},
    "update_profile": {"npc_id": (str,), "version": (int,)},
    "interact": {"accepted": (bool,), "reaction": (dict,), "relationship": (dict,)},
    "dialogue": {"response": (str,), "emotion": (str,), "action": (str,), "method": (str,)},
    "trade": {"accepted": (bool,), "price": (int,), "comment": (str,)},
    "decide_action": {"action": (str,), "reason": (str,), "scores": (dict,)},
    "evaluate_situation": {
        "threat_level": (str,),
        "opportunities": (list,),
        "recommended_action": (str,),
    },
    "choose_target": {"target_id": (str,), "reason": (str,), "scores": (dict,)},
    "pathfind": {"path": (list,), "valid": (bool,), "cost": (int,)},
    "get_state": {"npc_id": (str,), "emotion": (str,), "current_goal": (str,), "location": (dict,)},
    "get_emotion": {"primary": (str,), "intensity": _NUMBER, "secondary": (list,)},
    "get_memory": {"memories": (list,)},
    "get_relationship": {
        "target_id": (str,),
        "relationship_level": (str,),
        "trust": _NUMBER,
        "affection": _NUMBER,
        "interactions": (int,),
    },
    "get_goals": {"current_goals": (list,)},
    "world_event": {"affected": (int,)},
    "faction_event": {"affected": (int,)},
    "request_async": {"request_id": (str,), "status": (str,)},
    "check_result": {"status": (str,), "elapsed_ms": _NUMBER},
    "ping": {"service": (str,), "version": (str,), "realm": (str,)},
}
_QUEST: Mapping[str, tuple[type, ...]] = {"quest_name": (str,), "description": (str,), "rewards": (dict,)}

_COMMANDS = frozenset(
    {"register", "unregister", "update_profile", "interact", "trade", "quest_offer"}
    | {"event", "world_event", "faction_event"}
)
"""Their success names a position in the log."""


def breaches(exchange: Exchange, codes: tuple[int, ...]) -> list[str]:
    """What is wrong with an answer that may have one of `codes`; empty when it keeps the contract.

    Where 0 may come, a warning (a positive code) may too.
    """
    answer, code = exchange.answer, exchange.answer.get("error_code")
    found = []
    if answer.get("correlation_id") != exchange.request["correlation_id"]:
        found.append(f"correlation_id is {answer.get('correlation_id')!r}")
    if type(code) is not int or not (code in codes or (code > 0 and 0 in codes)):
        expected = " or ".join(map(str, codes))
        found.append(f"error_code is {code!r}, not {expected}: {answer.get('error_message', '')}")
        return found
    if answer.get("success") is not (code >= 0):
        found.append(f"success is {answer.get('success')!r} beside error_code {code}")
    if type(exchange.data.get("error_code")) is not int:
        found.append("data.error_code is no whole number")
    if not isinstance(answer.get("processing_time_ms"), _NUMBER):
        found.append("processing_time_ms is no number")
    if code < 0:
        if not answer.get("error_message"):
            found.append("error_message is missing")
        return found
    if exchange.operation in _COMMANDS and exchange.position is None:
        found.append("position is missing")
    return found + missing(exchange.operation, exchange.data)


def missing(operation: str, data: Json) -> list[str]:
    """Fields of a successful answer's `data` that are absent or of the wrong type."""
    fields = _FIELDS.get(operation, {})
    if operation == "quest_offer" and "quest_id" in data:
        fields = _QUEST
    return [
        f"data.{name} is {data.get(name)!r}"
        for name, types in fields.items()
        if type(data.get(name)) not in types
    ]

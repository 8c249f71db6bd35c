"""The read model of conversations with the assistant: what was said and answered, in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Index, bindparam, select

from events.chat import ChatAnswered, ChatDropped, ChatSaid
from events.commit import moment
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, TEXT, from_text, name, required, table, to_text

MAX_PAGE = 200

CHATS = table(
    "chat_messages",
    required("chat_id", name(400), key=True),
    required("number", INTEGER, key=True),
    required("campaign_id", name(64)),
    required("account_id", name(128)),
    required("message_id", name(128)),
    required("role", name(16)),
    required("speaks", name(16)),
    required("character_id", name(128)),
    required("text", TEXT),
    required("cites", TEXT),
    required("proposals", TEXT),
    required("route", name(16)),
    required("model", name(128)),
    required("decision_id", name(128)),
    required("prompt_tokens", INTEGER),
    required("answer_tokens", INTEGER),
    required("cost", INTEGER),
    required("problem", TEXT),
    required("at", INTEGER),
    required("position", INTEGER),
    clustered=True,
)
Index("ix_chat_messages_message", CHATS.c.message_id)
Index("ix_chat_messages_campaign", CHATS.c.campaign_id, CHATS.c.position)


def _keys(_: Entry) -> Iterable[Address]:
    return ()


def _fold(rows: Rows, entry: Entry) -> None:
    for event in entry.commit.events:
        if isinstance(event, ChatSaid | ChatAnswered | ChatDropped):
            row = _row(event, entry)
            rows.put(CHATS, (row["chat_id"], row["number"]), row)


def _row(event: ChatSaid | ChatAnswered | ChatDropped, entry: Entry) -> dict[str, Any]:
    campaign_id, _, rest = entry.entity.partition("/")
    said = event if isinstance(event, ChatSaid) else None
    answer = event if isinstance(event, ChatAnswered) else None
    role = "user" if said else "assistant" if answer else "dropped"
    return {
        "chat_id": entry.entity,
        "number": entry.commit.version,
        "campaign_id": campaign_id,
        "account_id": rest.partition("/")[0],
        "message_id": event.message_id,
        "role": role,
        "speaks": said.role if said else "",
        "character_id": said.character_id if said else "",
        "text": "" if isinstance(event, ChatDropped) else event.text,
        "cites": to_text([[one.kind, one.id, one.name] for one in answer.cites] if answer else []),
        "proposals": to_text(list(answer.proposals) if answer else []),
        "route": answer.route if answer else "",
        "model": answer.model if answer else "",
        "decision_id": answer.decision_id if answer else "",
        "prompt_tokens": answer.prompt_tokens if answer else 0,
        "answer_tokens": answer.answer_tokens if answer else 0,
        "cost": answer.cost if answer else 0,
        "problem": event.reason if isinstance(event, ChatDropped) else answer.problem if answer else "",
        "at": entry.at,
        "position": entry.position,
    }


CONVERSATIONS = Projection("chats", 1, (CHATS,), _keys, _fold, frozenset({"chat"}))

_PAGE = (
    select(CHATS)
    .where(CHATS.c.chat_id == bindparam("chat_id"), CHATS.c.number < bindparam("before"))
    .order_by(CHATS.c.number.desc())
    .limit(bindparam("count"))
)
_OF_MESSAGE = select(CHATS).where(CHATS.c.message_id == bindparam("message_id")).order_by(CHATS.c.number)


@reads("chats")
def history(
    connection: Connection, chat_id: str, *, before: int | None = None, limit: int = 50
) -> dict[str, Any]:
    """Messages of a conversation, newest first: `{"items": [...], "next": number or null}`.

    `before` is a number that a page ended with. Costs are in billionths of a US dollar.
    """
    limit = max(1, min(limit, MAX_PAGE))
    values = {"chat_id": chat_id, "before": 2**62 if before is None else before, "count": limit + 1}
    found = connection.execute(_PAGE, values).mappings().all()
    shown = [_shown(row) for row in found[:limit]]
    return {"items": shown, "next": shown[-1]["number"] if len(found) > limit else None}


@reads("chats")
def message(connection: Connection, chat_id: str, message_id: str) -> list[dict[str, Any]]:
    """What was said under that id in a conversation, and the answer once there is one."""
    found = connection.execute(_OF_MESSAGE, {"message_id": message_id}).mappings()
    return [_shown(row) for row in found if row["chat_id"] == chat_id]


def _shown(row: Any) -> dict[str, Any]:
    shown = {
        "chat_id": row["chat_id"],
        "number": row["number"],
        "message_id": row["message_id"],
        "role": row["role"],
        "text": row["text"],
        "at": moment(row["at"]).isoformat(),
        "position": row["position"],
    }
    if row["role"] == "user":
        return shown | {"character_id": row["character_id"]}
    if row["role"] == "dropped":
        return shown | {"problem": row["problem"]}
    return shown | {
        "cites": [dict(zip(("kind", "id", "name"), one, strict=True)) for one in from_text(row["cites"])],
        "proposals": from_text(row["proposals"]),
        "route": row["route"],
        "model": row["model"],
        "decision_id": row["decision_id"],
        "tokens": {"prompt": row["prompt_tokens"], "answer": row["answer_tokens"]},
        "cost": row["cost"],
        "problem": row["problem"],
    }

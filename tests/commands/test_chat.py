"""A conversation with the assistant: said by its owner, answered once by the assistant, dropped by either."""

from __future__ import annotations

import pytest

from commands.chat import CHAT, MAX_OPEN, MAX_SAID
from commands.codes import Code
from events.campaign import CampaignArchived
from events.chat import ChatAnswered, ChatDropped, ChatSaid, Cite
from events.commit import Actor, Event
from tests.campaigns import CAMPAIGN_ID, EVE, MARA, TOM, UMA, account, campaign
from tests.specification import Given, given

ASSISTANT = Actor("agent", "game_master")
SAID = ChatSaid("m1", "Who rules the harbour?")
ANSWERED = ChatAnswered("m1", "Nobody, since the fire.", "template")


def of(who: str | Actor, *history: Event, owner: str = MARA, **facts: object) -> Given:
    actor = account(who) if isinstance(who, str) else who
    facts = {"campaign": campaign(), **facts}
    return given(CHAT, *history, entity=f"{CAMPAIGN_ID}/{owner}/main", actor=actor, facts=facts)


def test_a_game_master_asks_as_a_master_and_a_player_as_a_player() -> None:
    said = {"message_id": "m1", "text": "  Who rules the harbour? "}
    of(MARA).when("say", said).then(SAID)
    spoken = ChatSaid("m1", "Who rules the harbour?", "player", "ch1")
    of(TOM, owner=TOM).when("say", said | {"character_id": "ch1"}).then(spoken)


def test_observers_strangers_and_other_peoples_conversations_are_refused() -> None:
    said = {"message_id": "m1", "text": "Hello?"}
    of(UMA, owner=UMA).when("say", said).then_rejected(Code.AUTHENTICATION_FAILED, "role")
    of(EVE, owner=EVE).when("say", said).then_rejected(Code.NPC_NOT_FOUND, "campaign_id")
    of(TOM).when("say", said).then_rejected(Code.AUTHENTICATION_FAILED, "chat_id")
    of(MARA, campaign=campaign(CampaignArchived())).when("say", said).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "status"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.INVALID_PARAMETER),
        ("  ", Code.INVALID_PARAMETER),
        ("x" * (MAX_SAID + 1), Code.PARAMETER_OUT_OF_RANGE),
    ],
)
def test_what_is_no_message_is_refused(text: str, code: Code) -> None:
    of(MARA).when("say", {"message_id": "m1", "text": text}).then_rejected(code, "text")


def test_only_so_many_questions_wait_at_once_and_an_id_is_used_once() -> None:
    waiting = [ChatSaid(f"m{number}", "?") for number in range(MAX_OPEN)]
    more = {"message_id": "more", "text": "?"}
    of(MARA, *waiting).when("say", more).then_rejected(Code.RATE_LIMITED, "message")
    of(MARA, *waiting, ChatDropped("m3")).when("say", more).then(ChatSaid("more", "?"))
    again = {"message_id": "m1", "text": "?"}
    of(MARA, SAID).when("say", again).then_rejected(Code.ALREADY_EXISTS, "message_id")
    of(MARA, SAID, ANSWERED).when("say", again).then_rejected(Code.ALREADY_EXISTS, "message_id")


def test_a_message_is_answered_once_and_only_by_the_assistant() -> None:
    answer = {"message_id": "m1", "text": "Nobody, since the fire.", "route": "template"}
    of(ASSISTANT, SAID).when("answer", answer).then(ANSWERED)
    cited = answer | {
        "route": "model",
        "cites": [{"kind": "element", "id": "e1", "name": "Port"}],
        "cost": 12,
    }
    of(ASSISTANT, SAID).when("answer", cited).then(
        ChatAnswered("m1", "Nobody, since the fire.", "model", (Cite("element", "e1", "Port"),), cost=12)
    )
    of(MARA, SAID).when("answer", answer).then_rejected(Code.AUTHENTICATION_FAILED, "actor")
    of(ASSISTANT, SAID, ANSWERED).when("answer", answer).then_rejected(
        Code.INVALID_STATE_TRANSITION, "message_id"
    )
    of(ASSISTANT).when("answer", answer).then_rejected(Code.INVALID_STATE_TRANSITION, "message_id")


def test_who_asked_and_the_assistant_may_drop_a_message_and_nobody_else() -> None:
    stopped = {"message_id": "m1", "reason": "stopped"}
    of(MARA, SAID).when("drop", stopped).then(ChatDropped("m1", "stopped"))
    of(ASSISTANT, SAID).when("drop", stopped).then(ChatDropped("m1", "stopped"))
    of(TOM, SAID).when("drop", stopped).then_rejected(Code.AUTHENTICATION_FAILED, "chat_id")
    of(MARA, SAID, ANSWERED).when("drop", stopped).then_rejected(Code.INVALID_STATE_TRANSITION, "message_id")

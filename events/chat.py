"""Events of a conversation with the game master's assistant, `chat/<campaign id>/<account id>/<name>`."""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event


@dataclass(frozen=True, slots=True)
class Cite:
    """What an answer rests on. `kind` is `element`, `character`, `session` or `refdata`; `name` as it was then."""

    kind: str
    id: str
    name: str


@event("chat.said")
@dataclass(frozen=True, slots=True)
class ChatSaid(Event):
    """Somebody asked, as `master` or as `player`: the answer knows what he may know. `character_id` is set when
    a player speaks as a character."""

    message_id: str
    text: str
    role: str = "master"
    character_id: str = ""


@event("chat.answered")
@dataclass(frozen=True, slots=True)
class ChatAnswered(Event):
    """The answer to the message `message_id`.

    `route` is `model`, `fallback` (another provider than the first), `cache` or `template`; `cost` is in billionths of
    a US dollar; `decision_id` is empty where no model was asked. `proposals` are ids of what the game master may
    accept. `problem` says why a model's answer could not be used, so that the template's stands here.
    """

    message_id: str
    text: str
    route: str
    cites: tuple[Cite, ...] = ()
    proposals: tuple[str, ...] = ()
    decision_id: str = ""
    model: str = ""
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: int = 0
    problem: str = ""


@event("chat.dropped")
@dataclass(frozen=True, slots=True)
class ChatDropped(Event):
    """Nobody waits for the answer to that message any more: it was stopped, or failed for the `reason` given."""

    message_id: str
    reason: str = ""

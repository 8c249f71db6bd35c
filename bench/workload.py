"""The requests every measured service gets: the same operations in the same order for the same seed.

A request is a template filled with bytes, not encoded JSON, because the client shares the machine with what it
measures.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["register", "commands", "state", "decisions"]

CORRELATION_START = b'{"correlation_id":"'
"""Requests and answers of all services begin like this, so that a client need not parse them."""

_SOURCE = b'"source":{"server":"map-1"}}'
_REGISTER = (
    CORRELATION_START
    + b'%s","operation":"register","npc_id":"%s","data":{"personality":{"archetype":"merchant",'
    b'"openness":0.6,"traits":["greedy","brave"]},"initial_goals":[{"goal":"sell wares","priority":5}],'
    b'"map":"prontera","x":150,"y":180},' + _SOURCE
)
_EVENT = (
    CORRELATION_START
    + b'%s","operation":"event","npc_id":"%s","data":{"event_type":"heard_sound","event_data":'
    b'{"sound":"bell","distance":12}},' + _SOURCE
)
_INTERACT = (
    CORRELATION_START + b'%s","operation":"interact","npc_id":"%s","data":{"interaction_type":"talk","data":'
    b'{"message":"Good morning! What do you sell today?"}},"actor":{"account_id":2000001,"char_id":%d,"name":"Aria",'
    b'"level":42,"map":"prontera","x":150,"y":148},' + _SOURCE
)
_PLAYER = (
    b'"actor":{"account_id":2000001,"char_id":%d,"name":"Aria","level":42,"map":"prontera","x":150,"y":148},'
    + _SOURCE
)
_DECISIONS = (
    (
        "decide_action",
        b'{"situation":{"location":"prontera","time":"14:30","players":[{"id":"150001","distance":4}],'
        b'"monsters":[{"id":"m1","distance":9,"level":12,"hostile":true}]}}',
    ),
    (
        "evaluate_situation",
        b'{"situation":{"monsters":[{"id":"m1","distance":3,"level":50,"hostile":true}]}}',
    ),
    ("trade", b'{"items":[{"item_id":"1001","amount":2,"side":"request"},{"item_id":"1101","amount":1}]}'),
    ("quest_offer", b'{"player_level":42}'),
)
_STATE = CORRELATION_START + b'%s","operation":"get_state","npc_id":"%s","data":{},' + _SOURCE

PLAYERS = 50


class Request(NamedTuple):
    operation: str
    body: bytes


def npc_name(number: int) -> bytes:
    return b"Merchant_%06d" % number


def requests(kind: Kind, *, npcs: int, prefix: str, seed: int = 1) -> Iterator[Request]:
    """Endless requests of one kind (`register`: as many as there are NPCs).

    Correlation ids are `prefix` and a number from 0. `commands` mixes events and interactions one to one, with a
    new NPC registered every tenth time, over `npcs` NPCs that `register` made before; `decisions` asks them in turn to
    decide, to evaluate, to trade and for a quest.
    """
    chance = random.Random(seed)
    start = prefix.encode()
    number = 0
    while kind != "register" or number < npcs:
        correlation = b"%s%d" % (start, number)
        name = npc_name(chance.randrange(npcs))
        if kind == "register":
            yield Request("register", _REGISTER % (correlation, npc_name(number)))
        elif kind == "state":
            yield Request("get_state", _STATE % (correlation, name))
        elif kind == "decisions":
            operation, data = _DECISIONS[number % len(_DECISIONS)]
            head = b'%s","operation":"%s","npc_id":"%s","data":%s,' % (
                correlation,
                operation.encode(),
                name,
                data,
            )
            yield Request(
                operation, CORRELATION_START + head + _PLAYER % (150_000 + chance.randrange(PLAYERS))
            )
        elif number % 10 == 9:
            yield Request("register", _REGISTER % (correlation, b"New_%s" % correlation))
        elif number % 2:
            yield Request("interact", _INTERACT % (correlation, name, 150_000 + chance.randrange(PLAYERS)))
        else:
            yield Request("event", _EVENT % (correlation, name))
        number += 1

"""Who may hear what an NPC remembers.

What is said to an NPC in conversation is between it and that player: speech, talks, and whatever a script reports as
whispered, confided or marked `private`. It may be repeated to that player alone. Everything else is open: what was done
where others could see it, what the world or a faction was told, and hearsay, which somebody chose to tell on (gossip
never tells what was private). A reflection sums up several memories, so it is as private as the people in it.

The rule is applied when memories are recalled: what a player may not hear is not put before the model. Answers are
checked for its words, too, by marks that do not give them away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from commands.mind.memory.record import Memory, Source
from commands.mind.memory.render import REPLIED

PRIVATE_KINDS = frozenset(
    {"talk", "whisper", "whispered", "confession", "confided", "secret", "secret_told", "private_message"}
)
MAX_MARKS = 400
_RUN = 8
"""A mark spans four words, or eight letters of a script without spaces (each of those counts half a word)."""

_TOKEN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
_DENSE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NUMBER = re.compile(r"\w*\d\w*\d\w*\d\w*\d\w*")


def confided(kind: str, data: Mapping[str, Any]) -> bool:
    """Whether an event or interaction was told in private, and so is nothing to gossip about."""
    return kind in PRIVATE_KINDS or data.get("private") is True


def may_hear(memory: Memory, player_id: str) -> bool:
    """Whether the NPC may repeat a memory to this player."""
    if not _private(memory):
        return True
    people = {person for person in (memory.actor, *memory.players) if person and person != memory.owner}
    return people <= {player_id}


def partition(memories: Iterable[Memory], player_id: str) -> tuple[tuple[Memory, ...], tuple[Memory, ...]]:
    """What the NPC may repeat to this player, and what it must keep to itself, each in the order given."""
    told: list[Memory] = []
    withheld: list[Memory] = []
    for memory in memories:
        (told if may_hear(memory, player_id) else withheld).append(memory)
    return tuple(told), tuple(withheld)


def marks(withheld: Iterable[Memory], known: Iterable[Memory], message: str = "") -> list[str]:
    """Fingerprints of what must not be repeated: runs of words and long numbers of the `withheld` memories, without
    those that occur in a `known` one, which the answer may draw on, or in the player's own `message`, which many have
    said before. At most `MAX_MARKS`.

    Of a conversation only what the player said counts: the NPC's own turns of phrase are no secret, nor are names.
    Reflections are left out: what is private in them are conversations, which are memories of their own.
    """
    open_runs = {run for memory in known for run in _remembered_runs(memory.content)} | set(_runs(message))
    found = dict.fromkeys(
        run
        for memory in withheld
        if memory.source is not Source.REFLECTION
        for run in _remembered_runs(_players_half(memory))
        if run not in open_runs
    )
    return [_mark(run) for run in list(found)[:MAX_MARKS]]


def gives_away(text: str, marked: Sequence[str]) -> bool:
    """Whether a text repeats something that was marked."""
    wanted = set(marked)
    return bool(wanted) and any(_mark(run) in wanted for run in _runs(text))


def _players_half(memory: Memory) -> str:
    """The words of the player: `who: words / I said: …` where it is a conversation."""
    said = memory.content.rpartition(REPLIED)[0] if memory.channel == "speech" else ""
    return (said or memory.content).removeprefix(f"{memory.actor}: ")


def _private(memory: Memory) -> bool:
    if memory.private or memory.source is Source.REFLECTION:
        return True
    return memory.channel == "speech" or (
        memory.channel in ("event", "interaction") and memory.kind in PRIVATE_KINDS
    )


@lru_cache(maxsize=4_096)
def _remembered_runs(text: str) -> tuple[str, ...]:
    # The same memories come up in many conversations.
    return tuple(_runs(text))


def _runs(text: str) -> Iterator[str]:
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    weights = [1 if not token.isascii() and _DENSE.match(token) else 2 for token in tokens]
    for start, token in enumerate(tokens):
        if not token.isalpha() and _NUMBER.fullmatch(token):
            yield token
        weight, end = 0, start
        while weight < _RUN and end < len(tokens):
            weight += weights[end]
            end += 1
        if weight >= _RUN:
            yield " ".join(tokens[start:end])


@lru_cache(maxsize=16_384)
def _mark(run: str) -> str:
    return sha256(run.encode("utf-8", "surrogatepass")).hexdigest()[:16]

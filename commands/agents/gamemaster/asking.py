"""What a question at the table is asked with: the campaign as whoever asks knows it, and what was said before. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from commands.agents.context import Fitted, Part, fit
from commands.agents.gamemaster.assisting import BLOCKS
from commands.agents.gamemaster.briefing import Circumstances, numbered, told
from commands.agents.safety.foreign import foreign
from commands.forms.text import searchable
from events.commit import Json

MAX_QUESTION = 4_000
MAX_SAID = 600
MAX_TURNS = 12
MAX_WORDS = 12
SHORTEST_WORD = 3

_WORD = re.compile(r"[^\W_]+")
_LINK = re.compile(r"\[\[\s*([0-9A-Za-z_-]{1,64})\s*(?:\|[^\[\]]{0,120})?\]\]")
_EMPTY_WORDS = (
    # English
    "the and are was were has have had who what where when why how which with for from into that this these those "
    "there here his her their our your you she him they them its can could would should will shall does did not "
    "but about any some all one tell say know give make please "
    # French
    "les des une est sont ont qui que quoi quel quelle quels quelles dans avec pour par sur sous mais pas plus aux "
    "ces cette son ses leur leurs nous vous ils elles elle est-ce comment pourquoi quand dis dit fait peut donne"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that was said before: by `user` or `assistant`."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The `inputs` of the purpose `assist`, and what of the circumstances they hold."""

    inputs: Json
    fitted: Fitted


def words_of(question: str) -> list[str]:
    """The words of a question that tell what it is about, the longest first."""
    found = dict.fromkeys(_WORD.findall(searchable(question[:MAX_QUESTION])))
    telling = [word for word in found if len(word) >= SHORTEST_WORD and word not in _EMPTY]
    return sorted(telling, key=lambda word: -len(word))[:MAX_WORDS]


def linked_in(question: str) -> list[str]:
    """The ids of the elements a question links to."""
    return list(dict.fromkeys(_LINK.findall(question[:MAX_QUESTION])))


def asked(
    question: str,
    role: str,
    account_id: str,
    found: Circumstances,
    turns: Sequence[Turn] = (),
    *,
    budget: int,
    character: str = "",
) -> Asked:
    """The inputs for a question, within `budget` tokens. `role` is `master` or `player`, `character` whom he plays."""
    campaign = found.campaign
    elements = numbered(found)
    parts = (*told(found, elements), *_conversation(turns), *_question(question, character))
    fitted = fit(parts, BLOCKS, budget)
    numbers = {each["n"] for each in fitted.blocks.get("elements", ())}
    shown = [
        {"n": number, "id": each.element_id, "kind": each.kind, "name": each.name}
        for number, each in elements
        if number in numbers
    ]
    entries = {
        entry["name"]: f"{entry['kind']}/{entry['name']}"
        for entry in found.reference
        if any(each.get("name") == entry["name"] for each in fitted.blocks.get("reference", ()))
    }
    inputs: Json = {
        "campaign_id": campaign.campaign_id,
        "account_id": account_id,
        "role": role,
        "language": campaign.language if campaign.language in {"en", "fr"} else "en",
        "ruleset": campaign.ruleset,
        "facts": fitted.blocks,
        "known": shown,
        "entries": entries,
        "budget": [{"block": block, "note": note, "tokens": tokens} for block, note, tokens in fitted.taken],
        "left_out": list(fitted.left_out),
    }
    return Asked(inputs, fitted)


def _conversation(turns: Sequence[Turn]) -> Iterator[Part]:
    latest = turns[-MAX_TURNS:]
    for age, turn in zip(range(len(latest) - 1, -1, -1), latest, strict=True):
        who = "you" if turn.role == "assistant" else "they"
        content = {"who": who, "said": foreign(turn.text, MAX_SAID)}
        # What was said last is what a question most often goes on from.
        yield Part("conversation", "", content, 1 if age < 2 else 4, f"said {age + 1} ago")


def _question(question: str, character: str) -> Iterator[Part]:
    yield Part("question", "asked", foreign(question, MAX_QUESTION), 0, "the question")
    if character:
        yield Part("question", "they play", foreign(character, 120), 0, "the character")

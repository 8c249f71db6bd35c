"""What is put before a model: parts with priorities, cut whole to an agent's token budget. Pure.

There is no tokenizer here: each provider has its own, and none is worth a dependency for a budget. `tokens` estimates
from above: English has about four characters to a token and is counted as three, and every two bytes of other scripts
count as a token, where tokenizers of 2024 and later need one token for two to four. Questions are therefore rather
shorter than their budget than longer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

BLOCK_TOKENS = 32
"""What a block costs beside its content: two lines with its name and hash."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something worth telling a model. It goes into `block` under `key`, or into the block's list when `key` is empty.

    `rank` says how much it matters, 0 most; `note` names it where it had to be left out.
    """

    block: str
    key: str
    content: Any
    rank: int
    note: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fits: the blocks in the order asked for, the notes of what was left out, and of each part that was taken
    its block, its note and about how many tokens it takes."""

    blocks: dict[str, Any]
    left_out: tuple[str, ...]
    taken: tuple[tuple[str, str, int], ...] = ()


def tokens(text: str) -> int:
    """About how many tokens a model reads in `text`, rather too many than too few."""
    size = len(text)
    other = 0 if text.isascii() else len(text.encode("utf-8", "surrogatepass")) - _ascii(text)
    letters = size if not other else _ascii(text)
    return -(-letters // 3) + -(-other // 2)


def fit(parts: Iterable[Part], order: Iterable[str], budget: int) -> Fitted:
    """The parts that matter most within `budget` tokens, in blocks in the given order.

    Parts are taken by rank, those of equal rank in the order given; one that does not fit is left out whole, and a
    smaller one after it may still fit. What ranks 0 is always taken. A block without parts is left out.
    """
    known = list(parts)
    taken: dict[int, int] = {}
    begun: set[str] = set()
    left = budget
    left_out = []
    for number, part in sorted(enumerate(known), key=lambda pair: (pair[1].rank, pair[0])):
        cost = tokens(json.dumps(part.content, ensure_ascii=False)) + tokens(part.key) + 2
        if part.block not in begun:
            cost += BLOCK_TOKENS
        if part.rank and cost > left:
            left_out.append(part.note)
            continue
        taken[number] = cost
        begun.add(part.block)
        left -= cost
    blocks: dict[str, Any] = {}
    for name in order:
        mine = [part for number, part in enumerate(known) if number in taken and part.block == name]
        if mine:
            # The first of a name counts: ours are given before those of foreign tables.
            named = {part.key: part.content for part in reversed(mine) if part.key}
            named = dict(reversed(named.items()))
            blocks[name] = named or [part.content for part in mine]
    items = tuple((known[number].block, known[number].note, taken[number]) for number in sorted(taken))
    return Fitted(blocks, tuple(left_out), items)


def shortened(text: str, budget: int) -> str:
    """The beginning of `text` that takes at most `budget` tokens."""
    if tokens(text) <= budget:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens(text[:middle]) <= budget else (low, middle - 1)
    return text[:low].rstrip()


def _ascii(text: str) -> int:
    return sum(letter < "\x80" for letter in text)

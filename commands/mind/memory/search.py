"""The lexical hybrid: a word arm and a character arm over one NPC's memories, fused by reciprocal rank.

Every arm scores, for each term of the question, the memories that hold it (BM25), lets a memory inherit a
part of what its neighbours in the scene and along the causal chain hold (the best of them per term, so that
repeating one word does not add up), and scales the sum by what the question asks for: whose act, which scene,
which date, a number. Filters apply before anything is counted towards a ranking. All arithmetic is in
integers; ties go to the more important, then to the later memory. Sources: BM25 (Robertson and Zaragoza
2009), RRF (Cormack et al. 2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest

from commands.mind.memory.hints import hints_of
from commands.mind.memory.index import Index
from commands.mind.memory.scoring import Question, Scoring
from commands.mind.memory.segment import actor_term
from commands.mind.memory.sums import SCALE, Scores, best_of
from commands.mind.memory.text import STOP_WORDS, fold, key, terms_of, words
from commands.mind.memory.weights import SHIPPED, Weights

MAX_QUESTION_WORDS = 48
"""Words of a question that are used; more make an answer slower, not better."""
FUSED = 100
"""Best memories of each arm that take part in the fusion; a rank below adds next to nothing."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One memory found: its ordinal in the owner's list, the fused score, and rank (1 = best) and score per
    arm."""

    ordinal: int
    score: int
    arms: dict[str, tuple[int, int]]


def search(index: Index, question: str, *, limit: int = 10, weights: Weights = SHIPPED) -> list[Hit]:
    """The memories that answer a free-text question best, best first, at most `limit`.

    An empty list means that nothing in the NPC's memory shares a word, or most of a word, with the question.
    """
    arms = score_arms(index, question, weights)
    return fuse(arms, {"words": SCALE, "characters": weights.fuzzy}, index, limit=limit, k=weights.fusion_k)


def score_arms(index: Index, question: str, weights: Weights = SHIPPED) -> dict[str, Scores]:
    """The scores of both lexical arms, by ordinal; empty if the question holds no word to look for."""
    asked = understand(index, question)
    return Scoring(index, asked, weights).arms() if asked.terms and index.size else {}


def understand(index: Index, question: str) -> Question:
    """Take a question apart: its terms, the actors the NPC knows by the names in it, and its hints."""
    found = words(question)[:MAX_QUESTION_WORDS]
    known = [
        word
        for word in dict.fromkeys(found)
        if word not in STOP_WORDS and any(True for _ in index.postings(key(actor_term(word))))
    ]
    plain = dict.fromkeys(term for word in found if word not in known for term in terms_of(word))
    named = dict.fromkeys(term for word in known for term in terms_of(word))
    return Question(tuple(plain) or tuple(named), tuple(known), hints_of(fold(question)))


def fuse(arms: dict[str, Scores], parts: dict[str, int], index: Index, *, limit: int, k: int) -> list[Hit]:
    """Weighted reciprocal rank fusion of arms of integer scores; `parts` are the arms' weights in
    thousandths."""
    ranked: dict[int, dict[str, tuple[int, int]]] = {}
    total: Scores = {}
    for arm, scores in arms.items():
        for rank, ordinal in enumerate(best_of(scores, max(FUSED, limit)), 1):
            ranked.setdefault(ordinal, {})[arm] = (rank, scores[ordinal])
            total[ordinal] = total.get(ordinal, 0) + parts[arm] * 1_000_000 // (k + rank)

    def preference(ordinal: int) -> tuple[int, int, int]:
        segment, number = index.at(ordinal)
        return total[ordinal], segment.importance[number], ordinal

    return [
        Hit(ordinal, total[ordinal], ranked[ordinal]) for ordinal in nlargest(limit, total, key=preference)
    ]

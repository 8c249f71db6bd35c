"""The lexical hybrid: a word arm and a character arm over one NPC's memories, fused by reciprocal rank.

Every arm scores, for each term of the question, the memories that hold it (BM25), lets a memory inherit a part of what
its neighbours in the scene and along the causal chain hold (the best of them per term, so that repeating one word does
not add up), and scales the sum by what the question asks for: whose act, which scene, which date, a number.
Filters apply before anything is counted towards a ranking. All arithmetic is in integers; ties go to the more important,
then to the later memory. Sources: BM25 (Robertson and Zaragoza 2009), RRF (Cormack et al. 2009).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from typing import TypeAlias

from commands.mind.memory.hints import Hints, closeness, hints_of
from commands.mind.memory.lexicon import related
from commands.mind.memory.segment import ASKS, NUMBER, Segment, actor_term
from commands.mind.memory.text import STOP_WORDS, fold, grams, key, terms_of, words
from commands.mind.memory.weights import SHIPPED, Weights

SCALE = 1_000
MAX_QUESTION_WORDS = 48
"""Words of a question that are used; more make an answer slower, not better."""
COMMON = 3_000
"""A term held by more memories than this only scores memories that also hold a rarer term, if there are enough."""
REACH = 8
"""How many memories away, at most, a neighbour in the same scene may be in the owner's list (scenes interleave)."""

Scores: TypeAlias = dict[int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """One memory found: its ordinal in the owner's list, the fused score, and rank (1 = best) and score per arm."""

    ordinal: int
    score: int
    arms: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart once."""

    terms: tuple[str, ...]
    names: tuple[str, ...]
    hints: Hints


class Index:
    """One NPC's memories as of a moment: its segments, cut after the last memory that counts, and what is hidden.

    `segments` must be in order and without gaps. `size` is the number of memories that count (the rest is the future of
    an as-of question). `allowed`, if given, holds one truth value per memory: the others do not exist for this question.
    """

    def __init__(
        self, segments: Sequence[Segment], size: int | None = None, allowed: Sequence[int] | None = None
    ) -> None:
        whole = sum(len(segment) for segment in segments)
        self.size = whole if size is None else min(size, whole)
        self.segments = [segment for segment in segments if segment.first < self.size]
        self.allowed = allowed
        self._firsts = [segment.first for segment in self.segments]

    def at(self, ordinal: int) -> tuple[Segment, int]:
        """The segment of a memory and its number in it."""
        segment = self.segments[bisect_right(self._firsts, ordinal) - 1]
        return segment, ordinal - segment.first

    def postings(self, term_key: int) -> Iterable[tuple[Segment, Sequence[int], Sequence[int]]]:
        """Per segment, the memories that count and hold a term, and how often; hidden ones are still among them."""
        for segment in self.segments:
            memories, counts = segment.postings(term_key)
            if memories:
                end = self.size - segment.first
                if end < len(segment):
                    memories = memories[: bisect_left(memories, end)]
                yield segment, memories, counts

    def holding(self, term: str) -> list[int]:
        """Ordinals of the memories that count and hold a (filter) term, ascending."""
        return [
            segment.first + number
            for segment, memories, _ in self.postings(key(term))
            for number in memories
            if self.allowed is None or self.allowed[segment.first + number]
        ]

    def mean_length(self) -> int:
        """Mean number of terms per memory, in thousandths, at least 1."""
        total = sum(sum(segment.length[: self.size - segment.first]) for segment in self.segments)
        return max(1, total * SCALE // max(1, self.size))

    def scenes(self) -> int:
        """Number of scenes."""
        found: set[int] = set()
        for segment in self.segments:
            found.update(segment.scene[: self.size - segment.first])
        return len(found)


def search(index: Index, question: str, *, limit: int = 10, weights: Weights = SHIPPED) -> list[Hit]:
    """The memories that answer a free-text question best, best first, at most `limit`.

    An empty list means that nothing in the NPC's memory shares a word, or most of a word, with the question.
    """
    if limit < 1 or index.size == 0:
        return []
    asked = understand(index, question)
    if not asked.terms:
        return []
    scoring = _Scoring(index, asked, weights)
    arms = {"words": scoring.arm(scoring.word_scores()), "characters": scoring.arm(scoring.character_scores())}
    return fuse(arms, {"words": SCALE, "characters": weights.fuzzy}, index, limit=limit, k=weights.fusion_k)


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


def fuse(
    arms: dict[str, Scores], parts: dict[str, int], index: Index, *, limit: int, k: int
) -> list[Hit]:
    """Weighted reciprocal rank fusion of arms of integer scores; `parts` are the arms' weights in thousandths."""
    ranked: dict[int, dict[str, tuple[int, int]]] = {}
    total: Scores = {}
    for arm, scores in arms.items():
        order = sorted((-score, -ordinal) for ordinal, score in scores.items() if score > 0)
        for rank, (score, ordinal) in enumerate(order, 1):
            ranked.setdefault(-ordinal, {})[arm] = (rank, -score)
            total[-ordinal] = total.get(-ordinal, 0) + parts[arm] * 1_000_000 // (k + rank)

    def preference(ordinal: int) -> tuple[int, int, int]:
        segment, number = index.at(ordinal)
        return total[ordinal], segment.importance[number], ordinal

    return [Hit(ordinal, total[ordinal], ranked[ordinal]) for ordinal in nlargest(limit, total, key=preference)]


class _Scoring:
    """One question against one index: what its arms share."""

    def __init__(self, index: Index, asked: Question, weights: Weights) -> None:
        self.index, self.asked, self.weights = index, asked, weights
        mean = index.mean_length()
        # BM25's length normalisation for every possible length, in thousandths of a term occurrence.
        self.norm = [
            weights.k1 * (SCALE - weights.b + weights.b * length * SCALE // mean) // SCALE for length in range(256)
        ]
        self.once = [(weights.k1 + SCALE) * SCALE // (SCALE + norm) for norm in self.norm]
        self.scene_bonus = self._scenes()
        actors = [set(index.holding(actor_term(name))) for name in asked.names]
        self.actors = actors[0] if len(actors) == 1 else set()

    def word_scores(self) -> list[Scores]:
        """Per term of the question, BM25 of the memories that hold it or, for less, a related word."""
        found = []
        for term in self.asked.terms:
            own = self._held(key(term))
            rarity = self._rarity(len(own))
            scores = {ordinal: rarity * part // SCALE for ordinal, part in own.items()}
            if self.weights.related:
                self._add_related(term, rarity, scores)
            found.append(scores)
        return found

    def character_scores(self) -> list[Scores]:
        """Per term of the question, the similarity (squared) of the most similar word of each memory."""
        found = []
        for term in self.asked.terms:
            wanted = grams(term)
            likeness: Scores = {}
            for segment in self.index.segments:
                end, first = self.index.size - segment.first, segment.first
                for dice, memories in sorted(segment.similar(wanted, self.weights.similar), key=lambda pair: pair[0]):
                    if end < len(segment):
                        memories = memories[: bisect_left(memories, end)]
                    likeness.update((first + number, dice) for number in memories)
            if self.index.allowed is not None:
                allowed = self.index.allowed
                likeness = {ordinal: dice for ordinal, dice in likeness.items() if allowed[ordinal]}
            rarity = self._rarity(sum(dice >= 600 for dice in likeness.values()))
            found.append({ordinal: dice * dice * rarity // 1_000_000 for ordinal, dice in likeness.items()})
        return found

    def arm(self, per_term: list[Scores]) -> Scores:
        """Sum the terms over the best direct matches and their neighbours, and scale by what was asked for."""
        weights = self.weights
        direct: Scores = {}
        for scores in sorted(per_term, key=len):
            if len(scores) > COMMON and len(direct) >= weights.seeds:
                for ordinal in direct.keys() & scores.keys():
                    direct[ordinal] += scores[ordinal]
            else:
                for ordinal, score in scores.items():
                    direct[ordinal] = direct.get(ordinal, 0) + score
        if len(direct) > weights.seeds:
            seeds: Collection[int] = nlargest(weights.seeds, direct, key=lambda ordinal: (direct[ordinal], ordinal))
        else:
            seeds = direct
        heirs = {ordinal: self._neighbours(ordinal) for ordinal in seeds}
        total: Scores = {}
        for scores in per_term:
            best: Scores = {}
            for ordinal in heirs.keys() & scores.keys():
                score = scores[ordinal]
                if score > best.get(ordinal, 0):
                    best[ordinal] = score
                for neighbour, share in heirs[ordinal]:
                    inherited = score * share // SCALE
                    if inherited > best.get(neighbour, 0):
                        best[neighbour] = inherited
            for ordinal, score in best.items():
                total[ordinal] = total.get(ordinal, 0) + score
        return {ordinal: self._scaled(ordinal, score) for ordinal, score in total.items()}

    def _held(self, term_key: int) -> Scores:
        """Saturated term frequency, in thousandths, of the memories that hold a term and may be seen."""
        held: Scores = {}
        once, norm, allowed, k1 = self.once, self.norm, self.index.allowed, self.weights.k1
        for segment, memories, counts in self.index.postings(term_key):
            first, length = segment.first, segment.length
            for number, count in zip(memories, counts, strict=False):
                if allowed is not None and not allowed[first + number]:
                    continue
                size = length[number]
                held[first + number] = (
                    once[size]
                    if count == 1
                    else count * SCALE * (k1 + SCALE) // (count * SCALE + norm[size])
                )
        return held

    def _add_related(self, term: str, rarity: int, scores: Scores) -> None:
        best: Scores = {}
        for other in related(term):
            if other in self.asked.terms:
                continue
            held = self._held(key(other))
            value = min(rarity, self._rarity(len(held)))
            for ordinal, part in held.items():
                score = value * part // SCALE
                if score > best.get(ordinal, 0):
                    best[ordinal] = score
        for ordinal, score in best.items():
            scores[ordinal] = scores.get(ordinal, 0) + score * self.weights.related // SCALE

    def _rarity(self, held: int) -> int:
        """BM25's inverse document frequency, ln(1 + (N − n + ½) / (n + ½)), in thousandths."""
        return logarithm(2 * self.index.size + 2, 2 * held + 1)

    def _scenes(self) -> dict[int, int]:
        """What each scene adds to its memories, in thousandths: its own BM25 against the question, best scene = all."""
        weights, k1 = self.weights, self.weights.k1
        if not weights.scene:
            return {}
        total: dict[int, int] = {}
        scenes = self.index.scenes()
        allowed = self.index.allowed
        for term in self.asked.terms:
            held: dict[int, int] = {}
            for segment, memories, counts in self.index.postings(key(term)):
                scene, first = segment.scene, segment.first
                for number, count in zip(memories, counts, strict=False):
                    if allowed is None or allowed[first + number]:
                        held[scene[number]] = held.get(scene[number], 0) + count
            rarity = logarithm(2 * scenes + 2, 2 * len(held) + 1)
            for scene_key, count in held.items():
                part = rarity * count * (k1 + SCALE) // (count * SCALE + k1)
                total[scene_key] = total.get(scene_key, 0) + part
        most = max(total.values(), default=0)
        return {scene: weights.scene * score // most for scene, score in total.items()} if most else {}

    def _neighbours(self, ordinal: int) -> list[tuple[int, int]]:
        """(neighbour, what it inherits in thousandths) of one memory."""
        index, weights = self.index, self.weights
        segment, number = index.at(ordinal)
        scene = segment.scene[number]
        found: list[tuple[int, int]] = []
        if scene >= 0:
            found += zip(self._in_scene(ordinal, scene, 1, len(weights.after)), weights.after, strict=False)
            found += zip(self._in_scene(ordinal, scene, -1, len(weights.before)), weights.before, strict=False)
        cause = segment.cause[number]
        if cause and weights.causal:
            found += [(other, weights.causal) for other in self._made_by(cause)]
        return found

    def _in_scene(self, ordinal: int, scene: int, step: int, count: int) -> list[int]:
        """The next memories of a scene in one direction, at most `count` and within `REACH`."""
        index, allowed, found = self.index, self.index.allowed, []
        for other in range(ordinal + step, ordinal + step * (REACH + 1), step):
            if not 0 <= other < index.size:
                break
            segment, number = index.at(other)
            if segment.scene[number] == scene and (allowed is None or allowed[other]):
                found.append(other)
                if len(found) == count:
                    break
        return found

    def _made_by(self, position: int) -> list[int]:
        """Memories made by the commit at a position (at most 4)."""
        for segment in self.index.segments:
            if segment.position[0] <= position <= segment.position[-1]:
                start = bisect_left(segment.position, position)
                found = []
                for number in range(start, min(start + 4, len(segment))):
                    ordinal = segment.first + number
                    if segment.position[number] != position or ordinal >= self.index.size:
                        break
                    if self.index.allowed is None or self.index.allowed[ordinal]:
                        found.append(ordinal)
                return found
        return []

    def _scaled(self, ordinal: int, score: int) -> int:
        weights = self.weights
        segment, number = self.index.at(ordinal)
        flags = segment.flags[number]
        if ordinal in self.actors:
            score = score * (SCALE + weights.actor) // SCALE
        bonus = self.scene_bonus.get(segment.scene[number])
        if bonus:
            score = score * (SCALE + bonus) // SCALE
        if flags & ASKS:
            score = score * (SCALE - weights.question) // SCALE
        size = min(segment.words[number], weights.length_full)
        score = score * (SCALE + weights.length * size // weights.length_full) // SCALE
        if self.asked.hints.dates:
            score = score * (SCALE + weights.date * closeness(self.asked.hints, segment.at[number]) // SCALE) // SCALE
        if self.asked.hints.number and flags & NUMBER:
            score = score * (SCALE + weights.number) // SCALE
        return score


@lru_cache(maxsize=65_536)
def logarithm(numerator: int, denominator: int) -> int:
    """ln(numerator / denominator) in thousandths, 0 if not above 1, computed in integers (the same on every machine)."""
    if numerator <= denominator:
        return 0
    value = (numerator << 32) // denominator
    whole = value.bit_length() - 33
    value >>= whole
    binary = whole << 16
    for bit in range(15, -1, -1):
        value = value * value >> 32
        if value >= 2 << 32:
            value >>= 1
            binary |= 1 << bit
    return binary * 693_147 // (1_000 << 16)

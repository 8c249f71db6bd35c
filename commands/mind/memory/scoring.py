"""One question scored against one NPC's memories, by words and by characters.

BM25 after Robertson and Zaragoza (2009), with a memory inheriting per term the best of its neighbours. All
arithmetic is in integers; a score is the same on every machine.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from commands.mind.memory.hints import Hints, closeness
from commands.mind.memory.index import Found, Index
from commands.mind.memory.lexicon import related
from commands.mind.memory.segment import ASKS, NUMBER, Segment, actor_term
from commands.mind.memory.sums import (
    BUDGET,
    COMMON,
    SCALE,
    Heirs,
    Scores,
    affordable,
    best_of,
    direct,
    inherited,
    logarithm,
    memories_in,
    normalisation,
)
from commands.mind.memory.text import grams, key
from commands.mind.memory.weights import Weights

REACH = 8
"""How many memories away, at most, a neighbour in the same scene may be in the owner's list (scenes
interleave)."""
SAME_WORD = 600
"""Dice similarity from which two words are taken for forms of one word when its rarity is counted."""
CANDIDATES = 100
"""Best memories of each arm that are scaled by what the question asks for."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart once."""

    terms: tuple[str, ...]
    names: tuple[str, ...]
    hints: Hints


class Scoring:
    """One question against one index: what its arms share."""

    def __init__(self, index: Index, asked: Question, weights: Weights) -> None:
        self.index, self.asked, self.weights = index, asked, weights
        self.norm, self.once = normalisation(weights.k1, weights.b, index.mean_length())
        self.found = affordable({term: list(index.postings(key(term))) for term in asked.terms})
        self.scene_bonus = self._scenes()
        actors = [set(index.holding(actor_term(name))) for name in asked.names]
        self.actors = actors[0] if len(actors) == 1 else set()
        self._factors: dict[int, int] = {}

    def arms(self) -> dict[str, Scores]:
        """Score both arms over the best direct matches of either and what is around them."""
        by_word = [self._by_word(term) for term in self.found]
        by_form = [self._by_form(term) for term in self.found]
        seeds = best_of(direct([scores for _, scores in by_word], self.weights.seeds), self.weights.seeds)
        seeds += best_of(
            direct([scores for scores, _ in by_form], self.weights.seeds), self.weights.seeds // 2
        )
        heirs = {ordinal: self._heirs(ordinal) for ordinal in seeds}
        alike = []
        for (exact, _), (scores, rarity) in zip(by_word, by_form, strict=True):
            near = {ordinal: scores[ordinal] for ordinal in heirs.keys() & scores.keys()}
            near.update(dict.fromkeys(heirs.keys() & exact.keys(), rarity))
            alike.append(near)
        return {
            "words": self._scaled(inherited([scores for _, scores in by_word], heirs)),
            "characters": self._scaled(inherited(alike, heirs)),
        }

    def _by_word(self, term: str) -> tuple[Scores, Scores]:
        """(BM25 of the memories that hold a term, the same with those that hold a related word, for less)."""
        postings = self.found[term]
        rarity = self._rarity(memories_in(postings))
        exact = self._bm25(postings, rarity)
        best: Scores = {}
        for other in related(term) if self.weights.related else ():
            if other not in self.asked.terms:
                postings = list(self.index.postings(key(other)))
                if memories_in(postings) > COMMON:
                    continue  # a word used everywhere stands for nothing in particular
                worth = min(rarity, self._rarity(memories_in(postings))) * self.weights.related // SCALE
                for ordinal, score in self._bm25(postings, worth).items():
                    if score > best.get(ordinal, 0):
                        best[ordinal] = score
        return exact, {**exact, **{ordinal: exact.get(ordinal, 0) + score for ordinal, score in best.items()}}

    def _by_form(self, term: str) -> tuple[Scores, int]:
        """(similarity squared × rarity of the most similar other word of each memory, the rarity)."""
        wanted = grams(term)
        forms = []
        for segment in self.index.segments:
            end = self.index.size - segment.first
            for dice, memories in segment.similar(wanted, self.weights.similar):
                if end < len(segment):
                    memories = memories[: bisect_left(memories, end)]
                if memories:
                    forms.append((dice, segment.first, memories))
        forms.sort(key=itemgetter(0))
        fits, room = len(forms), BUDGET // len(self.found)
        while fits and room > 0:
            fits -= 1
            room -= len(forms[fits][2])
        # Only whole grades of similarity, so that no order among equals decides.
        forms = [form for form in forms[fits:] if not fits or form[0] > forms[fits - 1][0]]
        rarity = self._rarity(sum(len(memories) for dice, _, memories in forms if dice >= SAME_WORD))
        scores: Scores = {}
        for dice, first, memories in forms:
            if (
                dice < SCALE
            ):  # the word itself is taken from the word arm, which has read these postings already
                worth = dice * dice * rarity // 1_000_000
                scores.update(dict.fromkeys([first + number for number in memories], worth))
        return self._visible(scores), rarity

    def _bm25(self, postings: Iterable[Found], worth: int) -> Scores:
        """BM25 of the visible memories that hold a term; `worth` is its rarity (× weight) in thousandths."""
        once = self.once
        scores: Scores = {}
        for segment, memories, counts in postings:
            first, length = segment.first, segment.length
            scores.update({first + number: worth * once[length[number]] // SCALE for number in memories})
            if max(counts) > 1:
                for number, count in zip(memories, counts, strict=False):
                    if count > 1:
                        scores[first + number] = worth * self._saturated(count, length[number]) // SCALE
        return self._visible(scores)

    def _saturated(self, count: int, length: int) -> int:
        return count * SCALE * (self.weights.k1 + SCALE) // (count * SCALE + self.norm[length])

    def _visible(self, scores: Scores) -> Scores:
        allowed = self.index.allowed
        if allowed is None:
            return scores
        return {ordinal: score for ordinal, score in scores.items() if allowed[ordinal]}

    def _rarity(self, held: int) -> int:
        """BM25's inverse document frequency, ln(1 + (N − n + ½) / (n + ½)), in thousandths."""
        return max(1, logarithm(2 * self.index.size + 2, 2 * held + 1))

    def _scenes(self) -> dict[int, int]:
        """What each scene adds to its memories, in thousandths: BM25 of the scene as a whole, the best scene
        = all.

        A scene counts the memories that hold a term; it has no length normalisation, which scenes do not
        need.
        """
        weights, k1, allowed = self.weights, self.weights.k1, self.index.allowed
        total: dict[int, int] = {}
        for postings in self.found.values():
            if memories_in(postings) > max(COMMON, self.index.size // 8):
                continue  # held in almost every scene: it tells none from another
            held: Counter[int] = Counter()
            for segment, memories, _ in postings:
                if allowed is not None:
                    memories = [number for number in memories if allowed[segment.first + number]]
                held.update(map(segment.scene.__getitem__, memories))
            rarity = self._rarity(len(held))
            most = max(held.values(), default=0) + 1
            parts = [rarity * count * (k1 + SCALE) // (count * SCALE + k1) for count in range(most)]
            for scene, count in held.items():
                total[scene] = total.get(scene, 0) + parts[count]
        most = max(total.values(), default=0)
        return {scene: weights.scene * score // most for scene, score in total.items()} if most else {}

    def _heirs(self, ordinal: int) -> Heirs:
        """(memory, what it inherits of this one in thousandths): itself, its neighbours in the scene, its
        causes."""
        weights = self.weights
        segment, number = self.index.at(ordinal)
        found = [(ordinal, SCALE)]
        if segment.scene[number] >= 0:
            found += self._in_scene(segment, number, 1, weights.after)
            found += self._in_scene(segment, number, -1, weights.before)
        if segment.cause[number]:
            found += [(cause, weights.causal) for cause in self._made_by(segment.cause[number])]
        return found

    def _in_scene(
        self, segment: Segment, number: int, step: int, shares: Sequence[int]
    ) -> list[tuple[int, int]]:
        """The next memories of a scene in one direction, one per share, within `REACH`."""
        index, first = self.index, segment.first
        scene, allowed = segment.scene[number], index.allowed
        found: Heirs = []
        if not shares:
            return found
        for distance, other in enumerate(self._beside(segment, number, step), 1):
            if other != scene:
                continue
            ordinal = first + number + step * distance
            if ordinal < index.size and (allowed is None or allowed[ordinal]):
                found.append((ordinal, shares[len(found)]))
                if len(found) == len(shares):
                    break
        return found

    def _beside(self, segment: Segment, number: int, step: int) -> Sequence[int]:
        """The scenes of the `REACH` memories before (-1) or after (1) one, the nearest first."""
        index, first = self.index, segment.first
        if step > 0:
            near = list(segment.scene[number + 1 : number + 1 + REACH])
            ordinal = first + number + 1 + len(near)
            near += map(index.scene, range(ordinal, min(ordinal + REACH - len(near), index.size)))
        else:
            near = list(segment.scene[max(number - REACH, 0) : number])[::-1]
            ordinal = first + number - 1 - len(near)
            near += map(index.scene, range(ordinal, max(ordinal - REACH + len(near), -1), -1))
        return near

    def _made_by(self, position: int) -> list[int]:
        """Memories made by the commit at a position (at most 4)."""
        found: list[int] = []
        for segment in self.index.segments:
            if segment.position[0] <= position <= segment.position[-1]:
                start = bisect_left(segment.position, position)
                for number in range(start, min(start + 4, len(segment))):
                    ordinal = segment.first + number
                    if segment.position[number] != position or ordinal >= self.index.size:
                        break
                    if self.index.allowed is None or self.index.allowed[ordinal]:
                        found.append(ordinal)
        return found[:4]

    def _scaled(self, scores: Scores) -> Scores:
        return {
            ordinal: scores[ordinal] * self._factor(ordinal) // 1_000_000
            for ordinal in best_of(scores, CANDIDATES)
        }

    def _factor(self, ordinal: int) -> int:
        """What the question's kind makes of a memory's score, in millionths."""
        known = self._factors.get(ordinal)
        if known is not None:
            return known
        weights, hints = self.weights, self.asked.hints
        segment, number = self.index.at(ordinal)
        flags = segment.flags[number]
        factor = (
            SCALE + weights.length * min(segment.words[number], weights.length_full) // weights.length_full
        )
        factor = factor * (SCALE + self.scene_bonus.get(segment.scene[number], 0))
        if ordinal in self.actors:
            factor = factor * (SCALE + weights.actor) // SCALE
        if flags & ASKS:
            factor = factor * (SCALE - weights.question) // SCALE
        if hints.dates:
            factor = factor * (SCALE + weights.date * closeness(hints, segment.at[number]) // SCALE) // SCALE
        if hints.number and flags & NUMBER:
            factor = factor * (SCALE + weights.number) // SCALE
        self._factors[ordinal] = factor
        return factor

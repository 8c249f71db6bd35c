"""The weights of the lexical hybrid, in thousandths, so that every score is computed in integers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """Settings of `search`. All are thousandths unless said otherwise.

    Chosen on development conversations by coordinate ascent and checked leave-one-conversation-out
    (`bench/memory.py --loo`); see docs/decisions/0101-memory-index.md for the figures.
    """

    k1: int = 1_200
    """BM25 saturation."""
    b: int = 750
    """BM25 length normalisation."""
    after: tuple[int, ...] = (800, 500)
    """What a memory inherits from the one 1, 2, … before it in the same scene (an answer follows its
    question)."""
    before: tuple[int, ...] = (500, 300)
    """What a memory inherits from the one 1, 2, … after it in the same scene."""
    causal: int = 700
    """What cause and effect inherit from each other."""
    actor: int = 500
    """Added when the memory's actor is the one person named in the question."""
    scene: int = 1_000
    """Added for the scene that matches the whole question best, proportionally less for others."""
    question: int = 300
    """Taken off a memory that only asks."""
    length: int = 600
    """Added for a memory of `length_full` words or more, proportionally less for shorter ones."""
    length_full: int = 30
    """Words."""
    date: int = 1_000
    """Added when the question names a date and the memory is from then or reports it shortly after."""
    number: int = 200
    """Added when the question asks how many, how much, how old and the memory holds a number."""
    related: int = 300
    """A related word (lexicon) against the word itself."""
    fuzzy: int = 1_000
    """The character arm against the word arm in the fusion."""
    similar: int = 450
    """Least Dice similarity of two words' trigrams to count at all."""
    fusion_k: int = 10
    """The constant of reciprocal rank fusion (a rank, not thousandths)."""
    seeds: int = 64
    """Best direct matches of an arm whose neighbourhoods are scored (a count)."""


SHIPPED = Weights()

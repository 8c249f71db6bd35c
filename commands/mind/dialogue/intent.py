"""What a player wants with a sentence: one intent, its slots, and how sure we are.

Weighted keywords and sentence patterns over corrected tokens; no model, no state. The same message and the
same lexicon give the same answer on every machine, and the evidence says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from commands.mind.dialogue.pattern import SLOTS, Pattern, compile_pattern
from commands.mind.dialogue.spelling import Spelling
from commands.mind.dialogue.text import clean, fold, squeeze

INTENTS = (
    "threaten", "insult", "quest", "trade", "ask_goods", "ask_place", "ask_event", "ask_person", "ask_self",
    "thank",
    "farewell", "smalltalk", "greet", "unknown",
)  # fmt: skip
"""All intents; earlier ones win ties (what matters more for the NPC comes first)."""

DEFAULT_LANGUAGE = "en"
MAX_MESSAGE = 400
MAX_TOKENS = 64
MAX_SLOT = 40
_CERTAIN = 1_000_000
_THRESHOLD = 30
_DOUBT = 15
_KEYWORDS_AT_MOST = 90
_COURTESIES = frozenset({"greet", "thank", "farewell"})
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[.,;:!?¿¡。、！？]")


class IntentSource(BaseModel):
    """One `[intents.<name>]` table of a language file."""

    model_config = ConfigDict(extra="forbid", strict=True)
    keywords: dict[str, int] = Field(default_factory=dict)
    patterns: list[str] = Field(default_factory=list)


class LexiconSource(BaseModel):
    """The `[lexicon]` table of a language file.

    `replace` rewrites a word before matching (`what's` → `what is`), `articles` are dropped at the
    beginning of a slot and `fillers` at its end, `common` words are never taken for misspelt keywords.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    replace: dict[str, str] = Field(default_factory=dict)
    articles: list[str] = Field(default_factory=list)
    fillers: list[str] = Field(default_factory=list)
    common: list[str] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The compiled form of a language's `lexicon` and `intents`."""

    keywords: Mapping[str, tuple[tuple[str, int], ...]]
    patterns: tuple[tuple[str, Pattern], ...]
    replace: Mapping[str, tuple[str, ...]]
    articles: frozenset[str]
    fillers: frozenset[str]
    spelling: Spelling


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a message means.

    `intent` is one of `INTENTS`; `confidence` is in millionths; `slots` holds kind → the player's own
    words, made harmless and at most 40 characters (kinds: thing, place, person, event); `evidence` names
    the patterns and keywords that decided.
    """

    intent: str
    confidence: int
    slots: Mapping[str, str]
    evidence: tuple[str, ...]

    @property
    def topic(self) -> str | None:
        """The first thing, place, person or event asked about, if any."""
        return next((self.slots[kind] for kind in SLOTS if kind in self.slots), None)


class PatternRefused(ValueError):
    """A pattern or keyword of a language file cannot be used; `key` is its dotted place in the file."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key, self.problem = key, problem


def build_lexicon(source: LexiconSource, intents: Mapping[str, IntentSource]) -> Lexicon:
    """Compile a language. Raises PatternRefused for unknown intents, unreadable patterns, wrong weights."""
    keywords: dict[str, list[tuple[str, int]]] = {}
    patterns: list[tuple[str, Pattern]] = []
    known: set[str] = set()
    for name in intents:
        if name not in INTENTS:
            raise PatternRefused(f"intents.{name}", f"unknown intent; use one of {', '.join(INTENTS)}")
    for name in (name for name in INTENTS if name in intents):
        for word, weight in intents[name].keywords.items():
            key = f"intents.{name}.keywords.{word}"
            if fold(word) != word or not _TOKEN.fullmatch(word):
                raise PatternRefused(key, "must be a single word in lower case without accents")
            if not 1 <= weight <= 100:
                raise PatternRefused(key, "the weight must lie between 1 and 100")
            keywords.setdefault(word, []).append((name, weight))
            known.add(word)
        for index, text in enumerate(intents[name].patterns):
            key = f"intents.{name}.patterns[{index}]"
            if fold(text) != text:
                raise PatternRefused(key, "must be in lower case without accents")
            try:
                pattern = compile_pattern(text)
            except ValueError as problem:
                raise PatternRefused(key, f"{text!r}: {problem}") from None
            patterns.append((name, pattern))
            known |= pattern.words
    return Lexicon(
        keywords={word: tuple(entries) for word, entries in keywords.items()},
        patterns=tuple(patterns),
        replace={word: tuple(other.split()) for word, other in source.replace.items()},
        articles=frozenset(source.articles),
        fillers=frozenset(source.fillers),
        spelling=Spelling(known, {*source.common, *source.articles, *source.fillers, *source.replace}),
    )


def words_of(text: str) -> list[str]:
    """Return the folded words of `text` (bounded), punctuation dropped; for comparing names and topics."""
    return [
        fold(token) for token in _TOKEN.findall(clean(text, MAX_MESSAGE))[:MAX_TOKENS] if token[0].isalnum()
    ]


def _tokens(message: str, lexicon: Lexicon) -> tuple[list[str], list[str], set[str]]:
    """Return corrected tokens, the player's spelling of each, and which tokens are corrections."""
    corrected: list[str] = []
    original: list[str] = []
    repaired: set[str] = set()
    for raw in _TOKEN.findall(clean(message, MAX_MESSAGE))[:MAX_TOKENS]:
        if not raw[0].isalnum():
            if corrected and corrected[-1] != ".":
                corrected.append(".")
                original.append("")
            continue
        folded = squeeze(fold(raw))
        replaced = lexicon.replace.get(folded)
        parts = replaced if replaced is not None else tuple(folded.split("'"))
        spelt = [raw] if len(parts) == 1 else list(parts) if replaced is not None else raw.split("'")
        for part, own in zip(parts, spelt, strict=False):
            word = part if replaced is not None else lexicon.spelling.correct(part)
            if word != part:
                repaired.add(word)
            corrected.append(word)
            original.append(own)
    return corrected, original, repaired


def _slots(
    found: re.Match[str], sentence: str, tokens: list[str], original: list[str], lexicon: Lexicon
) -> dict[str, str]:
    slots: dict[str, str] = {}
    for kind in found.groupdict():
        start, end = found.span(kind)
        if start < 0:
            continue
        first = sentence.count(" ", 0, start)
        last = first + sentence.count(" ", start, end)
        while first < last and tokens[first] in lexicon.articles:
            first += 1
        while last > first and tokens[last - 1] in lexicon.fillers:
            last -= 1
        text = clean(" ".join(original[first:last]), MAX_SLOT)
        if text:
            slots[kind] = text
    return slots


def lexicon_for(lexicons: Mapping[str, Lexicon], language: str) -> Lexicon | None:
    """The lexicon of `"fr"`, `"fr-CA"`, `"FR_fr"`; the English one for any other text, None where there is none."""
    return lexicons.get(primary_language(language)) or lexicons.get(DEFAULT_LANGUAGE)


def primary_language(language: str) -> str:
    """`"fr"` of `"fr-CA"` or `" FR_fr"`, whatever else the text may be."""
    return language[:16].replace("_", "-").split("-")[0].strip().lower()


def recognise(message: str, lexicon: Lexicon) -> Recognition:
    """Return the intent of `message`, any text of any length.

    The first 400 characters and 64 tokens count. An intent scores its best pattern plus its keywords (three
    quarters for a keyword that was misspelt). Courtesies count half beside a sentence that wants something
    ("Hello! Where is the inn? Thanks"). Confidence grows with the score and with the distance to the
    runner-up. An empty message is a greeting: the player came and said nothing.
    """
    tokens, original, repaired = _tokens(message, lexicon)
    if not tokens:
        silent = not message.strip()
        return Recognition("greet" if silent else "unknown", _CERTAIN // 2 if silent else 0, {}, ())
    present = set(tokens)
    sentence = " " + " ".join(tokens) + " "
    scores: dict[str, int] = {}
    evidence: dict[str, list[str]] = {}
    for word in dict.fromkeys(tokens):
        for intent, weight in lexicon.keywords.get(word, ()):
            scores[intent] = min(
                _KEYWORDS_AT_MOST, scores.get(intent, 0) + (weight * 3 // 4 if word in repaired else weight)
            )
            evidence.setdefault(intent, []).append(word)
    best: dict[str, tuple[int, Pattern, re.Match[str]]] = {}
    for intent, pattern in lexicon.patterns:
        if not pattern.required <= present or pattern.weight <= best.get(intent, (0,))[0]:
            continue
        found = pattern.regex.search(sentence)
        if found is not None:
            best[intent] = (pattern.weight, pattern, found)
    for intent, (weight, pattern, _) in best.items():
        scores[intent] = scores.get(intent, 0) + weight
        evidence.setdefault(intent, []).append(pattern.text)
    if any(intent not in _COURTESIES for intent in best):
        for courtesy in scores.keys() & _COURTESIES:
            scores[courtesy] //= 2
    ranked = sorted(scores, key=lambda name: (-scores[name], INTENTS.index(name)))
    if not ranked or scores[ranked[0]] < _THRESHOLD:
        return Recognition("unknown", 0, {}, ())
    intent = ranked[0]
    runner_up = scores[ranked[1]] if len(ranked) > 1 else 0
    confidence = scores[intent] * _CERTAIN // (scores[intent] + runner_up + _DOUBT)
    slots = _slots(best[intent][2], sentence, tokens, original, lexicon) if intent in best else {}
    return Recognition(intent, confidence, slots, tuple(evidence[intent]))

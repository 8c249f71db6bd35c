"""The template library: what a language file may contain, checked completely when it is read.

One TOML file per language: `language`, `joiner`, `[lexicon]`, `[intents.*]`, `[symbols]`, `[[reply]]` and
`[remember]`. Nothing in it can fail later: see `parse_library`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commands.mind.dialogue import grammar as rules
from commands.mind.dialogue.gesture import ACTIONS, EMOTIONS
from commands.mind.dialogue.grammar import Alternative, Condition, Grammar, RuleRefused
from commands.mind.dialogue.intent import (
    INTENTS,
    IntentSource,
    Lexicon,
    LexiconSource,
    PatternRefused,
    build_lexicon,
    primary_language,
)
from events.errors import ConfigurationError

_STRICT = ConfigDict(extra="forbid", strict=True)
_RANKED: Mapping[str, int] = {"fact": 16, "wanted": 8, "recollection": 4, "topic": 2, "goods": 1}
_IMPLIED: Mapping[str, frozenset[str]] = {
    "fact": frozenset({"subject"}),
    "wanted": frozenset({"topic", "goods", "good"}),
    "recollection": frozenset({"topic"}),
    "goods": frozenset({"good"}),
}
_LEAST = 2
_REMEDY = "Correct the file; docs/decisions/0105-dialogue-templates.md describes its form"

Names = list[Annotated[str, Field(min_length=1)]]


class _When(BaseModel):
    model_config = _STRICT
    archetype: Names = Field(default_factory=list)
    mood: Names = Field(default_factory=list)
    band: Names = Field(default_factory=list)
    time: Names = Field(default_factory=list)
    age: Names = Field(default_factory=list)

    def condition(self, key: str) -> Condition:
        for aspect, allowed in rules.CONDITION_VALUES.items():
            for value in getattr(self, aspect):
                if value not in allowed:
                    raise RuleRefused(f"{key}.{aspect}", f"unknown value {value!r}; use {', '.join(allowed)}")
        return Condition(*(frozenset(getattr(self, aspect)) for aspect in rules.CONDITION_VALUES))


class _Rule(_When):
    say: str


class _Reply(_When):
    id: Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,48}$")]
    intent: str
    say: Annotated[list[str], Field(min_length=1, max_length=100)]
    action: str | None = None
    emotion: str | None = None


class _LanguageFile(BaseModel):
    model_config = _STRICT
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    joiner: str
    lexicon: LexiconSource
    intents: dict[str, IntentSource]
    symbols: dict[str, list[str | _Rule]] = Field(default_factory=dict)
    reply: list[_Reply]
    remember: dict[str, list[str]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing an NPC can say: `id` is `<reply id>#<number>` and stays stable when lines are appended.

    `rank` orders lines by how much of the question they answer: only the highest rank that is possible is
    used.
    """

    id: str
    intent: str
    rule: Alternative
    rank: int
    action: str | None
    emotion: str | None


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """Everything needed to understand and answer in one language."""

    language: str
    joiner: str
    lexicon: Lexicon
    grammar: Grammar
    lines: Mapping[str, tuple[Line, ...]]
    remember: Mapping[str, tuple[Alternative, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DialogueLibrary:
    """The languages of one installation."""

    packs: Mapping[str, LanguagePack]
    default: str

    def pack(self, language: str) -> LanguagePack:
        """Return the pack for `"fr"`, `"fr-CA"`, `"FR_fr"`; the default language's for any other text."""
        return self.packs.get(primary_language(language)) or self.packs[self.default]


def parse_library(files: Mapping[str, Mapping[str, object]], default: str = "en") -> DialogueLibrary:
    """Check and compile language files.

    Parameters: `files` maps a file's name (for messages) to its parsed TOML; `default` is the language used
    where an NPC's own is not available.
    Raises ConfigurationError naming file, key, problem and remedy: for keys and values that do not exist,
    empty rules, unknown symbols, symbols that reach themselves, lines that may grow beyond bounds,
    duplicate ids or texts, and intents with fewer than two lines that are always possible (so that a line
    need never be repeated).
    """
    packs: dict[str, LanguagePack] = {}
    for name, content in files.items():
        pack = _parse_language(name, content)
        if pack.language in packs:
            raise ConfigurationError(
                name, "language", f"{pack.language!r} is defined by another file too", _REMEDY
            )
        packs[pack.language] = pack
    if default not in packs:
        known = ", ".join(sorted(packs)) or "none"
        raise ConfigurationError(
            "dialogue", "default", f"there is no file for language {default!r}; found {known}", _REMEDY
        )
    return DialogueLibrary(packs, default)


def _parse_language(name: str, content: Mapping[str, object]) -> LanguagePack:
    try:
        source = _LanguageFile.model_validate(dict(content))
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        raise ConfigurationError(name, key, first["msg"], _REMEDY) from None
    try:
        grammar = {symbol: _alternatives(symbol, texts) for symbol, texts in source.symbols.items()}
        longest = rules.check_symbols(grammar)
        return LanguagePack(
            language=source.language,
            joiner=source.joiner,
            lexicon=build_lexicon(source.lexicon, source.intents),
            grammar=grammar,
            lines=_lines(source.reply, longest),
            remember=_remembrances(source.remember, longest),
        )
    except (PatternRefused, RuleRefused) as refused:
        raise ConfigurationError(name, refused.key, refused.problem, _REMEDY) from None


def _alternatives(symbol: str, texts: list[str | _Rule]) -> tuple[Alternative, ...]:
    parsed = []
    for index, text in enumerate(texts):
        key = f"symbols.{symbol}[{index}]"
        if isinstance(text, str):
            parsed.append(rules.parse_text(text, key))
        else:
            parsed.append(rules.parse_text(text.say, f"{key}.say", text.condition(key)))
    return tuple(parsed)


def _lines(replies: list[_Reply], longest: Mapping[str, int]) -> Mapping[str, tuple[Line, ...]]:
    lines: dict[str, list[Line]] = {intent: [] for intent in INTENTS}
    ids: set[str] = set()
    texts: set[tuple[str, str]] = set()
    for position, reply in enumerate(replies):
        key = f"reply[{position}] ({reply.id})"
        if reply.id in ids:
            raise RuleRefused(f"{key}.id", "is used twice")
        ids.add(reply.id)
        for aspect, value, allowed in (
            ("intent", reply.intent, INTENTS),
            ("action", reply.action, ACTIONS),
            ("emotion", reply.emotion, EMOTIONS),
        ):
            if value is not None and value not in allowed:
                raise RuleRefused(f"{key}.{aspect}", f"unknown value {value!r}; use {', '.join(allowed)}")
        condition = reply.condition(key)
        for number, text in enumerate(reply.say):
            here = f"{key}.say[{number}]"
            rule = rules.parse_text(text, here, condition)
            rules.check_line(rule, here, longest)
            if (reply.intent, text) in texts:
                raise RuleRefused(here, f"the same text occurs twice for intent {reply.intent}: {text!r}")
            texts.add((reply.intent, text))
            rank = sum(_RANKED[value] for value in _answering(rule))
            lines[reply.intent].append(
                Line(f"{reply.id}#{number}", reply.intent, rule, rank, reply.action, reply.emotion)
            )
    for intent in INTENTS:
        _check_alternatives(intent, lines[intent])
    return {intent: tuple(found) for intent, found in lines.items()}


def _answering(rule: Alternative) -> frozenset[str]:
    """Return the values of a text that answer the question, without those that come with another of them."""
    named = {"goods" if value == "good" else value for value in rule.needs} & set(_RANKED)
    return frozenset(named).difference(*(_IMPLIED.get(value, ()) for value in named))


def _check_alternatives(intent: str, lines: list[Line]) -> None:
    """Demand, for every combination of answering values that occurs, two lines that need nothing else."""
    answering: dict[frozenset[str], int] = {frozenset(): 0}
    for line in lines:
        combination = _answering(line.rule)
        provided = combination.union(*(_IMPLIED.get(value, ()) for value in combination))
        plain = line.rule.condition == Condition() and line.rule.needs <= provided
        answering[combination] = answering.get(combination, 0) + plain
    for combination, count in answering.items():
        if count < _LEAST:
            using = " and ".join(f"{{{value}}}" for value in sorted(combination)) or "no value"
            raise RuleRefused(
                f"reply for intent {intent}",
                f"needs at least {_LEAST} lines that use {using} and have no condition,"
                " so that none is said twice in a row",
            )


def _remembrances(
    source: Mapping[str, list[str]], longest: Mapping[str, int]
) -> Mapping[str, tuple[Alternative, ...]]:
    parsed: dict[str, tuple[Alternative, ...]] = {}
    for intent, texts in source.items():
        if intent not in INTENTS:
            raise RuleRefused(f"remember.{intent}", f"unknown intent; use one of {', '.join(INTENTS)}")
        parsed[intent] = tuple(
            rules.parse_text(text, f"remember.{intent}[{n}]") for n, text in enumerate(texts)
        )
        for number, rule in enumerate(parsed[intent]):
            rules.check_line(rule, f"remember.{intent}[{number}]", longest)
    return parsed

"""Text as the memory index sees it: words, index terms, character n-grams, and a few facts about a passage.

English words are stemmed lightly and stripped of a stop list. Words of other alphabetic scripts are kept
whole (their inflections meet through character n-grams), and scripts written without spaces are cut into
overlapping character pairs. All of it is bounded: content comes from players and may be hostile.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import lru_cache
from hashlib import blake2b

MAX_CHARS = 2_000
"""Characters of one memory or one question that are read; the rest is ignored by the index."""
MAX_WORDS = 256
MAX_WORD_CHARS = 40

# Letters and digits, plus the dependent vowel signs of Indic and South-East Asian scripts, which Python does
# not call alphanumeric although a word is unreadable without them.
_WORD = re.compile(r"(?:[^\W_]|[\u0900-\u0dff\u0e00-\u0eff])+(?:['’](?:[^\W_])+)*")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_ENDING = re.compile(r"(?:n't|'(?:s|re|ve|ll|d|m|t))$")
_DIACRITIC = re.compile(r"[\u0300-\u036f]")

_STOP = """
a an the and or but if then so as of at by for with about to from in on into onto out up off over is are was
were be been being am do does did done doing have has had having i me my mine we us our ours you your yours
he him his she her hers it its they them their theirs this that these those there here what which who whom
whose when where why how would could should will shall can may might must not no nor only own same than too
very just also because while during some any each both more most other such get got don didn doesn isn wasn
aren weren won wouldn couldn shouldn hasn haven hadn s t m re ve ll d
"""
STOP_WORDS = frozenset(_STOP.split())
NUMBER_WORDS = frozenset((
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "dozen", "hundred", "thousand", "once", "twice",
))  # fmt: skip
_DIGIT = re.compile(r"\d")

# Past forms and plurals that no suffix rule reaches, before the word they stand for.
_IRREGULAR_FORMS = """
bought buy; sold sell; fought fight; stole steal; stolen steal; gave give; given give; took take; taken
take; went go; gone go; came come; saw see; seen see; said say; told tell; spoke speak; spoken speak;
thought think; knew know; known know; met meet; made make; built build; wrote write; written write; drew
draw; drawn draw; ran run; sang sing; sung sing; swam swim; drove drive; driven drive; rode ride; ridden
ride; flew fly; flown fly; ate eat; eaten eat; drank drink; broke break; broken break; lost lose; won win;
found find; left leave; kept keep; felt feel; held hold; brought bring; taught teach; caught catch; paid
pay; spent spend; sent send; began begin; begun begin; became become; grew grow; grown grow; threw throw;
thrown throw; wore wear; worn wear; hid hide; hidden hide; swore swear; sworn swear; slept sleep; stood
stand; understood understand; chose choose; chosen choose; fell fall; fallen fall; heard hear; lent lend;
struck strike; slew slay; slain slay; lit light; children child; men man; women woman; people person; mice
mouse; feet foot; teeth tooth; geese goose; wolves wolf; knives knife; lives life; wives wife; thieves
thief; leaves leaf; elves elf; dwarves dwarf
"""
_IRREGULAR = dict(entry.split() for entry in _IRREGULAR_FORMS.split(";"))
_PLURALS = (
    ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ies", "y"), ("ss", "ss"), ("us", "us"),
    ("s", ""),
)  # fmt: skip
_SUFFIXES = (
    ("ational", "at"), ("ation", "at"), ("ator", "at"), ("fulness", "ful"), ("iveness", "iv"),
    ("ousness", "ous"),
    ("ment", ""), ("ness", ""), ("ful", ""), ("able", ""), ("ible", ""), ("ally", "al"), ("ly", ""),
    ("er", ""), ("or", ""), ("ion", ""), ("ive", ""), ("ity", ""), ("al", ""), ("ance", ""), ("ence", ""),
    ("ant", ""), ("ent", ""), ("ist", ""), ("ism", ""), ("ic", ""),
)  # fmt: skip


def fold(text: str) -> str:
    """Lower case, compatibility forms unified, diacritics of the Latin, Greek and Cyrillic scripts removed;
    bounded."""
    text = text[:MAX_CHARS]
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return unicodedata.normalize("NFC", _DIACRITIC.sub("", text))[:MAX_CHARS]


def words(text: str) -> list[str]:
    """The words of a text in order, folded, at most `MAX_WORDS`; endings like 's and n't removed."""
    found = []
    for word in _WORD.findall(fold(text))[:MAX_WORDS]:
        if "'" in word:
            word = _ENDING.sub("", word).replace("'", "")
        if word:
            found.append(word[:MAX_WORD_CHARS])
    return found


@lru_cache(maxsize=65_536)
def terms_of(word: str) -> tuple[str, ...]:
    """The index terms of one folded word: none for a stop word, several for a run of an unspaced script."""
    if word in STOP_WORDS:
        return ()
    if word.isascii():
        return (stem(word),)
    if _UNSPACED.search(word):
        return tuple(word[i : i + 2] for i in range(len(word) - 1)) or (word,)
    return (word,)


def terms(text: str) -> list[str]:
    """Index terms of a text in order, repeated as often as they occur."""
    return [term for word in words(text) for term in terms_of(word)]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A light English stem: plural, -ed/-ing, one derivational suffix, final e/y.

    Deliberately shallow: over-stemming costs more precision than the remaining variants cost recall, because
    the character n-gram arm meets those variants anyway.
    """
    word = _IRREGULAR.get(word, word)
    if len(word) < 4 or word[0].isdigit():
        return word
    for suffix, replacement in _PLURALS:
        if word.endswith(suffix):
            if len(word) - len(suffix) >= 2:
                word = word[: len(word) - len(suffix)] + replacement
            break
    word = _without_inflection(word)
    for suffix, replacement in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            word = word[: len(word) - len(suffix)] + replacement
            break
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    if len(word) > 3 and word[-1] == "y":
        word = word[:-1] + "i"
    if len(word) > 4 and word.endswith("ll"):
        word = word[:-1]
    return word


def _without_inflection(word: str) -> str:
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("eed"):
        return word
    for suffix in ("ingly", "edly", "ing", "ed"):
        root = word[: -len(suffix)]
        if word.endswith(suffix) and len(root) >= 3 and any(letter in "aeiouy" for letter in root):
            if root[-1] == root[-2] and root[-1] not in "lsz":
                return root[:-1]
            return root
    return word


@lru_cache(maxsize=65_536)
def grams(term: str) -> tuple[int, ...]:
    """The distinct character trigrams of a term with its borders, as sorted 32-bit hashes.

    A pair of an unspaced script is its own gram: its neighbours already overlap it.
    """
    padded = f"\x02{term}\x03"
    return tuple(sorted({zlib.crc32(padded[i : i + 3].encode()) for i in range(len(padded) - 2)}))


@lru_cache(maxsize=131_072)
def key(term: str) -> int:
    """A 63-bit key of a term, the same on every machine (Python's own `hash` is salted per process)."""
    return (
        int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") >> 1
    )


def is_question(text: str) -> bool:
    """True if the text only asks: it ends in a question mark."""
    return text.rstrip()[-1:] in ("?", "？", "؟")


def has_number(text: str, text_words: list[str]) -> bool:
    """True if a text holds a digit or, among its words, a number word."""
    return _DIGIT.search(text, 0, MAX_CHARS) is not None or not NUMBER_WORDS.isdisjoint(text_words)

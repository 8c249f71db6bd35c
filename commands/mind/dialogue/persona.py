"""Who speaks and in which state: the few classes that the template library distinguishes.

The rest of the mind knows hundreds of moods, levels and archetypes; here they are mapped, totally and
deterministically, onto the small vocabularies that a writer of lines can cover.
"""

from __future__ import annotations

import re

from commands.mind.dialogue.text import fold

ARCHETYPES = (
    "merchant", "guard", "sage", "healer", "blacksmith", "innkeeper", "thief", "noble", "priest", "child",
    "generic",
)  # fmt: skip
MOODS = ("friendly", "neutral", "sad", "angry", "fearful")
BANDS = ("hostile", "wary", "stranger", "acquaintance", "friend", "close")
TIMES = ("morning", "day", "evening", "night")
AGES = ("moment", "day", "week", "long")

_ALIASES = {
    "merchant": "merchant trader shopkeeper seller vendor dealer pedlar grocer jeweler tailor baker",
    "guard": "guard soldier knight watchman sentinel captain warrior fighter mercenary sheriff ranger hunter",
    "sage": "sage wizard mage scholar sorcerer librarian professor oracle seer teacher alchemist elder",
    "healer": "healer doctor physician medic nurse herbalist apothecary surgeon",
    "blacksmith": "blacksmith smith armorer armourer weaponsmith craftsman carpenter mason miner artisan",
    "innkeeper": "innkeeper bartender barkeep tavernkeeper barmaid cook brewer host waitress waiter",
    "thief": "thief rogue assassin bandit smuggler pickpocket burglar outlaw pirate scoundrel spy",
    "noble": "noble king queen prince princess lord lady duke duchess baron baroness count mayor aristocrat",
    "priest": "priest priestess cleric monk nun bishop acolyte paladin druid shaman",
    "child": "child kid boy girl orphan urchin youngster apprentice",
}
_ARCHETYPE_BY_WORD = {word: name for name, words in _ALIASES.items() for word in words.split()}

_FEELINGS = {
    "friendly": "friendly happy joy joyful cheerful excited grateful gratitude gratification love loving hope"
    " hopeful pride proud satisfaction satisfied relief relieved admiration content pleased exuberant warm"
    " welcoming happy-for curious amused playful helpful calm relaxed docile gloating enthusiastic",
    "neutral": "neutral contemplative thoughtful patient wise mystical dependent bored indifferent stoic"
    " serious focused busy",
    "sad": "sad distress sorrow disappointment disappointed pity remorse shame grief melancholy lonely gloomy"
    " depressed weary tired guilty",
    "angry": "angry anger hostile hate hatred reproach resentment annoyed furious irritated rage"
    " disdainful disgust contempt jealous grumpy bitter",
    "fearful": "fearful fear afraid anxious anxiety scared fears-confirmed worried nervous"
    " terrified panic timid",
}
_MOOD_BY_LABEL = {word: mood for mood, words in _FEELINGS.items() for word in words.split()}

_LEVELS = {
    "hostile": "hostile enemy nemesis hated sworn_enemy sworn-enemy archenemy",
    "wary": "wary unfriendly disliked suspicious rival cold distrusted",
    "acquaintance": "acquaintance acquainted known familiar cordial",
    "friend": "friend friendly good_friend liked warm",
    "close": "close close_friend best_friend best_friends trusted ally loved beloved devoted family",
}
_BAND_BY_LEVEL = {word: band for band, words in _LEVELS.items() for word in words.split()}

_MILLION = 1_000_000
_CLEAR = 200_000
_WORD = re.compile(r"[a-z]+")
_HOUR = re.compile(r"\s*(\d{1,2})(?:[:h.]\d{0,2})?(?::\d{2})?\s*\Z")
_TIME_BY_WORD = {
    "dawn": "morning", "sunrise": "morning", "morning": "morning", "noon": "day", "midday": "day",
    "day": "day",
    "afternoon": "day", "dusk": "evening", "sunset": "evening", "evening": "evening", "night": "night",
    "midnight": "night",
}  # fmt: skip
_DAY_US = 86_400_000_000
_AGE_STEPS = ((_DAY_US // 12, "moment"), (_DAY_US, "day"), (8 * _DAY_US, "week"))

FRIENDLY_FROM, CLOSE_FROM = 60, 80
WARY_BELOW, HOSTILE_BELOW = 40, 22
KNOWN_FROM = 3


def archetype_of(label: str) -> str:
    """Return the library's archetype for a profile's text (`"Royal Knight"` → `guard`), else `generic`."""
    words: list[str] = _WORD.findall(fold(label[:128]))
    for word in words:
        if word in ARCHETYPES:
            return word
        if word in _ARCHETYPE_BY_WORD:
            return _ARCHETYPE_BY_WORD[word]
    return "generic"


def mood_of(label: str, pleasure: int, arousal: int, dominance: int) -> str:
    """Return one of `MOODS` for an emotion label and a PAD point.

    Parameters: `label` is an OCC emotion, an ALMA octant or a profile's mood word; the PAD axes are
    millionths in [-1_000_000, 1_000_000]. A known label decides; otherwise the octant of the point
    (Mehrabian 1996): displeasure is anger when aroused and dominant, fear when aroused and submissive,
    sadness when calm.
    """
    known = _MOOD_BY_LABEL.get(fold(label.strip()[:64]).replace("_", "-").replace(" ", "-"))
    if known is not None:
        return known
    if pleasure >= _CLEAR:
        return "friendly"
    if pleasure > -_CLEAR:
        return "neutral"
    if arousal < _CLEAR // 2:
        return "sad"
    return "angry" if dominance > 0 else "fearful"


def band_of(level: str, trust: int, affection: int, interactions: int) -> str:
    """Return one of `BANDS` for a relationship.

    Parameters: `level` is the relationship's own label (it has hysteresis, so where it is known it decides);
    `trust` and `affection` are 0–100 with 50 as the neutral point, `interactions` a count.
    """
    known = _BAND_BY_LEVEL.get(fold(level.strip()[:64]).replace(" ", "_"))
    if known is not None:
        return known
    lowest = min(trust, affection)
    if lowest < HOSTILE_BELOW:
        return "hostile"
    if lowest < WARY_BELOW:
        return "wary"
    if affection >= CLOSE_FROM and trust >= FRIENDLY_FROM:
        return "close"
    if affection >= FRIENDLY_FROM:
        return "friend"
    return "acquaintance" if interactions >= KNOWN_FROM else "stranger"


def time_of(value: str) -> str | None:
    """Return one of `TIMES` for `"21:40"`, `"7"`, `"Late evening"` …; None when it names no time."""
    hour = _HOUR.match(value[:32])
    if hour is None:
        words = _WORD.findall(fold(value[:32]))
        return next((_TIME_BY_WORD[word] for word in words if word in _TIME_BY_WORD), None)
    number = int(hour[1]) % 24
    for start, name in ((21, "night"), (18, "evening"), (11, "day"), (5, "morning")):
        if number >= start:
            return name
    return "night"


def age_of(then: int, now: int) -> str:
    """Return one of `AGES` for a moment `then` seen from `now`, both in microseconds since the epoch."""
    elapsed = max(0, now - then)
    return next((name for limit, name in _AGE_STEPS if elapsed < limit), "long")


def tone_of(mood: str, intent: str, archetype: str, band: str) -> str:
    """Return the mood in which the NPC answers *this* message.

    An insult sours a good mood, a threat frightens whoever does not live by the sword, thanks and friends
    soften a bad one. The lasting change of mood is decided elsewhere; this is only the tone of one line.
    """
    if intent == "threaten":
        return (
            "angry"
            if mood == "angry" or archetype in ("guard", "noble", "blacksmith", "thief")
            else "fearful"
        )
    if intent == "insult":
        if archetype == "child":
            return "sad"
        return {"friendly": "neutral", "neutral": "angry"}.get(mood, mood)
    if band == "hostile":
        return "angry" if mood in ("friendly", "neutral") else mood
    if mood == "neutral" and (band in ("friend", "close") or intent == "thank"):
        return "friendly"
    return mood

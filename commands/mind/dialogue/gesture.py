"""What the body does and the face shows while a line is spoken, where the line itself does not say."""

from __future__ import annotations

ACTIONS = (
    "wave", "nod", "show_shop", "point", "bow", "frown", "draw_weapon", "laugh", "sigh", "thank", "shrug",
    "step_back", "think", "smile", "talk", "shake_head",
)  # fmt: skip
EMOTIONS = (
    "friendly", "neutral", "sad", "angry", "fearful", "happy", "excited", "thoughtful", "grateful",
    "annoyed", "hurt",
    "amused", "curious", "proud",
)  # fmt: skip

_SELLERS = ("merchant", "blacksmith", "innkeeper", "healer", "thief")
_ARMED = ("guard", "thief", "noble")
_BY_MOOD = {
    "greet": {"friendly": "wave", "neutral": "nod", "sad": "nod", "angry": "frown", "fearful": "step_back"},
    "farewell": {"friendly": "wave", "neutral": "nod", "sad": "sigh", "angry": "frown", "fearful": "nod"},
    "thank": {"friendly": "smile", "neutral": "nod", "sad": "nod", "angry": "shrug", "fearful": "nod"},
    "insult": {"friendly": "shake_head", "neutral": "shake_head", "sad": "sigh", "angry": "frown",
        "fearful": "step_back"},
    "unknown": {"friendly": "shrug", "neutral": "shrug", "sad": "sigh", "angry": "frown", "fearful": "shrug"},
    "smalltalk": {"friendly": "smile", "neutral": "nod", "sad": "sigh", "angry": "frown", "fearful": "shrug"},
}  # fmt: skip
_COLD = {"angry": "frown", "sad": "sigh", "fearful": "step_back"}


def gesture(intent: str, tone: str, archetype: str, *, has_goods: bool, informed: bool) -> str:
    """Return one of `ACTIONS`.

    Parameters: `tone` is one of `persona.MOODS`; `has_goods` tells whether the NPC has something to sell;
    `informed` whether the line answers with something the NPC knows.
    """
    if (
        intent in ("greet", "farewell")
        and archetype in ("noble", "priest", "sage")
        and tone in ("friendly", "neutral")
    ):
        return "bow" if intent == "greet" else "nod"
    if intent == "threaten":
        if tone == "angry":
            return "draw_weapon" if archetype in _ARMED else "frown"
        return "step_back"
    if intent in ("ask_goods", "trade"):
        if has_goods or archetype in _SELLERS:
            return "show_shop" if tone != "angry" else "frown"
        return "shake_head"
    if intent in ("ask_place", "ask_person", "ask_event"):
        if informed:
            return "point" if intent == "ask_place" else "nod"
        return "shrug" if tone in ("friendly", "neutral") else _COLD[tone]
    if intent in _BY_MOOD:
        return _BY_MOOD[intent][tone]
    return _COLD.get(tone, "talk" if intent == "quest" else "nod")


def expression(intent: str, tone: str, archetype: str, *, informed: bool) -> str:
    """Return one of `EMOTIONS`: the tone, coloured by what the conversation is about."""
    if tone == "angry":
        return "annoyed" if intent in ("smalltalk", "unknown") else "angry"
    if intent == "insult":
        return {"sad": "hurt", "neutral": "annoyed"}.get(tone, tone)
    if tone not in ("friendly", "neutral"):
        return tone
    if intent == "thank":
        return "happy"
    if archetype == "sage" and (intent.startswith("ask_") or intent == "unknown"):
        return "thoughtful"
    if archetype == "child" and intent in ("ask_event", "quest"):
        return "excited"
    return "curious" if intent == "unknown" and tone == "friendly" and not informed else tone

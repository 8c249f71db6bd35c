"""How an NPC takes an interaction, from its mood and archetype alone."""

from __future__ import annotations

from events.commit import Json
from events.npc import Profile

_SULLEN = frozenset({"angry", "hostile", "furious", "bitter", "irritated", "grumpy"})
_LOW = frozenset({"sad", "melancholic", "grieving", "fearful", "afraid", "anxious"})

_REACTIONS: dict[str, dict[str, tuple[str, str, str]]] = {
    "warm": {
        "talk": ("friendly", "nod", "Well met. What can I do for you?"),
        "trade": ("friendly", "show_shop", "Let us see what we can agree on."),
        "quest": ("interested", "nod", "Good. I was hoping somebody would."),
        "gift": ("grateful", "thank", "For me? How kind of you."),
        "": ("neutral", "nod", ""),
    },
    "sullen": {
        "talk": ("annoyed", "frown", "Make it short."),
        "trade": ("annoyed", "show_shop", "Buy something or leave."),
        "quest": ("annoyed", "nod", "If you must."),
        "gift": ("surprised", "nod", "Hm. I did not expect that."),
        "": ("annoyed", "frown", ""),
    },
    "low": {
        "talk": ("sad", "sigh", "Forgive me, I am not myself today."),
        "trade": ("sad", "show_shop", "Take your time. I have plenty of it."),
        "quest": ("hopeful", "nod", "You would help? Thank you."),
        "gift": ("grateful", "thank", "That is the first good thing today."),
        "": ("sad", "sigh", ""),
    },
}


def react(interaction_type: str, profile: Profile) -> Json:
    """`{"emotion", "action", "comment"}`; types without a rule of their own get a wordless reaction."""
    mood = (profile.mood or "").lower()
    temper = "sullen" if mood in _SULLEN else "low" if mood in _LOW else "warm"
    rules = _REACTIONS[temper]
    emotion, action, comment = rules.get(interaction_type, rules[""])
    return {"emotion": emotion, "action": action, "comment": comment}

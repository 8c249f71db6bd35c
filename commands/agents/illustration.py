"""The purpose `image`: a picture of something in a campaign. Pure.

A model answers with bytes, which no log holds. What is recorded in their place is a receipt: their SHA-256 and length.
What becomes of them depends on the bytes alone (`adapters.images`), so no command follows from the record.
"""

from __future__ import annotations

import re

from pydantic_core import from_json, to_json

from commands.agents.ask import Ask, Canvas, Message
from commands.agents.prompt import PromptTemplate
from commands.agents.purpose import Purpose, Reading
from commands.agents.safety.foreign import foreign
from commands.message import CommandMessage
from events.commit import Commit, Json
from events.decision import DecisionMade

NAME = "image"
AGENT = "illustrator"
MAX_WISH = 2000
MAX_DETAIL = 1500
MAX_NAME = 120

SUBJECTS = {
    "npc": "a portrait of one person or creature",
    "character": "a portrait of one person or creature",
    "location": "a view of a place",
    "quest": "a scene that promises an adventure",
    "event": "a scene in which something happens",
    "encounter": "a scene of danger, before it begins",
    "note": "an object, as in a still life",
}
OTHER = "a scene"

_SHA256 = re.compile(r"[0-9a-f]{64}")


def receipt(sha256: str, size: int, revised_prompt: str = "") -> str:
    """What stands in place of a picture's bytes: JSON with their SHA-256, their number, and the words the model says
    it worked by, where it says so."""
    told: Json = {"sha256": sha256, "bytes": size}
    if revised_prompt:
        told["revised_prompt"] = foreign(revised_prompt, MAX_WISH)
    return to_json(told).decode()


def render(inputs: Json, prompt: PromptTemplate) -> Ask:
    """The question. `inputs`: `kind`, `name` and `detail` of what is shown, `wish` of who asks, `size`, `quality`.

    A model of pictures has no instructions apart from its subject, so these words are all one prompt: they are
    normalised and bounded, and whoever writes them (a game master) asks for a picture and nothing else.
    """
    subject = SUBJECTS.get(str(inputs.get("kind", "")), OTHER)
    told = [
        f"{title}: {words}"
        for title, words in (
            ("Name", foreign(str(inputs.get("name", "")), MAX_NAME)),
            ("What is known", foreign(str(inputs.get("detail", "")), MAX_DETAIL)),
            ("Wish", foreign(str(inputs.get("wish", "")), MAX_WISH)),
        )
        if words
    ]
    return Ask(
        agent=AGENT,
        purpose=NAME,
        messages=(
            Message("system", prompt.fill({"subject": subject})),
            Message("user", "\n".join(told) or subject),
        ),
        canvas=Canvas(str(inputs.get("size", "")), str(inputs.get("quality", ""))),
        prompt=prompt.stamp,
        inputs=inputs,
    )


def read(_ask: Ask, answer: str) -> Reading:
    """The receipt as a proposal. Total."""
    try:
        found = from_json(answer)
    except ValueError:
        return Reading(None, "the receipt is no JSON")
    sha256, size = (found.get("sha256"), found.get("bytes")) if isinstance(found, dict) else (None, None)
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        return Reading(None, "the receipt names no SHA-256")
    if not isinstance(size, int) or size <= 0:
        return Reading(None, "the picture is empty")
    return Reading({"sha256": sha256, "bytes": size})


def commands(_cause: Commit, _made: DecisionMade) -> tuple[CommandMessage, ...]:
    """None: whether the bytes are a picture is found out where they are decoded."""
    return ()


IMAGE = Purpose(
    name=NAME,
    agent=AGENT,
    places=frozenset({"subject"}),
    verbs=frozenset({"image.store"}),
    render=render,
    read=read,
    commands=commands,
)

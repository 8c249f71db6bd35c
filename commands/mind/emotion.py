"""The 22 emotions of the OCC model (Ortony, Clore, Collins 1988) and their places in
pleasure-arousal-dominance.

The coordinates of sixteen emotions are the table of gamygdala (https://github.com/broekens/gamygdala); the
other six (love, hate, pride, shame, admiration, reproach) are our own. Gamygdala's notice:

    The MIT License (MIT)

    Copyright (c) 2015 broekens

    Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
    associated documentation files (the "Software"), to deal in the Software without restriction, including
    without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
    copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
    following conditions:

    The above copyright notice and this permission notice shall be included in all copies or substantial
    portions of the Software.

    THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
    LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
    NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
    WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
    SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Emotion = Literal[
    "joy",
    "distress",
    "happy_for",
    "resentment",
    "gloating",
    "pity",
    "hope",
    "fear",
    "satisfaction",
    "fears_confirmed",
    "relief",
    "disappointment",
    "pride",
    "shame",
    "admiration",
    "reproach",
    "love",
    "hate",
    "gratification",
    "remorse",
    "gratitude",
    "anger",
]


class Pad(NamedTuple):
    """Pleasure, arousal and dominance, each -1 … 1 in millionths."""

    pleasure: int
    arousal: int
    dominance: int


NOWHERE: Final = Pad(0, 0, 0)

PAD: Final[dict[Emotion, Pad]] = {
    "joy": Pad(760_000, 480_000, 350_000),
    "distress": Pad(-610_000, 280_000, -360_000),
    "happy_for": Pad(640_000, 350_000, 250_000),
    "resentment": Pad(-350_000, 350_000, 290_000),
    "gloating": Pad(-450_000, 480_000, 420_000),
    "pity": Pad(-520_000, 20_000, -210_000),
    "hope": Pad(510_000, 230_000, 140_000),
    "fear": Pad(-640_000, 600_000, -430_000),
    "satisfaction": Pad(870_000, 200_000, 620_000),
    "fears_confirmed": Pad(-610_000, 60_000, -320_000),
    "relief": Pad(290_000, -190_000, -280_000),
    "disappointment": Pad(-610_000, -150_000, -290_000),
    "pride": Pad(480_000, 280_000, 560_000),
    "shame": Pad(-440_000, 120_000, -580_000),
    "admiration": Pad(460_000, 260_000, -180_000),
    "reproach": Pad(-360_000, 140_000, 340_000),
    "love": Pad(660_000, 240_000, 120_000),
    "hate": Pad(-620_000, 520_000, 300_000),
    "gratification": Pad(690_000, 570_000, 630_000),
    "remorse": Pad(-570_000, 280_000, -340_000),
    "gratitude": Pad(640_000, 160_000, -210_000),
    "anger": Pad(-510_000, 590_000, 250_000),
}

EMOTIONS: Final[tuple[Emotion, ...]] = tuple(PAD)

PLEASANT: Final[frozenset[Emotion]] = frozenset(
    {
        "joy",
        "happy_for",
        "gloating",  # pleased by another's misfortune: pleasant to the one who feels it
        "hope",
        "satisfaction",
        "relief",
        "pride",
        "admiration",
        "love",
        "gratification",
        "gratitude",
    }
)


class Felt(NamedTuple):
    """One emotion as an appraisal yields it.

    ``intensity`` is 0 … 1 in millionths; ``position`` is that of the commit which caused it, ``event`` the
    kind of event; ``target`` the id of the person it is directed at, empty for none.
    """

    emotion: Emotion
    intensity: int
    position: int
    event: str
    target: str

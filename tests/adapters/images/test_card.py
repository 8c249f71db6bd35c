"""The cards of things without a picture."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageDraw

from adapters.images.card import SIDE, Card, draw
from adapters.images.emblems import emblem
from commands.agents.illustration import SUBJECTS


def apart(one: Image.Image, other: Image.Image) -> int:
    """How many of the pixels differ."""
    difference = ImageChops.difference(one, other).convert("L")
    return SIDE * SIDE - difference.histogram()[0]


def contrast(picture: Image.Image) -> float:
    """Of the brightest to the darkest luminance, as WCAG 2.2 counts it."""
    levels = [level for level, count in enumerate(picture.convert("L").histogram()) if count > 50]
    light, dark = ((level / 255) ** 2.2 for level in (levels[-1], levels[0]))
    return float((light + 0.05) / (dark + 0.05))


def test_the_same_thing_gets_the_same_card_and_another_one_another() -> None:
    john = draw(Card("e1", "npc", "Person", "John"))
    assert apart(john, draw(Card("e1", "npc", "Person", "John"))) == 0
    assert apart(john, draw(Card("e2", "npc", "Person", "John"))) > SIDE * SIDE / 2


def test_every_kind_has_an_emblem_of_its_own() -> None:
    def drawn(kind: str) -> bytes:
        picture = Image.new("RGB", (200, 200))
        emblem(ImageDraw.Draw(picture), kind, (100, 100), 60, (255, 255, 255), (9, 9, 9), (200, 0, 0))
        return picture.tobytes()

    assert len({drawn(kind) for kind in (*SUBJECTS, "something else")}) == len(SUBJECTS) + 1


@pytest.mark.parametrize(
    "name",
    ["", "Le Cœur de l’hiver", "竜の手紙 🐉", "\x00\x07\u202e\ud800", "W" * 500, "word " * 60],
)
def test_any_name_makes_a_card_that_can_be_read(name: str) -> None:
    card = draw(Card("e1", "npc", "Person", name))
    assert card.size == (SIDE, SIDE)
    assert contrast(card) > 7

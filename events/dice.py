"""Events of a campaign's dice, `dice/<campaign id>`. Anybody can roll again what is here: `commands.rules.dice`."""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event


@event("dice.rolled")
@dataclass(frozen=True, slots=True)
class DiceRolled(Event):
    """`faces` holds per dice term all faces in the order they fell; `visibility` is gm for a roll behind the screen."""

    expression: str
    mode: str
    seed: str
    faces: tuple[tuple[int, ...], ...]
    total: int
    label: str
    by: str
    visibility: str = "all"

"""Whether a magic item is too good for the level it is found at.

SRD 5.2 only says what a character who *starts* at a higher level owns ("Starting at Higher Levels": common from
level 2, uncommon from 5, rare from 11, very rare from 17). What is found during a tier may be one step better than what
a character starting in it owns; that step is a convention of ours. Artifacts are never handed out by level.
"""

from __future__ import annotations

from commands.rules.verdict import HOUSE, SRD_2024, Verdict, shown
from commands.rules.vocabulary import WORDS, check_word, plain

FIRST_LEVEL = {"common": 1, "uncommon": 1, "rare": 5, "very rare": 11, "legendary": 17}
"""The lowest character level at which an item of that rarity is no surprise."""


def check_treasure(name: str, rarity: str, level: int) -> list[Verdict]:
    """Judge an item of that rarity for characters of `level` 1 to 20: `vocabulary.rarity`, then `treasure.rarity`."""
    verdicts = check_word("rarity", rarity)
    if not verdicts[0].ok:
        return verdicts
    if not 1 <= level <= 20:
        problem = f"A character has level 1 to 20, not {level}."
        return [*verdicts, Verdict("treasure.rarity", False, problem, "level 1 to 20", level, SRD_2024)]
    best = [word for word in WORDS["rarity"] if FIRST_LEVEL.get(word, 21) <= level][-1]
    ok = plain(rarity) in WORDS["rarity"][: WORDS["rarity"].index(best) + 1]
    message = f"{shown(name)} ({plain(rarity)}) suits level {level}."
    if not ok:
        first = FIRST_LEVEL.get(plain(rarity))
        when = f"from level {first}" if first else "as the goal of a campaign only"
        message = f"{shown(name)} is {plain(rarity)}: that suits {when}; at level {level}, up to {best}."
    return [*verdicts, Verdict("treasure.rarity", ok, message, f"up to {best}", plain(rarity), HOUSE)]

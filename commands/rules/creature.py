"""Whether a stat block agrees with itself: hit points, proficiency bonus, experience, save DC, ability scores."""

from __future__ import annotations

from collections.abc import Mapping

from commands.rules.challenge import UnknownRating, experience, proficiency_bonus, rating, rating_text
from commands.rules.dice import DiceError, parse
from commands.rules.verdict import SRD_2024, Verdict, shown
from commands.rules.vocabulary import WORDS, plain

LOWEST_SCORE, HIGHEST_SCORE = 1, 30


def ability_modifier(score: int) -> int:
    """The modifier of an ability score: (score - 10) / 2, rounded down."""
    return (score - 10) // 2


def check_hit_points(hit_points: int, hit_dice: str) -> list[Verdict]:
    """Hit points are the average of the hit dice, rounded down; one more or less is let pass."""
    try:
        expected = max(1, parse(hit_dice).average)
    except DiceError as error:
        return [Verdict("creature.hit_points", False, shown(error), "hit dice", shown(hit_dice), SRD_2024)]
    ok = abs(hit_points - expected) <= 1
    message = f"{hit_points} hit points agree with {shown(hit_dice)}."
    if not ok:
        message = f"{hit_points} hit points do not follow from {shown(hit_dice)}: its average is {expected}."
    return [Verdict("creature.hit_points", ok, message, expected, hit_points, SRD_2024)]


def check_proficiency_bonus(bonus: int, challenge: str | int | float) -> list[Verdict]:
    """The proficiency bonus of a creature follows from its challenge rating."""
    try:
        eighths = rating(challenge)
    except UnknownRating as error:
        return [_unknown("creature.proficiency_bonus", error, challenge)]
    expected = proficiency_bonus(eighths)
    message = f"Rating {rating_text(eighths)} has a proficiency bonus of {expected:+d}" + (
        "." if bonus == expected else f", not {bonus:+d}."
    )
    return [Verdict("creature.proficiency_bonus", bonus == expected, message, expected, bonus, SRD_2024)]


def check_experience(xp: int, challenge: str | int | float) -> list[Verdict]:
    """The experience of a creature follows from its challenge rating; rating 0 is worth 10, or 0 if harmless."""
    try:
        eighths = rating(challenge)
    except UnknownRating as error:
        return [_unknown("creature.experience", error, challenge)]
    expected = experience(eighths)
    ok = xp in {expected, experience(eighths, harmless=True)}
    message = f"Rating {rating_text(eighths)} is worth {expected} XP" + ("." if ok else f", not {xp}.")
    return [Verdict("creature.experience", ok, message, expected, xp, SRD_2024)]


def check_save_dc(dc: int, proficiency: int, score: int) -> list[Verdict]:
    """The DC that others save against: 8 + proficiency bonus + modifier of the ability with that score."""
    expected = 8 + proficiency + ability_modifier(score)
    message = f"Save DC {dc} = 8 {proficiency:+d} {ability_modifier(score):+d}."
    if dc != expected:
        message = f"Save DC {dc} should be 8 {proficiency:+d} {ability_modifier(score):+d} = {expected}."
    return [Verdict("creature.save_dc", dc == expected, message, expected, dc, SRD_2024)]


def check_ability_scores(scores: Mapping[str, int]) -> list[Verdict]:
    """Every ability is one of the six and has a score of 1 to 30. One verdict for each, in the given order."""
    span = f"{LOWEST_SCORE} to {HIGHEST_SCORE}"
    verdicts = []
    for name, score in scores.items():
        if plain(name) not in WORDS["ability"]:
            problem = f"{shown(name)!r} is no ability; there are {', '.join(WORDS['ability'])}."
            verdicts.append(Verdict("creature.ability", False, problem, "an ability", shown(name), SRD_2024))
            continue
        ok = LOWEST_SCORE <= score <= HIGHEST_SCORE
        message = f"{plain(name).capitalize()} {score} is {'within' if ok else 'outside'} {span}."
        verdicts.append(Verdict("creature.ability_score", ok, message, span, score, SRD_2024))
    return verdicts


def _unknown(rule: str, error: UnknownRating, challenge: object) -> Verdict:
    return Verdict(rule, False, shown(error), "a challenge rating", shown(challenge), SRD_2024)

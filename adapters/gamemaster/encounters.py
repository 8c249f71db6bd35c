"""Encounters weighed and suggested with the creatures of the reference data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.gamemaster.reference import Reference
from commands.agents.gamemaster.coherence import of_rule
from commands.agents.gamemaster.wording import worded
from commands.forms.field import MAX_LINE_OF_LIST, MAX_LINES
from commands.rules.challenge import UnknownRating, experience, rating, rating_text
from commands.rules.encounter import DIFFICULTIES, Assessment, Difficulty, Monsters, assess, budget
from commands.rules.names import check_exists
from commands.rules.suggestion import Creature, Suggestion, suggest
from commands.rules.verdict import Verdict
from events.commit import Json

MAX_VERDICTS = 60


def assessed(
    reference: Reference,
    levels: Sequence[int],
    monsters: Sequence[Mapping[str, Any]],
    difficulty: Difficulty,
    *,
    language: str = "en",
) -> Json:
    """The budget of a party, what some monsters take of it, and every verdict.

    monsters: `{key | name, count, challenge?}` each; one that the ruleset does not know counts by its `challenge`,
    where it has one. Raises `EncounterError` for a party or numbers no encounter can have.
    """
    groups: list[Monsters] = []
    shown: list[Json] = []
    verdicts: list[Verdict] = []
    for each in monsters:
        group, told, found = _group(reference, each)
        shown.append(told)
        verdicts += found
        if group is not None:
            groups.append(group)
    budgets = {name: budget(levels, name) for name in DIFFICULTIES}
    weighed: Assessment | None = assess(levels, groups, difficulty) if groups else None
    verdicts += weighed.verdicts if weighed else ()
    spent = weighed.spent if weighed else 0
    return {
        "levels": list(levels),
        "ruleset": reference.ruleset,
        "wanted": difficulty,
        "budgets": budgets,
        "spent": spent,
        "left": budgets[difficulty] - spent,
        "difficulty": weighed.difficulty if weighed else None,
        "per_character": spent // len(levels),
        "monsters": shown,
        "verdicts": [_verdict(each, language) for each in verdicts[:MAX_VERDICTS]],
        "sources": list(reference.sources),
        "sample": reference.sample,
    }


def suggested(
    reference: Reference,
    levels: Sequence[int],
    difficulty: Difficulty,
    *,
    seed: str,
    most: int,
    of_type: str = "",
    with_name: str = "",
    language: str = "en",
) -> Json:
    """A few encounters of that difficulty, each assessed; of creatures of one type, or with a word in their name, where
    asked for. Raises `EncounterError`."""
    pool = [
        each
        for each in reference.creatures
        if (not of_type or each.type.casefold() == of_type.casefold())
        and (not with_name or with_name.casefold() in each.name.casefold())
    ]
    found = suggest(levels, difficulty, pool, seed=seed, most=most)
    return {
        "seed": seed,
        "suggestions": [_suggestion(each, reference, levels, difficulty, language) for each in found],
        "creatures": len(pool),
        "sources": list(reference.sources),
        "sample": reference.sample,
    }


def with_assessment(
    reference: Reference, levels: Sequence[int], fields: Json, *, language: str = "en"
) -> Json:
    """The fields of an encounter as they are stored: what its monsters are worth follows from the rules, whatever was
    sent. Raises `EncounterError`."""
    monsters = fields.get("monsters") or []
    party = fields.get("party_levels") or list(levels)
    wanted: Difficulty = next((each for each in DIFFICULTIES if each == fields.get("difficulty")), "moderate")
    found = assessed(reference, party, monsters, wanted, language=language)
    shown = [
        {
            "key": each["key"],
            "name": each["name"],
            "count": each["count"],
            **({"challenge": each["challenge_rating"]} if each["challenge_rating"] is not None else {}),
        }
        for each in found["monsters"]
    ]
    return {
        **fields,
        "monsters": shown,
        "party_levels": list(party),
        "difficulty": wanted,
        "experience": found["spent"],
        "assessment": _summary(found, language),
    }


def _summary(found: Json, language: str) -> list[str]:
    """The assessment in lines for people: the budget first, then what fails."""
    budgets = ", ".join(f"{name} {most}" for name, most in found["budgets"].items())
    reached = found["difficulty"] or "beyond high"
    lines = [f"{found['spent']} XP, {reached}; the party's budgets: {budgets}."]
    if language == "fr":
        lines = [f"{found['spent']} PX, {reached} ; budgets du groupe : {budgets}."]
    lines += [f"✗ {each['message']} ({each['source']})" for each in found["verdicts"] if not each["ok"]]
    lines += [f"✓ {each['message']} ({each['source']})" for each in found["verdicts"] if each["ok"]]
    return [line[:MAX_LINE_OF_LIST] for line in lines[:MAX_LINES]]


def _suggestion(
    each: Suggestion, reference: Reference, levels: Sequence[int], difficulty: Difficulty, language: str
) -> Json:
    monsters = [{"name": creature.name, "count": count} for creature, count in each.creatures]
    whole = assessed(reference, levels, monsters, difficulty, language=language)
    kept = ("spent", "left", "difficulty", "per_character", "monsters", "verdicts")
    return {"shape": each.shape, **{name: whole[name] for name in kept}}


def _group(reference: Reference, given: Mapping[str, Any]) -> tuple[Monsters | None, Json, list[Verdict]]:
    key, name, count = str(given.get("key") or ""), str(given.get("name") or ""), int(given.get("count") or 1)
    creature = reference.creature(key) if key else None
    creature = creature or (reference.creature(name) if name else None)
    source = "SRD 5.2" if reference.ruleset == "2024" else "SRD 5.1"
    if creature is not None:
        return Monsters(creature.name, creature.rating, count, creature.xp), _shown(creature, count), []
    wanted = name or key
    found = check_exists("creature", wanted, reference.names(["creature"])["creature"], source)
    challenge = given.get("challenge")
    try:
        eighths = rating(str(challenge)) if challenge not in (None, "") else None
    except UnknownRating:
        eighths = None
    told: Json = {"key": key, "name": wanted, "count": count, "known": False, "type": ""}
    if eighths is None:
        return None, {**told, "challenge_rating": None, "xp": None, "total": None}, found
    worth = experience(eighths)
    told |= {"challenge_rating": rating_text(eighths), "xp": worth, "total": worth * count}
    return Monsters(wanted, eighths, count), told, found


def _shown(creature: Creature, count: int) -> Json:
    return {
        "key": creature.key,
        "name": creature.name,
        "count": count,
        "known": True,
        "type": creature.type,
        "challenge_rating": rating_text(creature.rating),
        "xp": creature.xp,
        "total": creature.xp * count,
    }


def _verdict(each: Verdict, language: str) -> Json:
    (of,) = of_rule([each])
    return {**each.as_json(), "message": worded(each.message, language), "severity": of.severity}

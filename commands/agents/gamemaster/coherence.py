"""Whether a draft agrees with the rules, with itself and with its campaign: one verdict per question. Pure.

What the ruleset holds and what the campaign is made of was looked up before (`Known`), so that the same draft and the
same facts lead to the same verdicts. A verdict never changes a draft: what to do about it is the game master's choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from commands.agents.gamemaster.kinds import KINDS
from commands.agents.gamemaster.wording import worded
from commands.forms.kinds import BY_NAME
from commands.rules.challenge import UnknownRating, proficiency_bonus, rating
from commands.rules.creature import (
    check_ability_scores,
    check_hit_points,
    check_proficiency_bonus,
    check_save_dc,
)
from commands.rules.encounter import DIFFICULTIES, Difficulty, EncounterError, Monsters, assess
from commands.rules.names import check_exists
from commands.rules.spell import CASTING, Ruleset, check_spell
from commands.rules.treasure import check_treasure
from commands.rules.verdict import HOUSE, SRD_2014, SRD_2024, Verdict, name_key, shown
from events.commit import Json
from events.proposal import DraftVerdict

MAX_VERDICTS = 80
DEAD = "dead"
WARNINGS = (
    "encounter.monsters", "encounter.stat_blocks", "encounter.swarms", "encounter.rating", "encounter.band",
    "names.unique", "treasure.", "npc.dead_named", "exists.class", "field.missing",
)  # fmt: skip
"""Rules that advise; what breaks any other is wrong."""

_A = {
    "location": "a location", "npc": "an NPC", "quest": "a quest", "event": "an event", "note": "a note",
    "encounter": "an encounter",
}  # fmt: skip
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the campaign, as far as drafts have to agree with it."""

    element_id: str
    kind: str
    name: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the reference data: `rating` (in eighths) and `xp` of a creature, `level` and `classes` of a spell,
    `rarity` of an item."""

    name: str
    rating: int = 0
    xp: int | None = None
    level: int = 0
    classes: tuple[str, ...] = ()
    rarity: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The facts. `entries` are those the draft names, by kind and `name_key`; `names` all names of a kind, for those
    that are not there. `levels` are the characters' levels, `sample` says that no ruleset was imported: then nothing
    follows from a name being unknown."""

    ruleset: Ruleset = "2024"
    levels: tuple[int, ...] = ()
    elements: tuple[Element, ...] = ()
    entries: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sample: bool = False

    @property
    def source(self) -> str:
        return SRD_2024 if self.ruleset == "2024" else SRD_2014


def check(
    kind: str,
    fields: Json,
    claims: Json,
    known: Known,
    *,
    problems: Sequence[Json] = (),
    difficulty: str = "",
    itself: str = "",
    language: str = "en",
) -> tuple[DraftVerdict, ...]:
    """The verdicts on a draft of `kind`, those that fail first.

    problems: what `commands.agents.gamemaster.drafting.read` could not keep. difficulty: the one that was asked for.
    itself: the id of the element the draft is to change. language: that of the messages.
    """
    found = [*_problems(problems), *_names(fields, known, itself), *_references(kind, fields, known)]
    if kind == "npc":
        found += _person(fields, claims, known)
    found += _fight(claims, known, difficulty)
    found += _treasure(claims, known)
    found += _dead(fields, known)
    told = [replace(each, message=worded(each.message, language)) for each in found]
    return tuple(sorted(told, key=lambda each: each.ok))[:MAX_VERDICTS]


def named_entries(fields: Json, claims: Json) -> Iterator[tuple[str, str]]:
    """The entries of the reference data that a draft names, as (kind, name): what has to be looked up to check it."""
    for each in claims.get("creatures", ()):
        yield "creature", each["name"]
    for name in (*claims.get("spells", ()), *fields.get("spells", ())):
        yield "spell", spell_name(name)
    for name in claims.get("items", ()):
        yield "item", name
    if fields.get("class"):
        yield "class", fields["class"]


def spell_name(text: str) -> str:
    """The spell in a line such as `Fireball (3rd level)` or `1st: Shield`."""
    return re.sub(r"^[^:]{0,20}:\s*|\s*\(.*$|\s+[–-]\s.*$", "", text).strip() or text


def of_rule(verdicts: Iterable[Verdict], where: str = "") -> list[DraftVerdict]:
    """The verdicts of `commands.rules`, about the field `where`."""
    return [
        DraftVerdict(each.rule, each.ok, each.message, _severity(each.rule), where, each.source)
        for each in verdicts
    ]


def _severity(rule: str) -> str:
    return "warning" if rule.startswith(WARNINGS) else "error"


def _house(rule: str, ok: bool, message: str, where: str = "") -> DraftVerdict:
    return DraftVerdict(rule, ok, message, _severity(rule), where, HOUSE)


def _problems(problems: Sequence[Json]) -> Iterator[DraftVerdict]:
    for each in problems[:MAX_VERDICTS]:
        missing = each["message"] == "the answer leaves it out"
        rule = "field.missing" if missing else "field.unfit"
        yield _house(rule, False, f"{each['field']}: {each['message']}", each["field"])


def _names(fields: Json, known: Known, itself: str) -> Iterator[DraftVerdict]:
    name = fields.get("name", "")
    same = [
        each for each in known.elements if each.element_id != itself and name_key(each.name) == name_key(name)
    ]
    if name:
        told = f"No other element of the campaign is called {shown(name)}."
        if same:
            told = f"There is {_A[same[0].kind]} called {shown(same[0].name)} already: choose another name."
        yield _house("names.unique", not same, told, "name")


def _references(kind: str, fields: Json, known: Known) -> Iterator[DraftVerdict]:
    elements = {each.element_id: each for each in known.elements}
    form = BY_NAME[KINDS[kind].element]
    for name, value in fields.items():
        where = form[name]
        if not where.refers or where.form == "relations":
            continue
        for wanted in value if isinstance(value, list) else [value]:
            found = elements.get(wanted)
            fits = found is not None and (not where.kinds or found.kind in where.kinds)
            told = f"The campaign has no {' or '.join(where.kinds) or 'element'} {shown(wanted)!r}."
            if found is not None and fits:
                told = f"{shown(found.name)} is {_A[found.kind]} of the campaign."
            yield _house("references.exist", fits, told, name)


def _person(fields: Json, claims: Json, known: Known) -> Iterator[DraftVerdict]:
    if "hit_points" in fields and "hit_dice" in fields:
        yield from of_rule(check_hit_points(fields["hit_points"], fields["hit_dice"]), "hit_points")
    challenge, bonus = fields.get("challenge_rating"), fields.get("proficiency_bonus")
    if challenge is not None and _bonus(challenge) is None:
        yield _house(
            "creature.rating", False, f"{shown(challenge)!r} is no challenge rating.", "challenge_rating"
        )
    elif challenge is not None and bonus is not None:
        yield from of_rule(check_proficiency_bonus(bonus, challenge), "proficiency_bonus")
    elif challenge is not None:
        bonus = _bonus(challenge)
    if challenge is not None and _bonus(challenge) is None:
        yield _house(
            "creature.rating", False, f"{shown(challenge)!r} is no challenge rating.", "challenge_rating"
        )
    if fields.get("abilities"):
        yield from _scores(fields["abilities"])
    score = fields.get("abilities", {}).get(claims.get("casting_ability", ""))
    if claims.get("save_dc") and bonus is not None and score is not None:
        yield from of_rule(check_save_dc(claims["save_dc"], bonus, score), "actions")
    yield from _class(fields, known)
    yield from _spells(fields, known)


def _scores(abilities: Mapping[str, int]) -> list[DraftVerdict]:
    """One verdict where all scores are fine, else one for each that is not."""
    verdicts = of_rule(check_ability_scores(abilities), "abilities")
    wrong = [each for each in verdicts if not each.ok]
    if wrong or not verdicts:
        return wrong
    return [replace(verdicts[0], message="All ability scores are within 1 to 30.")]


def _bonus(challenge: str) -> int | None:
    try:
        return proficiency_bonus(rating(challenge))
    except UnknownRating:
        return None


def _class(fields: Json, known: Known) -> Iterator[DraftVerdict]:
    name = fields.get("class")
    if name and not known.sample and name_key(name) not in CASTING:
        yield from of_rule(check_exists("class", name, known.names.get("class", ()), known.source), "class")


def _spells(fields: Json, known: Known) -> Iterator[DraftVerdict]:
    caster, level = fields.get("class", ""), fields.get("level", 0)
    for written in fields.get("spells", ()):
        name = spell_name(written)
        entry = known.entries.get("spell", {}).get(name_key(name))
        yield from _exists("spell", name, entry, known, "spells")
        if entry is not None and name_key(caster) in CASTING and level:
            verdicts = check_spell(
                entry.name, entry.level, entry.classes, caster, level, ruleset=known.ruleset
            )
            yield from of_rule(verdicts, "spells")


def _fight(claims: Json, known: Known, difficulty: str) -> Iterator[DraftVerdict]:
    monsters: list[Monsters] = []
    for each in claims.get("creatures", ()):
        entry = known.entries.get("creature", {}).get(name_key(each["name"]))
        yield from _exists("creature", each["name"], entry, known, "creatures")
        if entry is not None:
            monsters.append(Monsters(entry.name, entry.rating, each["count"], entry.xp))
    if not monsters or not known.levels:
        return
    wanted: Difficulty = next((each for each in DIFFICULTIES if each == difficulty), "high")
    try:
        assessed = assess(known.levels, monsters, wanted)
    except (EncounterError, UnknownRating) as error:
        yield _house("encounter.budget", False, shown(error), "creatures")
        return
    # Without a difficulty that was asked for, an easy fight is no mistake.
    verdicts = [each for each in assessed.verdicts if difficulty or each.rule != "encounter.band"]
    yield from of_rule(verdicts, "creatures")


def _treasure(claims: Json, known: Known) -> Iterator[DraftVerdict]:
    level = max(known.levels, default=0)
    for name in claims.get("items", ()):
        entry = known.entries.get("item", {}).get(name_key(name))
        yield from _exists("item", name, entry, known, "items")
        if entry is not None and entry.rarity and level:
            yield from of_rule(check_treasure(entry.name, entry.rarity, level), "items")


def _exists(kind: str, name: str, entry: Entry | None, known: Known, where: str) -> list[DraftVerdict]:
    if entry is not None:
        return of_rule(check_exists(kind, name, [entry.name], known.source), where)
    if known.sample:
        told = f"{shown(name)!r} cannot be looked up: only the sample of the reference data is there."
        return [DraftVerdict(f"exists.{kind}", True, told, "note", where, HOUSE)]
    return of_rule(check_exists(kind, name, known.names.get(kind, ()), known.source), where)


def _dead(fields: Json, known: Known) -> Iterator[DraftVerdict]:
    """The dead neither give quests nor take part; where a text names one, somebody should have a look."""
    dead = {each.element_id: each for each in known.elements if each.kind == "npc" and each.status == DEAD}
    acting = ("quest_giver_id", "participants")
    referred = set()
    for name in acting:
        value = fields.get(name)
        for wanted in value if isinstance(value, list) else [value]:
            if wanted in dead:
                referred.add(wanted)
                who = shown(dead[wanted].name)
                told = f"{who} is dead and can neither ask for anything nor take part: name somebody else."
                yield _house("npc.dead", False, told, name)
    told_of = [(name, text, _words(text)) for name, text in _texts(fields)]
    for element_id, each in dead.items():
        link, words = f"[[{element_id}]]", _words(each.name)
        where = next(
            (name for name, text, spoken in told_of if link in text or (words.strip() and words in spoken)),
            "",
        )
        if where and element_id not in referred:
            told = f"{shown(each.name)} is dead: see that nobody of that name speaks or acts in it."
            yield _house("npc.dead_named", False, told, where)


def _texts(fields: Json) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list):
            yield name, " / ".join(each for each in value if isinstance(each, str))


def _words(text: str) -> str:
    """The words of a text, each between spaces."""
    return f" {' '.join(_WORDS.findall(name_key(text)))} "

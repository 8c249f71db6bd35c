"""`quest_offer`: which quest an NPC gives a player, if any, and the concrete quest made of its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commands.mind.character import Character, Standing
from commands.mind.curves import FALLING, RISING, UNIT, clamp, curve_through, times
from commands.mind.fields import integer, text
from commands.mind.goals import GoalRules, pursued
from commands.mind.quest_templates import MAX_LEVEL, QuestBook, QuestTemplate, RewardRules
from commands.mind.quests import Objective, Quest, Rewards
from commands.mind.utility import Candidate, Consideration, Ranking, draw, pick, rank

_FIT = curve_through([(0, 300_000), (UNIT, UNIT)])
_SERVES = curve_through([(0, 400_000), (UNIT, UNIT)])


@dataclass(frozen=True, slots=True)
class QuestOffer:
    """quest: None when none fits. ruled_out: template → why not."""

    quest: Quest | None
    reason: str
    ranking: Ranking
    ruled_out: Mapping[str, str]

    def answer(self) -> dict[str, Any]:
        """The answer of `quest_offer`: the quest, or {} when none fits."""
        if self.quest is None:
            return {}
        return {
            "quest_id": self.quest.quest_id,
            "quest_name": self.quest.name,
            "description": self.quest.description,
            "rewards": self.quest.rewards.as_json(),
            "type": self.quest.kind,
            "objectives": [
                {"kind": o.kind, "target": o.target, "count": o.count} for o in self.quest.objectives
            ],
        }

    def record(self) -> dict[str, Any]:
        """What goes into the commit: plain JSON, integers only, with the whole score table."""
        return {
            "quest": None if self.quest is None else self.quest.as_json(),
            "reason": self.reason,
            "table": self.ranking.table(),
            "ruled_out": dict(self.ruled_out),
        }


def read_level(value: Any, field: str = "player_level") -> int:
    """The level of a player, 1..`MAX_LEVEL`; raises `Rejected` (-104, -101, -105) naming the field."""
    return integer(value, field, 1, MAX_LEVEL)


def offer_quest(
    character: Character,
    player_id: str,
    player_level: int,
    history: Sequence[Quest],
    book: QuestBook,
    rules: GoalRules,
    seed: str,
    at: int,
    place: str = "",
    wanted: str = "",
    hardest: int = 0,
) -> QuestOffer:
    """The quest that suits the NPC, the player and the moment best.

    history: all quests of this player so far, from any NPC. at: microseconds. place: the map, for the
    words. wanted: the only template that counts, empty for all. hardest: the greatest difficulty in millionths, 0
    for any. A template is no candidate while a quest of it is open, while it cools down after its end, when
    the level or the standing does not allow it, or when the NPC is of another kind. Overdue quests count
    as closed when they fell due. The same arguments give the same quest, word for word.
    """
    mine = [quest for quest in history if quest.npc_id == character.npc_id]
    open_here = [quest for quest in mine if quest.is_open and not quest.overdue(at)]
    if len(open_here) >= book.most_open:
        reason = f"the player already has {len(open_here)} open quests from this NPC"
        return QuestOffer(None, reason, rank((), seed), {})
    standing = character.standing(player_id)
    ruled_out: dict[str, str] = {}
    fit: dict[str, QuestTemplate] = {}
    for template in book.templates:
        obstacle = _unwanted(template, wanted, hardest) or _obstacle(
            template, character, standing, player_level, history, at
        )
        if obstacle:
            ruled_out[template.name] = obstacle
        else:
            fit[template.name] = template
    goals = {kind.name for goal in pursued(character.goals, rules) if (kind := rules.kind_of(goal.goal))}
    ranking = rank(
        [_candidate(template, standing, player_level, goals, mine, seed) for template in fit.values()], seed
    )
    if ranking.best is None:
        return QuestOffer(None, _why_none(ruled_out), ranking, ruled_out)
    template = fit[ranking.best.candidate]
    quest = instantiate(template, character, player_id, player_level, mine, book.rewards, seed, at, place)
    serves = sorted(template.goals & goals)
    reason = f"{template.name} suits level {player_level}" + (f" and serves {serves[0]}" if serves else "")
    return QuestOffer(quest, reason, ranking, ruled_out)


def instantiate(
    template: QuestTemplate,
    character: Character,
    player_id: str,
    player_level: int,
    mine: Sequence[Quest],
    rules: RewardRules,
    seed: str,
    at: int,
    place: str = "",
) -> Quest:
    """A concrete quest of `template`; `mine`: the player's quests from this NPC, which number the new one."""
    number = 1 + sum(quest.template == template.name for quest in mine)
    quest_id = f"{template.name}_{number:02d}"
    words = {slot: pick(options, seed, quest_id, slot) for slot, options in sorted(template.slots.items())}
    words |= {"npc": text(character.npc_id, 64), "place": text(place, 64) or "these parts", "count": ""}
    low, high = template.levels
    grown = UNIT * (clamp(player_level, low, high) - low) // max(1, high - low)
    objectives = []
    for index, planned in enumerate(template.objectives):
        least, most = planned.count
        # Half by level, half by the dice: higher levels do more, yet two players rarely do the same.
        chance = draw(seed, quest_id, "count", str(index)) % (UNIT + 1)
        count = least + (most - least) * (grown + chance) // (2 * UNIT)
        objectives.append(Objective(planned.kind, planned.target.format_map(words), count))
    words["count"] = str(objectives[0].count)
    return Quest(
        quest_id=quest_id,
        template=template.name,
        kind=template.kind,
        npc_id=character.npc_id,
        player_id=player_id,
        name=_capital(pick(template.titles, seed, quest_id, "title").format_map(words)),
        description=_capital(pick(template.descriptions, seed, quest_id, "description").format_map(words)),
        objectives=tuple(objectives),
        rewards=_rewards(template, player_level, rules, seed, quest_id),
        offered_at=at,
        due=at + template.offer,
        allowed=template.allowed,
    )


def _unwanted(template: QuestTemplate, wanted: str, hardest: int) -> str:
    if wanted and template.name != wanted:
        return "not asked for"
    return "too hard" if hardest and template.difficulty > hardest else ""


def _obstacle(
    template: QuestTemplate,
    character: Character,
    standing: Standing,
    level: int,
    history: Sequence[Quest],
    at: int,
) -> str:
    if template.archetypes and template.archetypes.isdisjoint((character.archetype, character.role)):
        return f"not given by a {character.archetype}"
    low, high = template.levels
    if not low <= level <= high:
        return f"for levels {low} to {high}"
    if standing.affection < template.affection or standing.trust < template.trust:
        return "the NPC does not know or trust the player well enough"
    for quest in history:
        if quest.template != template.name:
            continue
        if quest.is_open and not quest.overdue(at):
            return "already open"
        ended = quest.due if quest.closed_at is None else quest.closed_at
        if quest.npc_id == character.npc_id and at < ended + template.cooldown:
            return "done a short while ago"
    return ""


def _candidate(
    template: QuestTemplate, standing: Standing, level: int, goals: set[str], mine: Sequence[Quest], seed: str
) -> Candidate:
    low, high = template.levels
    centre, reach = (low + high) // 2, max(1, (high - low) // 2)
    fit = clamp(UNIT - abs(level - centre) * UNIT // (2 * reach))
    times_given = sum(quest.template == template.name for quest in mine)
    last = max(mine, key=lambda quest: quest.offered_at, default=None)
    return Candidate(
        template.name,
        (
            Consideration("level", fit, _FIT, UNIT),
            Consideration("goals", UNIT if template.goals & goals else 0, _SERVES, UNIT),
            Consideration("calling", UNIT if template.archetypes else 0, RISING, 300_000),
            Consideration("goodwill", standing.goodwill, RISING, 300_000),
            Consideration("repetition", clamp(times_given * UNIT // 4), FALLING, 700_000),
            Consideration("variety", 0 if last and last.kind == template.kind else UNIT, RISING, 400_000),
            Consideration("whim", draw(seed, "whim", template.name) % (UNIT + 1), RISING, 300_000),
        ),
    )


def _rewards(template: QuestTemplate, level: int, rules: RewardRules, seed: str, quest_id: str) -> Rewards:
    """Level × difficulty, never above the caps; items are left out when their value does not fit under
    the cap.
    """
    exp = min(times(rules.exp * level, template.difficulty), rules.max_exp * level)
    gold = min(times(rules.gold * level, template.difficulty), rules.max_gold * level)
    room = rules.max_gold * level - gold
    items = []
    for item_id, (least, most), value in template.items:
        wanted = least + draw(seed, quest_id, "item", item_id) % (most - least + 1)
        amount = min(wanted, room // value) if value else wanted
        if amount:
            items.append((item_id, amount))
            room -= amount * value
    return Rewards(exp, gold, tuple(items))


def _why_none(ruled_out: Mapping[str, str]) -> str:
    reasons = sorted(set(ruled_out.values()))
    return "no quest fits: " + "; ".join(reasons) if reasons else "there are no quests"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]

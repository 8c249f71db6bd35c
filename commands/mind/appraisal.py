"""Appraisal: from an event to the emotions it causes in one NPC (OCC: Ortony, Clore, Collins 1988).

An event is judged by three things: what it does to the NPC's goals, whether the act behind it is
praiseworthy by the NPC's standards, and how the NPC likes those involved. Which event means what is data
(`rules`); the reasoning here knows no event by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from commands.mind.affect import LEAST, AffectState, Belief, expected
from commands.mind.emotion import PLEASANT, Emotion, Felt
from commands.mind.fixed import ONE, clamp, faded, millionths, scaled
from commands.mind.gifts import Larder, category_of, worth
from commands.mind.outlook import Outlook
from commands.mind.prospect import prospected
from commands.mind.rules import UPON_KEYS, AppraisalRules, EventRule, spellings

_MOST_LETTERS: Final = 128
_UPON: Final = spellings(UPON_KEYS)
_TELLER: Final = spellings(("source", "teller", "told_by", "source_id"))
_TOLD: Final = spellings(("event", "event_type", "what"))
_FACTION: Final = spellings(("faction", "faction_id"))
_GOAL: Final = spellings(("goal", "goal_id", "outcome"))

Raw = list[tuple[Emotion, int, str]]


class GameEvent(NamedTuple):
    """Something that reached an NPC.

    ``kind`` is the event type, ``at`` when it happened (µs), ``position`` that of its commit, ``data`` the free
    JSON of the event. ``agent`` is who did it, or who told it, as far as the connection vouches for that; it
    then overrules any name inside ``data``, which players may have written.
    """

    kind: str
    at: int
    position: int
    data: Mapping[str, object]
    agent: str = ""


class Regard(NamedTuple):
    """How an NPC stands to somebody just before an event: affection ±ONE, trust and dread 0 … ONE."""

    affection: int
    trust: int
    dread: int
    larder: Larder


STRANGER: Final = Regard(0, ONE // 2, 0, ())

RegardOf = Callable[[str], Regard]
"""Looks up the regard for a person (or ``faction/<id>``); for events of one instant it must give the regard
before that instant, as `relationship.regard_at` does."""


class Appraisal(NamedTuple):
    """What an event means to an NPC.

    ``agent`` is who did it (empty for nobody); ``kept`` and ``broken`` are the weights by which the agent
    met or broke an expectation; ``contact`` says that the NPC had to do with the agent in person; ``gift``
    is the category of a gift received from the agent.
    """

    kind: str
    agent: str
    felt: tuple[Felt, ...]
    beliefs: tuple[Belief, ...]
    kept: int
    broken: int
    contact: bool
    gift: str


def appraise(
    rules: AppraisalRules, outlook: Outlook, affect: AffectState, regard: RegardOf, event: GameEvent
) -> Appraisal:
    """The emotions, changed beliefs and relationship evidence that ``event`` causes in the NPC of
    ``outlook``.

    An event type the table does not know is neutral news. Intensities never fall when the utility of the
    event or the change of a likelihood grows; every emotion carries ``event.position``.
    """
    data = event.data
    rule = rules.row(event.kind, data)
    if rule is None:
        return Appraisal(event.kind[:64], "", (), (), 0, 0, False, "")
    if rule.scope == "report":
        return _report(rules, outlook, regard, event)
    agent = event.agent or _named(data, rule.agent) or (outlook.npc_id if rule.own else "")
    if agent == outlook.npc_id and rule.scope in ("sight", "gift"):
        agent = ""
    raw: Raw = []
    beliefs: list[Belief] = []
    gift = ""
    praise = _praise(rule, outlook)
    if rule.scope == "faction":
        _side(rule, outlook, data, agent, raw)
    else:
        size = _size(rule, data)
        utility = scaled(_utility(rule, outlook), size)
        if rule.scope == "gift":
            gift = category_of(data)
            utility = worth(outlook.gifts, regard(agent).larder if agent else (), data, event.at)
            praise = scaled(praise, abs(utility)) if utility > 0 else scaled(utility, ONE // 2)
            raw.append(("love" if utility > 0 else "hate", abs(utility) // 2, ""))
        upon = _named(data, _UPON)
        if upon and upon != outlook.npc_id:
            _fortune(utility, upon, regard(upon).affection, raw)
            utility = 0
        if rule.scope == "sight" and agent:
            _sight(rules, regard(agent), agent, affect, event, raw, beliefs)
        if rule.prospect is not None:
            _general(rules, rule.prospect, size, agent, affect, event, raw, beliefs)
        of_goal = rule.goal is not None or rule.scope == "forecast"
        if of_goal:
            utility += _goal(rule, outlook, affect, event, agent, raw, beliefs)
        _judge(clamp(utility, -ONE, ONE), scaled(praise, size), agent, outlook.npc_id, raw, not of_goal)
    other = bool(agent) and agent != outlook.npc_id
    kept, broken = (rule.kept, rule.broken) if other else (0, 0)
    return Appraisal(
        rule.name,
        agent,
        _felt(raw, outlook, event, rule.name),
        tuple(beliefs),
        kept,
        broken,
        rule.contact and other,
        gift if other else "",
    )


def _judge(utility: int, praise: int, agent: str, own_id: str, raw: Raw, well_being: bool) -> None:
    """Well-being, attribution and their compounds. Under a compound its two parts are felt at half
    strength.
    """
    both = bool(agent) and utility * praise > 0
    part = 2 if both else 1
    if utility and well_being:
        raw.append(("joy" if utility > 0 else "distress", abs(utility) // part, ""))
    if not agent:
        return
    own = agent == own_id
    target = "" if own else agent
    if praise:
        good = praise > 0
        kind: Emotion = ("pride" if good else "shame") if own else ("admiration" if good else "reproach")
        raw.append((kind, abs(praise) // part, target))
    if both:
        size = (abs(utility) + abs(praise)) // 2
        if utility > 0:
            raw.append(("gratification" if own else "gratitude", size, target))
        else:
            raw.append(("remorse" if own else "anger", size, target))


def _fortune(utility: int, person: str, like: int, raw: Raw) -> None:
    """Fortunes of others: what is good or bad for somebody the NPC likes or dislikes."""
    size = scaled(abs(utility), abs(like))
    if size:
        if utility > 0:
            raw.append(("happy_for" if like > 0 else "resentment", size, person))
        else:
            raw.append(("pity" if like > 0 else "gloating", size, person))


def _sight(
    rules: AppraisalRules,
    regard: Regard,
    agent: str,
    affect: AffectState,
    event: GameEvent,
    raw: Raw,
    beliefs: list[Belief],
) -> None:
    """Meeting somebody: love or hate by how well they are liked, fear by how much they are dreaded."""
    if regard.affection:
        raw.append(("love" if regard.affection > 0 else "hate", abs(regard.affection) * 3 // 5, agent))
    if regard.dread and "harm" in rules.outcomes:
        _general(rules, ("harm", regard.dread // 2), ONE, agent, affect, event, raw, beliefs)


def _general(
    rules: AppraisalRules,
    prospect: tuple[str, int],
    size: int,
    agent: str,
    affect: AffectState,
    event: GameEvent,
    raw: Raw,
    beliefs: list[Belief],
) -> None:
    """An event that makes a general outcome (harm, something new) likelier or less likely."""
    name, shift = prospect
    outcome = rules.outcomes[name]
    held = expected(affect, name, event.at)
    before = outcome.likelihood
    if held is not None:
        before += faded(held.likelihood - before, event.at - held.at, outcome.half_life)
    step = scaled(shift, size)
    # A shift takes its share of the room left, so only a full shift of ±1 settles the outcome.
    now = before + scaled(step, ONE - before if step > 0 else before)
    if now != before:
        beliefs.append(Belief(event.at, name, now))
        raw.extend(
            (emotion, strength, agent) for emotion, strength in prospected(outcome.utility, before, now)
        )


def _goal(
    rule: EventRule,
    outlook: Outlook,
    affect: AffectState,
    event: GameEvent,
    agent: str,
    raw: Raw,
    beliefs: list[Belief],
) -> int:
    """News of a goal of the NPC, or of an outcome named with its utility; returns its worth, for
    attribution.
    """
    data = event.data
    name = _named(data, _GOAL)
    if not name:
        return 0
    goal = outlook.goals.get(name)
    if rule.scope == "forecast":
        weight = millionths(data.get("utility"), goal.weight if goal else 0, ONE)
    else:
        weight = goal.weight if goal else ONE // 4
    outcome = "goal/" + name
    held = expected(affect, outcome, event.at)
    before = held.likelihood if held else _hoped(goal.progress if goal else 0)
    now = _likelihood(rule, data, before)
    if now == before:
        return 0
    beliefs.append(Belief(event.at, outcome, now))
    raw.extend((emotion, strength, agent) for emotion, strength in prospected(weight, before, now))
    return scaled(weight, now - before)


def _hoped(progress: int) -> int:
    # From one half at the start to 0.8 just before the end: the last step is never a matter of course.
    return ONE // 2 + progress * 3 // 10


def _likelihood(rule: EventRule, data: Mapping[str, object], before: int) -> int:
    stated = data.get("likelihood")
    if stated is not None:
        return clamp(millionths(stated, before), 0, ONE)
    if rule.goal == "done":
        return ONE
    if rule.goal == "failed":
        return 0
    if rule.goal == "progress" and "progress" in data:
        progress = clamp(millionths(data["progress"]), 0, ONE)
        return ONE if progress == ONE else _hoped(progress)
    if rule.goal == "threatened":
        return before - before * 3 // 10
    if rule.goal in ("helped", "progress"):
        return before + (ONE - before) * 3 // 10
    return before


def _side(rule: EventRule, outlook: Outlook, data: Mapping[str, object], agent: str, raw: Raw) -> None:
    """What happens to a faction: one's own is a part of oneself, others are liked or not."""
    faction = _named(data, _FACTION)
    utility = scaled(_utility(rule, outlook), _size(rule, data))
    praise = _praise(rule, outlook)
    if faction and faction == outlook.faction:
        _judge(utility, praise, agent, outlook.npc_id, raw, True)
        return
    standing = outlook.standing(faction)
    target = "faction/" + faction
    _fortune(utility, target, standing, raw)
    if praise and faction and agent == outlook.npc_id:
        raw.append(("admiration" if praise > 0 else "reproach", abs(praise) // 2, target))


def _report(rules: AppraisalRules, outlook: Outlook, regard: RegardOf, event: GameEvent) -> Appraisal:
    """Hearsay and things seen from afar: the event told about, weakened by doubt, judged as news of
    others.
    """
    data = event.data
    told = _named(data, _TOLD)
    rule = rules.row(told, data)
    teller = event.agent or _named(data, _TELLER)
    belief = clamp(millionths(data.get("reliability"), ONE), 0, ONE)
    if teller:
        belief = scaled(belief, (ONE + regard(teller).trust) // 2)
    utility = millionths(data.get("utility"), rule.utility if rule else 0, ONE)
    praise = _praise(rule, outlook) if rule else 0
    agent = _named(data, ("actor", "agent", "by"))
    person = _named(data, _UPON)
    raw: Raw = []
    if person == outlook.npc_id:
        _judge(scaled(utility, belief), scaled(praise, belief), agent, outlook.npc_id, raw, True)
    else:
        if person:
            _fortune(scaled(utility, belief), person, regard(person).affection, raw)
        _judge(0, scaled(praise, belief), agent, outlook.npc_id, raw, False)
    return Appraisal("hearsay", "", _felt(raw, outlook, event, "hearsay"), (), 0, 0, False, "")


def _utility(rule: EventRule, outlook: Outlook) -> int:
    utility = rule.utility
    for word, effect in rule.goals:
        weight = outlook.wants.get(word)
        if weight is not None:
            utility += scaled(effect, weight)
    return clamp(utility, -ONE, ONE)


def _praise(rule: EventRule, outlook: Outlook) -> int:
    if not rule.standard or not rule.praise:
        return rule.praise
    return clamp(scaled(rule.praise, outlook.standards.get(rule.standard, ONE)), -ONE, ONE)


def _size(rule: EventRule, data: Mapping[str, object]) -> int:
    if rule.size is None:
        return ONE
    keys, full, full_keys, least = rule.size
    given = next((data[key] for key in keys if key in data), None)
    if given is None:
        return ONE
    for key in full_keys:
        full = millionths(data.get(key), full) if key in data else full
    amount = millionths(given, 0, 1_000_000_000 * ONE)
    return clamp(max(0, amount) * ONE // max(1, full), least, ONE)


def _named(data: Mapping[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = data.get(key)
        if value is None or isinstance(value, bool):
            continue
        if isinstance(value, str):
            if value:
                return value[:_MOST_LETTERS]
        elif isinstance(value, int) and abs(value) < 1 << 63:
            return str(value)
    return ""


def _felt(raw: Raw, outlook: Outlook, event: GameEvent, name: str) -> tuple[Felt, ...]:
    position, gain, loss = event.position, outlook.gain, outlook.loss
    out = []
    for emotion, strength, target in raw:
        intensity = min(ONE, strength * (gain if emotion in PLEASANT else loss) // ONE)
        if intensity >= LEAST:
            out.append(Felt(emotion, intensity, position, name, target))
    return tuple(out)

"""Appraisal: from an event to the emotions it causes in one NPC (OCC: Ortony, Clore, Collins 1988).

An event is judged by three things: what it does to the NPC's goals, whether the act behind it is
praiseworthy by the NPC's standards, and how the NPC likes those involved. Which event means what is data
(`rules`); the reasoning here knows no event by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from commands.mind.affect import LEAST, AffectState, Belief
from commands.mind.emotion import PLEASANT, Emotion, Felt
from commands.mind.fixed import ONE, clamp, millionths, scaled
from commands.mind.gifts import Larder, category_of, worth
from commands.mind.happening import FACTION, TELLER, TOLD, UPON, GameEvent, named, size_of
from commands.mind.outlook import Outlook
from commands.mind.prospect import News, goal_news, outcome_news
from commands.mind.rules import AppraisalRules, EventRule

Raw = list[tuple[Emotion, int, str]]
_new: Final = tuple.__new__
"""As in `affect`."""


class Regard(NamedTuple):
    """How an NPC stands to somebody just before an event: affection ±ONE, trust and dread 0 … ONE."""

    affection: int
    trust: int
    dread: int
    larder: Larder


_ACTOR: Final = ("actor", "agent", "by")
_NOBODY: Final = {"", "faction/"}
_NOBODY_ELSE: Final[frozenset[str]] = frozenset()
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
    agent = event.agent or named(data, rule.agent) or (outlook.npc_id if rule.own else "")
    if agent == outlook.npc_id and rule.scope in ("sight", "gift"):
        agent = ""
    raw: Raw = []
    beliefs: list[Belief] = []
    gift = ""
    praise = _praise(rule, outlook)
    if rule.scope == "faction":
        _side(rule, outlook, data, agent, raw)
    else:
        size = ONE if rule.size is None else size_of(rule.size, data)
        utility = scaled(_utility(rule, outlook), size)
        if rule.scope == "gift":
            gift = category_of(data)
            utility = worth(outlook.gifts, regard(agent).larder if agent else (), data, event.at)
            praise = scaled(praise, abs(utility)) if utility > 0 else scaled(utility, ONE // 2)
            raw.append(("love" if utility > 0 else "hate", abs(utility) // 2, ""))
        upon = named(data, UPON)
        if upon and upon != outlook.npc_id:
            _fortune(utility, upon, regard(upon).affection, raw)
            utility = 0
        news: list[News] = []
        if rule.scope == "sight" and agent:
            met = regard(agent)
            raw.append(("love" if met.affection > 0 else "hate", abs(met.affection) * 3 // 5, agent))
            if met.dread and "harm" in rules.outcomes:
                news.append(outcome_news(rules.outcomes, "harm", met.dread // 2, affect, event.at))
        if rule.prospect is not None:
            name, shift = rule.prospect
            news.append(outcome_news(rules.outcomes, name, scaled(shift, size), affect, event.at))
        of_goal = rule.goal is not None or rule.scope == "forecast"
        if of_goal:
            told = goal_news(rule, outlook.goals, affect, event)
            news.append(told)
            utility += told.utility
        for item in news:
            beliefs += item.beliefs
            raw += [(emotion, strength, agent) for emotion, strength in item.emotions]
        _judge(clamp(utility, -ONE, ONE), scaled(praise, size), agent, outlook.npc_id, raw, not of_goal)
    other = bool(agent) and agent != outlook.npc_id
    kept, broken = (rule.kept, rule.broken) if other else (0, 0)
    felt = _felt(raw, outlook, event, rule.name)
    contact, gift = rule.contact and other, gift if other else ""
    return _new(Appraisal, (rule.name, agent, felt, tuple(beliefs), kept, broken, contact, gift))


def concerned(rules: AppraisalRules, event: GameEvent) -> frozenset[str]:
    """Everybody whose relationship appraising `event` may ask for or change, so that it can be fetched before.

    Ids of persons and `faction/<id>`; empty for an event type the table does not know. Possibly the NPC itself.
    """
    data = event.data
    rule = rules.row(event.kind, data)
    if rule is None:
        return frozenset()
    if rule.scope == "report":
        named_ones = {event.agent or named(data, TELLER), named(data, _ACTOR), named(data, UPON)}
    else:
        other = "faction/" + named(data, FACTION) if rule.scope == "faction" else named(data, UPON)
        agent = event.agent or named(data, rule.agent)
        if not other:
            return frozenset((agent,)) if agent and agent not in _NOBODY else _NOBODY_ELSE
        named_ones = {agent, other}
    return frozenset(named_ones - _NOBODY)


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


def _side(rule: EventRule, outlook: Outlook, data: Mapping[str, object], agent: str, raw: Raw) -> None:
    """What happens to a faction: one's own is a part of oneself, others are liked or not."""
    faction = named(data, FACTION)
    utility = scaled(_utility(rule, outlook), size_of(rule.size, data))
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
    told = named(data, TOLD)
    rule = rules.row(told, data)
    teller = event.agent or named(data, TELLER)
    belief = clamp(millionths(data.get("reliability"), ONE), 0, ONE)
    if teller:
        belief = scaled(belief, (ONE + regard(teller).trust) // 2)
    utility = millionths(data.get("utility"), rule.utility if rule else 0, ONE)
    praise = _praise(rule, outlook) if rule else 0
    agent = named(data, _ACTOR)
    person = named(data, UPON)
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


def _felt(raw: Raw, outlook: Outlook, event: GameEvent, name: str) -> tuple[Felt, ...]:
    position, gain, loss = event.position, outlook.gain, outlook.loss
    out = []
    for emotion, strength, target in raw:
        intensity = strength * (gain if emotion in PLEASANT else loss) // ONE
        if intensity >= LEAST:
            out.append(_new(Felt, (emotion, intensity if intensity < ONE else ONE, position, name, target)))
    return tuple(out)

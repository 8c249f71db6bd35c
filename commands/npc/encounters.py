"""What an NPC notices (`ai_npc_event`), what players do with it (`ai_npc_interact`), what it says (§2.2.2, §2.2.5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from commands.arguments import Id, JsonObject, Name, Text
from commands.decider import Context, Need
from commands.mind.affect import read
from commands.mind.dialogue.intent import lexicon_for, recognise
from commands.mind.dialogue.message import message_of
from commands.mind.goals import goal_changes, with_changes
from commands.mind.happening import GameEvent
from commands.mind.reaction import react
from commands.mind.relationship import reading_at
from commands.mind.rules import interaction_kind, talk_kind
from commands.mind.wire import ACTIONS, COMPANION, companion_answer, relationship_answer
from commands.npc import dealing, questing
from commands.npc.insight import mind, mind_of
from commands.npc.state import NpcState
from events.commit import Event, Json, microseconds
from events.npc import Basis, NpcGoalsChanged, NpcInteracted, NpcPerceived, NpcSpoke

_COMMENTS = {
    "happy": ("You lift my heart.", "That was a joy.", "More of that, please."),
    "excited": ("Now that is something!", "Well, well!", "Who would have thought!"),
    "amazed": ("I would not have thought it of you.", "You surprise me.", "Is that so?"),
    "proud": ("We did well.", "That is how it is done.", "A good day's work."),
    "satisfied": ("Good. Very good.", "Just as it should be.", "I have no complaint."),
    "cheerful": ("A fine day, is it not?", "Good to see you.", "That puts me in a good mood."),
    "grateful": ("Thank you. I will not forget it.", "That is good of you.", "You have my thanks."),
    "sad": ("Leave me be a while.", "I am not myself today.", "Forgive me, my heart is heavy."),
    "disappointed": ("I had hoped for better.", "A pity.", "I thought you were different."),
    "frustrated": ("That was not well done.", "Must it be like this?", "I have had enough of this."),
    "angry": ("You will regret that.", "How dare you!", "I will remember that."),
    "worried": ("I do not like this.", "What will come of it?", "Careful now."),
    "tired": ("Another time, perhaps.", "It has been a long day.", "Let me rest."),
    "neutral": ("Well met.", "As you say.", "So be it."),
}
_OF_TALK = {
    "grateful": ("Kind words. Thank you.", "It does me good to talk to you.", "You are pleasant company."),
}
"""What is said instead when nothing but words changed hands."""


_AS_GOALS_SAY = {"stole": "item_stolen", "helped": "player_helped"}
"""What `conf/goals.toml` calls an event that scripts name otherwise."""

_QUEST_STEPS = {"accept": "quest_accepted", "complete": "quest_completed", "abandon": "quest_abandoned"}


@dataclass(frozen=True, slots=True)
class Notice:
    """`ai_npc_event`."""

    event_type: Name
    event_data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interact:
    """`ai_npc_interact`."""

    interaction_type: Name
    player_id: Id
    data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speak:
    """Recorded by the dialogue agent after its answer became the outcome of a request."""

    player_id: Id
    message: Text
    response: Text
    emotion: Name
    action: Name
    method: Name
    intent: Name
    template: str | None = None
    memories: tuple[int, ...] = ()
    request_id: str | None = None
    basis: Basis = field(default_factory=Basis)


def notice(state: NpcState, command: Notice, context: Context) -> tuple[Event, ...]:
    subject = _subject(command, context)
    perceived = NpcPerceived(command.event_type, command.event_data, subject, state.profile.location)
    return (
        perceived,
        *_goals_moved(state, _AS_GOALS_SAY.get(command.event_type, command.event_type), context),
    )


def needs(state: NpcState, command: Interact, npc_id: str) -> tuple[Need, ...]:
    # A deal must not be struck on old feelings; a gesture may be a moment behind rather than late.
    return mind_of(state, npc_id, command.player_id, settled=command.interaction_type == "trade")


def interact(state: NpcState, command: Interact, context: Context) -> tuple[Event, ...]:
    """A trade is judged and, if accepted, struck; a quest step is taken; everything is felt and remembered.

    Raises `Rejected` for a bad offer or quest step; other types are kept and remembered whatever they are.
    """
    player, kind = command.player_id, command.interaction_type
    consequences: tuple[Event, ...] = ()
    accepted = True
    if kind == "trade" and "items" in command.data:
        made, event = dealing.judged(state, player, command.data["items"], context)
        accepted = made.accepted
        dealt = dealing.after_deal(state, made, command.data["items"]) if accepted else ()
        consequences = (event, *dealt)
    elif kind == "quest":
        consequences = questing.step(state, player, command.data, context)
    intent = _intent(state, command, context)
    reaction, relationship = _felt(state, command, context, accepted, intent)
    met = state.interactions.get(player, 0) + 1
    return (
        *consequences,
        NpcInteracted(
            player, kind, command.data, accepted, reaction, met, relationship, state.profile.location, intent
        ),
        *_goals_moved(state, _happened(command, accepted), context),
    )


def speak(state: NpcState, command: Speak, context: Context) -> tuple[Event, ...]:
    return (
        NpcSpoke(
            command.player_id,
            command.message,
            command.response,
            command.emotion,
            command.action,
            command.method,
            command.intent,
            command.template,
            command.memories,
            command.request_id,
            state.profile.location,
            command.basis,
        ),
        *_goals_moved(state, "dialogue", context),
    )


def _subject(command: Notice, context: Context) -> str | None:
    """Whom an event is about: the trusted player, else whoever its data claims."""
    if context.actor.kind == "player" and context.actor.trusted:
        return context.actor.id
    for name in ("player_id", "by", "attacker", "from", "source"):
        claimed = command.event_data.get(name)
        if isinstance(claimed, str | int) and not isinstance(claimed, bool) and str(claimed):
            return str(claimed)[:128]
    return None


def _intent(state: NpcState, command: Interact, context: Context) -> str:
    """What the words of a talk want, by the same rules as in a dialogue; empty without words, or where the script says.

    They are understood in the language that the interaction or the NPC names, English otherwise.
    """
    message = message_of(command.data)
    if command.interaction_type != "talk" or not message or "intent" in command.data:
        return ""
    named = command.data.get("language") or state.profile.extra.get("language")
    lexicon = lexicon_for(context.rules.lexicons, named if isinstance(named, str) else "")
    return "" if lexicon is None else recognise(message, lexicon).intent


def _felt(
    state: NpcState, command: Interact, context: Context, accepted: bool, intent: str
) -> tuple[Json, Json]:
    """How the NPC takes it: the reaction a script shows, and the relationship as it is afterwards."""
    view, at, player = mind(state, context), microseconds(context.at), command.player_id
    kind, data = (
        interaction_kind(context.rules.appraisal, command.interaction_type, accepted=accepted),
        command.data,
    )
    if intent:
        kind, data = talk_kind(context.rules.appraisal, intent), {**data, "intent": intent}
    event = GameEvent(kind, at, 0, data, player)
    after = react(context.rules.appraisal, view.outlook, view.affect, view.relations, event)
    felt = max(after.appraisal.felt, key=lambda emotion: emotion.intensity, default=None)
    # What this very event stirred; only when it stirred nothing, what the NPC feels anyway.
    overall = str(companion_answer(read(after.affect, at))["emotion"])
    shown = overall if felt is None else COMPANION[felt.emotion]
    relation = after.relations.get(player) or view.relations.get(player)
    relationship = {} if relation is None else relationship_answer(player, reading_at(relation, at))
    relationship.pop("evidence", None)
    return {
        "emotion": shown,
        "action": ACTIONS[shown],
        "comment": _comment(state, command, shown),
    }, relationship


def _comment(state: NpcState, command: Interact, emotion: str) -> str:
    """A line that fits, and another one than at the last meeting."""
    lines = _COMMENTS[emotion]
    if command.interaction_type == "talk":
        lines = _OF_TALK.get(emotion, lines)
    return lines[state.interactions.get(command.player_id, 0) % len(lines)]


def _happened(command: Interact, accepted: bool) -> str:
    """The name under which `conf/goals.toml` knows an interaction."""
    match command.interaction_type:
        case "talk":
            return "talked"
        case "gift":
            return "gift_received"
        case "trade":
            return "trade_completed" if accepted else "trade_refused"
        case "quest":
            return _QUEST_STEPS.get(str(command.data.get("step")), "quest_progressed")
        case other:
            return other


def _goals_moved(state: NpcState, event_type: str, context: Context) -> tuple[Event, ...]:
    changes = goal_changes(state.profile.goals, event_type, context.rules.goals)
    if not changes:
        return ()
    goals = with_changes(state.profile.goals, changes)
    return (NpcGoalsChanged(goals, tuple(change._asdict() for change in changes)),)

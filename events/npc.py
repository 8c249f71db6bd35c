"""Events of one NPC's stream, `npc/<npc id>`."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event, upcaster
from events.commit import Event, Json


@dataclass(frozen=True, slots=True)
class Goal:
    """What an NPC wants. `priority` 1 is the most urgent; `progress` in millionths, 1_000_000 = reached."""

    goal: str
    priority: int
    progress: int = 0


@dataclass(frozen=True, slots=True)
class Location:
    """A cell of a map; `x` and `y` count cells from the south-west corner."""

    map: str | None = None
    x: int | None = None
    y: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the game server says an NPC is.

    `personality` and `extra` are kept as given; `extra` holds fields this release does not know, so that a
    later one can use them.
    """

    archetype: str = "generic"
    mood: str | None = None
    personality: Json = field(default_factory=dict)
    goals: tuple[Goal, ...] = ()
    location: Location = Location()
    schedule: Json = field(default_factory=dict)
    extra: Json = field(default_factory=dict)


@event("npc.registered")
@dataclass(frozen=True, slots=True)
class NpcRegistered(Event):
    profile: Profile


@event("npc.unregistered")
@dataclass(frozen=True, slots=True)
class NpcUnregistered(Event):
    pass


@event("npc.profile_updated")
@dataclass(frozen=True, slots=True)
class NpcProfileUpdated(Event):
    """`profile` is the whole profile after the change; `changed` names the fields that differ."""

    profile: Profile
    changed: tuple[str, ...]
    unknown_fields: tuple[str, ...] = ()


@event("npc.faction_joined")
@dataclass(frozen=True, slots=True)
class NpcFactionJoined(Event):
    faction_id: str
    rank: str = "member"


@event("npc.faction_left")
@dataclass(frozen=True, slots=True)
class NpcFactionLeft(Event):
    faction_id: str


@event("npc.perceived")
@dataclass(frozen=True, slots=True)
class NpcPerceived(Event):
    """Something happened to or near the NPC (`ai_npc_event`).

    `subject` is whom it was about, if anybody; `place` is where, as far as the NPC's profile tells.
    """

    event_type: str
    event_data: Json
    subject: str | None = None
    place: Location | None = None


@event("npc.interacted", 2)
@dataclass(frozen=True, slots=True)
class NpcInteracted(Event):
    """A player did something with the NPC (`ai_npc_interact`), and how the NPC took it.

    `interactions` counts those of this player with this NPC, this one included; `relationship` is how the NPC stands
    to the player afterwards, as told to the script. `intent` is what the words of a talk were recognised as, empty
    where there were none.
    """

    player_id: str
    interaction_type: str
    data: Json
    accepted: bool
    reaction: Json
    interactions: int = 1
    relationship: Json = field(default_factory=dict)
    place: Location | None = None
    intent: str = ""


@upcaster("npc.interacted", 1)
def _without_intent(data: Json) -> Json:
    return {**data, "intent": ""}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision rested on, so that it can be explained and checked.

    `position` is how far the NPC's mind was known; `commits` are the positions that coloured it (feelings,
    evidence about the person); `mood` is pleasure, arousal, dominance and `standing` trust, affection of the person
    it was about, all in millionths; `rules` fingerprints the rule books used; `memories` are positions recalled.
    """

    position: int = 0
    commits: tuple[int, ...] = ()
    mood: tuple[int, ...] = ()
    standing: Json = field(default_factory=dict)
    rules: str = ""
    memories: tuple[int, ...] = ()


@event("npc.spoke")
@dataclass(frozen=True, slots=True)
class NpcSpoke(Event):
    """The NPC answered a player. `template` and `memories` say what the answer was made from."""

    player_id: str
    message: str
    response: str
    emotion: str
    action: str
    method: str
    intent: str
    template: str | None = None
    memories: tuple[int, ...] = ()
    request_id: str | None = None
    place: Location | None = None
    basis: Basis = field(default_factory=Basis)


@event("npc.goals_changed")
@dataclass(frozen=True, slots=True)
class NpcGoalsChanged(Event):
    """What happened moved goals.

    `goals` are all of them afterwards; `changes` hold `{goal, before, after, because}`.
    """

    goals: tuple[Goal, ...]
    changes: tuple[Json, ...]


@event("npc.decided")
@dataclass(frozen=True, slots=True)
class NpcDecided(Event):
    """The NPC decided something by utility.

    `kind` is `decide_action`, `evaluate_situation` or `choose_target`; `answer` is what the script got, `record` the
    whole score table in integers. The question is in the commit's command.
    """

    kind: str
    answer: Json
    record: Json
    basis: Basis
    activity: str = ""


@event("npc.reconsidered")
@dataclass(frozen=True, slots=True)
class NpcReconsidered(Event):
    """The NPC thought its latest decision over and chose another action of the same score table.

    `decision` is the id of the command that decided, `advice` the stream id of the model's decision that proposed this;
    `activity` replaces `instead_of`, which had the `best` score against `score` (millionths). `answer` is what the
    script gets, `reason` what the model gave as one.
    """

    decision: str
    activity: str
    instead_of: str
    answer: Json
    score: int
    best: int
    reason: str = ""
    advice: str = ""


@event("npc.bargained")
@dataclass(frozen=True, slots=True)
class NpcBargained(Event):
    """The NPC judged an offer. It is a deal only when it came as an interaction, which then follows in the commit."""

    player_id: str
    items: tuple[Json, ...]
    answer: Json
    record: Json
    basis: Basis


PURSES = ("gold", "zeny", "purse")
"""The names under which a profile may limit an NPC's gold."""


@event("npc.stock_changed")
@dataclass(frozen=True, slots=True)
class NpcStockChanged(Event):
    """A deal was struck: what the NPC has left, and its gold where the profile limits it."""

    stock: dict[str, int] | None
    purse: int | None

    def applied(self, extra: Json) -> Json:
        """The profile's free fields after the deal."""
        after = dict(extra)
        if self.stock is not None:
            after["stock"] = self.stock
        if self.purse is not None:
            after[next((name for name in PURSES if name in extra), PURSES[0])] = self.purse
        return after


@event("npc.quest_offered")
@dataclass(frozen=True, slots=True)
class NpcQuestOffered(Event):
    """The NPC considered giving a quest; `quest` is None when none fitted, `record` says why."""

    player_id: str
    quest: Json | None
    answer: Json
    record: Json
    basis: Basis


@event("npc.quest_changed")
@dataclass(frozen=True, slots=True)
class NpcQuestChanged(Event):
    """A quest moved on: `change` is accepted, progressed, completed, abandoned or expired, `at` in µs."""

    player_id: str
    quest_id: str
    change: str
    at: int
    objective: int | None = None
    done: int | None = None


@event("npc.heard")
@dataclass(frozen=True, slots=True)
class NpcHeard(Event):
    """Another NPC told it what happened elsewhere.

    `position` and `index` name the event told about, `at` (µs) when it happened. `chain` are the tellers, the first
    witness first and `teller` last; `reliability` and `importance` are what the listener makes of it, in millionths.
    `actor` did it to `victim`; `kind` and `data` are those of the event, `data` cut to what can be retold.
    """

    teller: str
    chain: tuple[str, ...]
    reliability: int
    position: int
    index: int
    at: int
    kind: str
    data: Json
    actor: str | None = None
    victim: str | None = None
    players: tuple[str, ...] = ()
    importance: int = 0

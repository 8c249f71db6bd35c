"""The dialogue agent: from an opened request to the answer and to what the NPC remembers of it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from commands.message import CommandMessage
from commands.mind.dialogue.library import DialogueLibrary
from commands.mind.dialogue.message import MESSAGE_FIELDS, message_of
from commands.mind.dialogue.request import DialogueRequest, Good, MemoryNote, Utterance
from commands.mind.dialogue.speaker import speak
from commands.mind.memory.record import Memory
from commands.mind.prices import Item, PriceTable
from commands.mind.rulebooks import RuleBooks
from commands.mind.view import MindView
from commands.mind.wire import LABELS, mood_label, relationship_answer
from commands.npc.insight import basis_of
from commands.npc.state import NpcState
from events.commit import Actor, Commit, Json
from events.npc import Profile
from events.request import RequestOpened

OPERATION = "dialogue"
AGENT = Actor("agent", "dialogue")

"""The spellings scripts use for what the player said (`facts/zmq-operations.md` "Operations")."""

MAX_GOODS = 20


@dataclass(frozen=True, slots=True)
class Situation:
    """What the agent found out before it answers: the NPC, its mind (None when nothing is known yet), what it
    remembers that may matter and may be repeated to the player, most relevant first, and the rule books.

    `lines` are the last exchanges with the player, newest first; `withheld` what it must not repeat to the player.
    """

    npc: NpcState
    rules: RuleBooks
    mind: MindView | None = None
    memories: tuple[Memory, ...] = ()
    lines: tuple[Memory, ...] = ()
    withheld: tuple[Memory, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an NPC says, whoever found the words: `method` is template, llm, cached or fallback.

    `template` is the line used (None: a model's words), `memories` are the log positions it draws on.
    """

    response: str
    emotion: str
    action: str
    method: str
    intent: str
    template: str | None = None
    memories: tuple[int, ...] = ()
    basis: Json = field(default_factory=dict)


def spoken(utterance: Utterance, basis: Json, method: str = "template") -> Spoken:
    """The words of a template."""
    return Spoken(
        utterance.response,
        utterance.emotion,
        utterance.action,
        method,
        utterance.intent,
        utterance.template,
        utterance.memories,
        basis,
    )


def as_fallback(said: Spoken) -> Spoken:
    """The words of a template where a model should have found others."""
    return replace(said, method="fallback")


def answer(request: DialogueRequest, library: DialogueLibrary) -> Utterance:
    """What the NPC says by templates. Total: any text gets an answer."""
    return speak(request, library)


def grounds(found: Situation, player: str) -> Json:
    """What the NPC's words to `player` rest on, as `events.npc.Basis` holds it."""
    return {} if found.mind is None else asdict(basis_of(found.mind, player))


def request_of(found: Situation, opened: RequestOpened, commit: Commit) -> DialogueRequest:
    """What was said to the NPC, and everything that may colour its answer."""
    data = opened.data
    context = data["context"] if isinstance(data.get("context"), dict) else {}
    profile, player = found.npc.profile, player_of(opened, commit)
    known = {**context, **{k: v for k, v in data.items() if k not in {"context", *MESSAGE_FIELDS}}}
    request = DialogueRequest(
        npc_id=opened.npc_id,
        message=message_of(data),
        seed=commit.command.id,
        npc_name=_text(profile.extra.get("name")) or opened.npc_id.replace("_", " "),
        archetype=profile.archetype,
        language=_text(known.get("language")) or _text(profile.extra.get("language")),
        mood=profile.mood or "",
        interactions=found.npc.interactions.get(player, 0),
        player_id=player,
        player_name=_text(commit.actor.details.get("name")) or _text(known.get("player_name")),
        location=_text(known.get("location")) or profile.location.map or "",
        time_of_day=_text(known.get("time_of_day")),
        at=commit.at,
        memories=tuple(map(_note, found.memories)),
        goods=_goods(profile, found.rules.prices),
        recent=found.npc.lines.get(player, ()),
    )
    return request if found.mind is None else _felt(request, found.mind)


def _felt(request: DialogueRequest, mind: MindView) -> DialogueRequest:
    """The request coloured by what the NPC feels, and by how it stands to the player."""
    feelings, toward = mind.feelings(), mind.toward(request.player_id)
    told = relationship_answer(request.player_id, toward)
    label = mood_label(feelings) if feelings.primary is None else LABELS[feelings.primary]
    return replace(
        request,
        mood=request.mood if label == "neutral" else label,
        pleasure=feelings.mood.pleasure,
        arousal=feelings.mood.arousal,
        dominance=feelings.mood.dominance,
        relationship_level=str(told["relationship_level"]),
        trust=int(told["trust"]),
        affection=int(told["affection"]),
    )


def player_of(opened: RequestOpened, commit: Commit) -> str:
    """The player who asked: the trusted actor, else the claim inside the data, else the caller itself."""
    if commit.actor.kind == "player":
        return commit.actor.id
    claimed = opened.data.get("player_id")
    return str(claimed)[:128] if isinstance(claimed, str | int) and str(claimed) else commit.actor.id


def completion(commit: Commit, said: Spoken, code: int = 0) -> CommandMessage:
    """The command that makes the words the request's outcome; `code` is 0 or a warning."""
    result: Json = {
        "response": said.response,
        "emotion": said.emotion,
        "action": said.action,
        "method": said.method,
        "intent": said.intent,
    }
    args: Json = {"result": result, "code": code} if code else {"result": result}
    return follow_up(commit, "request.complete", commit.stream, args)


def remembrance(commit: Commit, opened: RequestOpened, said: Spoken) -> CommandMessage:
    """The command that makes the NPC remember what was said, after the answer became a fact."""
    args: Json = {
        "player_id": player_of(opened, commit),
        "message": message_of(opened.data),
        "response": said.response,
        "emotion": said.emotion,
        "action": said.action,
        "method": said.method,
        "intent": said.intent,
        "template": said.template,
        "memories": list(said.memories),
        "request_id": commit.entity,
        "basis": said.basis,
    }
    return follow_up(commit, "npc.speak", f"npc/{opened.npc_id}", args)


def failure(commit: Commit, code: int, message: str) -> CommandMessage:
    """The command that ends a request nobody could answer."""
    return follow_up(commit, "request.fail", commit.stream, {"code": code, "message": message})


def follow_up(commit: Commit, name: str, stream: str, args: Json, actor: Actor = AGENT) -> CommandMessage:
    """A command that `commit` caused."""
    # Keyed by the commit that caused it: an agent that died half-way repeats itself without effect.
    return CommandMessage(
        id=f"agents/{commit.id}/{name}",
        name=name,
        stream=stream,
        args=args,
        actor=actor,
        correlation_id=commit.correlation_id,
        causation_id=commit.id,
    )


def _note(memory: Memory) -> MemoryNote:
    return MemoryNote(memory.position, memory.content, memory.at, memory.players[0] if memory.players else "")


def _goods(profile: Profile, prices: PriceTable) -> tuple[Good, ...]:
    """What the NPC sells: its stock where the profile limits it, else what dealers of its kind have."""
    stock = profile.extra.get("stock")
    if isinstance(stock, dict | list):
        named = [str(name)[:60] for name in list(stock)[:MAX_GOODS]]
        items = [(name, prices.item(name)) for name in named]
        return tuple(Good(name if item is None else item.name, _price(prices, item)) for name, item in items)
    dealer = prices.dealer(profile.archetype)
    offered = [item for item in prices.items.values() if dealer.offers(item.category)]
    return tuple(Good(item.name, _price(prices, item)) for item in offered[:MAX_GOODS])


def _price(prices: PriceTable, item: Item | None) -> int | None:
    return None if item is None else prices.asked(item)


def _text(value: Any) -> str:
    return value[:120] if isinstance(value, str) else ""

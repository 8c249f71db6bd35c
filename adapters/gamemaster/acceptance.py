"""Accepting a draft: the element first, as one commit, then the proposal's own word on it.

The element's id follows from the proposal, so that whoever dies in between leaves something to be found: a repetition
sees the element, and only says the second word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from adapters.nats.ports import CommandBus
from commands.agents.gamemaster.kinds import KINDS
from commands.codes import Code
from commands.forms.filling import filled
from commands.message import CommandMessage, Reply
from commands.rejection import Rejected
from events.commit import Actor, Json
from events.element import ElementChanged, ElementCreated
from events.log import Log

SEND_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a proposal is taken. `fields` names those of the draft (None: all), `edits` are values of the game
    master's own, which go before the draft's; null empties a field."""

    draft: int
    fields: tuple[str, ...] | None = None
    edits: Json = field(default_factory=dict)
    visibility: str = "gm"
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The element, and the log position at which all is said."""

    element_id: str
    version: int
    position: int


def element_id_of(proposal_id: str) -> str:
    """The id of the element a proposal becomes: 32 hexadecimal digits."""
    return sha256(f"lorestream/element/{proposal_id}".encode()).hexdigest()[:32]


async def accept(
    proposal: Json, choice: Choice, *, bus: CommandBus, log: Log, actor: Actor, correlation_id: str
) -> Accepted:
    """Make the element, or the change, and record it; `proposal` as the API shows it.

    A repetition changes nothing. Raises `Rejected`: -203 where another draft, or other values, were accepted before;
    -101 for a draft that is not there; whatever the element's decider says; and `LogError`.
    """
    taken = _taken(proposal, choice)
    element_id = proposal["target"] or element_id_of(proposal["proposal_id"])
    earlier = await _earlier(log, element_id, proposal["proposal_id"])
    if earlier is None:
        reply = await bus.send(
            _on_element(proposal, choice, taken, element_id, actor, correlation_id), timeout=SEND_SECONDS
        )
        if not reply.success:
            # Somebody else may have been first; what he made counts.
            earlier = await _earlier(log, element_id, proposal["proposal_id"])
            if earlier is None:
                raise _rejected(reply)
        else:
            earlier = _Earlier(
                choice.draft,
                taken,
                int(reply.data.get("version", 1)),
                reply.position or 0,
                reply.commit_id or "",
            )
    message = CommandMessage(
        id=f"web/proposal/{proposal['proposal_id']}/accept/{earlier.draft}",
        name="proposal.accept",
        stream=f"proposal/{proposal['proposal_id']}",
        args={
            "draft": earlier.draft,
            "element_id": element_id,
            "fields": earlier.fields,
            "edited": _edited(proposal, earlier),
        },
        actor=actor,
        correlation_id=correlation_id,
        causation_id=earlier.commit_id or None,
    )
    reply = await bus.send(message, timeout=SEND_SECONDS)
    if not reply.success and reply.field != "correlation_id":
        raise _rejected(reply)
    if not _same(earlier, choice, taken, whole=not proposal["target"]):
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"status: draft {earlier.draft} was accepted before, with other values. Edit element {element_id} instead",
            field="status",
        )
    return Accepted(element_id, earlier.version, max(reply.position or 0, earlier.position))


@dataclass(frozen=True, slots=True)
class _Earlier:
    draft: int
    fields: Json
    version: int
    position: int
    commit_id: str


def _same(earlier: _Earlier, choice: Choice, taken: Json, *, whole: bool) -> bool:
    """Whether a repetition asks for what was done. A change says only what became different."""
    agree = all(name in taken and taken[name] == value for name, value in earlier.fields.items())
    return earlier.draft == choice.draft and agree and (not whole or len(taken) == len(earlier.fields))


async def _earlier(log: Log, element_id: str, proposal_id: str) -> _Earlier | None:
    """What was made of the proposal already."""
    async for recorded in log.read(f"element/{element_id}"):
        for event in recorded.commit.events:
            if not isinstance(event, ElementCreated | ElementChanged):
                continue
            origin = event.origin
            if origin.get("proposal_id") == proposal_id:
                fields = event.fields if isinstance(event, ElementCreated) else event.set
                commit = recorded.commit
                return _Earlier(
                    int(origin.get("draft", 0)), fields, commit.version, recorded.position, commit.id
                )
    return None


def _taken(proposal: Json, choice: Choice) -> Json:
    """The fields as they are accepted, clean; those of a change that are to be emptied are None. Raises `Rejected`."""
    drafts = proposal["drafts"]
    draft = drafts[choice.draft] if choice.draft < len(drafts) else None
    if draft is None or not draft["fields"]:
        told = "there is no such draft" if draft is None else f"it failed: {draft['problem']}"
        raise Rejected(Code.INVALID_PARAMETER, f"draft: {told}", field="draft")
    known: Json = draft["fields"]
    if proposal["kind"] == "description" and proposal["target"]:
        # A text for something that exists is a text, not a note of its own.
        known = {"description": known["description"]}
    wanted = known if choice.fields is None else {}
    for name in choice.fields or ():
        if name in choice.edits:
            continue
        if name not in known:
            raise Rejected(Code.INVALID_PARAMETER, f"fields: the draft has no {name[:40]!r}", field="fields")
        wanted[name] = known[name]
    if not proposal["target"]:
        # Nothing is made without a name, and it begins as its kind does.
        wanted = {
            name: known[name] for name in ("name", *KINDS[proposal["kind"]].started) if name in known
        } | wanted
    filled_, emptied = filled(KINDS[proposal["kind"]].element, {**wanted, **choice.edits})
    return filled_ | (dict.fromkeys(emptied) if proposal["target"] else {})


def _edited(proposal: Json, earlier: _Earlier) -> list[str]:
    drafted = proposal["drafts"][earlier.draft]["fields"] if earlier.draft < len(proposal["drafts"]) else {}
    return sorted(name for name, value in earlier.fields.items() if drafted.get(name) != value)[:64]


def _on_element(
    proposal: Json, choice: Choice, taken: Json, element_id: str, actor: Actor, correlation_id: str
) -> CommandMessage:
    origin = {
        "by": "proposal",
        "proposal_id": proposal["proposal_id"],
        "draft": choice.draft,
        "decision_id": proposal["drafts"][choice.draft]["decision_id"] or "",
    }
    name, args = "element.change", Json({"set": taken, "origin": origin})
    if not proposal["target"]:
        name = "element.create"
        args = {
            "campaign_id": proposal["campaign_id"],
            "kind": KINDS[proposal["kind"]].element,
            "fields": taken,
            "visibility": choice.visibility,
            "members": list(choice.members),
            "origin": origin,
        }
    return CommandMessage(
        id=f"web/proposal/{proposal['proposal_id']}/element/{_fingerprint(args)}",
        name=name,
        stream=f"element/{element_id}",
        args=args,
        actor=actor,
        correlation_id=correlation_id,
    )


def _fingerprint(args: Json) -> str:
    return sha256(repr(sorted(args.items())).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _rejected(reply: Reply) -> Rejected:
    return Rejected(Code(reply.code), reply.message, field=reply.field, retry_after_ms=reply.retry_after_ms)

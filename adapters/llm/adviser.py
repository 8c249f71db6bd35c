"""The gateway with a memory: every answer is a commit before it is used, and none is paid for twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, from_json, to_json

from adapters.llm.answer import Read
from adapters.llm.gateway import Gateway, OnContent
from adapters.llm.streaming import OnText
from adapters.nats.ports import CommandBus
from commands.agents.ask import Ask
from commands.codes import Code
from commands.decision import MAX_VERDICTS, decision_id
from commands.message import CommandMessage, Reply
from commands.rejection import Rejected
from events.commit import Actor, Commit, Json
from events.decision import DecisionMade
from events.errors import LogUnavailable
from events.log import Log

logger = structlog.get_logger(__name__)

SEND_SECONDS = 5.0
JUDGE_ATTEMPTS = 5
JUDGE_WORKERS = 4
GATHER_SECONDS = 0.25
"""How long a verdict waits for others on the same proposal, to be one commit with them. Answers have the way."""
MAX_WAITING = 1024
CLOSE_SECONDS = 10.0
MAX_ASK_BYTES = 400_000
"""What a question and its inputs may weigh: the command that records them, and the commit, are one message each."""

_ACTOR = Actor("agent", "models")
_made: TypeAdapter[DecisionMade] = TypeAdapter(DecisionMade)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a decision is made for: a commit, or a command that has none (`commit_id` is None then).

    `id` must be the same for every retry.
    """

    id: str
    correlation_id: str
    commit_id: str | None = None

    @classmethod
    def of(cls, cause: Commit | CommandMessage) -> Cause:
        if isinstance(cause, Commit):
            return cls(cause.id, cause.correlation_id, cause.id)
        return cls(cause.id, cause.correlation_id, cause.causation_id)


@dataclass(frozen=True, slots=True)
class Advice:
    """A recorded decision and the commit that holds it."""

    decision_id: str
    made: DecisionMade
    commit_id: str
    position: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """A decision whose verdicts are recorded at the moment `due` of loop time."""

    due: float
    decision_id: str
    commit_id: str


class Adviser:
    """Asks models and records it. `async with` runs what goes on in the background, and finishes it at the end."""

    def __init__(self, gateway: Gateway, bus: CommandBus, log: Log, *, enabled: bool = True) -> None:
        """`enabled` is the setting `llm.enabled`."""
        self._gateway = gateway
        self._bus = bus
        self._log = log
        self._enabled = enabled
        self._later: asyncio.Queue[CommandMessage | _Judged] = asyncio.Queue(MAX_WAITING)
        self._gathered: dict[str, list[tuple[CommandMessage, Reply]]] = {}
        self._closing = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []

    def enabled(self, agent: str, *, pictures: bool = False) -> bool:
        """Whether a model could be asked for `agent` now, for `pictures` where they are wanted."""
        return self._enabled and self._gateway.available(agent, pictures=pictures)

    async def advise(
        self,
        cause: Cause,
        ask: Ask,
        read: Read,
        *,
        deadline: float,
        on_text: OnText | None = None,
        fresh: bool = False,
        over: Callable[[], bool] = lambda: False,
        on_content: OnContent | None = None,
    ) -> Advice:
        """The decision of `cause`: the recorded one where there is one, else asked now and recorded.

        `fresh` says that nobody can have asked before, which spares looking; if somebody has, his decision counts.
        `over` is asked when the call is cancelled: True says that nobody will ever ask again under this cause, and what
        was tried and paid for is recorded in the background. (Else whoever takes the work up finds nothing, and asks.)
        `deadline`, `read`, `on_text` and `on_content` as in `Gateway.ask`. A recorded decision is returned without
        calling either of the latter.
        Raises `LogUnavailable` when the decision could not be recorded (it must not be used then; asking again under
        the same cause is safe), and `Rejected` for a question that cannot be recorded: -105 too large, -101 no JSON.
        """
        which = decision_id(cause.id, ask.purpose)
        size = _size(ask)
        if size > MAX_ASK_BYTES:
            told = f"the question has {size} bytes, at most {MAX_ASK_BYTES} can be recorded"
            raise Rejected(Code.PARAMETER_OUT_OF_RANGE, told, field="messages")
        recorded = None if fresh else await self._recorded(which)
        if recorded is not None:
            return recorded

        def cancelled(made: DecisionMade) -> None:
            if not over():
                return
            try:
                self._later.put_nowait(_recording(which, cause, _made.dump_json(made)))
            except asyncio.QueueFull:
                logger.warning("a cancelled call was not recorded", decision=which)

        made = await self._gateway.ask(
            ask,
            read,
            deadline=deadline,
            on_text=on_text,
            decision=which,
            on_cancel=cancelled,
            on_content=on_content,
        )
        return await self._record(which, cause, made)

    async def judge(self, advice: Advice, command: CommandMessage, reply: Reply) -> None:
        """Record what a decider said to a command of the proposal.

        Returns at once, unless very many wait already. A reply that is no verdict (a part was down, or nobody answered
        in time) is not recorded.
        """
        if Code.AUTHENTICATION_FAILED < reply.code <= Code.SERVICE_UNAVAILABLE:
            return
        gathered = self._gathered.get(advice.decision_id)
        if gathered is not None and len(gathered) < MAX_VERDICTS:
            gathered.append((command, reply))
            return
        self._gathered[advice.decision_id] = [(command, reply)]
        due = asyncio.get_running_loop().time() + GATHER_SECONDS
        await self._later.put(_Judged(due, advice.decision_id, advice.commit_id))

    async def __aenter__(self) -> Adviser:
        self._workers = [
            asyncio.create_task(self._work(), name=f"verdicts {number}") for number in range(JUDGE_WORKERS)
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._later.join(), CLOSE_SECONDS)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if not self._later.empty():
            logger.warning("verdicts and cancelled calls were not recorded", count=self._later.qsize())
        await self._gateway.close()

    async def _recorded(self, which: str) -> Advice | None:
        async for recorded in self._log.read(f"decision/{which}"):
            event = recorded.commit.events[0]
            if isinstance(event, DecisionMade):
                return Advice(which, event, recorded.commit.id, recorded.position)
        return None

    async def _record(self, which: str, cause: Cause, made: DecisionMade) -> Advice:
        plain = _made.dump_json(made)
        reply = await self._bus.send(_recording(which, cause, plain), timeout=SEND_SECONDS)
        if reply.success and reply.position is not None and reply.commit_id is not None:
            # Not what was made but what was recorded of it: a replay must see exactly what was used.
            return Advice(which, _made.validate_json(plain), reply.commit_id, reply.position)
        if reply.code in {Code.INVALID_STATE_TRANSITION, Code.INVALID_PARAMETER}:
            # Another agent took the same work up and was first: what it recorded counts.
            recorded = await self._recorded(which)
            if recorded is not None:
                return recorded
        raise LogUnavailable(f"decision {which} could not be recorded: {reply.message}")

    async def _work(self) -> None:
        while True:
            waiting = await self._later.get()
            try:
                message = waiting if isinstance(waiting, CommandMessage) else await self._judgement(waiting)
                if message is not None:
                    await self._send(message)
            except Exception:
                which = waiting.stream if isinstance(waiting, CommandMessage) else waiting.decision_id
                logger.exception("what came of a question could not be recorded", decision=which)
            finally:
                self._later.task_done()

    async def _judgement(self, judged: _Judged) -> CommandMessage | None:
        with suppress(TimeoutError):
            left = judged.due - asyncio.get_running_loop().time()
            await asyncio.wait_for(self._closing.wait(), max(left, 0))
        gathered = self._gathered.pop(judged.decision_id, None)
        return _verdicts(judged, gathered) if gathered else None

    async def _send(self, message: CommandMessage) -> None:
        reply = Reply(Code.SERVICE_UNAVAILABLE)
        for attempt in range(JUDGE_ATTEMPTS):
            reply = await self._bus.send(message, timeout=SEND_SECONDS)
            if not Code.AUTHENTICATION_FAILED < reply.code <= Code.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(0.2 * 2**attempt)
        if not reply.success:
            logger.warning(
                "what came of a question was not recorded", stream=message.stream, reason=reply.message
            )


def _size(ask: Ask) -> int:
    """Bytes of the question and its inputs. Raises `Rejected` -101 when they hold what no JSON can."""
    try:
        return len(to_json([ask.sent(), ask.inputs], inf_nan_mode="null"))
    except PydanticSerializationError:
        told = "the question holds something that no JSON can, such as half a character"
        raise Rejected(Code.INVALID_PARAMETER, told, field="messages") from None


def _recording(which: str, cause: Cause, plain: bytes) -> CommandMessage:
    return CommandMessage(
        id=f"models/{which}/record",
        name="decision.record",
        stream=f"decision/{which}",
        args=from_json(plain),
        actor=_ACTOR,
        correlation_id=cause.correlation_id,
        causation_id=cause.commit_id,
    )


def _verdicts(judged: _Judged, gathered: Sequence[tuple[CommandMessage, Reply]]) -> CommandMessage:
    last, _ = gathered[-1]
    return CommandMessage(
        # By the last one: a repetition may bring more than were recorded before.
        id=f"models/{judged.decision_id}/judge/{last.id}",
        name="decision.judge",
        stream=f"decision/{judged.decision_id}",
        args={"verdicts": [_verdict(command, reply) for command, reply in gathered]},
        actor=_ACTOR,
        correlation_id=last.correlation_id,
        causation_id=judged.commit_id,
    )


def _verdict(command: CommandMessage, reply: Reply) -> Json:
    return {
        "verdict": "accepted" if reply.success else "refused",
        "command": command.name,
        "command_id": command.id,
        "position": reply.position,
        "commit_id": reply.commit_id or "",
        "code": int(reply.code),
        "message": reply.message[:1000],
    }

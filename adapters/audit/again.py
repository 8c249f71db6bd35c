"""Asking another model about one recorded decision, and keeping the comparison beside it in the log."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import ValidationError
from uuid_utils import uuid7

from adapters import rulebooks
from adapters.audit.rerun import Outcome, Question, Rerunner, provider_for, recorded_decision, worded
from adapters.explanation import related_in
from adapters.llm import book as models
from adapters.llm.clock import SystemClock
from adapters.llm.line import Line
from adapters.llm.roster import Roster
from adapters.llm.spending import Spending
from adapters.nats.ports import CommandBus
from adapters.settings import Settings
from adapters.sql.reader import Reader
from commands.agents.purposes import PURPOSES
from commands.agents.rejudging import Court
from commands.message import CommandMessage
from events.commit import Actor
from events.errors import LogUnavailable
from events.log import Log

SEND_SECONDS = 5.0


class CannotBeAsked(ValueError):
    """Nobody can be asked this question; the message says why and what would help. `field` is what is to blame."""

    def __init__(self, why: str, field: str) -> None:
        super().__init__(why)
        self.field = field


async def ask_again(
    settings: Settings,
    bus: CommandBus,
    log: Log,
    reader: Reader,
    decision_id: str,
    *,
    provider: str | None,
    model: str | None,
    actor: Actor,
) -> tuple[Outcome, int]:
    """Put a recorded question to `provider`, or to who has `model`, and where the comparison stands in the log.

    The world is not changed by it. Raises `CannotBeAsked`, `LogError`, `ConfigurationError`.
    """
    book = models.load(settings.llm.directory)
    question = await _question(book, log, decision_id)
    if provider is not None and provider not in book.providers:
        raise CannotBeAsked(
            f"there is no provider {provider[:80]!r}, only {', '.join(book.providers)}", "provider"
        )
    entry = provider_for(book, question.made, provider, model)
    if entry is None:
        raise CannotBeAsked("nobody answered it: name a provider, or a model that one has", "provider")
    roster = Roster(book)
    await roster.load(log)
    if not roster.provider_on(entry.key):
        raise CannotBeAsked(f"{entry.key} is switched off: lorestream llm enable {entry.key}", "provider")
    clock = SystemClock()
    spending, line = Spending(bus, clock, realm_limit=book.realm_limit), Line(entry, clock)
    try:
        if await line.open() is None:
            raise CannotBeAsked(f"{entry.key} cannot be asked: {line.condition().why}", "provider")
        runner = Rerunner(log, Court(rulebooks.load()), book, line, spending, clock, related_in(reader))
        outcome = await runner.rerun(question, book.agents[question.made.agent])
        return outcome, await keep(bus, outcome, actor, f"rerun/{uuid7()}")
    finally:
        await spending.close()
        await line.close()


async def keep(bus: CommandBus, outcome: Outcome, actor: Actor, command_id: str) -> int:
    """Store a comparison; where it stands. Raises `LogUnavailable`."""
    recorded = outcome.question.recorded
    message = CommandMessage(
        id=command_id,
        name="decision.rerun",
        stream=recorded.commit.stream,
        args=asdict(outcome.rerun),
        actor=actor,
        correlation_id=recorded.commit.correlation_id,
        causation_id=recorded.commit.id,
    )
    reply = await bus.send(message, timeout=SEND_SECONDS)
    if not reply.success:
        raise LogUnavailable(f"the rerun of {recorded.commit.entity} was not stored: {reply.message}")
    return int(reply.position or 0)


async def _question(book: models.ModelBook, log: Log, decision_id: str) -> Question:
    found = await recorded_decision(log, decision_id)
    if found is None:
        raise CannotBeAsked(f"{decision_id[:64]!r} is no decision", "which")
    recorded, made = found
    purpose = PURPOSES.get(made.purpose)
    if purpose is None or made.agent not in book.agents:
        missing = f"purpose {made.purpose}" if purpose is None else f"agent {made.agent}"
        raise CannotBeAsked(f"it cannot be asked again: this installation has no {missing[:80]}", "which")
    try:
        return worded(recorded, made, purpose, None)
    except ValidationError:
        raise CannotBeAsked("the record holds no question", "which") from None

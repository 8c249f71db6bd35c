"""Carrying out what agents propose: with a model's advice where there is one, by rule where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from adapters.llm.adviser import Adviser, Cause
from adapters.llm.book import AgentEntry
from adapters.llm.prompts import PromptBook
from adapters.nats.ports import CommandBus
from adapters.roles.counsel import Counsel
from commands.agents.portrait import Terms
from commands.agents.purpose import Purpose
from commands.message import CommandMessage, Reply
from commands.rejection import Rejected
from events.commit import Commit, Json
from events.errors import LogUnavailable

logger = structlog.get_logger(__name__)

SEND_SECONDS = 5.0
ATTEMPTS = 5
RETRY_SECONDS = 0.5


class Advised:
    """Sends agents' commands. `counsel` says whether a model may be asked, and on what terms."""

    def __init__(self, bus: CommandBus, adviser: Adviser, counsel: Counsel, templates: PromptBook) -> None:
        self._bus, self._adviser, self._counsel, self._templates = bus, adviser, counsel, templates

    def agent(self, name: str) -> AgentEntry | None:
        """The agent's settings, when a model may be asked for it now."""
        return self._counsel.agent(name)

    def terms(self, entry: AgentEntry) -> Terms:
        return self._counsel.terms(entry)

    async def follow(
        self,
        cause: Commit,
        purpose: Purpose,
        entry: AgentEntry,
        inputs: Json,
        *,
        otherwise: Sequence[CommandMessage],
    ) -> None:
        """Ask a model, and do what follows; what a decider refuses is replaced by `otherwise`, the rule's commands.

        Raises `LogUnavailable` when a part is down: the same call may be repeated.
        """
        ask = purpose.render(inputs, self._templates.of(entry.prompt, purpose.name))
        deadline = asyncio.get_running_loop().time() + entry.response_timeout / 1000
        try:
            advice = await self._adviser.advise(Cause.of(cause), ask, purpose.read, deadline=deadline)
        except Rejected as no:
            logger.info("no model was asked", purpose=purpose.name, reason=no.message)
            await self.send(otherwise)
            return
        for command in purpose.follow(cause, advice.made):
            reply = await self._send(command)
            await self._adviser.judge(advice, command, reply)
            if not reply.success:
                if advice.made.proposal is not None:
                    await self.send(otherwise, mark="/rule")
                return

    async def send(self, commands: Sequence[CommandMessage], mark: str = "") -> None:
        """Send commands in order; what follows one that is refused is not sent. Raises `LogUnavailable`."""
        for command in commands:
            reply = await self._send(_marked(command, mark))
            if not reply.success:
                logger.debug("refused", stream=command.stream, command=command.name, reason=reply.message)
                return

    async def _send(self, command: CommandMessage) -> Reply:
        for attempt in range(ATTEMPTS):
            reply = await self._bus.send(command, timeout=SEND_SECONDS)
            if not reply.passing:
                return reply
            await asyncio.sleep(RETRY_SECONDS * (attempt + 1))
        raise LogUnavailable(f"{command.name} on {command.stream} was not confirmed: {reply.message}")


def _marked(command: CommandMessage, mark: str) -> CommandMessage:
    if not mark:
        return command
    return CommandMessage(
        id=f"{command.id}{mark}",
        name=command.name,
        stream=command.stream,
        args=command.args,
        actor=command.actor,
        correlation_id=command.correlation_id,
        causation_id=command.causation_id,
    )

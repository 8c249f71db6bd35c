"""Requests for dialogue: what the NPC says, by template or by a model, and what it remembers of it."""

from __future__ import annotations

import asyncio

import structlog

from adapters.nats.ports import CommandBus
from adapters.roles.counsel import Counsel, Ended
from adapters.roles.findings import Findings
from commands.agents import dialogue
from commands.agents.briefing import briefing
from commands.agents.conversation import AGENT, DIALOGUE
from commands.agents.routing import Moment, route
from commands.codes import Code
from commands.message import CommandMessage, Reply
from commands.mind.dialogue.library import DialogueLibrary
from commands.mind.dialogue.message import message_of
from commands.mind.dialogue.request import Utterance
from events.commit import Commit
from events.request import RequestOpened

logger = structlog.get_logger(__name__)

SEND_SECONDS = 5.0


class Conversing:
    """Answers for NPCs."""

    def __init__(
        self, bus: CommandBus, findings: Findings, counsel: Counsel, library: DialogueLibrary
    ) -> None:
        self._bus = bus
        self._findings = findings
        self._counsel = counsel
        self._library = library

    async def answer(
        self, commit: Commit, opened: RequestOpened, working: asyncio.Semaphore, *, fresh: bool
    ) -> bool:
        """True when nothing more has to be done for the request. Raises `Released`, `LogError`.

        `working` is held except while a model is waited for; `fresh` says that no agent had it in hand before.
        """
        player = dialogue.player_of(opened, commit)
        async with working:
            entry = self._counsel.agent(AGENT)
            found = await self._findings.about(
                commit,
                opened.npc_id,
                player,
                message_of(opened.data),
                conversing=entry is not None,
            )
            try:
                request = dialogue.request_of(found, opened, commit)
                utterance = dialogue.answer(request, self._library)
            except Exception as error:
                logger.exception("an answer could not be composed", request=commit.entity)
                told = f"no answer: {type(error).__name__}"
                return await self.send(dialogue.failure(commit, Code.SYSTEM_ERROR, told))
            way = route("template" if entry is None else entry.route, _moment(opened, found, utterance))
            said = dialogue.spoken(utterance, dialogue.grounds(found, player))
            if not way.model or entry is None:
                return await self._say(commit, opened, said)
        inputs = briefing(found, opened, commit, request, said, way, self._counsel.terms(entry))
        try:
            advice = await self._counsel.advise(commit, opened, DIALOGUE, entry, inputs, fresh=fresh)
        except Ended:
            return True
        async with working:
            if advice is None:
                return await self._say(commit, opened, dialogue.as_fallback(said), Code.SUCCESS_WITH_FALLBACK)
            for command in DIALOGUE.follow(commit, advice.made):
                reply = await self._bus.send(command, timeout=SEND_SECONDS)
                if not _final(reply):
                    return False
                await self._counsel.judge(advice, command, reply)
                if not reply.success:
                    break
            return True

    async def _say(self, commit: Commit, opened: RequestOpened, said: dialogue.Spoken, code: int = 0) -> bool:
        completed = await self._bus.send(dialogue.completion(commit, said, code), timeout=SEND_SECONDS)
        if completed.code == Code.INVALID_STATE_TRANSITION:
            return True
        if not completed.success:
            return False
        return await self.send(dialogue.remembrance(commit, opened, said))

    async def send(self, command: CommandMessage) -> bool:
        """Send a command; True when the reply is final."""
        return _final(await self._bus.send(command, timeout=SEND_SECONDS))


def _final(reply: Reply) -> bool:
    # A refusal is final; a part that is down is not.
    return reply.code > Code.SERVICE_UNAVAILABLE


def _moment(opened: RequestOpened, found: dialogue.Situation, utterance: Utterance) -> Moment:
    return Moment(
        opened.data,
        intent=utterance.intent,
        message=message_of(opened.data),
        remembered=tuple(memory.importance for memory in found.memories),
    )

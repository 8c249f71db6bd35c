"""Requests for decisions: carried out as commands on the NPC; a model may think over what it does next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapters.nats.ports import CommandBus
from adapters.roles.counsel import Counsel, Ended
from adapters.roles.findings import Findings
from commands.agents import decision, deliberation
from commands.agents.dialogue import player_of
from commands.agents.purposes import PURPOSES
from commands.agents.routing import Moment, Route, route
from commands.codes import Code
from commands.loader import StreamLoader
from commands.message import CommandMessage, Reply
from commands.mind.decide import Choice
from commands.mind.rulebooks import RuleBooks
from commands.npc import NPC
from events.commit import Commit
from events.request import RequestOpened

SEND_SECONDS = 5.0


class Deciding:
    """Decides for NPCs."""

    def __init__(
        self,
        bus: CommandBus,
        findings: Findings,
        counsel: Counsel,
        rules: RuleBooks,
        loader: StreamLoader,
    ) -> None:
        self._bus = bus
        self._findings = findings
        self._counsel = counsel
        self._rules = rules
        self._loader = loader

    async def decide(
        self, commit: Commit, opened: RequestOpened, working: asyncio.Semaphore, *, fresh: bool
    ) -> bool:
        """True when nothing more has to be done for the request. Raises `Released`, `LogError`.

        `working` is held except while a model is waited for; `fresh` says that no agent had it in hand before.
        """
        async with working:
            command = decision.command(commit, opened)
            reply = await self._bus.send(command, timeout=SEND_SECONDS)
            if Code.RATE_LIMITED <= reply.code <= Code.SERVICE_UNAVAILABLE:
                return False
        outcome: CommandMessage | None = decision.outcome(commit, reply)
        if reply.success and opened.operation in PURPOSES:
            try:
                outcome = await self._think_over(commit, opened, command, reply, working, fresh) or outcome
            except Ended:
                return True
        assert outcome is not None
        ended = await self._bus.send(outcome, timeout=SEND_SECONDS)
        return ended.code > Code.SERVICE_UNAVAILABLE

    async def _think_over(
        self,
        commit: Commit,
        opened: RequestOpened,
        command: CommandMessage,
        decided: Reply,
        working: asyncio.Semaphore,
        fresh: bool,
    ) -> CommandMessage | None:
        """The outcome with what a model made of the decision; None when none is asked."""
        entry = self._counsel.agent(deliberation.AGENT)
        if entry is None:
            return None
        purpose = PURPOSES[opened.operation]
        async with working:
            choices, way = await self._choices(commit, opened, command, entry.route)
            if not way.model:
                return None
            asked = deliberation.question_of(opened)
            found = await self._findings.about(
                commit, opened.npc_id, player_of(opened, commit), asked, people=deliberation.people_of(opened)
            )
        terms = self._counsel.terms(entry)
        inputs = deliberation.inputs(found, opened, commit, choices, way, terms)
        advice = await self._counsel.advise(commit, opened, purpose, entry, inputs, fresh=fresh)
        if advice is None:
            return None
        reply: Reply | None = None
        for proposed in purpose.follow(commit, advice.made):
            reply = await self._bus.send(proposed, timeout=SEND_SECONDS)
            await self._counsel.judge(advice, proposed, reply)
        return deliberation.outcome(commit, decided.data, advice.made, reply)

    async def _choices(
        self, commit: Commit, opened: RequestOpened, command: CommandMessage, setting: str
    ) -> tuple[Sequence[Choice], Route]:
        """What may be chosen instead, and whether it is worth asking."""
        folded = await self._loader.current(NPC, f"npc/{opened.npc_id}")
        if deliberation.reconsidering(commit).id in folded.commands:
            # Another agent died between the choice and the outcome: the decision it rests on is recorded.
            return (), Route(True, ("resumed",))
        considered = folded.state.considered
        if considered is None or considered.command_id != command.id:
            return (), Route(False)
        first, second = considered.choices[:2]
        moment = Moment(
            opened.data,
            margin=first.score - second.score,
            deliberate=opened.operation == "complex_decision",
        )
        return considered.choices, route(setting, moment, close=self._rules.actions.deliberation.close)

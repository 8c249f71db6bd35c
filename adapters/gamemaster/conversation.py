"""Answering at the table: gather what whoever asks may know, have it answered, make proposals, and record all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

import structlog
from nats.aio.client import Client

from adapters.completions.line import AgentLost, Outcome, Question, QuestionRefused, put
from adapters.gamemaster.chat_circumstances import circumstances
from adapters.gamemaster.circumstances import Surroundings
from adapters.gamemaster.reference import Reference, ReferenceShelf
from adapters.gamemaster.wanted import Asker
from adapters.llm.book import AgentEntry
from adapters.nats.ports import CommandBus
from adapters.sql.reader import Reader
from commands.agents.gamemaster.asking import Asked, Turn, asked, linked_in, words_of
from commands.agents.gamemaster.assisting import NAME as ASSIST
from commands.agents.gamemaster.briefing import Circumstances
from commands.agents.gamemaster.coherence import check
from commands.agents.gamemaster.replying import reply
from commands.agents.gamemaster.wording import worded
from commands.allowance import used_up
from commands.message import CommandMessage, Reply
from events.commit import Actor, Json
from events.proposal import Draft, DraftVerdict
from projections import chats
from projections.campaign_overview import overview
from projections.sight import Viewer
from projections.table_knowledge import known_at_the_table

logger = structlog.get_logger(__name__)

ASSISTANT = Actor("agent", "game_master")
SEND_SECONDS = 10.0
TURNS = 12
BUDGET = 4000

Tell = Callable[[Json], None]
"""Takes news of an answer: `{"message_id", "text"}` while it is written."""


class Stopped(Exception):
    """Whoever asked does not want the answer any more."""


@dataclass(frozen=True, slots=True)
class Said:
    """A question: in the conversation `chat` of the campaign, under an id of its own."""

    campaign_id: str
    chat: str
    message_id: str
    text: str
    character_id: str = ""


class Conversations:
    """Answers for one gateway. Each question is one task, which ends with the answer, or when it is stopped."""

    def __init__(
        self,
        client: Client,
        realm: str,
        bus: CommandBus,
        reader: Reader,
        *,
        shelf: ReferenceShelf,
        agent: AgentEntry | None,
    ) -> None:
        """`agent` is the game master's of `agents.toml`; without it, or by its route, no model is asked."""
        self._client, self._realm = client, realm
        self._bus, self._reader = bus, reader
        self._shelf, self._agent = shelf, agent
        self._in_hand: dict[tuple[str, str], asyncio.Task[Json]] = {}

    async def answer(
        self, said: Said, viewer: Viewer, asker: Asker, tell: Tell, *, at_least: int | None = None
    ) -> Json:
        """The answer as `projections.chats` shows it; for a repeated question the first one.

        Raises `Rejected`, `Stopped`, `ProjectionError`, `LogError`; `LookupError` where there is no such campaign.
        """
        key = said.chat, said.message_id
        task = self._in_hand.get(key)
        if task is None:
            task = asyncio.create_task(
                self._answered(said, viewer, asker, tell, at_least), name=f"chat {said.message_id}"
            )
            self._in_hand[key] = task
            task.add_done_callback(lambda _: self._in_hand.pop(key, None))
        try:
            # Whoever asks twice, or leaves meanwhile, changes nothing: the answer is recorded all the same.
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise Stopped from None
            raise

    async def stop(self, chat: str, message_id: str, asker: Asker) -> bool:
        """Ask no more for that answer, and record that it was stopped. Whether there was anything to stop."""
        task = self._in_hand.get((chat, message_id))
        if task is None:
            return False
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        args = {"message_id": message_id, "reason": "stopped"}
        dropped = await self._send("drop", chat, message_id, args, asker.actor, asker.correlation_id)
        # The answer may have come first; then there is nothing to stop any more.
        return dropped.success

    async def close(self) -> None:
        """Finish what was asked, as far as it ends in time."""
        waiting = list(self._in_hand.values())
        if waiting:
            await asyncio.wait(waiting, timeout=SEND_SECONDS)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _answered(
        self, said: Said, viewer: Viewer, asker: Asker, tell: Tell, at_least: int | None
    ) -> Json:
        before = await self._reader.run(chats.message, said.chat, said.message_id)
        if len(before) > 1:
            # A repetition: what is known of the campaign may have changed, the answer has not.
            if before[-1]["role"] == "dropped":
                raise Stopped
            return before[-1]
        args = {"message_id": said.message_id, "text": said.text, "character_id": said.character_id}
        said_ = await self._send("say", said.chat, said.message_id, args, asker.actor, asker.correlation_id)
        said_.required()
        turns = await self._turns(said)
        found, reference = await self._circumstances(said, viewer, at_least)
        role = "master" if viewer.master else "player"
        character = _name_of(found.characters, said.character_id)
        question = asked(
            said.text,
            role,
            viewer.account_id,
            found,
            turns,
            budget=self._agent.context_tokens if self._agent else BUDGET,
            character=character,
        )
        outcome = await self._asked(said, question, tell)
        language = question.inputs["language"]
        telling = [each for each in found.elements if each.rank <= 1]
        told = outcome.made.proposal if outcome is not None else None
        answer = told or reply(language, role, telling, found.reference)
        proposals = await self._propose(said, answer["proposals"], asker, outcome, reference)
        return await self._record(said, answer, proposals, asker, outcome, language)

    async def _turns(self, said: Said) -> list[Turn]:
        page = await self._reader.run(chats.history, said.chat, limit=TURNS)
        return [
            Turn(each["role"], each["text"])
            for each in reversed(page["items"])
            if each["role"] != "dropped" and each["message_id"] != said.message_id
        ]

    async def _circumstances(
        self, said: Said, viewer: Viewer, at_least: int | None
    ) -> tuple[Circumstances, Reference]:
        known = await self._reader.run(
            known_at_the_table,
            said.campaign_id,
            viewer,
            words=words_of(said.text),
            linked=linked_in(said.text),
            at_least=at_least,
        )
        if known is None:
            raise LookupError(said.campaign_id)
        row = known["campaign"]
        reference = await self._shelf.of(row["ruleset"])
        entries = await asyncio.to_thread(reference.fitting, "", said.text, (), said.message_id)
        return circumstances(known, entries), reference

    async def _asked(self, said: Said, question: Asked, tell: Tell) -> Outcome | None:
        """The decision of a model, pieces of it told while it is written; None where none could be asked."""
        agent = self._agent
        if agent is None or agent.route == "template":
            return None
        put_ = Question(
            f"assist/{said.chat}/{said.message_id}",
            question.inputs,
            agent.response_timeout / 1000,
            stream=True,
            repeatable=True,
            purpose=ASSIST,
            optional=True,
        )
        try:
            async with aclosing(put(self._client, self._realm, put_)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Outcome):
                        return piece
                    tell({"chat_id": said.chat, "message_id": said.message_id, "text": piece})
        except (AgentLost, QuestionRefused) as lost:
            logger.info("no model answers at the table", reason=str(lost))
        return None

    async def _propose(
        self,
        said: Said,
        proposed: Sequence[Json],
        asker: Asker,
        outcome: Outcome | None,
        reference: Reference,
    ) -> list[str]:
        """The ids of the proposals that came of an answer. One that cannot be made is left out: the answer stands."""
        if not proposed or outcome is None:
            return []
        shown = await self._reader.run(overview, said.campaign_id, [each["target"] for each in proposed])
        surroundings = await asyncio.to_thread(Surroundings.of, shown) if shown else None
        made = []
        for number, each in enumerate(proposed):
            proposal_id = sha256(f"chat/{said.chat}/{said.message_id}/{number}".encode()).hexdigest()[:32]
            draft = Draft(
                each["fields"],
                outcome.made.route,
                decision_id=outcome.decision_id,
                model=outcome.made.model,
            )
            if surroundings is not None:
                verdicts = await asyncio.to_thread(_verdicts, each, surroundings, reference)
                draft = replace(draft, verdicts=verdicts)
            message = CommandMessage(
                id=f"web/proposal/{proposal_id}/make",
                name="proposal.make",
                stream=f"proposal/{proposal_id}",
                args={
                    "campaign_id": said.campaign_id,
                    "kind": each["kind"],
                    "brief": said.text[:1000],
                    "drafts": [asdict(draft)],
                    "target": each["target"],
                },
                actor=asker.actor,
                correlation_id=asker.correlation_id,
            )
            kept = await self._bus.send(message, timeout=SEND_SECONDS)
            if kept.success:
                made.append(proposal_id)
            else:
                logger.warning("a proposal of the assistant was refused", reason=kept.message)
        return made

    async def _record(
        self,
        said: Said,
        answer: Json,
        proposals: list[str],
        asker: Asker,
        outcome: Outcome | None,
        language: str,
    ) -> Json:
        made = outcome.made if outcome is not None else None
        used = made is not None and made.proposal is not None
        args: Json = {
            "message_id": said.message_id,
            "text": answer["response"],
            "route": made.route if made is not None and used else "template",
            "cites": answer["cites"],
            "proposals": proposals,
        }
        if outcome is not None and made is not None:
            args |= {
                "decision_id": outcome.decision_id,
                "model": made.model if used else "",
                "prompt_tokens": made.usage.input,
                "answer_tokens": made.usage.output,
                "cost": made.cost,
                "problem": "" if used else _why(made.problem, language),
            }
        recorded = await self._send(
            "answer", said.chat, said.message_id, args, ASSISTANT, asker.correlation_id
        )
        recorded.required()
        found = await self._reader.run(chats.message, said.chat, said.message_id, at_least=recorded.position)
        return found[-1]

    async def _send(
        self, verb: str, chat: str, message_id: str, args: Json, actor: Actor, correlation_id: str
    ) -> Reply:
        message = CommandMessage(
            id=f"web/chat/{chat}/{message_id}/{verb}",
            name=f"chat.{verb}",
            stream=f"chat/{chat}",
            args=args,
            actor=actor,
            correlation_id=correlation_id,
        )
        return await self._bus.send(message, timeout=SEND_SECONDS)


def _verdicts(proposed: Json, surroundings: Surroundings, reference: Reference) -> tuple[DraftVerdict, ...]:
    kind, fields, target = proposed["kind"], proposed["fields"], proposed["target"]
    return check(kind, fields, {}, surroundings.known(reference, kind, fields, {}, target), itself=target)


def _why(problem: str, language: str) -> str:
    limited = used_up(problem)
    return worded(limited, language) if limited else (problem or "no model answered")[:500]


def _name_of(characters: Sequence[Json], character_id: str) -> str:
    return next((str(each["name"]) for each in characters if each["character_id"] == character_id), "")

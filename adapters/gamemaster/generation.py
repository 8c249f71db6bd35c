"""Making a proposal: gather what is known, have drafts written, check them, and record what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256

import structlog
from nats.aio.client import Client

from adapters.completions.line import AgentLost, Question, QuestionRefused, decided
from adapters.gamemaster.circumstances import Surroundings
from adapters.gamemaster.drafts import UNPAID, checked, drafted, without_start
from adapters.gamemaster.reference import Reference, ReferenceShelf
from adapters.gamemaster.wanted import Asker, UnfitTarget, UnknownCampaign, UnknownElement, Wanted
from adapters.llm.book import AgentEntry
from adapters.nats.ports import CommandBus
from adapters.sql.reader import Reader
from commands.agents.gamemaster.briefing import Briefing, Circumstances, Order, briefing
from commands.agents.gamemaster.drafting import name_of
from commands.agents.gamemaster.tables import Tables
from commands.agents.gamemaster.templates import compose, direction
from commands.agents.gamemaster.wording import worded
from commands.allowance import used_up
from commands.codes import Code
from commands.message import CommandMessage
from commands.rejection import Rejected
from commands.rules.verdict import shown
from events.commit import Json
from events.log import Log
from events.proposal import Considered, Draft
from projections.campaign_overview import overview, rows_of
from projections.projection import Entry
from projections.proposals import folded

logger = structlog.get_logger(__name__)

MAX_DRAFTS = 4
MAX_DRAWN_ON = 24
SEND_SECONDS = 10.0


class Generation:
    """Makes proposals for one gateway."""

    def __init__(
        self,
        client: Client,
        realm: str,
        bus: CommandBus,
        log: Log,
        reader: Reader,
        *,
        shelf: ReferenceShelf,
        tables: Mapping[str, Tables],
        agent: AgentEntry | None,
    ) -> None:
        """`agent` is the game master's of `agents.toml`; without it, or by its route, templates write all drafts."""
        self._client, self._realm = client, realm
        self._bus, self._log, self._reader = bus, log, reader
        self._shelf, self._tables, self._agent = shelf, tables, agent

    async def propose(
        self, proposal_id: str, wanted: Wanted, asker: Asker, *, at_least: int | None = None
    ) -> Json:
        """The proposal as the API shows it, made now or, under an id that was used before, then.

        Raises `UnknownCampaign`, `UnknownElement`, `UnfitTarget`, `Rejected`, `ProjectionError`, `LogError`.
        """
        before = await self.recorded(proposal_id)
        if before is not None:
            if not _same(before, wanted):
                raise Rejected(
                    Code.INVALID_PARAMETER, "proposal: another one has this id", field="correlation_id"
                )
            return before
        surroundings = await self._surroundings(wanted, at_least)
        reference = await self._shelf.of(surroundings.ruleset)
        seed = sha256(f"lorestream/proposal/{proposal_id}".encode()).hexdigest()[:32]
        order, found = await self._found(wanted, surroundings, reference, asker, seed)
        language = found.campaign.language if found.campaign.language in self._tables else "en"
        tables = self._tables[language]
        told = [
            briefing(
                order,
                found,
                budget=self._agent.context_tokens if self._agent else 4000,
                draft=number,
                direction=direction(tables, seed, number) if wanted.drafts > 1 else "",
            )
            for number in range(wanted.drafts)
        ]
        drafts = await asyncio.gather(
            *(
                self._asked(proposal_id, wanted.kind, number, each, asker.correlation_id)
                for number, each in enumerate(told)
            )
        )
        written = [each for each in drafts if each is not None]

        async def tabled(number: int) -> Draft:
            taken = tuple(str(each.fields.get("name", "")) for each in written)
            fields, claims = await asyncio.to_thread(
                compose, order, found, tables, reference.stock, seed, number, taken
            )
            return Draft(fields, "template", claims=claims)

        for number, each in enumerate(written):
            # What no model may be paid for is written by tables, and says so; its decision tells who refused it.
            if each.problem == UNPAID or used_up(each.problem):
                note = worded(f"{each.problem}: tables wrote this", language)
                made = await tabled(number)
                written[number] = replace(made, decision_id=each.decision_id, problem=note)
        # Where no model could be asked all drafts are templates'; where all failed, one is, so that there is something.
        missing = wanted.drafts if not written else 0 if any(each.fields for each in written) else 1
        for number in range(missing):
            written += [await tabled(number)]
        if wanted.target:
            # What exists has a status of its own.
            written = [replace(each, fields=without_start(each.fields, wanted.kind)) for each in written]
        finished = await asyncio.to_thread(checked, written, wanted, surroundings, reference)
        return await self._make(proposal_id, wanted, asker, finished, told[0], language, seed)

    async def recorded(self, proposal_id: str) -> Json | None:
        """A proposal as it is now, straight from the log; None where there is none."""
        return await recorded(self._log, proposal_id)

    async def _surroundings(self, wanted: Wanted, at_least: int | None) -> Surroundings:
        ids = tuple(dict.fromkeys((*wanted.draw_on, *([wanted.target] if wanted.target else []))))
        shown_ = await self._reader.run(overview, wanted.campaign_id, ids, at_least=at_least)
        if shown_ is None:
            raise UnknownCampaign(wanted.campaign_id)
        there = {row["element_id"] for row in shown_["near"]}
        for each in ids:
            if each not in there:
                raise UnknownElement(each)
        target = next((row for row in shown_["near"] if row["element_id"] == wanted.target), None)
        if target is not None and wanted.kind not in {"description", target["kind"]}:
            raise UnfitTarget(f"it is of kind {target['kind']}, not {wanted.kind}")
        return await asyncio.to_thread(Surroundings.of, shown_)

    async def _found(
        self,
        wanted: Wanted,
        surroundings: Surroundings,
        reference: Reference,
        asker: Asker,
        seed: str,
    ) -> tuple[Order, Circumstances]:
        named = [each for each in surroundings.named_in(wanted.brief) if each not in wanted.draw_on]
        rows = await self._reader.run(rows_of, wanted.campaign_id, tuple(named)) if named else {}
        fitting = await asyncio.to_thread(
            reference.fitting, wanted.kind, wanted.brief, surroundings.levels, seed
        )
        found = surroundings.circumstances(
            wanted.draw_on, {each: rows[each] for each in named if each in rows}, fitting
        )
        target = next((row for row in surroundings.shown["near"] if row["element_id"] == wanted.target), None)
        now: Json = {} if target is None else {"element_id": wanted.target, **target["fields"]}
        return Order(wanted.kind, wanted.brief, asker.actor.id, wanted.options, now), found

    async def _asked(
        self, proposal_id: str, kind: str, number: int, told: Briefing, correlation_id: str
    ) -> Draft | None:
        """A model's draft, or one that failed with the reason why; None where no model can be asked."""
        agent = self._agent
        if agent is None or agent.route == "template":
            return None
        question = Question(
            f"generate/{proposal_id}/{number}",
            told.inputs,
            agent.response_timeout / 1000,
            repeatable=True,
            purpose=name_of(kind),
            optional=True,
            correlation_id=correlation_id,
        )
        try:
            return drafted(await decided(self._client, self._realm, question))
        except AgentLost as lost:
            logger.info("no agent drafts", reason=str(lost))
            return None
        except QuestionRefused as refused:
            if refused.code == Code.LLM_ERROR:
                return None
            return Draft({}, "none", problem=shown(refused))

    async def _make(
        self,
        proposal_id: str,
        wanted: Wanted,
        asker: Asker,
        drafts: Sequence[Draft],
        told: Briefing,
        language: str,
        seed: str,
    ) -> Json:
        considered = [Considered(block, note, tokens) for block, note, tokens in told.fitted.taken]
        message = CommandMessage(
            id=f"web/proposal/{proposal_id}/make",
            name="proposal.make",
            stream=f"proposal/{proposal_id}",
            args={
                "campaign_id": wanted.campaign_id,
                "kind": wanted.kind,
                "brief": wanted.brief,
                "drafts": [asdict(each) for each in drafts],
                "language": language,
                "seed": seed,
                "target": wanted.target,
                "considered": [asdict(each) for each in considered],
                "left_out": list(told.fitted.left_out),
            },
            actor=asker.actor,
            correlation_id=asker.correlation_id,
        )
        (await self._bus.send(message, timeout=SEND_SECONDS)).required()
        made = await self.recorded(proposal_id)
        if made is None:
            raise Rejected(Code.STATE_UNAVAILABLE, "the proposal cannot be read back right now")
        return made


async def recorded(log: Log, proposal_id: str) -> Json | None:
    """A proposal as the API shows it, folded from its stream; None where there is none. Raises `LogError`."""
    entries = [Entry.of(each) async for each in log.read(f"proposal/{proposal_id}")]
    return folded(entries)


def _same(before: Json, wanted: Wanted) -> bool:
    """Whether a proposal is what is asked for, as far as it tells."""
    there = (before["campaign_id"], before["kind"], before["target"] or "")
    return there == (wanted.campaign_id, wanted.kind, wanted.target)

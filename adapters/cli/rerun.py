"""`lorestream llm rerun`: what another model, or another prompt, makes of the same facts."""

from __future__ import annotations

import getpass
import json as json_text
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli import selection as options
from adapters.cli.command import AsJson, on_platform, open_client
from adapters.cli.decision_text import dollars
from adapters.cli.output import emit, safe, say
from adapters.cli.status import NotFound, UsageError
from adapters.settings import Settings

if TYPE_CHECKING:
    from adapters.audit.rerun import Outcome, Question
    from adapters.llm.book import ModelBook, ProviderEntry

AT_ONCE = 4
WIDTH = 48
MOST = 1000


@on_platform
async def rerun(
    settings: Settings,
    which: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DECISION]...", help="Ids, positions or requests; or select with the options."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="Ask this model.")] = None,
    provider: Annotated[
        str | None,
        typer.Option("--provider", metavar="NAME", help="Ask this provider; default: who has the model."),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option("--prompt", metavar="VERSION|FILE", help="Word the question anew by this template."),
    ] = None,
    agent: options.Agent = None,
    purpose: options.PurposeName = None,
    npc: options.Npc = None,
    since: options.Since = None,
    until: options.Until = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST, help="At most so many.")] = 20,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask nobody; say what it would cost at most.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Ask another model or with another prompt on the same facts, and show both proposals side by side.

    The proposal is judged by the deciders as of then. Nothing in the world changes; the comparison is kept in the
    decision's stream. The agent `audit` pays (conf/agents.toml). The provider must be switched on.
    """
    from adapters.audit import rerun as audit
    from adapters.llm import book as models
    from adapters.nats.log import JetStreamLog

    selects = any(value is not None for value in (agent, purpose, npc, since, until))
    if bool(which) == selects:
        raise UsageError("Name decisions, or select some with --since, --npc, --agent or --purpose.")
    chosen = options.selected(agent=agent, purpose=purpose, npc=npc, since=since, until=until)
    book = models.load(settings.llm.directory)
    if provider is not None and provider not in book.providers:
        raise NotFound(f"there is no provider {safe(provider, 80)!r}, only {', '.join(book.providers)}.")
    async with open_client(settings) as client:
        log = JetStreamLog(client, settings.realm)
        ids = await _named(settings, log, which or (), chosen, limit)
        plans = []
        for one in ids:
            question = await _question(settings, book, log, one, prompt)
            entry = audit.provider_for(book, question.made, provider, model)
            if entry is None:
                raise UsageError(
                    f"{one} was answered by nobody: name a --provider, or a --model that one has."
                )
            plans.append((question, entry))
        if dry_run:
            _estimate(plans, book, json)
        else:
            await _ask(settings, client, log, book, plans, json)
        await log.close()


async def _ask(
    settings: Settings,
    client: Any,
    log: Any,
    book: ModelBook,
    plans: list[tuple[Question, ProviderEntry]],
    json: bool,
) -> None:
    from uuid_utils import uuid7

    from adapters import rulebooks
    from adapters.audit import rerun as audit
    from adapters.audit.again import keep
    from adapters.explanation import related_in
    from adapters.llm.clock import SystemClock
    from adapters.llm.line import Line
    from adapters.llm.roster import Roster
    from adapters.llm.spending import Spending
    from adapters.nats.bus import NatsCommandBus
    from adapters.sql.reader import Reader
    from commands.agents.rejudging import Court
    from events.commit import Actor

    roster = Roster(book)
    await roster.load(log)
    for _, entry in plans:
        if not roster.provider_on(entry.key):
            raise UsageError(f"{entry.key} is switched off. Switch it on: lorestream llm enable {entry.key}")
    clock, bus = SystemClock(), NatsCommandBus(client, settings.realm)
    spending = Spending(bus, clock, realm_limit=book.realm_limit)
    lines = {(entry.key, entry.model): Line(entry, clock) for _, entry in plans}
    court, reader = Court(rulebooks.load()), Reader(settings.database_url)
    try:
        for line in lines.values():
            if await line.open() is None:
                raise UsageError(f"{line.entry.key} cannot be asked: {line.condition().why}.")

        def work(question: Question, entry: ProviderEntry) -> Any:
            line = lines[entry.key, entry.model]
            runner = audit.Rerunner(log, court, book, line, spending, clock, related_in(reader))

            async def one() -> None:
                outcome = await runner.rerun(question, book.agents[question.made.agent])
                stored = await keep(bus, outcome, Actor("operator", getpass.getuser()), f"cli/{uuid7()}")
                _show(outcome, stored, json)

            return one

        await audit.in_turn({q.decision_id: work(q, entry) for q, entry in plans}, AT_ONCE)
    finally:
        await reader.close()
        await spending.close()
        for line in lines.values():
            await line.close()


async def _named(settings: Settings, log: Any, which: Any, chosen: dict[str, Any], limit: int) -> list[str]:
    from adapters.audit import record
    from adapters.sql.reader import Reader
    from projections import decisions

    async with Reader(settings.database_url) as reader:
        if not which:
            page = await reader.run(decisions.decisions, limit=limit, **chosen)
            found = [row["decision_id"] for row in page["decisions"]]
            if not found:
                raise NotFound("no decision fits. `lorestream llm ls` takes the same options.")
            return found
        ids: list[str] = []
        for one in which:
            named = await record.named(log, reader, one)
            if not named:
                raise NotFound(
                    f"no decision belongs to {safe(one, 64)!r}. `lorestream llm ls` shows decisions."
                )
            ids += named
        return list(dict.fromkeys(ids))[:limit]


async def _question(
    settings: Settings, book: ModelBook, log: Any, which: str, prompt: str | None
) -> Question:
    from adapters.audit import rerun as audit
    from commands.agents.purposes import PURPOSES

    found = await audit.recorded_decision(log, which)
    if found is None:
        raise NotFound(f"{safe(which, 64)!r} is no decision.")
    recorded, made = found
    purpose = PURPOSES.get(made.purpose)
    if purpose is None or made.agent not in book.agents:
        told = f"purpose {made.purpose}" if purpose is None else f"agent {made.agent}"
        raise UsageError(f"{which} cannot be asked again: this installation has no {safe(told, 80)}.")
    template = (
        None if prompt is None else _template(settings, prompt, book.agents[made.agent].prompt, purpose)
    )
    return audit.worded(recorded, made, purpose, template)


def _template(settings: Settings, prompt: str, folder: str, purpose: Any) -> Any:
    """The template of that version, or of that file. Raises `ConfigurationError`, `UsageError`."""
    from hashlib import sha256

    from adapters.llm import prompts
    from commands.agents.prompt import PromptTemplate

    if prompt.isascii() and prompt.isdecimal() and len(prompt) <= 6:
        return prompts.load(settings.llm.directory).of(folder, purpose.name, str(int(prompt)))
    try:
        text = Path(prompt).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--prompt: {safe(prompt, 120)!r} is neither a version nor a readable file: {error}"
        ) from None
    version = f"file-{sha256(text.encode()).hexdigest()[:8]}"
    template = PromptTemplate(f"{folder}/{purpose.name}", version, text, prompt)
    template.check(purpose.places)
    return template


def _estimate(plans: list[tuple[Question, ProviderEntry]], book: ModelBook, json: bool) -> None:
    from adapters.audit import rerun as audit

    total = 0
    for question, entry in plans:
        most = audit.at_most(question, book, book.agents[question.made.agent], entry)
        total += most
        key = question.ask.key()
        if json:
            emit({"decision_id": question.decision_id, "provider": entry.key, "model": entry.model,
                  "key": key, "at_most": most})  # fmt: skip
        else:
            typer.echo(
                f"{question.decision_id}  {entry.key} {entry.model}  at most {dollars(most)}  {key[:12]}"
            )
    say(f"{len(plans)} questions would cost at most {dollars(total)}; nobody was asked")


def _show(outcome: Outcome, stored: int, json: bool) -> None:
    question, again = outcome.question, outcome.rerun
    made = question.made
    if json:
        emit(
            {
                "decision_id": question.decision_id,
                "position": question.recorded.position,
                "recorded": {
                    "provider": made.provider, "model": made.model, "prompt": made.prompt and asdict(made.prompt),
                    "proposal": made.proposal, "problem": made.problem, "usage": asdict(made.usage),
                    "cost": made.cost, "latency": made.latency, **asdict(outcome.original),
                },
                "rerun": asdict(again),
                "stored": stored,
            }
        )  # fmt: skip
        return
    typer.echo(f"{question.decision_id}  [{question.recorded.position}]  {made.agent}, {safe(made.purpose)}")
    for name, one, other in _rows(outcome):
        mark = "≠" if name and one != other else " "
        typer.echo(f"  {safe(name, 14):<14} {mark} {safe(one, WIDTH):<{WIDTH}}  {safe(other, WIDTH)}")
    typer.echo(f"  first divergence: {safe(again.divergence) or 'none'}")
    typer.echo(f"  kept at position {stored}\n")


def _rows(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    made, again = outcome.question.made, outcome.rerun
    yield "", "recorded", "rerun"
    yield "model", f"{made.provider} {made.model}", f"{again.provider} {again.model}"
    prompts = [f"{p.template} v{p.version}" if p else "-" for p in (made.prompt, again.prompt)]
    yield "prompt", prompts[0], prompts[1]
    yield "cost", dollars(made.cost), dollars(again.cost)
    yield "latency", f"{made.latency / 1000:.0f} ms", f"{again.latency / 1000:.0f} ms"
    yield "tokens", f"{made.usage.input} + {made.usage.output}", f"{again.usage.input} + {again.usage.output}"
    original = outcome.original
    yield (
        "verdict",
        f"{original.verdict} {original.message}".strip(),
        f"{again.verdict} {again.message}".strip(),
    )
    if made.problem or again.problem:
        yield "problem", made.problem or "-", again.problem or "-"
    one, other = made.proposal or {}, again.proposal or {}
    for name in dict.fromkeys((*one, *other)):
        yield name, _value(one, name), _value(other, name)


def _value(proposal: dict[str, Any], name: str) -> str:
    if name not in proposal:
        return "-"
    value = proposal[name]
    with suppress(TypeError, ValueError):
        return value if isinstance(value, str) else json_text.dumps(value, ensure_ascii=False)
    return str(value)

"""Events of one decision's stream, `decision/<id>`: what a model was asked, what it answered, what became of it.

A stream begins with `decision.made`; `decision.judged` says what the deciders made of the proposal, and each
`decision.rerun` what another model or prompt would have answered to the same inputs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer: `cached` are those of `input` that a provider charged less for, `reasoning` those of
    `output` that nobody sees."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one provider. `at` is when it began (µs since the epoch), `latency` how long it took (µs).

    `outcome` is `answered`, `failed`, `cancelled` or `skipped` (disabled, circuit open, over its limits); `status`
    the HTTP status where there was one, `error` a short reason that never holds a key.
    """

    provider: str
    model: str
    at: int
    latency: int
    outcome: str
    status: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The versioned template a question was rendered from; `hash` is the SHA-256 of its text."""

    template: str
    version: str
    hash: str


@event("decision.made")
@dataclass(frozen=True, slots=True)
class DecisionMade(Event):
    """A question to a model and its outcome.

    `ask` is the question as sent (messages, parameters, schema, tools), `key` its canonical hash, `inputs` the facts
    it was rendered from, `memories` the log positions recalled for it. `route` is `model`, `cache`, `fallback` (another
    provider than the first answered) or `none` (nobody did). `answer` is the raw text, `proposal` what it says once
    parsed and checked, None when unusable, and then `problem` says why. `usage` and `cost` (billionths of a US dollar)
    are those of all attempts; one that ended without telling its tokens costs what it could have cost at most.
    `latency` is in µs from the question to the answer. `code` is 0, a warning (1 fallback, 2 cached) or negative.
    `source` is the decision in which a cached answer was first given.
    """

    agent: str
    purpose: str
    key: str
    route: str
    provider: str
    model: str
    ask: Json
    answer: str
    proposal: Json | None
    problem: str = ""
    code: int = 0
    prompt: Prompt | None = None
    inputs: Json = field(default_factory=dict)
    memories: tuple[int, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost: int = 0
    latency: int = 0
    finish: str = ""
    npc_id: str = ""
    player_id: str = ""
    request_id: str = ""
    source: str = ""


@event("decision.judged")
@dataclass(frozen=True, slots=True)
class DecisionJudged(Event):
    """What became of a proposal: `accepted` as the commit at `position`, or `refused` with `code` and `message`.

    `command` names the command that carried it (`npc.speak`), `command_id` tells it from others of that name.
    """

    verdict: str
    command: str
    position: int | None = None
    commit_id: str = ""
    code: int = 0
    message: str = ""
    command_id: str = ""


@event("decision.rerun")
@dataclass(frozen=True, slots=True)
class DecisionRerun(Event):
    """What another model or prompt version answered to the same inputs. It never changes the world.

    `verdict` is what the deciders would have said (`accepted`, `refused`, or `unusable` when there was no proposal);
    `divergence` the first place where the proposal differs from the original's, empty when they agree.
    """

    provider: str
    model: str
    key: str
    answer: str
    proposal: Json | None
    problem: str = ""
    prompt: Prompt | None = None
    usage: Usage = field(default_factory=Usage)
    cost: int = 0
    latency: int = 0
    verdict: str = ""
    message: str = ""
    divergence: str = ""

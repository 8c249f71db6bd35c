"""Decisions of models as drafts, and what code finds out about drafts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adapters.completions.line import Outcome
from adapters.gamemaster.circumstances import Surroundings
from adapters.gamemaster.reference import Reference
from adapters.gamemaster.wanted import Wanted
from commands.agents.gamemaster.coherence import check
from commands.agents.gamemaster.kinds import KINDS
from commands.allowance import used_up
from commands.codes import Code
from commands.rules.verdict import shown
from events.commit import Json
from events.proposal import Draft, DraftVerdict

UNPAID = "the budget or the limits of the models are used up"


def drafted(outcome: Outcome) -> Draft:
    """A recorded decision as a draft."""
    made = outcome.made
    spent: Json = {
        "decision_id": outcome.decision_id,
        "model": made.model,
        "cost": made.cost,
        "input_tokens": made.usage.input,
        "output_tokens": made.usage.output,
    }
    if made.proposal is None:
        return Draft({}, "none", problem=_why(made.code, made.problem), **spent)
    proposal = made.proposal
    problems = tuple(
        DraftVerdict("field.unread", False, each["message"], "error", each["field"])
        for each in proposal["problems"]
    )
    # The verdicts follow once all drafts are there; until then they carry what reading found.
    return Draft(proposal["fields"], made.route, problems, proposal["claims"], **spent)


def without_start(fields: Json, kind: str) -> Json:
    """The fields of a draft without those that something new begins with."""
    return {name: value for name, value in fields.items() if name not in KINDS[kind].started}


def _why(code: int, problem: str) -> str:
    """Why there is no draft, for a game master; the decision says the rest."""
    told = {
        Code.TIMEOUT: "the models did not answer in time",
        Code.RATE_LIMITED: used_up(problem) or UNPAID,
    }
    return told.get(Code(code) if code in set(Code) else Code.LLM_ERROR) or shown(
        problem or "no model answered"
    )


def checked(
    drafts: Iterable[Draft], wanted: Wanted, surroundings: Surroundings, reference: Reference
) -> list[Draft]:
    """Each draft with the verdicts of the rules; one without fields stays as it is."""
    done = []
    for draft in drafts:
        if not draft.fields:
            done.append(draft)
            continue
        problems = [{"field": each.field, "message": each.message} for each in draft.verdicts]
        known = surroundings.known(reference, wanted.kind, draft.fields, draft.claims, wanted.target)
        verdicts = check(
            wanted.kind,
            draft.fields,
            draft.claims,
            known,
            problems=problems,
            difficulty=str(wanted.options.get("difficulty", "")),
            itself=wanted.target,
            language=surroundings.language,
        )
        done.append(replace(draft, verdicts=verdicts))
    return done

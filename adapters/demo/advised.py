"""With a language model: a conversation that uses memory, what it cost, and why it went as it did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.demo.cast import ARIA, GUARD, SAGE
from adapters.demo.game_server import Exchange
from adapters.demo.stage import Stage
from events.commit import Json

PATIENCE_MS = 8000
SETTLING_SECONDS = 5.0
NANO = 1_000_000_000

DecisionOf = Callable[[str], Awaitable[Json | None]]
"""The recorded decision of a request, as `projections.decisions` shows it; None when no model was asked."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A language model that takes part: `name` is the provider's, `decision_of` looks its decisions up."""

    name: str
    decision_of: DecisionOf


async def conversing(stage: Stage, advice: Advice) -> None:
    """An NPC answers open questions in a model's words, and remembers."""
    await stage.say(
        f"From here on {advice.name} may be asked where templates have nothing to say. Greetings and prices never are."
    )
    lost = "I lost my grandmother's silver ring near the old well."
    told = {"interaction_type": "talk", "data": {"message": lost}}
    await stage.speak(ARIA, lost, f"to {SAGE.name}")
    await stage.ask("interact", SAGE, told, by=ARIA)
    decisions = []
    for question in (
        "Tell me honestly: what should become of the silver ring I lost near the well?",
        "And if the well has run dry meanwhile, what then?",
    ):
        await stage.speak(ARIA, question, f"to {SAGE.name}")
        data = {"message": question, "force_llm": True}
        asked = await stage.ask_later(
            "dialogue", SAGE, data, "OnDialogueReady", by=ARIA, timeout_ms=PATIENCE_MS
        )
        pushed = await stage.pushed(asked)
        await stage.answer(SAGE, pushed.get("result") or {})
        decision = await _recorded(asked, advice)
        method = (pushed.get("result") or {}).get("method")
        stage.check(
            "the words are the model's"
            if method != "fallback"
            else "the model failed, and a template answered",
            decision is not None and method in {"llm", "cached", "fallback"},
        )
        if decision is not None:
            decisions.append(decision)
            await stage.say(_bill(decision))
    if decisions:
        stage.check("the ring was put before the model as a memory", bool(decisions[0]["memories"]))
        await stage.explain(int(decisions[0]["position"]))


async def deliberating(stage: Stage, advice: Advice) -> None:
    """A model may choose among what the rules found good, and nothing else."""
    await stage.say("The guard has to think: rules score what he could do, the model picks among the best.")
    options = ["patrol", "guard", "greet", "talk", "observe"]
    situation = {"situation": {"time": "23:40", "players": [ARIA.id], "available_actions": options}}
    asked = await stage.ask_later(
        "complex_decision", GUARD, situation, "OnDecisionReady", timeout_ms=PATIENCE_MS
    )
    pushed = await stage.pushed(asked)
    result = pushed.get("result") or {}
    await stage.say(f"He decides: {result.get('action')}. {result.get('reason', '')}")
    decision = await _recorded(asked, advice)
    if decision is None:
        await stage.say("Nothing else came close to the best: there was nothing to ask a model about.")
    else:
        await stage.say(_bill(decision))


async def _recorded(asked: Exchange, advice: Advice) -> Json | None:
    """The decision of a request, once the read model has it."""
    deadline = asyncio.get_running_loop().time() + SETTLING_SECONDS
    while True:
        found = await advice.decision_of(str(asked.data.get("request_id")))
        if found is not None or asyncio.get_running_loop().time() > deadline:
            return found
        await asyncio.sleep(0.05)


def _bill(decision: Json) -> str:
    who = f"{decision['model'] or 'nobody'} ({decision['route']})"
    tokens = f"{decision['tokens_in']} + {decision['tokens_out']} tokens"
    problem = f"; {decision['problem']}" if decision["problem"] else ""
    return (
        f"{who}: {tokens}, ${decision['cost'] / NANO:.6f}, {decision['latency'] / 1000:.0f} ms, "
        f"{len(decision['memories'])} memories shown{problem}  [{decision['position']}]"
    )

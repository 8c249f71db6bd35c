"""Builders of decisions for tests."""

from __future__ import annotations

from typing import Any

from commands.agents.ask import Ask, Message
from events.decision import Attempt, DecisionMade, Prompt, Usage


def asked(text: str = "What do you know of goblins?", **given: Any) -> Ask:
    """A question with instructions and one block of a player's text."""
    fields: dict[str, Any] = {"agent": "npc_intelligence", "purpose": "npc.dialogue", **given}
    return Ask(messages=(Message("system", "Speak as John."), Message("user", text)), **fields)


def made(ask: Ask | None = None, **given: Any) -> DecisionMade:
    """A decision that a model answered, with sensible defaults."""
    question = ask or asked()
    fields: dict[str, Any] = {
        "agent": question.agent,
        "purpose": question.purpose,
        "key": question.key(),
        "route": "model",
        "provider": "fake",
        "model": "fake-1",
        "ask": question.sent(),
        "answer": '{"response": "They fear fire."}',
        "proposal": {"response": "They fear fire."},
        "prompt": Prompt("npc_intelligence", "1", "ab" * 32),
        "attempts": (Attempt("fake", "fake-1", 1_795_176_000_000_000, 800_000, "answered"),),
        "usage": Usage(400, 20, 100),
        "cost": 230_000,
        "latency": 800_000,
        "finish": "stop",
        "npc_id": "John",
        "player_id": "150000",
        **given,
    }
    return DecisionMade(**fields)

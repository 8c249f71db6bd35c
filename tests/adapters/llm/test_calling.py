"""One call of a provider, cut off and cleaned of what its library says."""

from __future__ import annotations

import pytest

from adapters.llm.calling import call_model
from adapters.llm.port import Completion, ModelCall
from commands.agents.ask import Message
from events.errors import ModelUnavailable
from tests.adapters.llm.scene import Scripted


async def test_what_a_library_says_is_neither_logged_nor_raised(capfd: pytest.CaptureFixture[str]) -> None:
    def leaking(_provider: Scripted, _call: ModelCall, _timeout: float) -> Completion:
        raise RuntimeError("Authorization: Bearer sk-secret")

    call = ModelCall("m", (Message("user", "Hello"),))
    with pytest.raises(ModelUnavailable) as caught:
        await call_model(Scripted("one", [leaking]), call, None, timeout=5)
    said = "".join(capfd.readouterr())
    assert "RuntimeError" in said
    assert "leaking" in said  # the place is told
    assert "sk-secret" not in said + str(caught.value)

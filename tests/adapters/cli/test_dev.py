"""`lorestream dev fake-llm` the way somebody without a key uses it."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import httpx

from adapters.llm.book import load
from adapters.llm.port import ModelCall
from adapters.llm.providers import open_provider
from commands.agents.ask import Message
from tests.adapters.cli import program


async def test_fake_models_answer_until_they_are_interrupted(tmp_path: Path) -> None:
    process = await program.start("dev", "fake-llm", "--port", "0", "--json", cwd=tmp_path)
    assert process.stdout is not None
    async with asyncio.timeout(program.SECONDS):
        found = json.loads(await process.stdout.readline())
    entry = load().providers["fake"].model_copy(update={"base_url": found["openai"]})
    provider = open_provider(entry, {})
    call = ModelCall(entry.model, (Message("user", '{"npc_name": "John", "player_message": "Hello!"}'),))
    answer = await provider.complete(call, timeout=program.SECONDS)
    await provider.close()
    assert answer.text == "John: I heard “Hello!”."
    async with httpx.AsyncClient(base_url=found["anthropic"]) as client:
        assert (await client.get("/fake")).json()["requests"] == 1
        assert "authorization" not in (await client.get("/fake/requests")).json()[0]["headers"]
        assert (await client.post("/fake/behaviour", json={"behaviour": "500"})).status_code == 200
        asked = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
        assert (await client.post("/v1/chat/completions", json=asked)).status_code == 500
        assert (await client.post("/fake/behaviour", json={"behaviour": None})).status_code == 200
        assert (await client.post("/v1/chat/completions", json=asked)).status_code == 200
        assert (await client.post("/fake/behaviour", content=b"nonsense")).status_code == 400
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(program.SECONDS):
        _, err = await process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in err.decode()
    assert "3 requests answered" in err.decode()


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    first = await program.start("dev", "fake-llm", "--port", "0", "--json", cwd=tmp_path)
    assert first.stdout is not None
    port = json.loads(await first.stdout.readline())["azure"].rpartition(":")[2]
    done = await program.run("dev", "fake-llm", "--port", port, cwd=tmp_path)
    first.terminate()
    await first.communicate()
    assert done.status == 3
    assert port in done.err
    assert first.returncode == 0

"""Each provider passes the conformance suite, and what is peculiar to it."""

from __future__ import annotations

import math
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from adapters.llm.book import ProviderEntry
from adapters.llm.fake.server import FakeModels
from adapters.llm.port import ModelCall, Provider
from adapters.llm.providers import open_provider
from commands.agents import illustration
from commands.agents.ask import Ask, Canvas, Message
from events.errors import (
    ModelAnswerBroken,
    ModelError,
    ModelRateLimited,
    ModelRefused,
    ModelUnavailable,
)
from tests.adapters.llm.conformance import ASKED, KEY, SECONDS, ProviderConformance

PICTURE = ModelCall(
    "fake-image", (Message("user", "A lighthouse on a cliff."),), canvas=Canvas("256x160", "low")
)


def entry_of(kind: str, **settings: Any) -> ProviderEntry:
    given = {"key": "mine", "id": 1, "name": "Mine", "type": kind, "key_variable": "KEY", "model": "fake-1"}
    return ProviderEntry.model_validate({**given, "embedding_model": "text-embedding-3-small", **settings})


class Embedding(ProviderConformance):
    async def test_texts_become_vectors_in_their_order(self, provider: Provider) -> None:
        texts = [f"text number {at}" for at in range(100)] + ["Alice the baker"]
        found = await provider.embed(texts, model="text-embedding-3-small", timeout=SECONDS)
        assert len(found.vectors) == 101
        assert {len(vector) for vector in found.vectors} == {1536}
        assert found.usage.input > 300
        again = await provider.embed(["Alice the baker"], model="text-embedding-3-small", timeout=SECONDS)
        assert math.isclose(
            sum(a * b for a, b in zip(found.vectors[-1], again.vectors[0], strict=True)), 1, rel_tol=1e-5
        )

    async def test_no_text_is_no_question(self, provider: Provider, models: FakeModels) -> None:
        assert (await provider.embed([], model="m", timeout=SECONDS)).vectors == ()
        assert not models.requests

    @pytest.mark.parametrize("model", ["fake-wrong", "fake-garbage"])
    async def test_vectors_that_do_not_match_the_texts_are_refused(
        self, provider: Provider, model: str
    ) -> None:
        with pytest.raises(ModelAnswerBroken):
            await provider.embed(["a", "b"], model=model, timeout=SECONDS)


class Drawing(Embedding):
    """Of those that make pictures."""

    async def test_words_become_a_picture_with_its_tokens(self, provider: Provider) -> None:
        assert provider.capabilities().images
        found = await provider.draw(PICTURE, timeout=SECONDS)
        assert found.content[:4] in (b"RIFF", b"\x89PNG")
        proposal = illustration.read(Ask("a", "image", ()), found.text).proposal
        assert proposal == {"sha256": sha256(found.content).hexdigest(), "bytes": len(found.content)}
        assert found.usage.output == 272
        assert found.usage.input > 0

    @pytest.mark.parametrize(
        ("model", "error"),
        [
            ("fake-empty", ModelAnswerBroken),
            ("fake-prose", ModelAnswerBroken),
            ("fake-garbage", ModelAnswerBroken),
            ("fake-cut", ModelAnswerBroken),
            ("fake-huge", ModelAnswerBroken),
            ("fake-refusal", ModelRefused),
            ("fake-429", ModelRateLimited),
            ("fake-500", ModelUnavailable),
        ],
    )
    async def test_whatever_is_no_picture_is_an_error(
        self, provider: Provider, model: str, error: type[ModelError]
    ) -> None:
        with pytest.raises(error) as caught:
            await provider.draw(replace(PICTURE, model=model), timeout=SECONDS)
        assert KEY not in str(caught.value)


class TestOpenAI(Drawing):
    def entry(self, models: FakeModels) -> ProviderEntry:
        return entry_of("openai", base_url=f"{models.url}/v1", image_model="gpt-image-2.5-flare")

    async def test_only_a_picture_of_a_kind_that_is_decoded_is_asked_for(
        self, provider: Provider, models: FakeModels
    ) -> None:
        await provider.draw(replace(PICTURE, model="gpt-image-2.5-flare"), timeout=SECONDS)
        assert models.requests[-1].body["output_format"] == "webp"
        assert "response_format" not in models.requests[-1].body


class TestResponses(Embedding):
    def entry(self, models: FakeModels) -> ProviderEntry:
        return entry_of("openai", base_url=f"{models.url}/v1", api="responses")

    async def test_nothing_is_stored_at_the_provider(self, provider: Provider, models: FakeModels) -> None:
        await provider.complete(ASKED, timeout=SECONDS)
        assert models.requests[-1].path == "/v1/responses"
        assert models.requests[-1].body["store"] is False


class TestAzure(Drawing):
    def entry(self, models: FakeModels) -> ProviderEntry:
        return entry_of(
            "azure_openai", endpoint=models.url, api_version="2024-10-21", image_model="fake-image"
        )

    async def test_the_deployment_is_in_the_path_and_the_version_in_the_query(
        self, models: FakeModels
    ) -> None:
        entry = self.entry(models).model_copy(update={"deployment": "fake-mine"})
        provider = open_provider(entry, {"KEY": KEY})
        assert (await provider.complete(ASKED, timeout=SECONDS)).model == "fake-mine"
        await provider.close()
        request = models.requests[-1]
        assert request.path == "/openai/deployments/fake-mine/chat/completions"
        assert request.query == "api-version=2024-10-21"
        assert request.headers["api-key"] == KEY


class TestAzureResponses(Embedding):
    def entry(self, models: FakeModels) -> ProviderEntry:
        return entry_of(
            "azure_openai", endpoint=models.url, api_version="2025-04-01-preview", api="responses"
        )


class TestLocal(Drawing):
    def entry(self, models: FakeModels) -> ProviderEntry:
        return entry_of("local", base_url=f"{models.url}/v1", image_model="fake-image")

    async def test_it_needs_no_key_and_gets_none_of_anybody_elses(
        self, models: FakeModels, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_ORG_ID", "org-recognisable")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-recognisable")
        provider = open_provider(
            self.entry(models).model_copy(update={"key_variable": ""}), {"OPENAI_API_KEY": KEY}
        )
        await provider.complete(ASKED, timeout=SECONDS)
        await provider.close()
        assert "recognisable" not in str(models.requests[-1])


class TestLocalJsonMode(TestLocal):
    """Servers that know no schema get it as words."""

    def entry(self, models: FakeModels) -> ProviderEntry:
        return entry_of("local", base_url=f"{models.url}/v1", structured="json", image_model="fake-image")


class TestAnthropic(ProviderConformance):
    def entry(self, models: FakeModels) -> ProviderEntry:
        return entry_of("anthropic", base_url=models.url)

    async def test_it_has_no_embeddings(self, provider: Provider) -> None:
        with pytest.raises(ModelRefused):
            await provider.embed(["a"], model="m", timeout=SECONDS)

    async def test_it_makes_no_pictures_whatever_it_is_configured_to(
        self, provider: Provider, models: FakeModels
    ) -> None:
        assert not self.entry(models).model_copy(update={"image_model": "x"}).draws
        with pytest.raises(ModelRefused):
            await provider.draw(PICTURE, timeout=SECONDS)


class TestAnthropicByTool(ProviderConformance):
    """Models without structured output answer by calling a tool that has the schema."""

    def entry(self, models: FakeModels) -> ProviderEntry:
        return entry_of("anthropic", base_url=models.url, structured="tool")

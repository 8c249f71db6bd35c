"""Texts in, vectors out: from RAM, from those that were stored, and only then from the model."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from commands.mind.memory.vectors import Embedder, Vector, digest, stored
from events.errors import ModelAnswerBroken, VectorsDiffer

BATCH = 32
"""Texts embedded in one call."""
KEPT = 1_024
"""Vectors in RAM: above all those of questions asked again."""
MAX_TEXT = 500
"""Characters of a text that are embedded, as many as a memory has."""
YARDSTICK = "a memory"
"""Embedded once per model, to learn how long its vectors are."""


class VectorStore(Protocol):
    """Where vectors are kept for ever; see `adapters.nats.vectors.KvVectors`."""

    async def find(self, digests: Iterable[str]) -> Mapping[str, Vector]: ...

    async def keep(self, vectors: Iterable[Vector]) -> None: ...


class VectorLibrary:
    """The vectors of one model. What the model has once returned is stored before it is used."""

    def __init__(self, embedder: Embedder, store: VectorStore) -> None:
        self._embedder = embedder
        self._store = store
        self._kept: OrderedDict[str, Vector] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[Vector]] = {}
        self._dimensions = 0

    @property
    def model(self) -> str:
        return self._embedder.model

    async def dimensions(self) -> int:
        """How long the vectors of this model are, as it was when the first one was stored.

        Raises `ModelError`, `LogUnavailable`.
        """
        if not self._dimensions:
            (yardstick,) = await self.vectors([YARDSTICK])
            self._dimensions = len(yardstick.values)
        return self._dimensions

    async def vectors(self, texts: Sequence[str]) -> list[Vector]:
        """One vector per text, in order.

        Raises `ModelError` when some have to be computed and the model cannot be asked, `VectorsDiffer` when it embeds
        in another length than before, `LogUnavailable` when the stored ones cannot be read or new ones not stored.
        """
        cut = [text[:MAX_TEXT] for text in texts]
        wanted = {digest(text): text for text in cut}
        found = {each: self._kept[each] for each in wanted if each in self._kept}
        found |= await self._store.find(each for each in wanted if each not in found)
        missing = [text for each, text in wanted.items() if each not in found]
        for start in range(0, len(missing), BATCH):
            made = await self._computed(missing[start : start + BATCH])
            found |= {vector.digest: vector for vector in made}
        self._remember(found)
        return [found[digest(text)] for text in cut]

    async def question(self, text: str, *, seconds: float) -> Vector:
        """The vector of a question, within `seconds`; raises `TimeoutError` after that, else as `vectors`.

        What was asked of the model is finished all the same, so that the same question finds it the next time.
        """
        text = text[:MAX_TEXT]
        name = digest(text)
        kept = self._kept.get(name)
        if kept is not None:
            self._kept.move_to_end(name)
            return kept
        task = self._under_way.get(name)
        if task is None:
            task = self._under_way[name] = asyncio.create_task(self._single(text), name="embed a question")
            task.add_done_callback(lambda done: self._ended(name, done))
        async with asyncio.timeout(seconds):
            return await asyncio.shield(task)

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _single(self, text: str) -> Vector:
        return (await self.vectors([text]))[0]

    def _ended(self, name: str, task: asyncio.Task[Vector]) -> None:
        self._under_way.pop(name, None)
        if not task.cancelled():
            task.exception()  # whoever waited has been told; nobody may be waiting any more

    async def _computed(self, texts: Sequence[str]) -> list[Vector]:
        answer = await self._embedder.embed(texts)
        try:
            made = [stored(self.model, text, each) for text, each in zip(texts, answer, strict=True)]
        except ValueError as error:
            raise ModelAnswerBroken(self.model, str(error)) from None
        wrong = {len(vector.values) for vector in made} - {self._dimensions or len(made[0].values)}
        if wrong:
            raise VectorsDiffer(
                f"{self.model} embeds in {wrong.pop()} dimensions, before it were {self._dimensions}: another model "
                "needs another name (embedding_model in providers.toml)"
            )
        await self._store.keep(made)
        return made

    def _remember(self, found: Mapping[str, Vector]) -> None:
        for name, vector in found.items():
            self._kept[name] = vector
            self._kept.move_to_end(name)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

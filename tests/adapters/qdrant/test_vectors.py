"""Qdrant as one more arm, in its embedded mode; and a clear word when it is not installed."""

from __future__ import annotations

import importlib.util

import pytest

from adapters.qdrant.vectors import QdrantVectors
from commands.mind.memory.vectors import stored
from events.errors import QdrantMissing

INSTALLED = importlib.util.find_spec("qdrant_client") is not None


@pytest.mark.skipif(INSTALLED, reason="qdrant-client is installed")
def test_without_the_package_the_error_names_the_extra() -> None:
    with pytest.raises(QdrantMissing, match=r"lorestream\[qdrant\]"):
        QdrantVectors(":memory:", "memories", "m", 3)


@pytest.mark.skipif(not INSTALLED, reason="qdrant-client is not installed (extra: qdrant)")
async def test_the_nearest_memories_of_an_npc_are_found_as_of_a_position() -> None:
    vectors = QdrantVectors(":memory:", "memories", "m", 3)
    await vectors.prepare()
    await vectors.prepare()
    await vectors.store(
        "Anna", [((1, 0), stored("m", "a", [1, 0, 0])), ((9, 0), stored("m", "b", [0.9, 0.1, 0]))]
    )
    await vectors.store("Bert", [((2, 0), stored("m", "c", [1, 0, 0]))])
    question = stored("m", "q", [1, 0, 0])
    assert [event for event, _ in await vectors.nearest("Anna", question)] == [(1, 0), (9, 0)]
    assert [event for event, _ in await vectors.nearest("Anna", question, as_of=5)] == [(1, 0)]
    with pytest.raises(ValueError, match="this collection holds"):
        await vectors.nearest("Anna", stored("other", "q", [1, 0, 0]))
    await vectors.close()

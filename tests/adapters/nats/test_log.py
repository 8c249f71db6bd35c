from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace
from nats.aio.client import Client
from uuid_utils import uuid7

from adapters.nats.log import JetStreamLog
from events import codec
from events.commit import Command
from events.errors import CommandIdReused, VersionConflict
from tests.commits import commit


async def test_a_commit_is_read_back_as_it_was_appended(log: JetStreamLog) -> None:
    given = commit(realm=log.realm)
    appended = await log.append(given, expected=0)
    assert [(r.position, r.commit) async for r in log.read(given.stream)] == [(appended.position, given)]
    stored = await log.at(appended.position)
    assert stored is not None
    assert codec.decode(stored.body) == given
    assert (await log.head()).position == appended.position


async def test_a_stream_named_with_spaces_dots_and_other_scripts_can_be_written_and_read(
    log: JetStreamLog,
) -> None:
    for name in ("Merchant John", "a.b.c", "#hash*>", "商人ジョン", "😀", "50%/x"):
        given = commit(f"npc/{name}", realm=log.realm)
        await log.append(given, expected=0)
        assert [r.commit async for r in log.read(given.stream)] == [given]


async def test_a_second_writer_with_a_stale_expectation_gets_a_conflict(log: JetStreamLog) -> None:
    await log.append(commit(realm=log.realm), expected=0)
    with pytest.raises(VersionConflict):
        await log.append(commit(realm=log.realm), expected=0)


async def test_repeating_an_append_returns_the_first_position_and_stores_nothing(log: JetStreamLog) -> None:
    given = commit(realm=log.realm)
    first = await log.append(given, expected=0)
    again = await log.append(given, expected=0)
    assert (again.position, again.duplicate) == (first.position, True)


async def test_repeating_an_append_after_others_followed_still_finds_the_first(log: JetStreamLog) -> None:
    given = commit(realm=log.realm)
    first = await log.append(given, expected=0)
    second = await log.append(commit(realm=log.realm, version=2), expected=first.position)
    assert second.position > first.position
    again = await log.append(given, expected=0)
    assert (again.position, again.duplicate) == (first.position, True)
    elsewhere = await log.append(replace(given, version=3), expected=second.position)
    assert (elsewhere.position, elsewhere.duplicate) == (first.position, True)


async def test_a_command_id_cannot_be_used_for_another_command(log: JetStreamLog) -> None:
    given = commit(realm=log.realm)
    first = await log.append(given, expected=0)
    other_stream = replace(given, id=str(uuid7()), stream="npc/Somebody_Else")
    with pytest.raises(CommandIdReused):
        await log.append(other_stream, expected=0)
    other_body = replace(given, command=Command(given.command.id, "npc.event", {"event_type": "other"}))
    with pytest.raises(CommandIdReused):
        await log.append(other_body, expected=first.position)


async def test_eight_racing_writers_never_yield_two_winners(log: JetStreamLog) -> None:
    position = 0
    for version in range(1, 16):
        results = await asyncio.gather(
            *(log.append(commit(realm=log.realm, version=version), expected=position) for _ in range(8)),
            return_exceptions=True,
        )
        winners = [r for r in results if not isinstance(r, BaseException)]
        assert len(winners) == 1
        assert all(isinstance(r, VersionConflict) for r in results if isinstance(r, BaseException))
        position = winners[0].position
    assert [r.commit.version async for r in log.read("npc/Merchant_John_01")] == list(range(1, 16))


async def test_reading_a_part_of_a_stream_honours_both_ends(log: JetStreamLog) -> None:
    positions = [0]
    for version in range(1, 8):
        appended = await log.append(commit(realm=log.realm, version=version), expected=positions[-1])
        positions.append(appended.position)
    read = [
        r.commit.version
        async for r in log.read("npc/Merchant_John_01", after=positions[2], up_to=positions[5])
    ]
    assert read == [3, 4, 5]


async def test_reading_all_pages_through_every_stream_in_order(log: JetStreamLog) -> None:
    for number in range(30):
        await log.append(commit(f"npc/n{number}", realm=log.realm), expected=0)
    pages = [page async for page in log.read_all()]
    positions = [message.position for page in pages for message in page]
    assert len(positions) == 30
    assert positions == sorted(positions)


async def test_following_delivers_old_and_new_commits_in_order_without_gaps(log: JetStreamLog) -> None:
    for number in range(5):
        await log.append(commit(f"npc/n{number}", realm=log.realm), expected=0)
    seen: list[int] = []

    async def consume() -> None:
        async for page in log.follow():
            seen.extend(message.position for message in page)
            if len(seen) >= 2505:
                return

    task = asyncio.create_task(consume())
    written = [m.position async for page in log.read_all() for m in page]
    for number in range(5, 2505, 50):
        appended = await asyncio.gather(
            *(
                log.append(commit(f"npc/n{n}", realm=log.realm), expected=0)
                for n in range(number, number + 50)
            )
        )
        written.extend(a.position for a in appended)
    await asyncio.wait_for(task, 20)
    assert seen == sorted(written)


async def test_what_is_written_while_a_follower_rests_comes_in_one_page(log: JetStreamLog) -> None:
    pages = log.follow()
    lone = await log.append(commit("npc/first", realm=log.realm), expected=0)
    assert [message.position for message in await anext(pages)] == [lone.position]
    for number in range(7):
        await log.append(commit(f"npc/n{number}", realm=log.realm), expected=0)
    assert len(await anext(pages)) == 7
    await pages.aclose()  # type: ignore[attr-defined]


async def test_a_follower_that_is_far_behind_gets_large_pages(log: JetStreamLog) -> None:
    for start in range(0, 3000, 100):
        await asyncio.gather(
            *(log.append(commit(f"npc/n{start + n}", realm=log.realm), expected=0) for n in range(100))
        )
    sizes: list[int] = []
    pages = log.follow()
    async for page in pages:
        sizes.append(len(page))
        if sum(sizes) == 3000:
            break
    await pages.aclose()  # type: ignore[attr-defined]
    assert len(sizes) <= 7


async def test_a_follower_survives_the_loss_of_its_consumer(log: JetStreamLog, client: Client) -> None:
    seen: list[int] = []
    started = asyncio.Event()

    async def consume() -> None:
        async for page in log.follow():
            seen.extend(message.position for message in page)
            started.set()
            if len(seen) >= 2:
                return

    task = asyncio.create_task(consume())
    first = await log.append(commit("npc/a", realm=log.realm), expected=0)
    await asyncio.wait_for(started.wait(), 10)
    jetstream = client.jetstream()
    # Other tests' consumers come and go on the same server.
    ours = f"log.{log.realm}."
    for consumer in await jetstream.consumers_info("LOG"):
        filters = [consumer.config.filter_subject, *(consumer.config.filter_subjects or ())]
        if any(subject and subject.startswith(ours) for subject in filters):
            await jetstream.delete_consumer("LOG", consumer.name)
    second = await log.append(commit("npc/b", realm=log.realm), expected=0)
    await asyncio.wait_for(task, 30)
    assert seen == [first.position, second.position]

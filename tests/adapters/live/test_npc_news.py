"""News of one of the world's people: what moves its mind, to those who may look into minds."""

from __future__ import annotations

from adapters.live.npcs import news_of
from adapters.nats.log import JetStreamLog
from events.world import WorldEventOccurred
from tests.adapters.http.people import People
from tests.adapters.live.conftest import opened
from tests.adapters.rathena.conftest import Platform
from tests.commits import commit, perceived


def row(position: int, stream: str, index: int = 0) -> dict[str, object]:
    return {
        "position": position,
        "index": index,
        "at": "then",
        "type": "x.y",
        "stream": stream,
        "actor": "a/b",
    }


def item(position: int) -> dict[str, object]:
    return {"position": position, "at": "then", "type": "x.y"}


def test_of_a_commit_with_many_events_an_npc_hears_once_and_of_the_world_everybody_does() -> None:
    rows = [
        row(4, "npc/John"),
        row(4, "npc/John", 1),
        row(5, "npc/Mary"),
        row(6, "world/midgard"),
        row(7, "dice/c"),
    ]
    assert news_of({"John", "Leo"}, rows) == {"John": [item(4), item(6)], "Leo": [item(6)]}


async def test_game_masters_hear_what_moved_an_npc_and_what_the_world_heard(
    platform: Platform, them: People, log: JetStreamLog
) -> None:
    mira = await them.make("gamemaster")
    async with opened(platform, mira) as page:
        await page.say(type="subscribe", topic="npc:John")
        head = (await page.hear("subscribed"))["head"]
        await log.append(commit("npc/Mary", perceived(), realm=log.realm, version=1), expected=0)
        own = await log.append(commit("npc/John", perceived(), realm=log.realm, version=1), expected=0)
        event = WorldEventOccurred(event_type="festival_start", event_data={}, affected_npcs=None, affected=0)
        world = await log.append(commit("world/midgard", event, realm=log.realm, version=1), expected=0)
        found = await page.events(2)
    assert [each["position"] for each in found] == [own.position, world.position] and own.position > head
    assert set(found[0]) == {"position", "at", "type"}


async def test_players_hear_nothing_of_minds(platform: Platform, them: People) -> None:
    async with opened(platform, await them.make("player")) as page:
        await page.say(type="subscribe", topic="npc:John")
        problem = await page.hear("problem")
        assert problem["code"] == "not_permitted" and "gamemaster" in problem["detail"]
        await page.say(type="subscribe", topic="npc:")
        assert "npc:<NPC id>" in (await page.hear("problem"))["detail"]

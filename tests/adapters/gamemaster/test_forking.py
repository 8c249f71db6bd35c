"""A campaign is forked as it was: all of it, once, however often whoever copies it dies."""

from __future__ import annotations

import asyncio
from typing import Any

from nats.aio.client import Client

from adapters.gamemaster.forking import Forks
from adapters.sql.reader import Reader
from commands.codes import Code
from commands.loader import StreamLoader
from commands.message import CommandMessage, Reply
from events.element import ElementCreated
from tests.adapters.gamemaster.conftest import Table
from tests.adapters.images.files import picture


async def furnished(table: Table) -> int:
    """A harbour and its keeper, who name each other; then the keeper dies and a cove is found. The position before."""
    await table.element("port", "location", name="Salt Harbour", description="[[ilsa]] keeps its light.")
    await table.element("ilsa", "npc", name="Ilsa Vane", secrets="She sank the crown.", location_id="port")
    await table.command(
        "element.show", "element/ilsa", {"visibility": "members", "members": [table.player.account_id]}
    )
    await table.command("element.change", "element/port", {"set": {"neighbours": ["port"]}})
    hero = {
        "character_id": "h1",
        "fields": {"name": "Bran", "location_id": "port"},
        "player": table.player.account_id,
    }
    then = await table.command("campaign.add_character", f"campaign/{table.campaign_id}", hero)
    await table.command(
        "element.change", "element/ilsa", {"set": {"status": "dead", "name": "Ilsa the Late"}}
    )
    last = await table.element("cove", "location", name="Hidden Cove")
    table.master.web.headers["X-At-Least"] = str(last)
    return then


async def finished(table: Table, fork_id: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = (await table.master.get(f"/api/campaigns/{fork_id}")).json()
        if found["forked_from"]["state"] != "forking":
            return found
        await asyncio.sleep(0.05)


async def test_a_fork_is_the_campaign_as_it_was_and_its_references_lead_to_its_own_elements(
    table: Table,
) -> None:
    then = await furnished(table)
    wish, headers = {"name": "If Ilsa had lived", "at": then}, {"Idempotency-Key": "fork-1"}
    path = f"/api/campaigns/{table.campaign_id}/fork"
    answer = await table.master.post(path, wish, headers=headers)
    assert answer.status_code == 202, answer.text
    begun = answer.json()
    fork_id = begun["campaign_id"]
    assert (begun["name"], begun["level"], begun["my_role"]) == ("If Ilsa had lived", 3, "owner")
    table.master.web.headers["X-At-Least"] = answer.headers["X-Position"]
    done = await finished(table, fork_id)
    origin = done["forked_from"]
    assert (origin["campaign_id"], origin["position"], origin["state"]) == (
        table.campaign_id,
        then,
        "finished",
    )
    assert (origin["elements"], origin["copied"], origin["characters"]) == (2, 2, 1)
    assert (done["status"], done["counts"]) == ("active", {"location": 1, "npc": 1})
    assert [each["account_id"] for each in done["members"]] == [table.master.account_id]

    listed = (await table.master.get(f"/api/elements/{fork_id}")).json()["items"]
    ids = {each["name"]: each["element_id"] for each in listed}
    assert ids.keys() == {"Salt Harbour", "Ilsa Vane"}
    ilsa = (await table.master.get(f"/api/element/{ids['Ilsa Vane']}")).json()
    assert ilsa["fields"]["location_id"] == ids["Salt Harbour"]
    assert "status" not in ilsa["fields"]
    assert (ilsa["visibility"], ilsa["members"]) == ("members", [table.player.account_id])
    blame = ilsa["blame"]["secrets"]["origin"]
    assert (blame["by"], blame["element_id"], blame["position"]) == ("fork", "ilsa", then)
    port = (await table.master.get(f"/api/element/{ids['Salt Harbour']}")).json()
    assert f"#/c/{fork_id}/e/{ids['Ilsa Vane']}" in port["html"]["description"]
    assert port["fields"]["neighbours"] == [ids["Salt Harbour"]]
    assert {each["name"] for each in port["backlinks"]} >= {"Ilsa Vane"}
    (hero,) = (await table.master.get(f"/api/campaigns/{fork_id}/characters")).json()["items"]
    assert (hero["name"], hero["fields"]["location_id"]) == ("Bran", ids["Salt Harbour"])

    # The same request again is the same fork; the original is what it was.
    again = await table.master.post(path, {"name": "If Ilsa had lived"}, headers=headers)
    assert (again.status_code, again.json()["campaign_id"]) == (202, fork_id)
    there = (await table.master.get("/api/element/ilsa")).json()
    assert there["fields"]["name"] == "Ilsa the Late"
    # It is a campaign of its own: what is done to it is done to nothing else.
    changed = await table.master.web.patch(
        f"/api/element/{ids['Ilsa Vane']}".replace("element", "elements"),
        json={"fields": {"race": "elf"}},
        headers={"If-Match": '"v1"'},
    )
    assert changed.status_code == 200, changed.text
    assert "race" not in (await table.master.get("/api/element/ilsa")).json()["fields"]
    # Who was a player there is nobody here until he is invited; then he sees what he saw, and plays whom he played.
    assert (await table.player.get(f"/api/campaigns/{fork_id}")).status_code == 404
    invited = {"account_id": table.player.account_id, "role": "player"}
    joined = await table.master.post(f"/api/campaigns/{fork_id}/members", invited)
    table.player.web.headers["X-At-Least"] = joined.headers["X-Position"]
    seen = (await table.player.get(f"/api/elements/{fork_id}")).json()["items"]
    assert [each["name"] for each in seen] == ["Ilsa Vane"]
    assert (await table.player.get(f"/api/campaigns/{fork_id}")).json()["forked_from"] is None


async def test_what_cannot_be_forked_is_refused(table: Table) -> None:
    path = f"/api/campaigns/{table.campaign_id}/fork"
    assert (await table.player.post(path, {"name": "x"})).status_code == 403
    assert (await table.stranger.post(path, {"name": "x"})).status_code == 404
    early = await table.master.post(path, {"name": "x", "at": 1})
    assert (early.status_code, early.json()["field"]) == (422, "at")
    for unfit in ({"name": ""}, {"name": "x", "at": "yesterday"}, {"name": "x", "at": -1}, {}):
        refused = await table.master.post(path, unfit)
        assert refused.status_code == 422, refused.text


class Dying:
    """A command bus that is cut off after some commands, as its process would be."""

    def __init__(self, bus: Any, lives: int) -> None:
        self._bus, self.lives = bus, lives

    async def send(self, message: CommandMessage, *, timeout: float) -> Reply:
        self.lives -= 1
        if self.lives < 0:
            return Reply(Code.SERVICE_UNAVAILABLE, "the process is gone")
        reply: Reply = await self._bus.send(message, timeout=timeout)
        return reply


class Stored:
    """A message of the log, as far as a worker looks at it."""

    subject = "log.test"

    def __init__(self, data: bytes) -> None:
        self.data = data


async def test_a_fork_that_is_cut_off_anywhere_is_finished_by_the_next_and_nothing_is_there_twice(
    alone: Table, client: Client
) -> None:
    for number in range(5):
        await alone.element(f"e{number}", "location", name=f"Place {number}", neighbours=[])
    last = await alone.command("element.change", "element/e0", {"set": {"neighbours": ["e4"]}})
    alone.master.web.headers["X-At-Least"] = str(last)
    answer = await alone.master.post(f"/api/campaigns/{alone.campaign_id}/fork", {"name": "Again"})
    assert answer.status_code == 202, answer.text
    fork_id = answer.json()["campaign_id"]
    # Nobody changes what is not finished.
    early = await alone.master.post(
        "/api/elements", {"campaign_id": fork_id, "kind": "note", "fields": {"name": "x"}}
    )
    assert (early.status_code, early.json()["field"]) == (409, "status")
    stored = await alone.log.at(int(answer.headers["X-Position"]))
    assert stored is not None
    message: Any = Stored(stored.body)
    async with Reader(alone.settings.database_url) as reader:
        for lives in (0, 2, 4, 5):
            bus = Dying(alone.bus, lives)
            forks = Forks(client, alone.log, bus, StreamLoader(alone.log), reader)
            assert await forks.handle(message) is False
            shown = (await alone.master.get(f"/api/campaigns/{fork_id}")).json()
            assert shown["forked_from"]["state"] == shown["status"] == "forking"
        forks = Forks(client, alone.log, alone.bus, StreamLoader(alone.log), reader)
        assert await forks.handle(message) is True
        # Delivered once more it does nothing.
        assert await forks.handle(message) is True
    done = await finished(alone, fork_id)
    assert (done["forked_from"]["state"], done["counts"]) == ("finished", {"location": 5})
    copies = [
        commit for commit in await alone.commits("element")
        if isinstance(commit.events[0], ElementCreated) and commit.events[0].campaign_id == fork_id
    ]  # fmt: skip
    assert sorted(commit.version for commit in copies) == [1] * 5
    names = [
        event.type
        for commit in await alone.commits("campaign")
        if commit.entity == fork_id
        for event in commit.events
    ]
    assert names == ["campaign.created", "campaign.fork_begun", "campaign.fork_finished"]


async def test_a_copy_has_pictures_of_its_own_with_the_same_bytes(table: Table) -> None:
    await table.element("ilsa", "npc", name="Ilsa Vane")
    form = {"campaign_id": table.campaign_id, "element_id": "ilsa", "alt": "A keeper"}
    files = {"file": ("ilsa.png", picture(), "image/png")}
    brought = await table.master.web.post("/api/images", data=form, files=files)
    assert brought.status_code == 201, brought.text
    image_id = brought.json()["image_id"]
    last = await table.command("element.change", "element/ilsa", {"set": {"image_id": image_id}})
    table.master.web.headers["X-At-Least"] = str(last)
    answer = await table.master.post(f"/api/campaigns/{table.campaign_id}/fork", {"name": "With pictures"})
    table.master.web.headers["X-At-Least"] = answer.headers["X-Position"]
    done = await finished(table, answer.json()["campaign_id"])
    (copy,) = (await table.master.get(f"/api/elements/{done['campaign_id']}")).json()["items"]
    assert copy["image_id"] not in (None, image_id)
    about = (await table.master.get(f"/api/images/{copy['image_id']}/about")).json()
    assert (about["campaign_id"], about["element_id"]) == (done["campaign_id"], copy["element_id"])
    assert (about["alt"], about["provenance"]["copy_of"]) == ("A keeper", image_id)
    # The original goes; the bytes stay for the copy.
    assert (await table.master.web.delete(f"/api/images/{image_id}")).status_code == 204
    assert (await table.master.get(f"/api/images/{copy['image_id']}")).status_code == 200


class Refusing:
    """A command bus on which one element is refused for ever."""

    def __init__(self, bus: Any) -> None:
        self._bus = bus

    async def send(self, message: CommandMessage, *, timeout: float) -> Reply:
        if message.args.get("fields", {}).get("name") == "Odo":
            return Reply(Code.INVALID_PARAMETER, "fields.wings: a npc has no such field")
        reply: Reply = await self._bus.send(message, timeout=timeout)
        return reply


async def test_a_fork_that_cannot_be_finished_says_why_and_can_only_be_archived(
    alone: Table, client: Client
) -> None:
    last = await alone.element("odo", "npc", name="Odo")
    alone.master.web.headers["X-At-Least"] = str(last)
    answer = await alone.master.post(f"/api/campaigns/{alone.campaign_id}/fork", {"name": "Again"})
    path = f"/api/campaigns/{answer.json()['campaign_id']}"
    stored = await alone.log.at(int(answer.headers["X-Position"]))
    assert stored is not None
    message: Any = Stored(stored.body)
    async with Reader(alone.settings.database_url) as reader:
        forks = Forks(client, alone.log, Refusing(alone.bus), StreamLoader(alone.log), reader)
        assert await forks.handle(message) is True
    done = await finished(alone, answer.json()["campaign_id"])
    assert (done["status"], done["forked_from"]["state"]) == ("failed", "failed")
    assert done["forked_from"]["problem"].startswith("Odo")
    version = {"If-Match": f'"v{done["version"]}"'}
    changed = await alone.master.web.patch(path, json={"name": "x"}, headers=version)
    assert changed.status_code == 409
    assert (await alone.master.web.delete(path, headers=version)).status_code == 200

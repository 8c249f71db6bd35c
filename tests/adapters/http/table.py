"""A table of players on a running platform: everybody who may sit at it, and one who may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from adapters.settings import AccountSettings, HttpSettings, Settings, ZmqSettings
from tests.adapters.http.people import People, Person, people
from tests.adapters.rathena.conftest import BEHIND, running


@dataclass
class Table:
    """`gm` owns the campaign, `co` is co-GM, `tom` and `ulf` play, `uma` observes, `eve` is nobody's guest."""

    url: str
    settings: Settings
    people: People
    admin: Person
    gm: Person
    co: Person
    tom: Person
    ulf: Person
    uma: Person
    eve: Person
    campaign_id: str = ""

    @property
    def campaign(self) -> str:
        return f"/api/campaigns/{self.campaign_id}"

    async def element(self, kind: str = "npc", visibility: str = "gm", **fields: Any) -> dict[str, Any]:
        """A new element of the game master's."""
        more = {"members": fields.pop("members")} if "members" in fields else {}
        body = {
            "campaign_id": self.campaign_id,
            "kind": kind,
            "fields": fields,
            "visibility": visibility,
            **more,
        }
        answer = await self.gm.post("/api/elements", body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def change(self, element_id: str, version: int, **fields: Any) -> dict[str, Any]:
        answer = await self.gm.web.patch(
            f"/api/elements/{element_id}", json={"fields": fields}, headers={"If-Match": f'"v{version}"'}
        )
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made


@asynccontextmanager
async def table(nats_state: Path, state: Path, realm: str) -> AsyncIterator[Table]:
    """A platform on the session's nats-server with a campaign and its people."""
    (state / "credentials.json").symlink_to(nats_state / "credentials.json")
    settings = Settings(
        realm=realm,
        state=state,
        zmq=ZmqSettings(endpoint="tcp://127.0.0.1:*"),
        http=HttpSettings(port=0),
        accounts=AccountSettings(hash_mebibytes=19),
    )
    async with (
        running(settings, *BEHIND[:2], "gateway") as endpoints,
        people(settings, endpoints["http"]) as them,
    ):
        names = ("gm", "co", "tom", "ulf", "uma", "eve")
        roles = ("gamemaster", "player", "player", "player", "player", "gamemaster")
        gm, co, tom, ulf, uma, eve = [
            await them.make(role, name) for name, role in zip(names, roles, strict=True)
        ]
        found = Table(
            endpoints["http"], settings, them, await them.make("admin", "root"), gm, co, tom, ulf, uma, eve
        )
        answer = await found.gm.post(
            "/api/campaigns", {"name": "The Drowned Crown", "description": "A **city**."}
        )
        assert answer.status_code == 201, answer.text
        found.campaign_id = answer.json()["campaign_id"]
        for person, role in (
            (found.co, "cogm"),
            (found.tom, "player"),
            (found.ulf, "player"),
            (found.uma, "observer"),
        ):
            invited = await found.gm.post(
                f"{found.campaign}/members", {"account_id": person.account_id, "role": role}
            )
            assert invited.status_code == 201, invited.text
        last = invited.headers["X-Position"]
        for person in (found.admin, gm, co, tom, ulf, uma, eve):
            person.web.headers["X-At-Least"] = last
        yield found


def refused(answer: httpx.Response, status: int, field: str | None = None) -> dict[str, Any]:
    """A problem document of that status, about that field."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    if field is not None:
        assert problem.get("field") == field, problem
    return problem

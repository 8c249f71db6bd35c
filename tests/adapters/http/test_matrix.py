"""Every route of the API, asked by everybody: who may is answered, who may not is refused, in the right words."""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from tests.adapters.http import permissions
from tests.adapters.http.permissions import ROUTES, Expected
from tests.adapters.http.table import table
from tests.conftest import realms

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = re.compile("Drowned|Ilsa|Aria")
"""Names that are only for those who belong to the campaign."""
NOT_HIS = re.compile("no such campaign|this needs|only look on")
METHODS = {"get", "put", "post", "delete", "patch"}


@dataclass
class World:
    """Everybody by what he is, and what there is to ask for."""

    everybody: dict[str, httpx.AsyncClient]
    values: dict[str, str]
    document: dict[str, Any]

    def filled(self, value: Any) -> Any:
        """`value` with the names of things replaced by their ids."""
        text = json.dumps(value)
        return json.loads(re.sub(r"\{(\w+)\}", lambda found: self.values.get(found[1], found[0]), text))

    async def ask(self, who: str, route: str, expected: Expected) -> httpx.Response:
        method, path = route.split(" ", 1)
        values = {**self.values, **self.filled(expected.values)}
        path = re.sub(r"\{(\w+)(:path)?\}", lambda found: values[found[1]], path)
        query = f"?{self.filled(expected.query)}" if expected.query else ""
        body = None if expected.body is None else self.filled(expected.body)
        web = self.everybody[who]
        if expected.form is not None:
            return await web.post(path, data=self.filled(expected.form), files={"file": picture()})
        return await web.request(method, path + query, json=body, headers=expected.headers)


def picture() -> bytes:
    """A small PNG, different each time."""
    made = io.BytesIO()
    Image.frombytes("RGB", (16, 16), secrets.token_bytes(16 * 16 * 3)).save(made, "PNG")
    return made.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(nats_state: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with table(nats_state, tmp_path_factory.mktemp("matrix"), f"matrix{next(realms)}") as here:
        element = await here.element("npc", "all", name="Ilsa Vane")
        made = await here.gm.post(f"{here.campaign}/characters", {"fields": {"name": "Aria"}})
        assert made.status_code == 201, made.text
        wish = {"campaign_id": here.campaign_id, "brief": "a smith"}
        proposed = await here.gm.post("/api/generate/npc", wish)
        assert proposed.status_code == 200, proposed.text
        shown = {"campaign_id": here.campaign_id, "element_id": element["element_id"], "alt": "Ilsa"}
        brought = await here.gm.web.post("/api/images", data=shown, files={"file": picture()})
        assert brought.status_code == 201, brought.text
        image_id = brought.json()["image_id"]
        version = (await here.gm.get(f"/api/element/{element['element_id']}")).json()["version"]
        await here.change(element["element_id"], version, image_id=image_id)
        stranger, operator = await here.people.make("player"), await here.people.make("operator")
        everybody = {
            permissions.ADMIN: here.admin.web,
            permissions.OPERATOR: operator.web,
            permissions.STRANGER: stranger.web,
            permissions.GUEST: here.eve.web,
            permissions.OWNER: here.gm.web,
            permissions.COGM: here.co.web,
            permissions.PLAYER: here.tom.web,
            permissions.OBSERVER: here.uma.web,
            permissions.NOBODY: here.people.nobody(),
        }
        for web in everybody.values():
            web.headers["X-At-Least"] = made.headers["X-Position"]
        values = {
            "campaign_id": here.campaign_id,
            "element_id": element["element_id"],
            "character_id": made.json()["character_id"],
            "proposal_id": proposed.json()["proposal_id"],
            "image_id": image_id,
            "account_id": here.tom.account_id,
            "owner": here.gm.account_id,
            "observer": here.uma.account_id,
            "guest": here.eve.account_id,
            "position": made.headers["X-Position"],
        }
        document = (await everybody[permissions.NOBODY].get("/openapi.json")).json()
        yield World(everybody, values, document)


async def test_each_route_says_who_may_use_it(world: World) -> None:
    there = {
        f"{method.upper()} {path}"
        for path, operations in world.document["paths"].items()
        for method in operations.keys() & METHODS
    }
    assert there - ROUTES.keys() == set(), "declare who may use them in tests/adapters/http/permissions.py"
    assert ROUTES.keys() - there == set(), "these are gone"


@pytest.mark.parametrize("route", ROUTES)
async def test_whoever_may_is_answered_and_whoever_may_not_is_refused(world: World, route: str) -> None:
    expected = ROUTES[route]
    wrong: dict[str, str] = {}
    # Who may not comes first: whatever he might change would be seen by nobody else.
    for who in sorted(world.everybody, key=lambda name: name in expected.may):
        answer = await world.ask(who, route, expected)
        if not _as_expected(answer, expected, who):
            wrong[who] = f"{answer.status_code} {answer.text[:300]}"
    assert wrong == {}


def _as_expected(answer: httpx.Response, expected: Expected, who: str) -> bool:
    refusal = expected.status(who)
    if refusal is not None:
        told = answer.headers["Content-Type"] == "application/problem+json" or "/v1/" in str(answer.url)
        if expected.forgiving and refusal == 200:
            told = answer.json()["success"] is False
        return answer.status_code == refusal and told and not SECRET.search(answer.text)
    if answer.status_code in expected.also:
        return True
    if answer.status_code == 404:
        return expected.missing and "no such campaign" not in answer.text
    if expected.forgiving and not answer.json().get("success"):
        # It was refused for another reason than who asked.
        return expected.missing and not NOT_HIS.search(answer.text)
    return answer.status_code < 500 and answer.status_code not in {401, 403}

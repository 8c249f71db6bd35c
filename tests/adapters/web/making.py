"""Making what the pages then show, by the API, and waiting until they show it."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from tests.adapters.http.people import Person
from tests.adapters.web.stage import Stage


async def created(person: Person, path: str, body: Any) -> dict[str, Any]:
    """What a POST made; later reads of this person wait for it."""
    answer = await person.post(path, body)
    assert answer.status_code < 300, answer.text
    person.web.headers["X-At-Least"] = answer.headers["X-Position"]
    found: dict[str, Any] = answer.json()
    return found


async def campaign(person: Person, name: str = "The Salt Road") -> str:
    return str((await created(person, "/api/campaigns", {"name": name, "level": 3}))["campaign_id"])


async def element(person: Person, campaign_id: str, kind: str, visibility: str = "all", **fields: Any) -> str:
    body = {"campaign_id": campaign_id, "kind": kind, "fields": fields, "visibility": visibility}
    return str((await created(person, "/api/elements", body))["element_id"])


async def settled(page: Page) -> None:
    """Until the screen shows what it loads."""
    await page.locator("main > *").first.wait_for()
    await expect(page.locator("main .skeleton, main [aria-busy=true]")).to_have_count(0)


async def furnish(stage: Stage, made: dict[str, str]) -> dict[str, str]:
    """A campaign with a bit of everything, made once: its id, an NPC's, a proposal's, and who leads it."""
    if made:
        return made
    person = await stage.people.make("gamemaster", "ysolde")
    campaign_id = await campaign(person)
    place = await element(
        person,
        campaign_id,
        "location",
        name="The Brine Exchange",
        summary="A trading hall on stilts where debts are sung aloud.",
    )
    npc = await element(
        person,
        campaign_id,
        "npc",
        name="Ilsa Marrow",
        type="Ledger keeper",
        summary="Keeps the ledgers of the drowned king and forgets nothing.",
        description=f"A tall woman in a coat the colour of wet slate.\n\nNobody has seen her [[{place}]] without ink.",
        appearance="Grey braid, a chain of small keys.",
        secrets="She tore the page out herself.",
        location_id=place,
        abilities={"strength": 8, "dexterity": 14, "constitution": 12, "intelligence": 18},
        tags=["salt", "ledger"],
    )
    await element(
        person,
        campaign_id,
        "quest",
        "gm",
        name="The Ledger of Tides",
        quest_giver_id=npc,
        summary="Find the page.",
    )
    await created(
        person,
        f"/api/campaigns/{campaign_id}/characters",
        {"fields": {"name": "Brannoch", "class": "Cleric", "level": 3, "hit_points": 27, "armor_class": 18}},
    )
    await created(person, f"/api/campaigns/{campaign_id}/dice", {"expression": "2d6+3", "label": "Ambush"})
    proposal = await created(
        person,
        "/api/generate/npc",
        {"campaign_id": campaign_id, "brief": "A captain with a secret", "drafts": 2},
    )
    made |= {"campaign": campaign_id, "npc": npc, "proposal": proposal["proposal_id"], "name": person.name}
    return made

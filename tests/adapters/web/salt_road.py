"""The campaign that the guide's pictures show: a city between two seas, a drowned king, and who owes him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.adapters.http.people import People, Person


@dataclass
class SaltRoad:
    """The campaign with its game master, its players, and the elements the guide looks at."""

    campaign_id: str
    mira: Person
    tom: Person
    harbour: str
    ilsa: str
    king: str
    ledger: str


async def _made(person: Person, path: str, body: Any) -> dict[str, Any]:
    answer = await person.post(path, body)
    assert answer.status_code < 300, answer.text
    if "X-Position" in answer.headers:
        person.web.headers["X-At-Least"] = answer.headers["X-Position"]
    found: dict[str, Any] = answer.json()
    return found


async def salt_road(them: People) -> SaltRoad:
    """Write it all down, as a game master's client would."""
    mira, tom = await them.make("gamemaster", "mira"), await them.make("player", "tom")
    description = (
        "A caravan city between two seas, a drowned king who keeps accounts, and a party that owes him."
    )
    begun = {"name": "The Salt Road", "description": description, "level": 4, "theme": "maritime intrigue"}
    campaign = str((await _made(mira, "/api/campaigns", begun))["campaign_id"])
    await _made(mira, f"/api/campaigns/{campaign}/members", {"account_id": tom.account_id, "role": "player"})

    async def element(kind: str, visibility: str, **fields: Any) -> str:
        body = {"campaign_id": campaign, "kind": kind, "fields": fields, "visibility": visibility}
        return str((await _made(mira, "/api/elements", body))["element_id"])

    harbour = await element(
        "location",
        "all",
        name="Grey Harbour",
        type="district",
        summary="Forty piers, three of them burnt.",
        description="Salt-bleached warehouses lean over a harbour that never freezes.\n\n- **By day** porters, gulls, "
        "clerks\n- **By night** lanterns on strings",
        atmosphere="Tar, brine and wet rope.",
        tags=["city", "trade"],
        secrets="The fire was ordered from the palace.",
    )
    palace = await element(
        "location",
        "gm",
        name="The Drowned Palace",
        summary="Under the bay, and inhabited.",
        description="At low tide its chimneys smoke.",
        parent_location_id=harbour,
        tags=["undead"],
    )
    inn = await element(
        "location",
        "all",
        name="The Limping Heron",
        summary="An inn that asks no names.",
        parent_location_id=harbour,
    )
    ilsa = await element(
        "npc",
        "all",
        name="Ilsa Wren",
        type="harbour master",
        summary="Keeps the harbour together with string and threats.",
        description=f"Grey braid, ink on both hands. She knows [[{harbour}]] better than its maps.",
        race="Human",
        level=5,
        hit_dice="6d8+6",
        hit_points=33,
        armor_class=14,
        status="active",
        location_id=harbour,
        motivation="Pay the drowned king before he asks for her daughter.",
        abilities={
            "strength": 10,
            "dexterity": 16,
            "constitution": 12,
            "intelligence": 14,
            "wisdom": 13,
            "charisma": 15,
        },
        **{"class": "Rogue"},
    )
    king = await element(
        "npc",
        "gm",
        name="King Oswin the Drowned",
        type="creditor",
        summary="Has not forgotten a single coin.",
        challenge_rating="3",
        status="active",
        location_id=palace,
    )
    calder = await element(
        "npc",
        "all",
        name="Brother Calder",
        type="bell ringer",
        summary="Rings for the drowned and is paid by them.",
        status="active",
        location_id=inn,
        relations=[
            {"to": ilsa, "label": "owes", "weight": -30},
            {"to": king, "label": "serves", "weight": 60},
        ],
    )
    ledger = await element(
        "quest",
        "all",
        name="The Burnt Ledger",
        type="main",
        status="active",
        summary="Find who owns the debts of a whole city.",
        description=f"The ledger of the customs house survived. [[{ilsa}]] wants it read before [[{king}]] does.",
        objectives=[
            "Search the customs house",
            "Find the page that was cut out",
            "Decide whom it belongs to",
        ],
        location_id=harbour,
        quest_giver_id=ilsa,
        participants=[calder],
        required_level=4,
        reward="600 gp and a favour",
    )
    await element(
        "event",
        "gm",
        name="The tide that stayed out",
        status="planned",
        summary="Three days without water in the bay.",
        game_time="in nine days",
        location_id=palace,
        quest_id=ledger,
        importance=8,
        participants=[king],
    )
    await _party(mira, tom, campaign, inn)
    return SaltRoad(campaign, mira, tom, harbour, ilsa, king, ledger)


async def _party(mira: Person, tom: Person, campaign: str, inn: str) -> None:
    for name, calling, player in (
        ("Brannoc", "Bard", tom.account_id),
        ("Vex", "Wizard", None),
        ("Hild", "Fighter", None),
    ):
        fields = {
            "name": name,
            "class": calling,
            "species": "Human",
            "level": 4,
            "hit_points": 28,
            "location_id": inn,
        }
        await _made(mira, f"/api/campaigns/{campaign}/characters", {"fields": fields, "player": player})
    path = f"/api/campaigns/{campaign}/sessions"
    await _made(mira, path, {"title": "Arrival"})
    recaps = {
        "recap": "They lied to Ilsa; she noticed.",
        "recap_players": "The party reached Grey Harbour and took a room at the Limping Heron.",
    }
    await _made(mira, f"{path}/current/end", recaps)

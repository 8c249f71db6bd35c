"""A campaign full of things players must not know, each of which carries a mark that no answer to them may hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection

from events.campaign import (
    CampaignCharacterAdded,
    CampaignCharacterChanged,
    CampaignSessionChanged,
    CampaignSessionEnded,
    CampaignSessionStarted,
)
from events.commit import Event
from events.dice import DiceRolled
from events.element import ElementChanged, ElementCreated, ElementRemoved, ElementShown
from projections import (
    backlinks,
    campaign_graph,
    campaign_time,
    campaigns,
    characters,
    dice,
    element_revisions,
    elements,
)
from projections.sight import Viewer
from tests.campaigns import CAMPAIGN_ID, MARA, TOM, UMA, company

CAMPAIGN = f"campaign/{CAMPAIGN_ID}"
MARK = "zqx"
"""In every text and every id that is the game master's alone, at some time at least."""


def created(
    kind: str, visibility: str, members: tuple[str, ...] = (), hidden: tuple[str, ...] = (), **fields: Any
) -> ElementCreated:
    return ElementCreated(CAMPAIGN_ID, kind, fields, visibility, members, dict.fromkeys(hidden, "gm"))


def changed(kind: str, **fields: Any) -> ElementChanged:
    return ElementChanged(CAMPAIGN_ID, kind, fields)


def shown(kind: str, visibility: str, members: tuple[str, ...] = (), **fields: str) -> ElementShown:
    return ElementShown(CAMPAIGN_ID, kind, visibility, members, fields)


def history() -> Iterator[tuple[str, Event]]:
    """Commits one after the other. What Tom may know: the port, Ilsa without her secrets, the quest's clean text."""
    yield from ((CAMPAIGN, event) for event in company())
    yield "element/port", created("location", "all", name="Port", description="Salt.", notes="zqx notes")
    yield (
        "element/zqx-lair",
        created("location", "gm", name="zqx lair", parent_location_id="port", tags=["zqxtag"]),
    )
    yield (
        "element/zqx-spy",
        created(
            "npc", "members", (UMA,), name="zqx spy", location_id="port", description="Watches [[port]]."
        ),
    )
    relations = [
        {"to": "zqx-lair", "label": "zqx hides in", "weight": 1},
        {"to": "port", "label": "works in", "weight": 2},
    ]
    yield (
        "element/ilsa",
        created(
            "npc",
            "all",
            (),
            ("summary", "tags", "appearance", "image_id"),
            name="Ilsa",
            description="Ilsa knows [[zqx-lair]] and [[port]].",
            personality="Calm, says [[zqx-spy]].",
            secrets="zqx queen",
            motivation="zqx revenge",
            npc_id="zqx-npc",
            summary="zqx summary",
            tags=["zqxhidden"],
            appearance="zqx scar",
            image_id="zqx-image",
            location_id="zqx-lair",
            relations=relations,
            voice="low [[zqx-lair]]",
        ),
    )
    # Written down openly, then made clean, then shown: nobody reads what stood there before.
    yield (
        "element/quest",
        created("quest", "gm", name="zqx trap", description="zqx plan", participants=["ilsa"]),
    )
    yield "element/quest", changed("quest", name="The Crown", description="Find it.")
    yield "element/quest", shown("quest", "all")
    # Shown once, hidden since: gone for ever, also from the past.
    yield (
        "element/zqx-gone",
        created("note", "all", name="zqx shown once", about=["port"], description="[[ilsa]]"),
    )
    yield "element/zqx-gone", shown("note", "gm")
    yield "element/zqx-dead", created("npc", "all", name="zqx removed", location_id="port")
    yield "element/zqx-dead", ElementRemoved(CAMPAIGN_ID, "npc")
    # A field that was everybody's and is not any more.
    yield "element/port", changed("location", atmosphere="zqx fog")
    yield "element/port", shown("location", "all", atmosphere="gm")
    yield CAMPAIGN, CampaignSessionStarted(1, "One")
    yield CAMPAIGN, CampaignSessionEnded(1, "zqx recap", "Well done.")
    yield CAMPAIGN, CampaignSessionChanged(1, {"recap": "zqx again", "recap_players": "Well done!"})
    yield (
        CAMPAIGN,
        CampaignCharacterAdded("bran", TOM, {"name": "Bran", "location_id": "zqx-lair", "notes": "mine"}),
    )
    yield CAMPAIGN, CampaignCharacterAdded("ysolde", UMA, {"name": "Ysolde", "notes": "zqx diary"})
    yield CAMPAIGN, CampaignCharacterChanged("ysolde", UMA, {"notes": "zqx diary 2"})
    yield "element/ilsa", changed("npc", secrets="zqx king")
    yield "element/zqx-lair", changed("location", description="zqx deep")
    yield f"dice/{CAMPAIGN_ID}", DiceRolled("1d20", "normal", "s", ((3,),), 3, "zqx stealth", MARA, "gm")


def everything(connection: Connection, viewer: Viewer, head: int) -> Iterator[tuple[str, bytes]]:
    """Every answer there is for somebody, now and as of every position, with what was asked."""

    def told(what: str, found: Any) -> tuple[str, bytes]:
        return what, to_json(found)

    # The rows of lists carry `sort` and ids for cursors, so that these are looked at, too.
    ids = ("port", "zqx-lair", "zqx-spy", "ilsa", "quest", "zqx-gone", "zqx-dead")
    yield told("campaign", campaigns.campaign(connection, CAMPAIGN_ID, viewer))
    yield told("sessions", campaigns.sessions(connection, CAMPAIGN_ID, viewer))
    yield told("rolls", dice.rolls(connection, CAMPAIGN_ID, viewer))
    for words in ("", "zqx", "queen", "hides", "port"):
        yield told(f"search {words}", elements.elements(connection, CAMPAIGN_ID, viewer, words=words))
    yield told("removed", elements.elements(connection, CAMPAIGN_ID, viewer, removed=True))
    yield told("hidden ones", elements.elements(connection, CAMPAIGN_ID, viewer, visibility="gm"))
    for tag in ("zqxtag", "zqxhidden"):
        yield told(f"tag {tag}", elements.elements(connection, CAMPAIGN_ID, viewer, tag=tag))
    for limit in (1, 50):
        yield told("changes", campaign_time.changes(connection, CAMPAIGN_ID, viewer, limit=limit))
    for each in ids:
        yield told(f"revisions of {each}", element_revisions.revisions(connection, each, viewer))
        yield told(
            f"backlinks ever of {each}",
            backlinks.backlinks(connection, CAMPAIGN_ID, each, viewer, ended=True),
        )
        for version in range(1, 5):
            yield told(f"{each} v{version}", element_revisions.revision(connection, each, version, viewer))
    for at in (None, *range(head + 1)):
        yield told(f"graph at {at}", campaign_graph.graph(connection, CAMPAIGN_ID, viewer, at=at))
        for each in ids:
            yield told(f"{each} at {at}", elements.element(connection, each, viewer, at=at))
            yield told(
                f"backlinks of {each} at {at}",
                backlinks.backlinks(connection, CAMPAIGN_ID, each, viewer, at=at),
            )
        if at is not None:
            yield told(f"as of {at}", campaign_time.as_of(connection, CAMPAIGN_ID, viewer, at))
            yield told(f"since {at}", campaign_time.compare(connection, CAMPAIGN_ID, viewer, at, head))
            yield told(
                f"changes since {at}", campaign_time.changes(connection, CAMPAIGN_ID, viewer, since=at)
            )
            yield told(f"characters at {at}", characters.characters_at(connection, CAMPAIGN_ID, viewer, at))
    yield told("characters", characters.characters(connection, CAMPAIGN_ID, viewer))

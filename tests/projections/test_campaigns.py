"""What is known of campaigns and elements: now, as of any position, and by whom."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from adapters.sql.temporary import temporary_database
from events.campaign import (
    CampaignChanged,
    CampaignCharacterAdded,
    CampaignCharacterChanged,
    CampaignCharacterRemoved,
    CampaignHandedOver,
    CampaignMemberLeft,
    CampaignMemberRoleChanged,
    CampaignSessionChanged,
    CampaignSessionEnded,
    CampaignSessionStarted,
)
from events.commit import Event
from events.dice import DiceRolled
from events.element import ElementChanged, ElementCreated, ElementRemoved, ElementRestored, ElementShown
from projections import backlinks, campaign_graph, campaign_time, campaigns, characters, dice, elements
from projections.campaigns import CAMPAIGN_STATE
from projections.contenthash import content_hash
from projections.dice import DICE_ROLLS
from projections.rebuild import rebuild
from projections.sight import Viewer
from projections.verify import verify_read_models
from tests.campaigns import CAMPAIGN_ID, MARA, NIL, TOM, UMA, account, company
from tests.projections.conftest import World

BOTH = (CAMPAIGN_STATE, DICE_ROLLS)
GM, PLAYER, OTHER = Viewer(MARA, "owner"), Viewer(TOM, "player"), Viewer(UMA, "observer")
CAMPAIGN = f"campaign/{CAMPAIGN_ID}"


def made(
    kind: str, name: str, visibility: str = "all", members: tuple[str, ...] = (), **fields: Any
) -> ElementCreated:
    return ElementCreated(CAMPAIGN_ID, kind, {"name": name, **fields}, visibility, members)


def changed(kind: str, *unset: str, **fields: Any) -> ElementChanged:
    return ElementChanged(CAMPAIGN_ID, kind, fields, unset)


async def play(world: World) -> None:
    """Positions 1 to 4: the company. 5 to 8: port, cove, Ilsa, the quest. Then things happen."""
    for event in company():
        await by(world, CAMPAIGN, event)
    await by(world, "element/port", made("location", "Salt Harbour", description="Where ships come in."))
    await by(world, "element/cove", made("location", "Hidden Cove", "gm", parent_location_id="port"))
    relations = [
        {"to": "cove", "label": "hides in", "weight": -5},
        {"to": "port", "label": "works in", "weight": 40},
    ]
    await by(
        world,
        "element/ilsa",
        made(
            "npc",
            "Ilsa Vané",
            secrets="She sank the crown.",
            location_id="port",
            relations=relations,
            tags=["keeper"],
        ),
    )
    await by(
        world,
        "element/quest",
        made("quest", "Find 100% of it_", "members", (TOM,), description="See [[cove]] and [[port]]."),
    )
    await by(world, CAMPAIGN, CampaignSessionStarted(1, "One"))  # 9
    await by(world, "element/ilsa", changed("npc", "tags", name="Ilsa Vane", secrets="She is the queen."))
    await by(world, CAMPAIGN, CampaignSessionEnded(1, "All of it.", "Some of it."))  # 11
    await by(
        world,
        CAMPAIGN,
        CampaignCharacterAdded("h1", TOM, {"name": "Bran", "notes": "afraid", "location_id": "cove"}),
    )
    await by(world, "element/ilsa", changed("npc", "location_id", notes="moved"))  # 13
    await by(world, "element/cove", ElementShown(CAMPAIGN_ID, "location", "all", (), {"summary": "gm"}))  # 14
    await by(world, "element/quest", ElementRemoved(CAMPAIGN_ID, "quest"))  # 15


async def by(world: World, stream: str, *events: Event, who: str = MARA) -> None:
    await world.append(stream, *events, actor=account(who))


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def listed(connection: Connection, viewer: Viewer, **options: Any) -> list[str]:
    return names(elements.elements(connection, CAMPAIGN_ID, viewer, **options))


async def test_a_campaign_knows_its_members_evenings_and_how_much_is_in_it(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        found = campaigns.campaign(connection, CAMPAIGN_ID, GM)
        for_tom = campaigns.campaign(connection, CAMPAIGN_ID, PLAYER)
        mine = campaigns.campaigns(connection, TOM)
        nobodys = campaigns.campaigns(connection, "stranger")
        evenings = campaigns.sessions(connection, CAMPAIGN_ID, PLAYER)
        role = campaigns.role(connection, CAMPAIGN_ID, NIL)
    assert found is not None
    assert for_tom is not None
    assert [(m["account_id"], m["role"]) for m in found["members"]] == [
        (MARA, "owner"), (NIL, "cogm"), (TOM, "player"), (UMA, "observer"),
    ]  # fmt: skip
    assert (found["sessions"], found["session"], found["last_ended"]) == (1, None, 11)
    assert found["counts"] == {"location": 2, "npc": 1}
    assert names(mine) == ["The Drowned Crown"]
    assert (nobodys, role) == ([], "cogm")
    assert [(e["number"], e["recap_players"], e.get("recap")) for e in evenings] == [(1, "Some of it.", None)]


async def test_lists_are_sorted_by_name_paged_by_place_and_searched_without_regard_to_accents(
    world: World,
) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        first = elements.elements(connection, CAMPAIGN_ID, GM, limit=1)
        second = elements.elements(
            connection, CAMPAIGN_ID, GM, limit=1, after=(first[0]["sort"], first[0]["element_id"])
        )
        assert names(first) == ["Hidden Cove", "Ilsa Vane"]
        assert names(second) == ["Ilsa Vane", "Salt Harbour"]
        assert listed(connection, GM, words="VANÉ queen") == ["Ilsa Vane"]
        assert listed(connection, GM, words="vané crown") == []
        assert listed(connection, GM, kind="location", words="ships") == ["Salt Harbour"]
        assert listed(connection, GM, removed=True) == ["Find 100% of it_"]
        assert listed(connection, GM, visibility="gm") == []


async def test_what_is_searched_for_is_taken_as_it_is(world: World) -> None:
    await by(world, "element/a", made("note", "100% sure_thing", tags=["50%_off"]))
    await by(world, "element/b", made("note", "100 surething", tags=["50x off"]))
    await world.project(BOTH)
    with world.reading() as connection:
        assert listed(connection, GM, words="100%") == ["100% sure_thing"]
        assert listed(connection, GM, words="e_t") == ["100% sure_thing"]
        assert listed(connection, GM, words="/%") == []
        assert listed(connection, GM, tag="50%_off") == ["100% sure_thing"]
        assert listed(connection, GM, tag='"') == []


async def test_players_find_nothing_by_what_they_may_not_see(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        assert listed(connection, PLAYER, words="queen") == []
        assert listed(connection, PLAYER, words="hides") == []
        assert listed(connection, PLAYER, words="vane") == ["Ilsa Vane"]
        assert listed(connection, PLAYER, removed=True) == ["Hidden Cove", "Ilsa Vane", "Salt Harbour"]


async def test_every_field_knows_who_set_it_when(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        ilsa = elements.element(connection, "ilsa", GM)
    assert ilsa is not None
    told = {name: (by["version"], by["position"], by["actor"]["id"]) for name, by in ilsa["blame"].items()}
    assert told["name"] == told["secrets"] == told["tags"] == (2, 10, MARA)
    assert told["relations"] == (1, 7, MARA)
    assert told["notes"] == told["location_id"] == (3, 13, MARA)
    assert {each["name"] for each in ilsa["referred"].values()} == {"Hidden Cove", "Salt Harbour"}


async def test_backlinks_have_a_beginning_and_an_end(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        now = backlinks.backlinks(connection, CAMPAIGN_ID, "port", GM)
        ever = backlinks.backlinks(connection, CAMPAIGN_ID, "port", GM, ended=True)
        then = backlinks.backlinks(connection, CAMPAIGN_ID, "port", GM, at=9)
        paged = backlinks.backlinks(connection, CAMPAIGN_ID, "port", GM, limit=1)
        rest = backlinks.backlinks(
            connection,
            CAMPAIGN_ID,
            "port",
            GM,
            after=tuple(paged[0][p] for p in ("element_id", "field", "label", "since")),
        )
    assert [(link["element_id"], link["field"], link["label"]) for link in now] == [
        ("cove", "parent_location_id", ""),
        ("ilsa", "relations", "works in"),
    ]
    assert {(link["element_id"], link["field"]): (link["since"], link["until"]) for link in ever} == {
        ("cove", "parent_location_id"): (6, None),
        ("ilsa", "location_id"): (7, 13),
        ("ilsa", "relations"): (7, None),
        ("quest", "description"): (8, 15),
    }
    assert {link["field"] for link in then} == {
        "parent_location_id",
        "location_id",
        "relations",
        "description",
    }
    assert paged[:1] + rest == now


async def test_the_graph_is_that_of_its_position(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        now = campaign_graph.graph(connection, CAMPAIGN_ID, GM)
        then = campaign_graph.graph(connection, CAMPAIGN_ID, GM, at=7)
        before = campaign_graph.graph(connection, CAMPAIGN_ID, GM, at=4)
    assert {node["id"] for node in now["nodes"]} == {"port", "cove", "ilsa", "h1"}
    assert {(edge["from"], edge["to"], edge["kind"]) for edge in now["edges"]} == {
        ("cove", "port", "parent_location_id"), ("ilsa", "cove", "relations"), ("ilsa", "port", "relations"),
        ("h1", "cove", "location_id"),
    }  # fmt: skip
    assert {node["name"] for node in then["nodes"]} == {"Salt Harbour", "Hidden Cove", "Ilsa Vané"}
    assert ("ilsa", "port", "location_id") in {(e["from"], e["to"], e["kind"]) for e in then["edges"]}
    assert (before["nodes"], before["edges"], before["position"]) == ([], [], 4)


async def test_what_changed_since_the_last_evening(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        since = campaign_time.since_last_session(connection, CAMPAIGN_ID)
        found = campaign_time.changes(connection, CAMPAIGN_ID, GM, since=since)
        tom = campaign_time.changes(connection, CAMPAIGN_ID, PLAYER, since=since)
        uma = campaign_time.changes(connection, CAMPAIGN_ID, OTHER)
    assert since == 11
    assert [(c["position"], c["what"], c["name"], c["fields"]) for c in found] == [
        (15, "element.removed", "Find 100% of it_", []),
        (14, "element.shown", "Hidden Cove", ["visibility", "summary"]),
        (13, "element.changed", "Ilsa Vane", ["notes", "location_id"]),
        (12, "campaign.character_added", "Bran", ["name", "notes", "location_id"]),
    ]
    assert [(c["position"], c["fields"]) for c in tom] == [
        (14, ["visibility"]), (13, ["location_id"]), (12, ["name", "notes", "location_id"]),
    ]  # fmt: skip
    assert [c["fields"] for c in uma if c["position"] in (11, 12)] == [
        ["name", "location_id"],
        ["recap_players"],
    ]


async def test_a_campaign_is_shown_as_it_was_and_two_moments_are_compared(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        then = campaign_time.as_of(connection, CAMPAIGN_ID, GM, 9)
        early = campaign_time.as_of(connection, CAMPAIGN_ID, GM, 2)
        between = campaign_time.compare(connection, CAMPAIGN_ID, GM, 7, 15)
        for_uma = campaign_time.compare(connection, CAMPAIGN_ID, OTHER, 5, 15)
    assert names(then["elements"]) == ["Find 100% of it_", "Hidden Cove", "Ilsa Vané", "Salt Harbour"]
    assert [(e["number"], e["ended_at"]) for e in then["sessions"]] == [(1, None)]
    assert [m["account_id"] for m in early["members"]] == [MARA, NIL]
    assert {c["name"]: set(c["fields"]) for c in between["changed"]} == {
        "Hidden Cove": {"visibility"},
        "Ilsa Vane": {"name", "secrets", "notes", "location_id", "tags"},
    }
    assert (names(between["added"]), names(between["removed"])) == ([], [])
    assert names(for_uma["added"]) == ["Hidden Cove", "Ilsa Vane"]


async def test_members_come_and_go_and_the_past_remembers_them(world: World) -> None:
    await play(world)
    await by(world, CAMPAIGN, CampaignMemberRoleChanged(UMA, "player", "observer"))  # 16
    await by(world, CAMPAIGN, CampaignMemberLeft(TOM, "player"))  # 17
    await by(world, CAMPAIGN, CampaignHandedOver(MARA, NIL))  # 18
    await by(world, CAMPAIGN, CampaignChanged({"name": "The Crown", "status": "paused"}))  # 19
    await by(world, CAMPAIGN, CampaignSessionChanged(1, {"recap_players": "Less."}))
    await world.project(BOTH)
    with world.reading() as connection:
        now = campaigns.campaign(connection, CAMPAIGN_ID, Viewer(NIL, "owner"))
        then = campaign_time.as_of(connection, CAMPAIGN_ID, GM, 16)
        assert campaigns.role(connection, CAMPAIGN_ID, TOM) is None
        assert campaigns.sessions(connection, CAMPAIGN_ID, GM)[0]["recap_players"] == "Less."
    assert now is not None
    assert [(m["account_id"], m["role"]) for m in now["members"]] == [
        (NIL, "owner"),
        (MARA, "cogm"),
        (UMA, "player"),
    ]
    assert [(m["account_id"], m["role"]) for m in then["members"]] == [
        (MARA, "owner"), (NIL, "cogm"), (TOM, "player"), (UMA, "player"),
    ]  # fmt: skip
    assert then["campaign"]["name"] == "The Drowned Crown"
    assert (now["name"], now["status"]) == ("The Crown", "paused")


async def test_characters_are_shown_with_what_is_everybodys_business(world: World) -> None:
    await play(world)
    await by(world, CAMPAIGN, CampaignCharacterChanged("h1", TOM, {"level": 2}, ("notes",)))
    await by(world, "element/cove", ElementShown(CAMPAIGN_ID, "location", "gm"))
    await world.project(BOTH)
    with world.reading() as connection:
        assert characters.characters(connection, CAMPAIGN_ID, GM)[0]["fields"] == {
            "name": "Bran", "level": 2, "location_id": "cove",
        }  # fmt: skip
        assert characters.characters(connection, CAMPAIGN_ID, OTHER)[0]["fields"] == {
            "name": "Bran",
            "level": 2,
        }
        assert characters.characters_at(connection, CAMPAIGN_ID, GM, 12)[0]["fields"]["notes"] == "afraid"
        assert "notes" not in characters.characters_at(connection, CAMPAIGN_ID, OTHER, 12)[0]["fields"]
    await by(world, CAMPAIGN, CampaignCharacterRemoved("h1", "Bran"))
    await world.project(BOTH)
    with world.reading() as connection:
        assert characters.characters(connection, CAMPAIGN_ID, GM) == []


async def test_rolls_are_listed_newest_first_and_those_behind_the_screen_to_masters_only(
    world: World,
) -> None:
    for number, visibility in enumerate(("all", "gm", "all")):
        await by(
            world,
            f"dice/{CAMPAIGN_ID}",
            DiceRolled("1d20", "normal", "s", ((5,),), 5, str(number), TOM, visibility),
        )
    await world.project(BOTH)
    with world.reading() as connection:
        gm, tom = (
            dice.rolls(connection, CAMPAIGN_ID, GM, limit=2),
            dice.rolls(connection, CAMPAIGN_ID, PLAYER),
        )
    assert ([roll["label"] for roll in gm["items"]], gm["next"]) == (["2", "1"], 2)
    assert ([roll["label"] for roll in tom["items"]], tom["next"]) == (["2", "0"], None)


async def test_a_rebuild_and_a_fresh_fold_know_the_same(world: World) -> None:
    await play(world)
    await by(world, "element/quest", ElementRestored(CAMPAIGN_ID, "quest"))
    await by(world, CAMPAIGN, CampaignCharacterRemoved("h1", "Bran"), who=TOM)
    await by(world, f"dice/{CAMPAIGN_ID}", DiceRolled("1d20", "normal", "s", ((5,),), 5, "", TOM))
    await world.project(BOTH, max_batch=2)

    def hashes() -> list[str]:
        with world.reading() as connection:
            return [content_hash(connection, projection).digest for projection in BOTH]

    before = hashes()
    assert (await rebuild(world.log, world.database, BOTH)).finished
    assert hashes() == before
    with temporary_database() as fresh:
        verdicts = await verify_read_models(world.log, world.database, fresh, BOTH)
    assert all(verdict.equal for verdict in verdicts)

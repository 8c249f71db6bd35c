"""What is known of proposals and of what models cost a campaign; rebuilt, it is the same."""

from __future__ import annotations

from adapters.sql.temporary import temporary_database
from events.decision import Usage
from events.proposal import Considered, Draft, ProposalAccepted, ProposalMade, ProposalRejected
from projections.campaign_spending import CAMPAIGN_SPENDING, spending
from projections.contenthash import content_hash
from projections.projection import Entry
from projections.proposals import PROPOSAL_RECORDS, folded, proposal, proposals
from projections.verify import verify_read_models
from tests.campaigns import CAMPAIGN_ID, MARA, NIL, account
from tests.decisions import made
from tests.projections.conftest import World

BOTH = (PROPOSAL_RECORDS, CAMPAIGN_SPENDING)


def drafted(kind: str, cost: int = 0, campaign_id: str = CAMPAIGN_ID) -> ProposalMade:
    drafts = (
        Draft({"name": "Ilsa"}, "model", decision_id="dec_1", model="fake-1", cost=cost, input_tokens=90),
        Draft({}, "none", problem="the models did not answer in time"),
    )
    considered = (Considered("brief", "the brief", 12),)
    return ProposalMade(campaign_id, kind, "a keeper", MARA, drafts, MARA, considered=considered)


async def play(world: World) -> None:
    await world.append("proposal/p1", drafted("npc", 4_000_000), actor=account(MARA))
    await world.append("proposal/p2", drafted("quest"), actor=account(MARA))
    await world.append("proposal/p3", drafted("npc", campaign_id="other"), actor=account(NIL))
    await world.append(
        "proposal/p1", ProposalAccepted(CAMPAIGN_ID, 0, "e1", {"name": "Ilsa Vane"}, ("name",), NIL)
    )
    await world.append("proposal/p2", ProposalRejected(CAMPAIGN_ID, "too grim", MARA))
    for number, (who, usable) in enumerate(((MARA, True), (MARA, False), (NIL, True))):
        decision = made(
            purpose="generate_npc", player_id=who, inputs={"campaign_id": CAMPAIGN_ID}, cost=2_000_000,
            usage=Usage(100, 20), proposal={"fields": {}} if usable else None,
        )  # fmt: skip
        await world.append(f"decision/dec_{number}", decision)
    await world.append("decision/dec_9", made(inputs={"facts": {}}))


async def test_proposals_are_listed_by_campaign_and_status_and_shown_with_their_drafts(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        everything = proposals(connection, CAMPAIGN_ID)
        first = proposals(connection, CAMPAIGN_ID, limit=1)
        second = proposals(connection, CAMPAIGN_ID, limit=1, cursor=first["next"])
        accepted = proposals(connection, CAMPAIGN_ID, status="accepted")
        quests = proposals(connection, CAMPAIGN_ID, kind="quest")
        one = proposal(connection, "p1")
        spent = spending(connection, CAMPAIGN_ID)
    assert [each["proposal_id"] for each in everything["items"]] == ["p2", "p1"]
    assert [each["items"][0]["proposal_id"] for each in (first, second)] == ["p2", "p1"]
    assert second["next"] is None
    assert [each["proposal_id"] for each in accepted["items"]] == ["p1"]
    assert [each["status"] for each in quests["items"]] == ["rejected"]
    assert one is not None
    assert (one["status"], one["element_id"], one["edited"], one["version"]) == (
        "accepted",
        "e1",
        ["name"],
        2,
    )
    assert (one["cost"], one["tokens"], one["drafts"][0]["cost"]) == (0.004, 90, 0.004)
    assert one["drafts"][1]["problem"]
    assert one["considered"] == [{"block": "brief", "note": "the brief", "tokens": 12}]
    assert round(spent["cost"], 9) == 0.006
    assert [(each["account_id"], each["decisions"], each["unusable"]) for each in spent["by"]] == [
        (MARA, 2, 1), (NIL, 1, 0),
    ]  # fmt: skip


async def test_what_the_log_tells_and_what_is_read_of_a_proposal_are_the_same(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        for which in ("p1", "p2", "p3"):
            entries = [Entry.of(each) async for each in world.log.read(f"proposal/{which}")]
            assert folded(entries) == proposal(connection, which)


async def test_a_rebuilt_read_model_is_the_same(world: World) -> None:
    await play(world)
    await world.project(BOTH)
    with world.reading() as connection:
        before = [content_hash(connection, each).digest for each in BOTH]
    assert len(set(before)) == 2
    with temporary_database() as fresh:
        verdicts = await verify_read_models(world.log, world.database, fresh, BOTH)
    assert all(verdict.equal for verdict in verdicts)
